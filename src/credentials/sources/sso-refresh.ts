import { CreateTokenCommand, SSOOIDCClient } from '@aws-sdk/client-sso-oidc'
import { regionalEndpoint } from '../../aws/endpoints.ts'
import { createServiceClient } from '../../net/service-client.ts'
import { serviceError } from '../../net/service-error.ts'
import { redactUrl } from '../../redact.ts'
import type { LoadContext } from '../context.ts'

export interface RefreshInput {
  readonly clientId: string
  readonly clientSecret: string
  readonly refreshToken: string
}

export interface RefreshedToken {
  readonly accessToken: string | undefined
  /** Seconds. */
  readonly expiresIn: number | undefined
  readonly refreshToken: string | undefined
}

/**
 * Refreshes the access token of an SSO login.
 * https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html
 *
 * @throws EksTokenError `ERR_SERVICE`, `ERR_NETWORK`
 */
export async function refreshAccessToken(
  plan: { readonly region: string },
  input: RefreshInput,
  { settings, runtime }: LoadContext,
): Promise<RefreshedToken> {
  const endpoint = regionalEndpoint('sso-oidc', plan.region, settings.endpoints)
  runtime.trace(`refreshing the SSO login at ${redactUrl(endpoint.url)}`)
  const client = createServiceClient(SSOOIDCClient, endpoint, { settings, runtime })
  try {
    const { accessToken, expiresIn, refreshToken } = await client.send(
      new CreateTokenCommand({ grantType: 'refresh_token', ...input }),
    )
    return { accessToken, expiresIn, refreshToken }
  } catch (error) {
    throw serviceError(error, 'CreateToken', endpoint.url, {
      runtime,
      maxAttempts: settings.network.maxAttempts,
      secrets: [input.clientSecret, input.refreshToken],
    })
  } finally {
    client.destroy()
  }
}
