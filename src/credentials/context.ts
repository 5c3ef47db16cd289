import type { Settings } from '../config/settings.ts'
import type { Deadline } from '../net/deadline.ts'
import type { Runtime } from '../runtime.ts'
import type { MfaRequest } from './mfa.ts'

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
  readonly onProcessStart?: ((program: string, profile: string) => void) | undefined
}

/** Waits for the user's input: the time does not count against the deadline, and other processes see why they wait. */
export type WhilePrompting = <T>(input: Promise<T>) => Promise<T>
