/**
 * Every error of this program: a code for programs, the exit code that goes with it, and the next step where
 * it is the same each time. A thrower that knows a better next step gives its own.
 *
 * Exit codes follow the AWS CLI v2: 252 the command line, 253 no region or no credentials, 254 a service said
 * no, 255 anything else, 130 interrupted.
 * https://docs.aws.amazon.com/cli/latest/topic/return-codes.html
 */
export const ERRORS = {
  ERR_USAGE: { exitCode: 252, remedy: "run 'eks-get-token --help' for the options and examples" },
  ERR_PARAMETER: { exitCode: 252, remedy: undefined },
  ERR_NO_REGION: {
    exitCode: 253,
    remedy: 'give --region, set AWS_REGION, or set region in the profile',
  },
  ERR_NO_CREDENTIALS: {
    exitCode: 253,
    remedy: "name a profile with --profile, set AWS_ACCESS_KEY_ID and its like, or make a profile with 'aws configure'",
  },
  ERR_SERVICE: { exitCode: 254, remedy: undefined },
  ERR_PROFILE: { exitCode: 255, remedy: undefined },
  ERR_CONFIG_FILE: { exitCode: 255, remedy: undefined },
  ERR_KUBECONFIG: { exitCode: 255, remedy: undefined },
  ERR_SETTING: { exitCode: 255, remedy: undefined },
  ERR_REGION: { exitCode: 255, remedy: undefined },
  ERR_ENDPOINT: { exitCode: 255, remedy: undefined },
  ERR_CREDENTIALS: { exitCode: 255, remedy: undefined },
  ERR_NETWORK: { exitCode: 255, remedy: undefined },
  ERR_TIMEOUT: {
    exitCode: 255,
    remedy: 'give it longer with --timeout SECONDS or EKS_GET_TOKEN_TIMEOUT (0: no limit)',
  },
  ERR_OUTPUT: { exitCode: 255, remedy: undefined },
  ERR_INTERRUPTED: { exitCode: 130, remedy: undefined },
  ERR_INTERNAL: {
    exitCode: 255,
    remedy: 'this is a defect of eks-get-token; run it again with --debug and report what it prints',
  },
} as const satisfies Record<string, { exitCode: number; remedy: string | undefined }>

export type ErrorCode = keyof typeof ERRORS

/**
 * An error is recognised by this mark and its code, never by `instanceof`: the program is several bundles, each
 * with a class of its own. `Symbol.for` is the same symbol in all of them.
 */
const MARK = Symbol.for('eks-get-token.error')

export class EksTokenError extends Error {
  readonly [MARK] = true
  readonly code: ErrorCode
  readonly exitCode: number
  /** The next step, one line; undefined when the message says it all. */
  readonly remedy: string | undefined

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; remedy?: string } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.name = 'EksTokenError'
    this.code = code
    this.exitCode = ERRORS[code].exitCode
    this.remedy = options.remedy ?? ERRORS[code].remedy
  }
}

/** True for an error of this program, whichever bundle threw it. */
export function isEksTokenError(error: unknown): error is EksTokenError {
  return typeof error === 'object' && error !== null && MARK in error
}
