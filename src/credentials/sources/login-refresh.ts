import { createPrivateKey, createPublicKey, type KeyObject, randomUUID, sign } from 'node:crypto'
import { type AccessDeniedException, CreateOAuth2TokenCommand, SigninClient } from '@aws-sdk/nested-clients/signin'
import { regionalEndpoint, signingRegionOf } from '../../aws/endpoints.ts'
import { EksTokenError, isEksTokenError } from '../../errors.ts'
import { createServiceClient } from '../../net/service-client.ts'
import { serviceError } from '../../net/service-error.ts'
import { redactUrl, redactValue } from '../../redact.ts'
import type { LoadContext } from '../context.ts'

export interface LoginSession {
  readonly profile: string
  /** The login session of `aws login`: the ARN of its identity. */
  readonly session: string
}

/** What a refresh of the login requires. */
export interface RefreshInput {
  readonly clientId: string
  readonly refreshToken: string
  /** PEM text of the private key that the refresh token is bound to. */
  readonly dpopKey: string
}

export interface RefreshedLogin {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  readonly refreshToken: string
  /** Seconds. */
  readonly expiresIn: number
}

/** The AWS CLI's messages for the error codes of AWS Sign-In. */
const ERROR_MESSAGES: Readonly<Record<string, string>> = {
  TOKEN_EXPIRED: 'Your session has expired.',
  USER_CREDENTIALS_CHANGED: 'Unable to refresh login credentials because of a change in your password.',
  INSUFFICIENT_PERMISSIONS:
    "Unable to create or refresh login credentials due to insufficient permissions. You may be missing permission for the 'signin:CreateOAuth2Token' action.",
}

/**
 * Requests new credentials from AWS Sign-In in the region of the token. The request proves possession of the login's
 * private key (DPoP, https://www.rfc-editor.org/rfc/rfc9449).
 *
 * @throws EksTokenError `ERR_CREDENTIALS` if access is denied, `ERR_NO_REGION`, `ERR_SERVICE`, `ERR_NETWORK`
 */
export async function refreshLogin(
  plan: LoginSession,
  login: RefreshInput,
  { settings, runtime }: LoadContext,
): Promise<RefreshedLogin> {
  const key = parsePrivateKey(login.dpopKey, plan)
  const endpoint = regionalEndpoint('signin', regionOf(settings), settings.endpoints)
  runtime.trace(`refreshing the login session at ${redactUrl(endpoint.url)}`)
  const client = createServiceClient(SigninClient, endpoint, { settings, runtime })
  client.middlewareStack.add(
    (next) => (args) => {
      const { headers, path } = args.request as { headers: Record<string, string>; path: string }
      headers.DPoP = dpopProof(key, `${endpoint.url.replace(/\/+$/, '')}${path}`, runtime.now())
      return next(args)
    },
    { step: 'finalizeRequest', name: 'dpop' },
  )
  const { clientId, refreshToken } = login
  try {
    const { tokenOutput } = await client.send(
      new CreateOAuth2TokenCommand({ tokenInput: { clientId, refreshToken, grantType: 'refresh_token' } }),
    )
    const { accessKeyId, secretAccessKey, sessionToken } = tokenOutput?.accessToken ?? {}
    if (!accessKeyId || !secretAccessKey || !sessionToken || !tokenOutput?.refreshToken) {
      throw new EksTokenError('ERR_CREDENTIALS', 'the response from AWS Sign-In has no credentials', {
        remedy: loginHint(plan),
      })
    }
    const { expiresIn = 0 } = tokenOutput
    return { accessKeyId, secretAccessKey, sessionToken, refreshToken: tokenOutput.refreshToken, expiresIn }
  } catch (error) {
    if (isEksTokenError(error)) throw error
    if ((error as Error).name === 'AccessDeniedException') {
      const reason = (error as AccessDeniedException).error ?? ''
      const message = Object.hasOwn(ERROR_MESSAGES, reason)
        ? ERROR_MESSAGES[reason]
        : 'AWS Sign-In denied the request to refresh the login session.'
      throw new EksTokenError('ERR_CREDENTIALS', message ?? '', { cause: error, remedy: loginHint(plan) })
    }
    throw serviceError(error, 'CreateOAuth2Token', endpoint.url, {
      runtime,
      maxAttempts: settings.network.maxAttempts,
      secrets: [refreshToken, login.dpopKey],
    })
  } finally {
    client.destroy()
  }
}

function regionOf(settings: LoadContext['settings']): string {
  if (settings.region) return settings.region.value
  return signingRegionOf({ url: 'AWS Sign-In', signingRegion: undefined })
}

function parsePrivateKey(pem: string, plan: LoginSession): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch {
    throw new EksTokenError(
      'ERR_CREDENTIALS',
      `the private key in login session ${redactValue(plan.session)} is invalid`,
      {
        remedy: loginHint(plan),
      },
    )
  }
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

function loginHint({ profile }: LoginSession): string {
  return `run: aws login --profile ${profile}`
}
