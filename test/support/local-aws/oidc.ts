import { createHash } from 'node:crypto'
import { type HandledRequest, json, jsonBody, type ReceivedRequest, type ServiceResponse } from './exchange.ts'

/** How IAM Identity Center answers; the default is a user who approves at once. */
export interface OidcBehavior {
  /** Device code grant: polls that are answered with `authorization_pending` before the token. Default: 1. */
  pendingPolls?: number
  /** The error of every poll after those. */
  pollError?: 'ExpiredTokenException' | 'AccessDeniedException' | 'SlowDownException'
  /** The user refuses on the page of the authorization code grant. */
  deny?: { error: string; description: string }
  /** The response of an operation, in place of the regular one. */
  responses?: Partial<Record<Operation, ServiceResponse>>
  /** Members that replace those of a regular response. */
  members?: Partial<Record<Operation, object>>
  /** Seconds that the client secret is valid. Default: 90 days. */
  registrationSeconds?: number
  /** The start URL that the service expects. Default: {@link START_URL}. */
  startUrl?: string
}

type Operation = 'RegisterClient' | 'StartDeviceAuthorization' | 'CreateToken'

/** The OIDC service and the sign-in page of IAM Identity Center. It checks every parameter, as strictly as it can. */
export interface Oidc {
  behavior: OidcBehavior
  /** What was wrong with the requests; a test expects none. */
  readonly problems: string[]
  /** The clients, by their ids. */
  readonly clients: Map<string, Client>
  /** The times of the polls of the device code grant, in milliseconds. */
  readonly polls: number[]
  readonly service: (request: ReceivedRequest) => HandledRequest | undefined
}

interface Client {
  readonly secret: string
  readonly metadata: Record<string, unknown>
}

/** What an authorization code is bound to. */
interface Authorization {
  readonly clientId: string
  readonly redirectUri: string
  readonly challenge: string
}

const DAY = 86_400
export const START_URL = 'https://example.awsapps.com/start'
const VERIFICATION_URL = `${START_URL}/#/device`

