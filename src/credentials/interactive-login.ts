import type { EksTokenError } from '../errors.ts'

/** A login that the user has to make. */
export type LoginRequest =
  | {
      readonly kind: 'sso'
      readonly profile: string
      /** Name of the `sso-session` section; undefined for a legacy profile, which has all SSO settings itself. */
      readonly session: string | undefined
      readonly startUrl: string
      readonly region: string
    }
  | {
      readonly kind: 'console'
      readonly profile: string
      /** The ARN of the identity to sign in as. */
      readonly session: string
    }

/** Lets the user sign in where a login has expired. */
export interface InteractiveLogin {
  /**
   * Called by one process at a time for each login file; resolves when the file has a new login.
   *
   * @param cause - why a login is needed
   * @throws EksTokenError if nobody is there, or the user does not sign in
   */
  readonly signIn: (request: LoginRequest, cause: EksTokenError) => Promise<void>
  /** Called where the run waits for another process whose user is signing in, or is entering an MFA code. */
  readonly onWait: (holder: string) => void
}
