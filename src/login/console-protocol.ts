import { EksTokenError } from '../errors.ts'
import { field, textField, tryParseJson } from '../json.ts'
import { redactValue } from '../redact.ts'
import { isSameSecret } from './pkce.ts'

/** The clients of AWS Sign-In for a browser on this machine, and for one elsewhere. */
export const CLIENT_IDS = {
  local: 'arn:aws:signin:::devtools/same-device',
  remote: 'arn:aws:signin:::devtools/cross-device',
} as const

export interface AuthorizationRequest {
  readonly clientId: string
  readonly redirectUri: string
  readonly state: string
  readonly codeChallenge: string
}

/**
 * The page of AWS Sign-In on which the user authorizes this program; parameters, their order and their escapes are the AWS
 * CLI's. https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sign-in.html
 *
 * @param endpoint - of AWS Sign-In
 */
export function authorizationUrl(endpoint: string, request: AuthorizationRequest): string {
  const parameters = {
    response_type: 'code',
    client_id: request.clientId,
    state: request.state,
    // Its name for S256.
    code_challenge_method: 'SHA-256',
    scope: 'openid',
    redirect_uri: request.redirectUri,
    code_challenge: request.codeChallenge,
  }
  const query = Object.entries(parameters).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  return `${origin(endpoint)}/v1/authorize?${query.join('&')}`
}

/** Where AWS Sign-In shows the code that the user copies. */
export function confirmationUrl(endpoint: string): string {
  return `${origin(endpoint)}/v1/sessions/confirmation`
}

function origin(endpoint: string): string {
  return new URL(endpoint).origin
}

/**
 * The authorization code in the text that AWS Sign-In shows for the user to copy: Base64 of `state=…&code=…`.
 *
 * @param state - that of the authorization request
 * @throws EksTokenError `ERR_LOGIN`
 */
export function parsePastedCode(text: string, state: string): string {
  const parameters = new URLSearchParams(Buffer.from(text.replace(/\s/g, ''), 'base64').toString())
  const [pastedState, code] = [parameters.get('state'), parameters.get('code')]
  if (!pastedState || !code) {
    throw new EksTokenError('ERR_LOGIN', 'the entered text is not an AWS Sign-In authorization code', {
      remedy: 'run the command again, and paste the whole code that the browser shows',
    })
  }
  if (isSameSecret(pastedState, state)) return code
  throw new EksTokenError('ERR_LOGIN', 'the authorization code belongs to another sign-in', {
    remedy: 'run the command again, and open the URL that it shows',
  })
}

/** The members of the response that are stored; the SDK does not check their types. */
export interface TokenResponse {
  readonly accessKeyId: unknown
  readonly secretAccessKey: unknown
  readonly sessionToken: unknown
  readonly refreshToken: unknown
  readonly tokenType: unknown
  readonly idToken: unknown
}

/** A new login: its session, and the content of its file, in the AWS CLI's order. */
export interface NewConsoleLogin {
  /** The ARN of the identity. */
  readonly session: string
  readonly content: object
}

/**
 * @param expiresAt - ISO 8601 in seconds
 * @param dpopKey - PEM text of the private key
 * @throws EksTokenError `ERR_LOGIN` for a response without what the file must have
 */
export function newConsoleLogin(
  token: TokenResponse,
  { clientId, expiresAt, dpopKey }: { readonly clientId: string; readonly expiresAt: string; readonly dpopKey: string },
): NewConsoleLogin {
  const text = (key: keyof TokenResponse): string => {
    const value = token[key]
    if (typeof value === 'string' && value) return value
    throw invalidResponse(key)
  }
  const session = sessionOf(text('idToken'))
  return {
    session,
    content: {
      accessToken: {
        accessKeyId: text('accessKeyId'),
        secretAccessKey: text('secretAccessKey'),
        sessionToken: text('sessionToken'),
        accountId: session.split(':')[4],
        expiresAt,
      },
      tokenType: text('tokenType'),
      clientId,
      refreshToken: text('refreshToken'),
      idToken: text('idToken'),
      dpopKey,
    },
  }
}

/**
 * The subject of the id token, the ARN of the identity. The signature is not verified: the token came from the service itself.
 * https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
 */
function sessionOf(idToken: string): string {
  const parts = idToken.split('.')
  const claims = parts.length === 3 ? tryParseJson(Buffer.from(parts[1] ?? '', 'base64url').toString()) : undefined
  const subject = textField(claims, 'sub')
  if (subject && IDENTITY_ARN.test(subject)) return subject
  throw invalidResponse(field(claims, 'sub') === undefined ? 'idToken' : 'sub')
}

/** It becomes a line of the config file. */
const IDENTITY_ARN = /^arn:[\w-]+:[\w-]+:[\w-]*:\d{12}:[!-~]{1,1024}$/

function invalidResponse(what: string): EksTokenError {
  return new EksTokenError('ERR_LOGIN', `the response from AWS Sign-In has no valid ${redactValue(what)}`, {
    remedy: 'try again; check that no proxy responds in place of AWS',
  })
}
