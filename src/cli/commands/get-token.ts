import { EksTokenError } from '../../errors.ts'
import { createToken, type Token } from '../../index.ts'
import { toExecCredential } from '../../kubernetes/exec-credential.ts'
import { type ExecInfo, parseExecInfo } from '../../kubernetes/exec-info.ts'
import { expandPath } from '../../python/expand.ts'
import { parsePythonInt } from '../../python/int.ts'
import { splitUrl } from '../../python/urls.ts'
import type { Runtime } from '../../runtime.ts'
import { MAX_TOKEN_BYTES } from '../../token/token.ts'
import { OUTPUT_FORMATS, type OutputFormat, type OutputValue, renderAnswer } from '../output/index.ts'
import type { Terminal } from '../terminal.ts'

/** The options of get-token under the names that commander gives them. */
export interface GetTokenOptions {
  readonly clusterName?: string
  readonly clusterId?: string
  readonly roleArn?: string
  readonly profile?: string
  readonly region?: string
  readonly output?: OutputFormat
  readonly query?: string
  readonly color?: 'on' | 'off' | 'auto'
  readonly endpointUrl?: string
  readonly cliReadTimeout?: string
  readonly cliConnectTimeout?: string
  readonly timeout?: string
  readonly externalId?: string
  readonly roleSessionName?: string
  readonly durationSeconds?: string
  readonly mfaSerial?: string
  /** False with `--no-cache`. */
  readonly cache: boolean
  /** False with `--no-sign-request`. */
  readonly signRequest: boolean
}

/**
 * Prints the ExecCredential for a cluster.
 *
 * @throws EksTokenError of {@link createToken}; `ERR_PARAMETER` for `--query`, `--endpoint-url` or a `file://` that
 *   cannot be read, `ERR_SETTING` for an invalid time-out, `ERR_OUTPUT` for an unknown format
 */
export async function getToken(options: GetTokenOptions, runtime: Runtime, terminal: Terminal): Promise<void> {
  checkEndpointUrl(options.endpointUrl)
  const query = options.query === undefined ? undefined : await compileQuery(options.query)
  const execInfo = parseExecInfo(runtime.env.KUBERNETES_EXEC_INFO)
  const token = await createToken(
    {
      clusterName: readParameterFile('--cluster-name', options.clusterName, runtime),
      clusterId: readParameterFile('--cluster-id', options.clusterId, runtime),
      roleArn: readParameterFile('--role-arn', options.roleArn, runtime),
      profile: options.profile,
      region: options.region,
      readTimeoutSeconds: parseSeconds('--cli-read-timeout', options.cliReadTimeout),
      connectTimeoutSeconds: parseSeconds('--cli-connect-timeout', options.cliConnectTimeout),
      timeoutSeconds:
        parseSeconds('--timeout', options.timeout) ??
        parseSeconds('EKS_GET_TOKEN_TIMEOUT', runtime.env.EKS_GET_TOKEN_TIMEOUT),
      signRequest: options.signRequest,
      externalId: options.externalId,
      roleSessionName: options.roleSessionName,
      durationSeconds: parseSeconds('--duration-seconds', options.durationSeconds),
      mfaSerial: options.mfaSerial,
      useCache: options.cache ? undefined : false,
      mfaCodeProvider: async (request) => {
        const { promptForMfaCode } = await import('../mfa-prompt.ts')
        return promptForMfaCode(request, execInfo, terminal)
      },
    },
    runtime,
  )
  const credential = toExecCredential(token.token, token.expiresAt, execInfo.apiVersion)
  const value: OutputValue = query ? query({ ...credential }) : { ...credential }
  const format = options.output ?? configuredFormat(token, execInfo)
  const text = await renderAnswer(value, {
    format,
    title: 'get-token',
    color: options.color ?? 'auto',
    terminal: format === 'table' ? terminal.stdout() : { isTerminal: false, columns: undefined },
  })
  if (execInfo.warning) terminal.err(`${execInfo.warning}\n`)
  warnAboutSize(token, terminal)
  terminal.out(text)
}

/**
 * The output format of the environment or the profile. It is ignored when a Kubernetes client runs the plugin: it is set for
 * other commands, and the client reads only JSON.
 */
function configuredFormat(token: Token, execInfo: ExecInfo): OutputFormat {
  const found = token.output
  if (execInfo.given || !found) return 'json'
  const format = OUTPUT_FORMATS.find((candidate) => candidate === found.value)
  if (format) return format
  throw new EksTokenError('ERR_OUTPUT', `Unknown output type: ${found.value} (${found.source})`)
}

/** Loaded lazily: most runs have no `--query`. */
export async function compileQuery(expression: string): Promise<(value: OutputValue) => OutputValue> {
  const { compileQuery } = await import('../output/query.ts')
  return compileQuery(expression)
}

/** `file://path` is replaced with the contents of the file, as for every parameter of the AWS CLI. */
export function readParameterFile(option: string, value: string | undefined, runtime: Runtime): string | undefined {
  if (value?.startsWith('fileb://')) {
    throw new EksTokenError(
      'ERR_PARAMETER',
      `Invalid type for parameter ${option}: fileb:// reads binary data, and the parameter is text`,
      {
        remedy: 'use file://',
      },
    )
  }
  if (!value?.startsWith('file://')) return value
  const path = expandPath(value.slice('file://'.length), runtime)
  let text: string | undefined
  try {
    text = runtime.readText(path)
  } catch (cause) {
    throw new EksTokenError('ERR_PARAMETER', `Error parsing parameter '${option}': ${(cause as Error).message}`, {
      cause,
    })
  }
  if (text === undefined) {
    throw new EksTokenError(
      'ERR_PARAMETER',
      `Error parsing parameter '${option}': Unable to load paramfile ${value}: cannot read ${path}`,
      { remedy: 'correct the path' },
    )
  }
  return text.replace(/\r\n?/g, '\n')
}

/** The AWS CLI checks the URL, although get-token does not use it. */
function checkEndpointUrl(url: string | undefined): void {
  if (url === undefined || splitUrl(url).scheme !== '') return
  throw new EksTokenError(
    'ERR_PARAMETER',
    `Bad value for --endpoint-url "${url}": scheme is missing.  Must be of the form http://<hostname>/ or https://<hostname>/`,
  )
}

export function parseSeconds(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const number = parsePythonInt(text)
  if (number !== undefined && number >= 0) return number
  throw new EksTokenError('ERR_SETTING', `${name} is '${text}': it must be a whole number of seconds`)
}

/** A token over the limit is printed nevertheless, as the AWS CLI does. */
function warnAboutSize({ token, sessionTokenBytes }: Token, terminal: Terminal): void {
  if (token.length <= MAX_TOKEN_BYTES) return
  terminal.err(
    `warning: API servers reject this token: it has ${token.length} bytes, and the maximum is ${MAX_TOKEN_BYTES}. ` +
      `The session token has ${sessionTokenBytes} of them; fewer session tags or a smaller session policy reduce it.\n`,
  )
}
