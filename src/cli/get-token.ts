import { EksTokenError } from '../errors.ts'
import type { Host } from '../host.ts'
import { createToken, type Token } from '../index.ts'
import { toExecCredential } from '../kubernetes/exec-credential.ts'
import { type ExecInfo, readExecInfo } from '../kubernetes/exec-info.ts'
import { parseInteger } from '../settings/numbers.ts'
import { expandPath } from '../settings/profiles.ts'
import { splitUrl } from '../settings/region.ts'
import { MAX_TOKEN_BYTES } from '../token/token.ts'
import { type Json, OUTPUT_FORMATS, type OutputFormat, renderAnswer } from './output.ts'
import type { Terminal } from './terminal.ts'

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
 *   cannot be read, `ERR_SETTING` for a time-out, `ERR_OUTPUT` for a format that is none
 */
export async function getToken(options: GetTokenOptions, host: Host, terminal: Terminal): Promise<void> {
  checkEndpointUrl(options.endpointUrl)
  const query = options.query === undefined ? undefined : await compileQuery(options.query)
  const execInfo = readExecInfo(host.env.KUBERNETES_EXEC_INFO)
  const token = await createToken(
    {
      clusterName: fromFile('--cluster-name', options.clusterName, host),
      clusterId: fromFile('--cluster-id', options.clusterId, host),
      roleArn: fromFile('--role-arn', options.roleArn, host),
      profile: options.profile,
      region: options.region,
      readTimeoutSeconds: seconds('--cli-read-timeout', options.cliReadTimeout),
      connectTimeoutSeconds: seconds('--cli-connect-timeout', options.cliConnectTimeout),
      timeoutSeconds:
        seconds('--timeout', options.timeout) ?? seconds('EKS_GET_TOKEN_TIMEOUT', host.env.EKS_GET_TOKEN_TIMEOUT),
      signRequest: options.signRequest,
      externalId: options.externalId,
      roleSessionName: options.roleSessionName,
      durationSeconds: seconds('--duration-seconds', options.durationSeconds),
      mfaSerial: options.mfaSerial,
      useCache: options.cache ? undefined : false,
      askForCode: async (request) => {
        const { askForCode } = await import('./mfa-code.ts')
        return askForCode(request, execInfo, terminal)
      },
    },
    host,
  )
  const credential = toExecCredential(token.token, token.expiresAt, execInfo.apiVersion)
  const value: Json = query ? query({ ...credential }) : { ...credential }
  const format = options.output ?? configuredFormat(token, execInfo)
  const text = await renderAnswer(value, {
    format,
    title: 'get-token',
    color: options.color ?? 'auto',
    terminal: format === 'table' ? terminal.stdout() : { isTerminal: false, columns: undefined },
  })
  if (execInfo.warning) terminal.err(`${execInfo.warning}\n`)
  warnOfSize(token, terminal)
  terminal.out(text)
}

/**
 * The format of environment or profile. Where a Kubernetes client waits for the answer it is not asked for: set
 * for other commands, it would keep the client from reading this one.
 */
function configuredFormat(token: Token, execInfo: ExecInfo): OutputFormat {
  const found = token.output
  if (execInfo.given || !found) return 'json'
  const format = OUTPUT_FORMATS.find((candidate) => candidate === found.value)
  if (format) return format
  throw new EksTokenError('ERR_OUTPUT', `Unknown output type: ${found.value} (${found.from})`)
}

/** Loaded only when asked for: most runs have no `--query`. */
export async function compileQuery(expression: string): Promise<(value: Json) => Json> {
  const { compileQuery } = await import('./query.ts')
  return compileQuery(expression)
}

/** `file://path` stands for the contents of the file, all of them, as for every parameter of the AWS CLI. */
export function fromFile(option: string, value: string | undefined, host: Host): string | undefined {
  if (value?.startsWith('fileb://')) {
    throw new EksTokenError(
      'ERR_PARAMETER',
      `Invalid type for parameter ${option}: a file read with fileb:// is no text`,
      {
        remedy: 'use file://',
      },
    )
  }
  if (!value?.startsWith('file://')) return value
  const path = expandPath(value.slice('file://'.length), host)
  let text: string | undefined
  try {
    text = host.readText(path)
  } catch (cause) {
    throw new EksTokenError('ERR_PARAMETER', `Error parsing parameter '${option}': ${(cause as Error).message}`, {
      cause,
    })
  }
  if (text === undefined) {
    throw new EksTokenError(
      'ERR_PARAMETER',
      `Error parsing parameter '${option}': Unable to load paramfile ${value}: ${path} is no file that can be read`,
      { remedy: 'correct the path' },
    )
  }
  return text.replace(/\r\n?/g, '\n')
}

/** The AWS CLI refuses these only here, although get-token has no use for the first. */
function checkEndpointUrl(url: string | undefined): void {
  if (url === undefined || splitUrl(url).scheme !== '') return
  throw new EksTokenError(
    'ERR_PARAMETER',
    `Bad value for --endpoint-url "${url}": scheme is missing.  Must be of the form http://<hostname>/ or https://<hostname>/`,
  )
}

export function seconds(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const number = parseInteger(text)
  if (number !== undefined && number >= 0) return number
  throw new EksTokenError('ERR_SETTING', `${name} is '${text}': it must be a whole number of seconds`)
}

/** A token that no server reads is printed all the same; whoever asked should know. */
function warnOfSize({ token, sessionTokenBytes }: Token, terminal: Terminal): void {
  if (token.length <= MAX_TOKEN_BYTES) return
  terminal.err(
    `warning: servers refuse this token: it has ${token.length} bytes, and they read ${MAX_TOKEN_BYTES} at most; ` +
      `the session token in it has ${sessionTokenBytes} (fewer session tags or a shorter session policy make it smaller)\n`,
  )
}
