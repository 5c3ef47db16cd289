import type { LoadContext } from '../credentials/context.ts'
import { consoleLoginPath, ssoLoginPath } from '../credentials/sources/login-file.ts'
import type { Runtime } from '../runtime.ts'

/** What a user can be signed in to, as the configuration says it; without secrets. */
export type Login = SsoLogin | ConsoleLogin

/** IAM Identity Center, as of `aws sso login`. */
export interface SsoLogin {
  readonly kind: 'sso'
  /** Name of the `sso-session`; undefined for a legacy profile, which has the settings itself. */
  readonly session: string | undefined
  /** The profile whose login it is; undefined if only a session was named. */
  readonly profile: string | undefined
  /** As configured. */
  readonly startUrl: string
  readonly region: string
  /** `sso_registration_scopes`; empty: none are configured. */
  readonly scopes: readonly string[]
}

/** The AWS console, as of `aws login`. */
export interface ConsoleLogin {
  readonly kind: 'console'
  /** It may not exist yet. */
  readonly profile: string
  /** `login_session` of the profile: the ARN of the identity that it signed in as. */
  readonly session: string | undefined
}

export interface SignInOptions {
  /** The URL is shown, and no browser is started. */
  readonly noBrowser: boolean
  /** IAM Identity Center: the device code grant also where the authorization code grant is possible. */
  readonly useDeviceCode: boolean
  /** The browser is on another machine: a code is shown (IAM Identity Center) or prompted for (console). */
  readonly remote: boolean
  /** Console: true: a profile that refers to a session keeps it, and signing in as another identity is an error. */
  readonly keepsSession?: boolean
}

/** Where a sign-in talks to the user. */
export interface SignInScreen {
  /** Shows instructions: whole lines. */
  readonly print: (text: string) => void
  /** Replaces the line that says what the program is waiting for; undefined removes it. Shown on a terminal only. */
  readonly status: (line: string | undefined) => void
  /**
   * Asks a question.
   *
   * @param pipeSeconds - how long to wait where stdin is not a terminal. Default 5
   * @returns the answer, one line; undefined if there is none
   */
  readonly ask: (question: string, pipeSeconds?: number) => Promise<string | undefined>
}

/** What a sign-in depends on. It writes nothing but what it passes to the screen. */
export interface SignInContext extends Pick<LoadContext, 'settings' | 'runtime' | 'waitFor' | 'pauseWhile'> {
  readonly options: SignInOptions
  readonly screen: SignInScreen
  /** The command line that gets a token (''), or signs in, with a profile and the other options that were given. */
  readonly lineFor: (subcommand: '' | 'login', profile: string) => string
}

/** A login that is stored. */
export interface SignedIn {
  /** For the user, whole lines: `Successfully logged into Start URL: …`. */
  readonly message: string
}

/** The file of a login; undefined if only the sign-in says as whom. */
export function loginPath(login: Login, runtime: Runtime): string | undefined {
  if (login.kind === 'sso') return ssoLoginPath(login.session ?? login.startUrl, runtime)
  return login.session === undefined ? undefined : consoleLoginPath(login.session, runtime)
}
