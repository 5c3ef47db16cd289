import type { Settings } from '../config/settings.ts'
import type { EksTokenError } from '../errors.ts'
import type { Deadline } from '../net/deadline.ts'
import type { Runtime } from '../runtime.ts'

/** A login that the user has to make. */
export type LoginRequest = {
  readonly profile: string
  /** Where the login will be. */
  readonly file: string
} & (
  | {
      readonly kind: 'sso'
      /** Name of the `sso-session` section; undefined for a legacy profile, which has all SSO settings itself. */
      readonly session: string | undefined
      readonly startUrl: string
      readonly region: string
    }
  | {
      readonly kind: 'console'
      /** The ARN of the identity to sign in as. */
      readonly session: string
    }
)

export interface LoginContext extends Pick<Deadline, 'waitFor' | 'pauseWhile'> {
  readonly settings: Settings
  readonly runtime: Runtime
}

/** Lets the user sign in where a login has expired. */
export interface InteractiveLogin {
  /**
   * Called by one process at a time for each login file; resolves when the file has a new login.
   *
   * @param cause - why a login is needed
   * @throws EksTokenError if no user can be prompted, or the user does not sign in
   */
  readonly signIn: (request: LoginRequest, cause: EksTokenError, context: LoginContext) => Promise<void>
  /**
   * Called where the run waits for another process whose user is signing in, or is entering an MFA code.
   *
   * @throws EksTokenError to end the wait
   */
  readonly onWait: (holder: string) => void
}
