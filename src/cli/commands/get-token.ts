import { createToken, type Token, type TokenOptions } from '../../create-token.ts'
import { EksTokenError } from '../../errors.ts'
import { toExecCredential } from '../../kubernetes/exec-credential.ts'
import { type ExecInfo, parseExecInfo } from '../../kubernetes/exec-info.ts'
import { redactValue } from '../../redact.ts'
import type { Runtime } from '../../runtime.ts'
import { MAX_TOKEN_BYTES } from '../../token/token.ts'
import type { CliOptions } from '../args/option.ts'
import { lazyWaitingLine } from '../lazy-waiting-line.ts'
import { OUTPUT_FORMAT_NAMES, OUTPUT_FORMATS, type OutputFormat } from '../output/formats.ts'
import { type OutputValue, renderCommandOutput } from '../output/index.ts'
import { compileQuery } from '../output-mode.ts'
import type { Terminal } from '../terminal.ts'
import { tokenOptions } from '../token-options.ts'

/**
 * Prints the ExecCredential for a cluster.
 *
 * @throws EksTokenError of {@link createToken}; `ERR_PARAMETER` for an invalid `--query`, `ERR_USAGE` for an invalid
 *   EKS_GET_TOKEN_TIMEOUT or EKS_GET_TOKEN_LOGIN, `ERR_OUTPUT` for an unknown output format in environment or profile
 */
export async function getToken(options: CliOptions, runtime: Runtime, terminal: Terminal): Promise<void> {
  const query = await compileQuery(options.output.query)
  const execInfo = parseExecInfo(runtime.env.KUBERNETES_EXEC_INFO)
  // The code is loaded where a login has expired.
  const { login = runtime.env.EKS_GET_TOKEN_LOGIN } = options
  const interactiveLogin = async () => (await import('../auto-login.ts')).createAutoLogin(login, execInfo, terminal)
  const token = execInfo.cluster
    ? (await import('../../kubernetes/exec-cluster.ts')).withExecCluster(options.token, execInfo.cluster)
    : options.token
  let args: TokenOptions = tokenOptions({ token }, runtime, terminal)
  if (login && login !== 'never') {
    args = { ...args, interactiveLogin }
    // An unknown value is an error, also where no login is needed.
    if (login !== 'auto') await interactiveLogin()
  }
  // A client has the terminal for itself, and so do the lines of --debug.
  const waitObserver = execInfo.isSet || options.debug ? undefined : lazyWaitingLine(terminal, runtime.processHost)
  const result = await createToken({ ...args, waitObserver }, runtime).finally(() => waitObserver?.close())
  const credential: OutputValue = { ...toExecCredential(result.token, result.expiresAt, execInfo.apiVersion) }
  const format = options.output.format ?? configuredFormat(result, execInfo)
  const text = await renderCommandOutput(query ? query(credential) : credential, {
    format,
    title: 'get-token',
    color: options.output.color ?? 'auto',
    terminal: format === 'table' ? terminal.stdout() : { isTerminal: false, columns: undefined },
  })
  if (mayNeedWarning(result, args.clusterName, execInfo)) {
    const { tokenWarnings } = await import('../token-warnings.ts')
    terminal.err(tokenWarnings(result, args.clusterName, execInfo, terminal))
  }
  terminal.out(text)
}

/**
 * The output format of environment or profile. It is ignored when a Kubernetes client runs the plugin: it was set for other
 * commands, and the client could not read the output.
 */
function configuredFormat({ output }: Token, execInfo: ExecInfo): OutputFormat {
  if (execInfo.isSet || !output) return 'json'
  const format = OUTPUT_FORMATS.find((candidate) => candidate === output.value)
  if (format) return format
  throw new EksTokenError('ERR_OUTPUT', `Unknown output type: ${redactValue(output.value)} (${output.source})`, {
    remedy: `set ${output.source} to ${OUTPUT_FORMAT_NAMES}`,
  })
}

/** Whether there may be something to warn of: a client rejects what it cannot read, and API servers a useless token. */
function mayNeedWarning(
  { token, region }: Token,
  clusterName: string | undefined,
  { isSet, problem }: ExecInfo,
): boolean {
  if (problem !== undefined || token.length > MAX_TOKEN_BYTES) return true
  const hasUsualNames =
    (!region || /^[a-z]{2}-(central|(north|south)?(east|west)?)-\d$/.test(region.value)) &&
    !clusterName?.startsWith('arn:')
  return !isSet && !hasUsualNames
}
