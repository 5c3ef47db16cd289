/**
 * Every error of this program: its code, the exit code and a default hint. A more specific hint can be given where the
 * error is thrown, and has to be where the code has none.
 *
 * Exit codes follow the AWS CLI v2: 252 usage error, 253 no region, no credentials or no settings for a login, 254 service
 * error, 255 any other error, 130 interrupted.
 * https://docs.aws.amazon.com/cli/latest/topic/return-codes.html
 */
export const ERRORS = {
  ERR_USAGE: { exitCode: 252, remedy: "run 'eks-get-token --help' for the options and examples" },
  ERR_PARAMETER: { exitCode: 252, remedy: undefined },
  ERR_NO_REGION: {
    exitCode: 253,
    remedy: 'use --region, set AWS_REGION, or set region in the profile',
  },
  ERR_NO_CREDENTIALS: {
    exitCode: 253,
    remedy: "sign in with 'eks-get-token login', use --profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
  },
  ERR_LOGIN_SETTING: { exitCode: 253, remedy: undefined },
  ERR_SERVICE: { exitCode: 254, remedy: undefined },
  ERR_PROFILE: { exitCode: 255, remedy: undefined },
  ERR_CONFIG_FILE: { exitCode: 255, remedy: undefined },
  ERR_KUBECONFIG: { exitCode: 255, remedy: undefined },
  ERR_CLUSTER: { exitCode: 255, remedy: undefined },
  ERR_SETTING: { exitCode: 255, remedy: undefined },
  ERR_REGION: { exitCode: 255, remedy: undefined },
  ERR_ENDPOINT: { exitCode: 255, remedy: undefined },
  ERR_CREDENTIALS: { exitCode: 255, remedy: undefined },
  ERR_LOGIN: { exitCode: 255, remedy: "run 'eks-get-token login' again" },
  ERR_NETWORK: { exitCode: 255, remedy: undefined },
  ERR_TIMEOUT: {
    exitCode: 255,
    remedy: 'raise the limit with --timeout SECONDS or EKS_GET_TOKEN_TIMEOUT (0: no limit)',
  },
  ERR_OPEN_FILES: {
    exitCode: 255,
    remedy: 'raise the limit (ulimit -n), or close files',
  },
  ERR_OUTPUT: { exitCode: 255, remedy: undefined },
  ERR_INTERRUPTED: { exitCode: 130, remedy: 'run the command again' },
  ERR_INTERNAL: {
    exitCode: 255,
    remedy: 'this is a bug in eks-get-token; run it again with --debug and report the output',
  },
} as const satisfies Record<string, { exitCode: number; remedy: string | undefined }>

/**
 * The cause of an error, for programs. Codes are stable.
 *
 * | code | cause |
 * | --- | --- |
 * | `ERR_USAGE` | an option is missing, unknown, or requires another one |
 * | `ERR_PARAMETER` | an option or argument has an invalid value |
 * | `ERR_NO_REGION` | no region is configured where one is required |
 * | `ERR_NO_CREDENTIALS` | no credential source is configured |
 * | `ERR_LOGIN_SETTING` | a profile lacks settings for a sign-in (command only) |
 * | `ERR_SERVICE` | an AWS service rejected a request |
 * | `ERR_PROFILE` | a profile does not exist |
 * | `ERR_CONFIG_FILE` | a config or credentials file cannot be read or parsed |
 * | `ERR_KUBECONFIG` | a kubeconfig cannot be read, parsed or written |
 * | `ERR_CLUSTER` | the description of a cluster is incomplete, or the cluster is not ready (command only) |
 * | `ERR_SETTING` | a setting of the environment or a profile is invalid |
 * | `ERR_REGION` | the region cannot be part of a host name |
 * | `ERR_ENDPOINT` | an endpoint is invalid, or is not an STS endpoint where only STS is called |
 * | `ERR_CREDENTIALS` | the chosen credential source is incomplete or failed, or its credentials have expired |
 * | `ERR_LOGIN` | a sign-in failed (command only) |
 * | `ERR_NETWORK` | a service cannot be reached |
 * | `ERR_TIMEOUT` | the time limit ended the call |
 * | `ERR_OPEN_FILES` | the open file limit was reached |
 * | `ERR_OUTPUT` | the result cannot be written (command only) |
 * | `ERR_INTERRUPTED` | the user interrupted the run (command only) |
 * | `ERR_INTERNAL` | a bug in this program |
 */
