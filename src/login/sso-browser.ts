import type { TokenResponse } from '../credentials/sources/sso-oidc.ts'
import { startCallbackServer } from './callback-server.ts'
import { createAuthorizationSecrets } from './pkce.ts'
import { presentPage } from './present-page.ts'
import type { ClientRegistration } from './sso-files.ts'
import { describeLogin, type SsoSignIn } from './sso-grant.ts'
import { waitForUser } from './wait.ts'

/**
 * The authorization code grant with PKCE. The browser shows how the sign-in has ended when the login is stored.
 * https://www.rfc-editor.org/rfc/rfc8252
 *
 * @param store - stores the login
 * @throws EksTokenError as `signInSso`
 */
export async function authorizeInBrowser(
  { clientId, clientSecret }: ClientRegistration,
  store: (token: TokenResponse) => void,
  { login, browser, client, context }: SsoSignIn,
): Promise<void> {
  const { state, codeVerifier, codeChallenge } = createAuthorizationSecrets()
  const server = await startCallbackServer({ state })
  try {
    const { redirectUri } = server
    const parameters = {
      response_type: 'code',
      client_id: clientId,
      redirect_uri: redirectUri,
      state,
      code_challenge_method: 'S256',
      // The plural is the service's.
      scopes: login.scopes.join(' ') || 'sso:account:access',
      code_challenge: codeChallenge,
    }
    presentPage({ url: `${client.origin}/authorize?${percentEncode(parameters)}` }, browser, context)
    const code = await waitForUser('the sign-in in the browser', server.code, context)
    const grant = { grantType: 'authorization_code', clientId, clientSecret, code, codeVerifier, redirectUri } as const
    store(await context.waitFor('IAM Identity Center to return the access token', client.createToken(grant)))
    await server.finish({ signedIn: `to ${describeLogin(login)}` })
  } catch (error) {
    await server.finish({ failure: (error as Error).message })
    throw error
  } finally {
    server.close()
  }
}

function percentEncode(parameters: Readonly<Record<string, string>>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&')
}
