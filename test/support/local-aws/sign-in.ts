import { createHash, createPublicKey, randomUUID, verify } from 'node:crypto'
import type { HandledRequest, ReceivedRequest, Service, ServiceResponse } from './exchange.ts'
import { json, jsonBody, text } from './exchange.ts'
import { accessKeyIdFor, secretFor } from './temporary-credentials.ts'

/** The error for a refresh token that contains the word. */
const ERRORS = [
  { word: 'expired', status: 401, error: 'TOKEN_EXPIRED', message: 'expired' },
  { word: 'pwchanged', status: 403, error: 'USER_CREDENTIALS_CHANGED', message: 'changed' },
  { word: 'noperm', status: 403, error: 'INSUFFICIENT_PERMISSIONS', message: 'no' },
] as const

/** Whom the page signs in, unless its URL has `&as=ARN`. */
export const CONSOLE_USER = 'arn:aws:iam::123456789012:user/Alice'

interface Authorization {
  readonly clientId: string
  readonly redirectUri: string
  readonly codeChallenge: string
  readonly session: string
}

/** Codes that were issued and not yet redeemed; keys (JWK thumbprints) that refresh tokens are bound to. */
const authorizations = new Map<string, Authorization>()
const boundKeys = new Map<string, string>()

/** AWS Sign-In: the page on which a user signs in, and the tokens of `aws login`, whose every parameter is checked. */
export const signIn: Service = (request) => {
  if (request.url.pathname === '/v1/authorize') return authorize(request)
  if (request.url.pathname !== '/v1/token') return undefined
  const params = jsonBody(request)
  const call = {
    service: 'signin',
    op: 'CreateOAuth2Token',
    params,
    dpop: (request.headers.dpop ?? '') !== '',
  } as const
  const response = params.grantType === 'authorization_code' ? redeem(params, request) : refresh(params, request)
  return { call, response }
}

/**
 * The user agrees at once: the browser is redirected to the callback, or is shown the code to copy. `&deny` in the URL: the
 * user refuses.
 */
function authorize({ url, headers }: ReceivedRequest): HandledRequest {
  const get = (name: string): string => url.searchParams.get(name) ?? ''
  const call = { service: 'signin', op: 'authorize', params: Object.fromEntries(url.searchParams) } as const
  const isLocal = get('client_id') === 'arn:aws:signin:::devtools/same-device'
  const redirectUri = get('redirect_uri')
  const own = `http://${headers.host}/v1/sessions/confirmation`
  const problems = [
    get('response_type') === 'code' || 'response_type',
    isLocal || get('client_id') === 'arn:aws:signin:::devtools/cross-device' || 'client_id',
    /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/.test(get('state')) || 'state',
    get('code_challenge_method') === 'SHA-256' || 'code_challenge_method',
    get('scope') === 'openid' || 'scope',
    (isLocal ? /^http:\/\/127\.0\.0\.1:\d+\/oauth\/callback$/.test(redirectUri) : redirectUri === own) ||
      'redirect_uri',
    /^[\w-]{43}$/.test(get('code_challenge')) || 'code_challenge',
  ].filter((problem) => problem !== true)
  if (problems.length > 0) return { call, response: text(400, `invalid: ${problems.join(', ')}`) }
  const state = get('state')
  if (url.searchParams.has('deny')) {
    const refusal = new URLSearchParams({
      error: 'access_denied',
      error_description: 'The user said \u001b[31mno',
      state,
    })
    return { call, response: redirect(`${redirectUri}?${refusal}`) }
  }
  const code = `code-${randomUUID()}`
  const session = get('as') || CONSOLE_USER
  authorizations.set(code, { clientId: get('client_id'), redirectUri, codeChallenge: get('code_challenge'), session })
  const answer = new URLSearchParams({ state, code }).toString()
  if (isLocal) return { call, response: redirect(`${redirectUri}?${answer}`) }
  return { call, response: text(200, Buffer.from(answer).toString('base64')) }
}

