import type { SsoOidc } from '../credentials/sources/sso-oidc.ts'
import { EksTokenError } from '../errors.ts'
import { redactUrl, redactValue } from '../redact.ts'
import type { BrowserPlan } from './browser.ts'
import type { SignInContext, SsoLogin } from './login.ts'
import type { StartUrl } from './start-url.ts'

/** What both grants depend on. */
export interface SsoSignIn {
  readonly login: SsoLogin
  readonly portal: StartUrl
  readonly browser: BrowserPlan
  readonly client: SsoOidc
  readonly context: SignInContext
}

/** The name of the service's exception that an error of {@link SsoOidc} was made of. */
export function exceptionName(error: unknown): string | undefined {
  return ((error as Error).cause as Error | undefined)?.name
}

/** The error for a response without what it must have. @param what - is missing */
export function invalidResponse(what: string): EksTokenError {
  return new EksTokenError('ERR_LOGIN', `the response from IAM Identity Center has no valid ${what}`, {
    remedy: 'check sso_region and sso_start_url, and that no proxy responds in place of AWS',
  })
}

/** How messages name a login. */
export function describeLogin(login: Pick<SsoLogin, 'session' | 'startUrl'>): string {
  return login.session === undefined ? describeStartUrl(login) : `session ${redactValue(login.session)}`
}

export function describeStartUrl({ startUrl }: Pick<SsoLogin, 'startUrl'>): string {
  // Older start URLs end with an empty route: `https://example.awsapps.com/start#/`.
  const route = /#\/?$/.exec(startUrl)?.[0] ?? ''
  return `${redactUrl(startUrl)}${route}`
}
