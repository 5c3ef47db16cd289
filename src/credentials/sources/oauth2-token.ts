import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto'
import { type AccessDeniedException, CreateOAuth2TokenCommand, SigninClient } from '@aws-sdk/nested-clients/signin'
import { regionalEndpoint } from '../../aws/endpoints.ts'
import type { Settings } from '../../config/settings.ts'
import { attempt, EksTokenError, isEksTokenError } from '../../errors.ts'
import { createServiceClient } from '../../net/service-client.ts'
import { serviceError } from '../../net/service-error.ts'
import { redactUrl } from '../../redact.ts'
import type { Runtime } from '../../runtime.ts'

/** The first login, or its refresh. */
export type OAuth2TokenInput = { readonly clientId: string } & (
  | { readonly grantType: 'refresh_token'; readonly refreshToken: string }
  | {
      readonly grantType: 'authorization_code'
      readonly code: string
      readonly codeVerifier: string
      readonly redirectUri: string
    }
)

export interface OAuth2Token {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  readonly refreshToken: string
  /** Seconds. */
  readonly expiresIn: number
  readonly tokenType: string | undefined
  /** Only in the response to an authorization code. */
  readonly idToken: string | undefined
}

export interface OAuth2TokenContext {
  readonly settings: Settings
  readonly runtime: Runtime
  /** The region of AWS Sign-In. */
  readonly region: string
  /** PEM text of the private key that the refresh token is bound to. */
  readonly dpopKey: string
  /** The hint for a login that can no longer be refreshed. */
  readonly remedy: string
}

/** The AWS CLI's messages for the error codes of AWS Sign-In. */
const ERROR_MESSAGES: Readonly<Record<string, string>> = {
  TOKEN_EXPIRED: 'Your session has expired.',
  USER_CREDENTIALS_CHANGED: 'Unable to refresh login credentials because of a change in your password.',
  AUTHCODE_EXPIRED: 'Unable to complete the login process due to an expired authorization code.',
  INSUFFICIENT_PERMISSIONS:
    "Unable to create or refresh login credentials due to insufficient permissions. You may be missing permission for the 'signin:CreateOAuth2Token' action.",
}

const PERMISSION_REMEDY = "ask an account administrator for the permission 'signin:CreateOAuth2Token'"

/**
 * Requests credentials from AWS Sign-In. The request proves possession of the login's private key (DPoP,
 * https://www.rfc-editor.org/rfc/rfc9449).
 * https://docs.aws.amazon.com/signin/latest/APIReference/API_CreateOAuth2Token.html
 *
 * @throws EksTokenError `ERR_CREDENTIALS` if access is denied, `ERR_SERVICE`, `ERR_NETWORK`
 */
export async function createOAuth2Token(input: OAuth2TokenInput, context: OAuth2TokenContext): Promise<OAuth2Token> {
  const { settings, runtime, region, dpopKey, remedy } = context
  const key = attempt(() => createPrivateKey(dpopKey))
  if (!key) throw new EksTokenError('ERR_CREDENTIALS', 'the private key in the login session is invalid', { remedy })
  const endpoint = regionalEndpoint('signin', region, settings.endpoints)
  const isRefresh = input.grantType === 'refresh_token'
  runtime.trace?.(
    `${isRefresh ? 'refreshing the login session' : 'requesting the login session'} at ${redactUrl(endpoint.url)}`,
  )
  const client = createServiceClient(SigninClient, endpoint, { settings, runtime })
  client.middlewareStack.add(
    (next) => (args) => {
      const { headers, path } = args.request as { headers: Record<string, string>; path: string }
      headers.DPoP = dpopProof(key, `${endpoint.url.replace(/\/+$/, '')}${path}`, runtime.now())
      return next(args)
    },
    { step: 'finalizeRequest', name: 'dpop' },
  )
  try {
    const { tokenOutput } = await client.send(new CreateOAuth2TokenCommand({ tokenInput: input }))
    const { accessKeyId, secretAccessKey, sessionToken } = tokenOutput?.accessToken ?? {}
    if (!accessKeyId || !secretAccessKey || !sessionToken || !tokenOutput?.refreshToken) {
      throw new EksTokenError('ERR_CREDENTIALS', 'the response from AWS Sign-In has no credentials', {
        remedy: 'try again; check that no proxy responds in place of AWS',
      })
    }
    const { expiresIn = 0, refreshToken, tokenType, idToken } = tokenOutput
    return { accessKeyId, secretAccessKey, sessionToken, refreshToken, expiresIn, tokenType, idToken }
  } catch (error) {
    if (isEksTokenError(error)) throw error
    if ((error as Error).name === 'AccessDeniedException')
      throw deniedError(error as AccessDeniedException, isRefresh, remedy)
    const secrets = isRefresh ? [input.refreshToken, dpopKey] : [input.code, input.codeVerifier, dpopKey]
    const maxAttempts = settings.network.maxAttempts
    throw serviceError(error, 'CreateOAuth2Token', endpoint.url, { runtime, maxAttempts, secrets })
  } finally {
    client.destroy()
  }
}

function deniedError(cause: AccessDeniedException, isRefresh: boolean, remedy: string): EksTokenError {
  const reason = cause.error ?? ''
  const message = Object.hasOwn(ERROR_MESSAGES, reason)
    ? (ERROR_MESSAGES[reason] as string)
    : `AWS Sign-In denied the request to ${isRefresh ? 'refresh' : 'create'} the login session.`
  return new EksTokenError('ERR_CREDENTIALS', message, {
    cause,
    remedy: reason === 'INSUFFICIENT_PERMISSIONS' ? PERMISSION_REMEDY : remedy,
  })
}

/** PEM text (SEC 1, with 64 characters a line) of a new P-256 key. */
export function createDpopKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return privateKey.export({ type: 'sec1', format: 'pem' }).toString()
}

/** https://www.rfc-editor.org/rfc/rfc9449#section-4.2 */
function dpopProof(key: KeyObject, url: string, now: Date): string {
  const { x, y } = createPublicKey(key).export({ format: 'jwk' })
  const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: { kty: 'EC', x, y, crv: 'P-256' } }
  const payload = { htm: 'POST', htu: url, iat: Math.floor(now.getTime() / 1000), jti: randomUUID() }
  const text = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' })
  return `${text}.${signature.toString('base64url')}`
}
