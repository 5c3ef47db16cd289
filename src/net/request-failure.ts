/**
 * Why a request got no response:
 * - `proxy`: the proxy could not be reached, or it rejected the request; not a failure of the endpoint
 * - `certificate`: TLS failed, most often because the certificate is not trusted
 * - `connect-timeout`: no connection in time, TLS handshake included
 * - `read-timeout`: connected, but the response did not arrive in time
 * - `closed`: the connection was closed before the response was complete
 * - `invalid-response`: what arrived is not HTTP, or is too large
 * - `unreachable`: no connection, for any other reason
 */
export type FailureKind =
  | 'proxy'
  | 'certificate'
  | 'connect-timeout'
  | 'read-timeout'
  | 'closed'
  | 'invalid-response'
  | 'unreachable'

/** Recognized by this mark, not by `instanceof`: each bundle has a class of its own. */
const MARK = Symbol.for('eks-get-token.request-failure')

export class RequestFailure extends Error {
  readonly [MARK] = true
  readonly kind: FailureKind
  /** Node's error code, where it has one; `ETIMEDOUT` for a timeout. */
  readonly code: string | undefined
  /** What a proxy responded to CONNECT. */
  readonly proxyStatus: number | undefined
  /** The SDK retries an error that has this property. */
  readonly $retryable: object | undefined

  constructor(
    kind: FailureKind,
    message: string,
    details: { readonly code?: string | undefined; readonly proxyStatus?: number; readonly cause?: unknown } = {},
  ) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined)
    this.name = 'RequestFailure'
    this.kind = kind
    this.code = details.code
    this.proxyStatus = details.proxyStatus
    this.$retryable = isTransient(kind, details.proxyStatus) ? {} : undefined
  }
}

export function isRequestFailure(error: unknown): error is RequestFailure {
  return typeof error === 'object' && error !== null && MARK in error
}

/** A retry does not help if a proxy requires authentication or does not allow the host. */
function isTransient(kind: FailureKind, proxyStatus = 500): boolean {
  return kind === 'proxy' ? proxyStatus >= 500 : kind !== 'certificate' && kind !== 'invalid-response'
}

/** Node's codes of a certificate that is not valid. https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const TLS_CODES = /CERT|ISSUER|SIGNATURE|^ERR_(TLS|SSL|BORINGSSL|OSSL)|^EPROTO$/

/** The same without a code: a CA bundle that is not PEM, and Bun's errors. */
const TLS_MESSAGES = /PEM|self.signed/

/**
 * Classifies an error that Node reported for a request to an endpoint.
 *
 * @param isConnected - the connection was made, TLS handshake included
 */
export function classifyError(error: Error & { readonly code?: string }, isConnected: boolean): RequestFailure {
  const { code, message } = error
  const failure = (kind: FailureKind): RequestFailure =>
    new RequestFailure(kind, code ?? message, { code, cause: error })
  if (isRequestFailure(error)) return error
  if (TLS_CODES.test(code ?? '') || (code === undefined && TLS_MESSAGES.test(message)))
    return new RequestFailure('certificate', message, { code, cause: error })
  if (code === 'ETIMEDOUT') return failure(isConnected ? 'read-timeout' : 'connect-timeout')
  if (code === 'ECONNRESET' || code === 'EPIPE') return failure('closed')
  if (code?.startsWith('HPE_')) return new RequestFailure('invalid-response', message, { code, cause: error })
  return failure('unreachable')
}
