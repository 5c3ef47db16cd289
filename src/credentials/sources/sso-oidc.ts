import { CreateTokenCommand, SSOOIDCClient } from '@aws-sdk/client-sso-oidc'
import { signInEndpoint } from '../../settings/region.ts'
import type { LoadContext } from '../load.ts'
import type { SsoPlan } from '../plan.ts'
import { clientConfig, serviceError, UNSIGNED } from '../transport.ts'

export interface RefreshInput {
  readonly clientId: string
  readonly clientSecret: string
  readonly refreshToken: string
}

export interface RefreshAnswer {
  readonly accessToken: string | undefined
  /** Seconds. */
  readonly expiresIn: number | undefined
  readonly refreshToken: string | undefined
}

/**
 * Renews the access token of an SSO login.
 * https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html
 *
 * @throws EksTokenError `ERR_SERVICE` for a refusal, `ERR_NETWORK`
 */
export async function refreshAccessToken(
  plan: SsoPlan,
  input: RefreshInput,
  { settings, system, trace }: LoadContext,
): Promise<RefreshAnswer> {
  const endpoint = signInEndpoint('sso-oidc', plan.region, settings.endpoints)
  trace(`renew the SSO login at ${endpoint.url}`)
  const client = new SSOOIDCClient({ ...clientConfig(endpoint, settings, system.env), ...UNSIGNED })
  try {
    const { accessToken, expiresIn, refreshToken } = await client.send(
      new CreateTokenCommand({ grantType: 'refresh_token', ...input }),
    )
    return { accessToken, expiresIn, refreshToken }
  } catch (error) {
    throw serviceError(error, 'CreateToken', endpoint.url, {
      env: system.env,
      maxAttempts: settings.network.maxAttempts,
      secrets: [input.clientSecret, input.refreshToken],
    })
  } finally {
    client.destroy()
  }
}
