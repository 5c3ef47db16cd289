import type { Service } from './exchange.ts'
import { json, jsonBody } from './exchange.ts'
import { accessKeyIdFor, secretFor } from './temporary-credentials.ts'

/** The error for a refresh token that contains the word. */
const ERRORS = [
  { word: 'expired', status: 401, error: 'TOKEN_EXPIRED', message: 'expired' },
  { word: 'pwchanged', status: 403, error: 'USER_CREDENTIALS_CHANGED', message: 'changed' },
  { word: 'noperm', status: 403, error: 'INSUFFICIENT_PERMISSIONS', message: 'no' },
] as const

/** AWS Sign-In, which refreshes the login of `aws login`. */
export const signIn: Service = (request) => {
  if (request.url.pathname !== '/v1/token') return undefined
  const params = jsonBody(request)
  const call = {
    service: 'signin',
    op: 'CreateOAuth2Token',
    params,
    dpop: (request.headers.dpop ?? '') !== '',
  } as const

  const failure = ERRORS.find(({ word }) => String(params.refreshToken).includes(word))
  if (failure !== undefined) {
    const { status, error, message } = failure
    return { call, response: json(status, { error, message }, 'AccessDeniedException') }
  }
  const accessKeyId = accessKeyIdFor('login-refreshed')
  const refreshed = {
    accessToken: { accessKeyId, secretAccessKey: secretFor(accessKeyId), sessionToken: 'LOGINTOKEN2' },
    tokenType: 'aws_sigv4',
    expiresIn: 900,
    refreshToken: 'rotated',
  }
  return { call, response: json(200, refreshed) }
}
