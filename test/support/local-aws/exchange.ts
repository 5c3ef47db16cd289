import type { IncomingHttpHeaders } from 'node:http'

/** How a request reached the local AWS. */
export type Via = 'direct' | 'proxy' | 'tls' | 'linklocal'

/** A complete request. */
export interface ReceivedRequest {
  via: Via
  method: string
  url: URL
  headers: IncomingHttpHeaders
  body: string
}

export type ServiceName = 'sts' | 'sso' | 'sso-oidc' | 'signin' | 'imds' | 'container' | 'eks'

/** Behavior of the local AWS that is not selected by role names, paths and tokens. */
export interface Behavior {
  /**
   * Instance metadata: `v2` is the regular behavior; `v1` has no session tokens (404); `token403` and `token400` reject
   * the request for one; `slow` never responds to it; `norole` is an instance without a role; `failedcode` one whose
   * role cannot be assumed. Default: `v2`.
   */
  imds?: 'v2' | 'v1' | 'token403' | 'token400' | 'slow' | 'norole' | 'failedcode'
  /** Remaining lifetime of the instance's credentials, in seconds; may be negative. Default: 6 hours. */
  imdsTtl?: number
  /** STS: how far its clock is ahead of this machine's; negative: behind. */
  clockOffsetSeconds?: number
  /** STS: the ARN for an access key, in place of the example user or the role of its session. */
  arns?: Record<string, string>
  /** STS: the response to GetCallerIdentity for an access key, in place of the regular one. */
  refuse?: Record<string, { status: number; code: string; message: string } | ServiceResponse>
  /** EKS: the clusters that exist in addition to those that `eks.ts` makes of their names. */
  clusters?: Record<string, { region: string; endpoint: string; certificate: string }>
  /** EKS: fields of a description, in place of the regular ones. */
  description?: object
  /** EKS: the error of an operation, in place of its response. */
  eksErrors?: Record<string, { code: string; message: string }>
  /** Delay of a service's response, in milliseconds; the call is recorded at once. */
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
  /** The operation; null if the request has none. */
  op: string | null
  params?: Record<string, unknown>
  /** Instance metadata: the requested lifetime of a session token, in seconds. */
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

export type ServiceResponse =
  | { status: number; type: string; body: string; headers?: Record<string, string> }
  | 'silence'
  | 'reset'

/** How a service handles a request: the call to record, and the response. */
export interface HandledRequest {
  call: Pick<Call, 'service' | 'op'> & Partial<Call>
  response: ServiceResponse
}

/** @returns undefined for a request to another service */
export type Service = (request: ReceivedRequest, behavior: Behavior) => HandledRequest | undefined

export function json(status: number, value: object, errorType?: string): ServiceResponse {
  const headers = errorType === undefined ? {} : { 'x-amzn-errortype': errorType }
  return { status, type: 'application/json', body: JSON.stringify(value), headers }
}

export function text(status: number, body: string): ServiceResponse {
  return { status, type: 'text/plain', body }
}

/** The object in a JSON body; empty for an invalid one. */
export function jsonBody(request: ReceivedRequest): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(request.body)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