export function createOidc(): Oidc {
  const clients = new Map<string, Client>()
  const codes = new Map<string, Authorization>()
  const devices = new Map<string, string>()
  const problems: string[] = []
  const polls: number[] = []

  const check = (holds: boolean, problem: string): void => {
    if (!holds) problems.push(problem)
  }
  const checkKeys = (operation: string, value: object, keys: readonly string[]): void =>
    check(
      Object.keys(value).sort().join() === [...keys].sort().join(),
      `${operation} has the members ${Object.keys(value).sort().join()}`,
    )
  const checkClient = (operation: string, { clientId, clientSecret }: Record<string, unknown>): void =>
    check(clients.get(String(clientId))?.secret === clientSecret, `${operation}: not the id and secret of a client`)
  const respond = (operation: Operation, params: Record<string, unknown>, regular: object): HandledRequest => ({
    call: { service: 'sso-oidc', op: operation, params },
    response: oidc.behavior.responses?.[operation] ?? json(200, { ...regular, ...oidc.behavior.members?.[operation] }),
  })
  const failure = (params: Record<string, unknown>, error: string, type: string, description: string) => ({
    call: { service: 'sso-oidc', op: 'CreateToken', params } as const,
    response: json(400, { error, error_description: description }, type),
  })

  const startUrl = (): string => oidc.behavior.startUrl ?? START_URL

  const register = (params: Record<string, unknown>): HandledRequest => {
    const { clientName, clientType, scopes, grantTypes, redirectUris, issuerUrl } = params
    check(/^botocore-client-(corp|\d{10})$/.test(String(clientName)), `clientName is ${clientName}`)
    check(clientType === 'public', `clientType is ${clientType}`)
    if (grantTypes !== undefined) {
      checkKeys('RegisterClient', params, [
        'clientName',
        'clientType',
        'grantTypes',
        'issuerUrl',
        'redirectUris',
        'scopes',
      ])
      check(String(grantTypes) === 'authorization_code,refresh_token', `grantTypes is ${grantTypes}`)
      check(String(redirectUris) === 'http://127.0.0.1/oauth/callback', `redirectUris is ${redirectUris}`)
      check(issuerUrl === startUrl(), `issuerUrl is ${issuerUrl}`)
    } else checkKeys('RegisterClient', params, ['clientName', 'clientType', ...(scopes ? ['scopes'] : [])])
    const id = `client${clients.size + 1}_${'i'.repeat(20)}`
    const secret = `CLIENTSECRET${clients.size + 1}${'x'.repeat(40)}`
    clients.set(id, { secret, metadata: params })
    const now = Math.floor(Date.now() / 1000)
    return respond('RegisterClient', params, {
      clientId: id,
      clientSecret: secret,
      clientIdIssuedAt: now,
      clientSecretExpiresAt: now + (oidc.behavior.registrationSeconds ?? 90 * DAY),
    })
  }

  const startDevice = (params: Record<string, unknown>): HandledRequest => {
    checkKeys('StartDeviceAuthorization', params, ['clientId', 'clientSecret', 'startUrl'])
    checkClient('StartDeviceAuthorization', params)
    check(params.startUrl === startUrl(), `startUrl is ${params.startUrl}`)
    const deviceCode = `DEVICECODE${devices.size + 1}EXAMPLE`
    devices.set(deviceCode, String(params.clientId))
    return respond('StartDeviceAuthorization', params, {
      deviceCode,
      userCode: 'ABCD-EFGH',
      verificationUri: VERIFICATION_URL,
      verificationUriComplete: `${VERIFICATION_URL}?user_code=ABCD-EFGH`,
      expiresIn: 600,
      interval: 1,
    })
  }

  /** The page on which the user signs in; it sends the browser to the callback. */
  const authorize = (url: URL): HandledRequest => {
    const query = url.searchParams
    const get = (name: string): string => query.get(name) ?? ''
    const names = 'response_type,client_id,redirect_uri,state,code_challenge_method,scopes,code_challenge'
    check([...query.keys()].join() === names, `the parameters of the page are ${[...query.keys()].join()}`)
    const client = clients.get(get('client_id'))
    check(client?.metadata.grantTypes !== undefined, 'the client is not registered for an authorization code')
    check(get('response_type') === 'code', `response_type is ${get('response_type')}`)
    check(
      /^http:\/\/127\.0\.0\.1:\d{1,5}\/oauth\/callback$/.test(get('redirect_uri')),
      `redirect_uri is ${get('redirect_uri')}`,
    )
    check(UUID4.test(get('state')), `state is ${get('state')}`)
    check(get('code_challenge_method') === 'S256', `code_challenge_method is ${get('code_challenge_method')}`)
    check(/^[\w-]{43}$/.test(get('code_challenge')), `code_challenge is ${get('code_challenge')}`)
    const scopes = (client?.metadata.scopes as string[] | undefined)?.join(' ')
    check(get('scopes') === scopes, `scopes is ${get('scopes')}, and the client is registered for ${scopes}`)
    // In a query, a space is %20 for the AWS CLI.
    check(!url.search.includes('+'), 'a space is +')

    const callback = new URL(get('redirect_uri'))
    const { deny } = oidc.behavior
    if (deny) {
      callback.searchParams.set('error', deny.error)
      callback.searchParams.set('error_description', deny.description)
    } else {
      const code = `AUTHORIZATIONCODE${codes.size + 1}EXAMPLE`
      codes.set(code, {
        clientId: get('client_id'),
        redirectUri: get('redirect_uri'),
        challenge: get('code_challenge'),
      })
      callback.searchParams.set('code', code)
    }
    callback.searchParams.set('state', get('state'))
    const headers = { location: callback.href }
    const call = { service: 'sso-oidc', op: 'Authorize', params: Object.fromEntries(query) } as const
    return { call, response: { status: 302, type: 'text/plain', body: '', headers } }
  }

  const createToken = (params: Record<string, unknown>): HandledRequest | undefined => {
    if (params.grantType === 'authorization_code') {
      const keys = ['clientId', 'clientSecret', 'code', 'codeVerifier', 'grantType', 'redirectUri']
      checkKeys('CreateToken', params, keys)
      checkClient('CreateToken', params)
      const { code, codeVerifier, redirectUri, clientId } = params
      const authorization = codes.get(String(code))
      // A code can be used once.
      codes.delete(String(code))
      const challenge = createHash('sha256').update(String(codeVerifier)).digest('base64url')
      check(/^[\w.~-]{64}$/.test(String(codeVerifier)), `codeVerifier is ${codeVerifier}`)
      check(authorization?.challenge === challenge, 'the verifier is not that of the challenge')
      check(authorization?.redirectUri === redirectUri, `redirectUri is ${redirectUri}`)
      check(authorization?.clientId === clientId, 'the code is that of another client')
      if (!authorization) return failure(params, 'invalid_grant', 'InvalidGrantException', `no code ${code}`)
      return respond('CreateToken', params, NEW_TOKEN)
    }
    if (params.grantType !== 'urn:ietf:params:oauth:grant-type:device_code') return undefined
    checkKeys('CreateToken', params, ['clientId', 'clientSecret', 'deviceCode', 'grantType'])
    checkClient('CreateToken', params)
    check(devices.get(String(params.deviceCode)) === params.clientId, 'the device code is that of another client')
    polls.push(Date.now())
    if (polls.length <= (oidc.behavior.pendingPolls ?? 1)) {
      return failure(params, 'authorization_pending', 'AuthorizationPendingException', 'not yet')
    }
    switch (oidc.behavior.pollError) {
      case 'ExpiredTokenException':
        return failure(params, 'expired_token', 'ExpiredTokenException', 'Device code expired')
      case 'AccessDeniedException':
        return failure(params, 'access_denied', 'AccessDeniedException', 'The user \u001b[31mrefused')
      case 'SlowDownException':
        if (polls.length === (oidc.behavior.pendingPolls ?? 1) + 1) {
          return failure(params, 'slow_down', 'SlowDownException', 'slower')
        }
    }
    return respond('CreateToken', params, NEW_TOKEN)
  }

  const oidc: Oidc = {
    behavior: {},
    problems,
    clients,
    polls,
    service: (request) => {
      const { method, url, headers } = request
      if (headers.host === VANITY_HOST) return vanity(method, url.pathname)
      if (method === 'GET' && url.pathname === '/authorize') return authorize(url)
      const operations: Record<string, (params: Record<string, unknown>) => HandledRequest | undefined> = {
        '/client/register': register,
        '/device_authorization': startDevice,
        '/token': createToken,
      }
      const handle = Object.hasOwn(operations, url.pathname) ? operations[url.pathname] : undefined
      if (!handle || method !== 'POST') return undefined
      check(headers['content-type'] === 'application/json', `content-type is ${headers['content-type']}`)
      check(headers.authorization === undefined, 'the request is signed')
      return handle(jsonBody(request))
    },
  }
  return oidc
}