export type ErrorCode = keyof typeof ERRORS

/**
 * Errors are recognized by this mark and their code, never by `instanceof`: each bundle of the program has its own copy of
 * the class. `Symbol.for` returns the same symbol in all of them.
 */
const MARK = Symbol.for('eks-get-token.error')

/**
 * What a setting refers to, and what does not exist: a section of the config files, a region, the credentials of a source
 * profile, or those of a `credential_source`.
 */
export interface MissingName {
  readonly kind: 'profile' | 'sso-session' | 'services' | 'region' | 'credentials' | 'credential-source'
  readonly name: string
  /** The setting, for hints: `AWS_PROFILE`, `source_profile in profile dev`; of a `credential_source`, its profile. */
  readonly setting: string
  /** A name that cannot be meant. */
  readonly except?: string
}

/** A word of the command line that is not one of those that are possible in its place. */
export interface MistypedWord {
  readonly word: string
  readonly candidates: readonly string[]
}

interface ErrorDetails {
  readonly cause?: unknown
  /** Default: that of the code. */
  readonly remedy?: string
  readonly missing?: MissingName
  readonly mistyped?: MistypedWord | undefined
}

/** The compiler requires a hint where the code has none. */
type DetailsOf<Code extends ErrorCode> = (typeof ERRORS)[Code]['remedy'] extends string
  ? [details?: ErrorDetails]
  : [details: ErrorDetails & { readonly remedy: string }]

/**
 * Every error that this package throws, except the reason of an aborted signal. `message` is the cause in one sentence,
 * without secrets. Recognize it with {@link isEksTokenError}, not with `instanceof`.
 */
export class EksTokenError<Code extends ErrorCode = ErrorCode> extends Error {
  /** @internal */
  readonly [MARK] = true
  /** The cause, for programs. */
  readonly code: Code
  /** The exit code of the command for this error: 252, 253, 254, 255 or 130. */
  readonly exitCode: number
  /** The next step for the user. */
  readonly remedy: string
  /** @internal What a better hint depends on, which is found only after a failure (credentials/explain). */
  readonly missing: MissingName | undefined
  /** @internal The same for the word that was probably meant (cli/error-details.ts). */
  readonly mistyped: MistypedWord | undefined

  /** @internal */
  constructor(code: Code, message: string, ...[details = {}]: DetailsOf<Code>) {
    const { cause, remedy, missing, mistyped } = details as ErrorDetails
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'EksTokenError'
    this.code = code
    this.exitCode = ERRORS[code].exitCode
    this.remedy = remedy ?? ERRORS[code].remedy ?? ''
    this.missing = missing
    this.mistyped = mistyped
  }
}

/**
 * True for an error of this package, whichever copy of it threw it.
 *
 * @example
 * import { createToken, isEksTokenError } from 'eks-get-token'
 *
 * try {
 *   await createToken({ clusterName: 'demo', region: 'us-west-2', profile: 'missing' })
 * } catch (error) {
 *   if (!isEksTokenError(error)) throw error
 *   console.log(error.code, error.message, error.remedy)
 * }
 *
 * @param error - anything that was thrown
 */
export function isEksTokenError(error: unknown): error is EksTokenError {
  return typeof error === 'object' && error !== null && MARK in error
}

/** True for the error of a deadline. */
export function isTimeout(error: unknown): error is EksTokenError {
  return isEksTokenError(error) && error.code === 'ERR_TIMEOUT'
}

/** True for an error that ends the run, whatever it interrupted: the deadline, or the limit for open files. */
export function endsRun(error: unknown): error is EksTokenError {
  return isEksTokenError(error) && (error.code === 'ERR_TIMEOUT' || error.code === 'ERR_OPEN_FILES')
}

/** Whether the limit for open files of the process (EMFILE) or of the system (ENFILE) was reached. */
export function isOpenFilesLimit(error: unknown): boolean {
  const { code } = (error ?? {}) as NodeJS.ErrnoException
  return code === 'EMFILE' || code === 'ENFILE'
}

export function openFilesError(cause: unknown): EksTokenError {
  const { code } = cause as NodeJS.ErrnoException
  const owner = code === 'ENFILE' ? 'the system' : 'this process'
  return new EksTokenError('ERR_OPEN_FILES', `the open file limit of ${owner} was reached (${code})`, { cause })
}

/** The result of a function; undefined if it throws. */
export function attempt<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch {
    return undefined
  }
}
