import type { IncomingHttpHeaders } from 'node:http'

/** How a request reached the local AWS. */
export type Via = 'direct' | 'proxy' | 'tls' | 'linklocal'

/** A request, read to its end. */
export interface ReceivedRequest {
  via: Via
  method: string
  url: URL
  headers: IncomingHttpHeaders
  body: string
}

export type ServiceName = 'sts' | 'sso' | 'sso-oidc' | 'signin' | 'imds' | 'container' | 'eks'

/** What a test asks of the local AWS beyond what role names, paths and tokens already steer. */
export interface Behaviour {
  /**
   * The instance metadata: `v2` answers as it should; `v1` knows no session tokens (404); `token403` and `token400`
   * refuse one; `slow` never answers that request; `norole` is an instance without a role; `failedcode` one whose
   * role cannot be assumed. Default: `v2`.
   */
  imds?: 'v2' | 'v1' | 'token403' | 'token400' | 'slow' | 'norole' | 'failedcode'
  /** Seconds that the credentials of the instance have left; may be negative. Default: 6 hours. */
  imdsTtl?: number
  /** STS: how far its clock is ahead of this machine's; negative: behind. */
  clockOffsetSeconds?: number
  /** STS: who an access key is, where the example user or the role of its session will not do. */
  arns?: Record<string, string>
  /** STS: how GetCallerIdentity is answered for an access key in place of what is right. */
  refuse?: Record<string, { status: number; code: string; message: string } | Answer>
  /** Milliseconds before a service answers; the call itself is recorded at once. */
  delayMs?: Partial<Record<ServiceName, number>>
}

/** A recorded call, in the shape of `expect.calls` of the parity cases. */
export interface Call {
  via: Via
  /** Host header as sent; this machine's own addresses and their port are `{{MOCKHOST}}`. */
  host: string
  method: string
  path: string
  signedBy?: { accessKeyId: string; region: string; service: string; sessionToken: boolean }
  service: ServiceName
  /** The operation; null where the request names none. */
  op: string | null
  params?: Record<string, unknown>
  /** Instance metadata: seconds asked for a session token. */
  ttl?: string | undefined
  /** Instance metadata: the session token was sent. */
  hasToken?: boolean
  /** Container: the Authorization header. */
  authorization?: string | null
  /** Container: the query with its question mark, or nothing. */
  query?: string
  /** SSO: the access token. */
  bearer?: string | undefined
  /** Sign-in: a proof of possession was sent. */
  dpop?: boolean
}

export type Answer =
  | { status: number; type: string; body: string; headers?: Record<string, string> }
  | 'silence'
  | 'reset'

/** What one service makes of a request: what to write down, and what to answer. */
export interface Handled {
  call: Pick<Call, 'service' | 'op'> & Partial<Call>
  answer: Answer
}

/** Undefined: the request is meant for another service. */
export type Service = (request: ReceivedRequest, behaviour: Behaviour) => Handled | undefined

export function json(status: number, value: object, errorType?: string): Answer {
  const headers = errorType === undefined ? {} : { 'x-amzn-errortype': errorType }
  return { status, type: 'application/json', body: JSON.stringify(value), headers }
}

export function text(status: number, body: string): Answer {
  return { status, type: 'text/plain', body }
}

/** The object in a JSON body; nothing where there is none, as a service must not fall over what it is sent. */
export function jsonBody(request: ReceivedRequest): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(request.body)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
