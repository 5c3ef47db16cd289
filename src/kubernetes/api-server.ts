import { tryParseJson } from '../json.ts'
import { isSocksUrl } from '../net/proxy.ts'
import { request, targetOf } from '../net/request.ts'
import { type FailureKind, isRequestFailure } from '../net/request-failure.ts'
import { redactUrl, sanitizeExternalText } from '../redact.ts'
import type { Environment } from '../runtime.ts'
import type { ClusterAccess } from './context.ts'
import { goProxy } from './go-proxy.ts'
import type { StaticCredentials } from './user-credentials.ts'

/** For a whole request, in seconds. */
const LIMIT_SECONDS = 10

export interface ApiServerRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** Sent only after the certificate of the server has been verified. */
  readonly credentials?: Pick<StaticCredentials, 'authorization' | 'certificate'>
  /** Further headers, which are sent with the credentials. */
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly body?: object
}

export type ApiServerResponse =
  | { readonly status: number; readonly body: unknown; readonly date: Date | undefined }
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
  { method, path, credentials, headers = {}, body }: ApiServerRequest,
): Promise<ApiServerResponse> {
  const url = serverUrl(cluster.server, path)
  // kubectl itself has accepted a proxy-url; Go takes any URL from the environment.
  const proxy = cluster.proxyUrl ?? goProxy(url, env)
  if (url.protocol !== 'https:') return { failed: 'connect', why: 'not an https URL' }
  if (proxy !== undefined && !/^https?:\/\//i.test(proxy) && !isSocksUrl(proxy)) {
    return { failed: 'proxy', why: `${redactUrl(proxy)} is not an http, https or socks proxy` }
  }
  const { authorization, certificate } = credentials ?? {}
  const allHeaders = {
    accept: 'application/json',
    'user-agent': 'eks-get-token',
    ...headers,
    ...(authorization === undefined ? {} : { authorization }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  }
  try {
    const response = await request(targetOf(url.href), {
      method,
      headers: allHeaders,
      body: body && JSON.stringify(body),
      // Go leaves the lookup of names to the proxy.
      proxy: proxy?.replace(/^socks5:/i, 'socks5h:'),
      tls: { ca, servername: cluster.tlsServerName, ...certificate },
      limits: { connectSeconds: LIMIT_SECONDS, readSeconds: LIMIT_SECONDS, totalSeconds: LIMIT_SECONDS },
    })
    return {
      status: response.status,
      body: tryParseJson(response.body.toString('utf8')),
      date: parseDate(response.headers.date),
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ERR_INVALID_CHAR') return { failed: 'connect', why: 'the credentials contain invalid characters' }
    if (!isRequestFailure(error)) throw error
    const reason = sanitizeExternalText(error.message, [authorization])
    const through = proxy === undefined ? '' : `through proxy ${redactUrl(proxy)}: `
    return { failed: FAILED[error.kind], why: through + reason }
  }
}

/** kubectl drops the query and the fragment of the server URL. */
function serverUrl(server: string, path: string): URL {
  const url = new URL(server)
  url.pathname = url.pathname.replace(/\/+$/, '') + path
  url.search = ''
  url.hash = ''
  url.username = ''
  url.password = ''
  return url
}

function parseDate(text: string | undefined): Date | undefined {
  const date = new Date(text ?? '')
  return Number.isNaN(date.getTime()) ? undefined : date
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
