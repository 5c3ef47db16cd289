import { request as httpsRequest } from 'node:https'
import { isLoopback } from '../aws/eks-host.ts'
import type { Environment } from '../config/settings.ts'
import { httpsAgent } from '../net/agents.ts'
import { proxyFor } from '../net/proxy.ts'
import { redactUrl, sanitizeExternalText } from '../redact.ts'
import type { ClusterAccess } from './context.ts'

/** The longest that a server is waited for, in seconds. */
const LIMIT_SECONDS = 10
const MAX_ANSWER_BYTES = 1 << 20

export interface ApiServerRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** Sent only when the certificate of the server has been verified. */
  readonly token?: string
  readonly body?: object
}

export type ApiServerResponse =
  | { readonly status: number; readonly body: unknown }
  | { readonly failed: 'certificate' | 'proxy' | 'connect' | 'timeout'; readonly why: string }

/**
 * Asks an API server as kubectl would: its CA, its name for TLS, its proxy. The certificate is verified whatever the
 * kubeconfig says, and the request goes out only after that.
 *
 * @param ca - PEM text; undefined: the trust store of the runtime
 */
export function requestApiServer(
  cluster: ClusterAccess,
  ca: string | undefined,
  env: Environment,
  { method, path, token, body }: ApiServerRequest,
): Promise<ApiServerResponse> {
  const url = new URL(cluster.server.replace(/\/+$/, '') + path)
  const proxy = proxyOf(cluster, url, env)
  if (url.protocol !== 'https:') return Promise.resolve({ failed: 'connect', why: 'it is no https: URL' })
  if (proxy !== undefined && !/^https?:\/\//.test(proxy)) {
    return Promise.resolve({ failed: 'proxy', why: `${redactUrl(proxy)} is none that can be gone through here` })
  }
  return new Promise((resolve) => {
    const tls = { ca, ...(cluster.tlsServerName ? { servername: cluster.tlsServerName } : {}) }
    const text = body === undefined ? undefined : JSON.stringify(body)
    const headers = {
      accept: 'application/json',
      'user-agent': 'eks-get-token',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
    }
    const done = (answer: ApiServerResponse): void => {
      clearTimeout(timer)
      resolve(answer)
      request?.destroy()
    }
    const timer = setTimeout(
      () => done({ failed: 'timeout', why: `no answer in ${LIMIT_SECONDS} s` }),
      LIMIT_SECONDS * 1000,
    )
    let request: ReturnType<typeof httpsRequest>
    try {
      const agent = httpsAgent(proxy, tls, LIMIT_SECONDS * 1000)
      request = httpsRequest(url, { method, headers, agent, rejectUnauthorized: true, ...tls })
    } catch (error) {
      // A certificate authority that is none is refused here, or with the connection, as Node likes.
      clearTimeout(timer)
      resolve(failure(error as NodeJS.ErrnoException, proxy, token))
      return
    }
    request.on('error', (error: NodeJS.ErrnoException) => done(failure(error, proxy, token)))
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      let size = 0
      response.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size <= MAX_ANSWER_BYTES) chunks.push(chunk)
        else done({ failed: 'connect', why: 'the answer is too long' })
      })
      response.on('error', (error: NodeJS.ErrnoException) => done(failure(error, proxy, token)))
      response.on('end', () =>
        done({ status: response.statusCode ?? 0, body: parse(Buffer.concat(chunks).toString()) }),
      )
    })
    request.end(text)
  })
}

/** Go goes to this machine itself without a proxy of the environment. https://pkg.go.dev/net/http#ProxyFromEnvironment */
function proxyOf({ proxyUrl }: ClusterAccess, url: URL, env: Environment): string | undefined {
  return proxyUrl ?? (isLoopback(url.hostname) ? undefined : proxyFor(url.href, env))
}

function failure(
  error: NodeJS.ErrnoException,
  proxy: string | undefined,
  token: string | undefined,
): ApiServerResponse {
  const why = sanitizeExternalText(error.message, [token])
  if (/CERT|ISSUER|SIGNATURE|^ERR_(TLS|SSL|BORINGSSL)|^EPROTO$|PEM|self-signed/.test(`${error.code} ${why}`)) {
    return { failed: 'certificate', why }
  }
  if (proxy !== undefined) return { failed: 'proxy', why: `through ${redactUrl(proxy)}: ${error.code ?? why}` }
  return { failed: 'connect', why: error.code ?? why }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