function redirect(location: string): ServiceResponse {
  return { status: 302, type: 'text/plain', body: '', headers: { location } }
}

function redeem(params: Record<string, unknown>, request: ReceivedRequest): ServiceResponse {
  const authorization = authorizations.get(String(params.code))
  authorizations.delete(String(params.code))
  if (!authorization) return denied('AUTHCODE_EXPIRED', 401)
  const { clientId, redirectUri, codeChallenge, session } = authorization
  const challenge = createHash('sha256').update(String(params.codeVerifier)).digest('base64url')
  const thumbprint = verifyProof(request)
  const isValid =
    Object.keys(params).sort().join() === 'clientId,code,codeVerifier,grantType,redirectUri' &&
    params.clientId === clientId &&
    params.redirectUri === redirectUri &&
    /^[A-Za-z0-9._~-]{64}$/.test(String(params.codeVerifier)) &&
    challenge === codeChallenge
  if (!isValid || thumbprint === undefined)
    return json(400, { error: 'INVALID_REQUEST', message: 'no' }, 'ValidationException')
  const refreshToken = `refresh-${randomUUID()}`
  boundKeys.set(refreshToken, thumbprint)
  const claims = Buffer.from(JSON.stringify({ sub: session, aud: clientId })).toString('base64url')
  const accessKeyId = accessKeyIdFor('login-new')
  return json(200, {
    accessToken: { accessKeyId, secretAccessKey: secretFor(accessKeyId), sessionToken: 'LOGINTOKEN1' },
    tokenType: 'aws_sigv4',
    expiresIn: 900,
    refreshToken,
    idToken: `eyJhbGciOiJub25lIn0.${claims}.c2lnbmF0dXJl`,
  })
}

function refresh(params: Record<string, unknown>, request: ReceivedRequest): ServiceResponse {
  const refreshToken = String(params.refreshToken)
  const failure = ERRORS.find(({ word }) => refreshToken.includes(word))
  if (failure !== undefined)
    return json(failure.status, { error: failure.error, message: failure.message }, 'AccessDeniedException')
  const boundKey = boundKeys.get(refreshToken)
  if (boundKey !== undefined && verifyProof(request) !== boundKey) return denied('TOKEN_EXPIRED', 401)
  boundKeys.delete(refreshToken)
  const accessKeyId = accessKeyIdFor('login-refreshed')
  return json(200, {
    accessToken: { accessKeyId, secretAccessKey: secretFor(accessKeyId), sessionToken: 'LOGINTOKEN2' },
    tokenType: 'aws_sigv4',
    expiresIn: 900,
    refreshToken: 'rotated',
  })
}

function denied(error: string, status: number): ServiceResponse {
  return json(status, { error, message: 'denied' }, 'AccessDeniedException')
}

/**
 * Verifies a proof of possession. https://www.rfc-editor.org/rfc/rfc9449#section-4.3
 *
 * @returns the thumbprint of its key; undefined if it is invalid
 */
function verifyProof({ headers, method, url }: ReceivedRequest): string | undefined {
  const [head = '', body = '', signature = ''] = String(headers.dpop).split('.')
  const [header, claims] = [head, body].map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()))
  const { typ, alg, jwk } = header
  const key = createPublicKey({ key: jwk, format: 'jwk' })
  const isSigned = verify(
    'sha256',
    Buffer.from(`${head}.${body}`),
    { key, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  )
  const isFresh = Math.abs(claims.iat - Date.now() / 1000) < 300 && typeof claims.jti === 'string'
  const target = new URL(claims.htu)
  const isForRequest = claims.htm === method && target.host === headers.host && target.pathname === url.pathname
  if (typ !== 'dpop+jwt' || alg !== 'ES256' || jwk.crv !== 'P-256' || !isSigned || !isFresh || !isForRequest)
    return undefined
  return createHash('sha256').update(`${jwk.x}.${jwk.y}`).digest('hex')
}
