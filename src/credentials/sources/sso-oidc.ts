import {
  CreateTokenCommand,
  RegisterClientCommand,
  SSOOIDCClient,
  StartDeviceAuthorizationCommand,
} from '@aws-sdk/client-sso-oidc'
import { regionalEndpoint } from '../../aws/endpoints.ts'
import type { Settings, Sourced } from '../../config/settings.ts'
import { createServiceClient } from '../../net/service-client.ts'
import { serviceError } from '../../net/service-error.ts'
import { redactUrl } from '../../redact.ts'
import type { Runtime } from '../../runtime.ts'

/** https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_RegisterClient.html */
export interface ClientMetadata {
  readonly clientName: string
  readonly clientType: 'public'
  readonly scopes?: string[]
  readonly grantTypes?: string[]
  readonly redirectUris?: string[]
  readonly issuerUrl?: string
}

interface ClientSecrets {
  readonly clientId: string
  readonly clientSecret: string
}

/** https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html */
export type TokenGrant = ClientSecrets &
  (
    | { readonly grantType: 'refresh_token'; readonly refreshToken: string }
    | { readonly grantType: 'urn:ietf:params:oauth:grant-type:device_code'; readonly deviceCode: string }
    | {
        readonly grantType: 'authorization_code'
        readonly code: string
        readonly codeVerifier: string
        /** With the port. */
        readonly redirectUri: string
      }
  )

export interface TokenResponse {
  readonly accessToken: string | undefined
  /** Seconds. */
  readonly expiresIn: number | undefined
  readonly refreshToken: string | undefined
}

/** The OIDC service of IAM Identity Center. Nothing is known about the types in its responses. */
export interface SsoOidc {
  /** Scheme and host of the endpoint. */
  readonly origin: string
  /** @throws EksTokenError `ERR_SERVICE`, `ERR_NETWORK` */
  readonly registerClient: (metadata: ClientMetadata) => Promise<object>
  /** @throws EksTokenError as `registerClient` */
  readonly startDeviceAuthorization: (input: ClientSecrets & { readonly startUrl: string }) => Promise<object>
  /** @throws EksTokenError as `registerClient`; its cause has the name of the service's exception */
  readonly createToken: (grant: TokenGrant) => Promise<TokenResponse>
}

/**
 * @param region - of IAM Identity Center, and what sets it
 * @throws EksTokenError `ERR_REGION`, `ERR_ENDPOINT`
 */
export function createSsoOidc(
  region: Sourced,
  { settings, runtime }: { readonly settings: Settings; readonly runtime: Runtime },
): SsoOidc {
  const endpoint = regionalEndpoint('sso-oidc', region.value, settings.endpoints, region.source)
  const call = async <Output>(
    operation: string,
    secrets: readonly (string | undefined)[],
    send: (client: SSOOIDCClient) => Promise<Output>,
  ): Promise<Output> => {
    runtime.trace?.(`calling ${operation} at ${redactUrl(endpoint.url)}`)
    const client = createServiceClient(SSOOIDCClient, endpoint, { settings, runtime })
    try {
      return await send(client)
    } catch (error) {
      const { maxAttempts } = settings.network
      throw serviceError(withDescription(error), operation, endpoint.url, { runtime, maxAttempts, secrets })
    } finally {
      client.destroy()
    }
  }
  return {
    origin: new URL(endpoint.url).origin,
    registerClient: (metadata) =>
      call('RegisterClient', [], (client) => client.send(new RegisterClientCommand(metadata))),
    startDeviceAuthorization: (input) =>
      call('StartDeviceAuthorization', [input.clientSecret], (client) =>
        client.send(new StartDeviceAuthorizationCommand(input)),
      ),
    createToken: (grant) =>
      call('CreateToken', secretsOf(grant), async (client) => {
        const { accessToken, expiresIn, refreshToken } = await client.send(new CreateTokenCommand(grant))
        return { accessToken, expiresIn, refreshToken }
      }),
  }
}

function secretsOf(grant: TokenGrant): string[] {
  const { clientSecret } = grant
  if (grant.grantType === 'refresh_token') return [clientSecret, grant.refreshToken]
  if (grant.grantType === 'authorization_code') return [clientSecret, grant.code, grant.codeVerifier]
  return [clientSecret, grant.deviceCode]
}

/** The errors of this service have their text in a member of OAuth. https://www.rfc-editor.org/rfc/rfc6749#section-5.2 */
function withDescription(error: unknown): unknown {
  const { error_description: description } = (error ?? {}) as { error_description?: unknown }
  return typeof description === 'string' && description
    ? Object.assign(error as Error, { message: description })
    : error
}
