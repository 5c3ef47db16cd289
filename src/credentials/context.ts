import type { Settings } from '../config/settings.ts'
import { EksTokenError } from '../errors.ts'
import type { Deadline } from '../net/deadline.ts'
import { redactValue } from '../redact.ts'
import type { Runtime } from '../runtime.ts'
import type { CredentialProvider, Credentials, StaticCredentials } from './credentials.ts'
import type { InteractiveLogin } from './interactive-login.ts'
import type { MfaRequest } from './mfa.ts'

/** How credentials are loaded. */
export interface LoadOptions {
  /** Credentials, or a provider of the AWS SDK, in place of those that are configured. Of the library only. */
  readonly credentials?: StaticCredentials | CredentialProvider | undefined
  /** False creates an unsigned token, which no server accepts (`--no-sign-request`). Default true. */
  readonly signRequest?: boolean | undefined
  /** False: credentials are neither read from a cache nor written to one. Default true, unless EKS_GET_TOKEN_NO_CACHE is set. */
  readonly useCache?: boolean | undefined
  /** Gets the code of an MFA device from the user. Default: none, and a role that requires a code is an error. */
  readonly mfaCodeProvider?: ((request: MfaRequest) => Promise<string>) | undefined
  /** Loads what lets the user sign in where a login has expired. Default: that is an error. */
  readonly interactiveLogin?: (() => Promise<InteractiveLogin>) | undefined
  /** Called before a `credential_process` is started, with the file name of the program and the profile. */
  readonly onProcessStart?: ((program: string, profile: string) => void) | undefined
}

/** What loading credentials depends on. */
export interface LoadContext extends Omit<Deadline, 'clear'> {
  readonly settings: Settings
  readonly runtime: Runtime
  /** False: requests to STS are sent unsigned (`--no-sign-request`). */
  readonly signRequests: boolean
  /** False: credentials are neither read from a cache nor written to one. */
  readonly useCache: boolean
  /** Gets the code of an MFA device from the user; rejects where that is impossible. */
  readonly mfaCodeProvider: (request: MfaRequest) => Promise<string>
  /** undefined: a login that has expired is an error. */
  readonly interactiveLogin?: (() => Promise<InteractiveLogin>) | undefined
  readonly onProcessStart?: ((program: string, profile: string) => void) | undefined
  readonly credentials?: StaticCredentials | CredentialProvider | undefined
}

/** Waits for the user's input: the time does not count against the deadline, and other processes see why they wait. */
export type WhilePrompting = <T>(input: Promise<T>) => Promise<T>

/** What loading through a cache adds. */
export interface LoadStep<Plan> {
  readonly whilePrompting: WhilePrompting
  /** Loads the credentials that assume a role. */
  readonly loadBase: (plan: Plan) => Promise<Credentials>
}

/** The context for the options of a caller. */
export function createLoadContext(
  options: LoadOptions,
  settings: Settings,
  runtime: Runtime,
  deadline: Deadline,
): LoadContext {
  const { signRequest: signRequests = true, mfaCodeProvider = noMfaPrompt } = options
  const { onProcessStart, credentials, interactiveLogin } = options
  const useCache = options.useCache ?? !isEnabled(runtime.env.EKS_GET_TOKEN_NO_CACHE)
  return {
    ...deadline,
    settings,
    runtime,
    signRequests,
    useCache,
    mfaCodeProvider,
    interactiveLogin,
    onProcessStart,
    credentials,
  }
}

/** Whether a variable is set to anything but an empty string, `0` or `false`. */
function isEnabled(value: string | undefined): boolean {
  return value !== undefined && !/^(0|false|)$/i.test(value)
}

async function noMfaPrompt({ serial, roleArn }: MfaRequest): Promise<never> {
  throw new EksTokenError(
    'ERR_CREDENTIALS',
    `role ${redactValue(roleArn)} requires an MFA code (device ${redactValue(serial)})`,
    {
      remedy: 'pass mfaCodeProvider to createToken',
    },
  )
}
