import type { Service } from './exchange.ts'
import { json, jsonBody } from './exchange.ts'
import { accessKeyIdFor, secretFor } from './temporary-credentials.ts'

/** A refresh token with this word in it is refused in this way. */
const REFUSALS = [
  { word: 'expired', status: 401, error: 'TOKEN_EXPIRED', message: 'expired' },
  { word: 'pwchanged', status: 403, error: 'USER_CREDENTIALS_CHANGED', message: 'changed' },
  { word: 'noperm', status: 403, error: 'INSUFFICIENT_PERMISSIONS', message: 'no' },
] as const

/** The sign-in service, where the session of `aws login` is renewed. */
export const signIn: Service = (request) => {
  if (request.url.pathname !== '/v1/token') return undefined
  const params = jsonBody(request)
  const call = {
    service: 'signin',
    op: 'CreateOAuth2Token',
    params,
    dpop: (request.headers.dpop ?? '') !== '',
  } as const

  const refused = REFUSALS.find(({ word }) => String(params.refreshToken).includes(word))
  if (refused !== undefined) {
    const { status, error, message } = refused
    return { call, answer: json(status, { error, message }, 'AccessDeniedException') }
  }
  const accessKeyId = accessKeyIdFor('login-refreshed')
  const renewed = {
    accessToken: { accessKeyId, secretAccessKey: secretFor(accessKeyId), sessionToken: 'LOGINTOKEN2' },
    tokenType: 'aws_sigv4',
    expiresIn: 900,
    refreshToken: 'rotated',
  }
  return { call, answer: json(200, renewed) }
}
