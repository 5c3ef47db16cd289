import type { Agent } from 'node:http'
import { HttpProxyAgent } from 'http-proxy-agent'
import { HttpsProxyAgent } from 'https-proxy-agent'
import { isSocksUrl, unknownScheme } from './proxy.ts'
import { failAsProxy, unquote } from './proxy-url.ts'
import { RequestFailure } from './request-failure.ts'
import { requireIdentity, type Tls, tlsOptions } from './tls.ts'

/**
 * The agent that sends a request through a proxy. A failure of the proxy itself is a RequestFailure `proxy`; what fails
 * after the proxy has connected is a failure of the endpoint.
 *
 * @param proxy - `http:`, `https:` or `socks…:` URL; user and password may contain a `%` that is not an escape
 * @throws RequestFailure `proxy` for a URL that is not valid
 */
export async function proxyAgent(protocol: 'http:' | 'https:', proxy: string, tls: Tls): Promise<Agent> {
  // SOCKS is the rarest, and its code is loaded only where it is used.
  if (isSocksUrl(proxy)) return (await import('./socks-agent.ts')).socksAgent(proxy)
  const { url, authorization } = parseProxy(proxy)
  const options = {
    ...tlsOptions({ ca: tls.ca }),
    headers: authorization === undefined ? {} : { 'Proxy-Authorization': authorization },
  }
  return protocol === 'https:' ? new ConnectAgent(url, options) : new ForwardAgent(url, options)
}

type Connect = HttpsProxyAgent<string>['connect']

/** For `https:` endpoints: CONNECT, then TLS through the tunnel. */
class ConnectAgent extends HttpsProxyAgent<string> {
  /**
   * The library passes a response other than 200 on as if the endpoint had sent it; and it omits the host from the TLS
   * options, so that Node would compare the certificate of an IP address with `localhost`.
   * https://github.com/TooTallNate/proxy-agents/blob/https-proxy-agent%409.1.0/packages/https-proxy-agent/src/index.ts
   */
  override async connect(...[request, options]: Parameters<Connect>): ReturnType<Connect> {
    let status: number | undefined
    request.once('proxyConnect', ({ statusCode }: { statusCode: number }) => {
      status = statusCode
    })
    const { servername, host = '' } = options as { servername?: string; host?: string }
    const socket = await failAsProxy(super.connect(request, { ...options, ...requireIdentity(servername || host) }))
    if (status === 200) return socket
    socket.destroy()
    throw new RequestFailure('proxy', `status ${status}`, status === undefined ? {} : { proxyStatus: status })
  }
}

/** For `http:` endpoints: the request itself goes to the proxy. */
class ForwardAgent extends HttpProxyAgent<string> {
  override connect(
    ...args: Parameters<HttpProxyAgent<string>['connect']>
  ): ReturnType<HttpProxyAgent<string>['connect']> {
    return failAsProxy(super.connect(...args))
  }
}

interface Proxy {
  /** Without user and password. */
  readonly url: string
  /** The value of Proxy-Authorization; undefined: neither user nor password. */
  readonly authorization: string | undefined
}

function parseProxy(proxy: string): Proxy {
  const scheme = unknownScheme(proxy)
  if (scheme !== undefined) throw new RequestFailure('proxy', `the scheme ${scheme} is not supported`)
  if (!URL.canParse(proxy)) throw new RequestFailure('proxy', 'invalid URL')
  const url = new URL(proxy)
  const { username, password } = url
  url.username = ''
  url.password = ''
  if (username === '' && password === '') return { url: url.href, authorization: undefined }
  const basic = Buffer.from(`${unquote(username)}:${unquote(password)}`).toString('base64')
  return { url: url.href, authorization: `Basic ${basic}` }
}
