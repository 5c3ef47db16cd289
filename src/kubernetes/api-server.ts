import { tryParseJson } from '../json.ts'
import { isLoopback } from '../net/loopback.ts'
import { environmentProxy, isSocksUrl } from '../net/proxy.ts'
import { request, targetOf } from '../net/request.ts'
import { type FailureKind, isRequestFailure } from '../net/request-failure.ts'
import { redactUrl, sanitizeExternalText } from '../redact.ts'
import type { Environment } from '../runtime.ts'
import type { ClusterAccess } from './context.ts'

/** For a whole request, in seconds. */
const LIMIT_SECONDS = 10

export interface ApiServerRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** Sent only after the certificate of the server has been verified. */
  readonly token?: string
  readonly body?: object
}

export type ApiServerResponse =
  | { readonly status: number; readonly body: unknown }
  | { readonly failed: 'certificate' | 'proxy' | 'connect' | 'timeout'; readonly why: string }

/**
 * Sends a request to an API server as kubectl does: with its CA, its name for TLS and its proxy. The certificate is
 * verified whatever the kubeconfig says, and the request is sent only after that.
 *
 * @param ca - PEM text; undefined: the trust store of the runtime
 */
export async function requestApiServer(
  cluster: ClusterAccess,
  ca: string | undefined,
  env: Environment,
  { method, path, token, body }: ApiServerRequest,
): Promise<ApiServerResponse> {
  const url = new URL(cluster.server.replace(/\/+$/, '') + path)
  const proxy = selectProxy(cluster, url, env)
  if (url.protocol !== 'https:') return { failed: 'connect', why: 'not an https URL' }
  if (proxy !== undefined && !/^https?:\/\//.test(proxy) && !isSocksUrl(proxy)) {
    return { failed: 'proxy', why: `${redactUrl(proxy)} is not an http, https or socks proxy` }
  }
  const headers = {
    accept: 'application/json',
    'user-agent': 'eks-get-token',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  }
  try {
    const response = await request(targetOf(url.href), {
      method,
      headers,
      body: body && JSON.stringify(body),
      proxy,
      tls: { ca, servername: cluster.tlsServerName },
      limits: { connectSeconds: LIMIT_SECONDS, readSeconds: LIMIT_SECONDS, totalSeconds: LIMIT_SECONDS },
    })
    return { status: response.status, body: tryParseJson(response.body.toString('utf8')) }
  } catch (error) {
    if (!isRequestFailure(error)) throw error
    const reason = sanitizeExternalText(error.message, [token])
    const through = proxy === undefined ? '' : `through proxy ${redactUrl(proxy)}: `
    return { failed: FAILED[error.kind], why: through + reason }
  }
}

const FAILED = {
  proxy: 'proxy',
  certificate: 'certificate',
  'connect-timeout': 'timeout',
  'read-timeout': 'timeout',
  closed: 'connect',
  'invalid-response': 'connect',
  unreachable: 'connect',
} as const satisfies Record<FailureKind, string>

/** Go uses no proxy of the environment for this machine itself. https://pkg.go.dev/net/http#ProxyFromEnvironment */
function selectProxy({ proxyUrl }: ClusterAccess, url: URL, env: Environment): string | undefined {
  return proxyUrl ?? (isLoopback(url.hostname) ? undefined : environmentProxy(url.href, env))
}