const UUID4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

const NEW_TOKEN = {
  accessToken: 'NEWACCESSTOKENEXAMPLE',
  expiresIn: 28_800,
  refreshToken: 'NEWREFRESHTOKENEXAMPLE',
  tokenType: 'Bearer',
}

/** A host of the organization, whose paths redirect. */
const VANITY_HOST = 'login.example.com'

function vanity(method: string, path: string): HandledRequest {
  const call = { service: 'sso-oidc', op: null } as const
  const targets: Record<string, string> = {
    '/aws': `${START_URL}/?from=vanity#/`,
    '/get-only': START_URL,
    '/region': 'https://d-1234567890.portal.us-east-2.app.aws/',
    '/relative': '/aws',
    '/http': 'http://example.awsapps.com/start',
    '/elsewhere': 'https://example.com/start',
    '/look-alike': 'https://awsapps.com.example.com/start',
    '/user': 'https://user@example.awsapps.com/start',
    '/not-a-url': 'https://[',
  }
  const location = targets[path]
  if (path === '/get-only' && method === 'HEAD')
    return { call, response: { status: 405, type: 'text/plain', body: '' } }
  if (location === undefined) return { call, response: json(path === '/missing' ? 404 : 200, {}) }
  return { call, response: { status: 302, type: 'text/plain', body: '', headers: { location } } }
}
