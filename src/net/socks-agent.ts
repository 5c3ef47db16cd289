import type { Agent } from 'node:http'
import { SocksProxyAgent } from 'socks-proxy-agent'
import { failAsProxy, unquote } from './proxy-url.ts'
import { RequestFailure } from './request-failure.ts'
import { requireIdentity } from './tls.ts'

/**
 * The agent that sends a request through a SOCKS proxy: `socks5h:`, `socks:` and `socks4a:` leave the lookup of host names
 * to the proxy, `socks5:` and `socks4:` look them up on this machine, as in curl.
 * https://curl.se/docs/manpage.html#-x
 *
 * @throws RequestFailure `proxy` for a URL that is not valid
 */
export function socksAgent(proxy: string): Agent {
  if (!URL.canParse(proxy)) throw new RequestFailure('proxy', 'invalid URL')
  const url = new URL(proxy)
  // The library decodes both, and fails for a `%` that is not an escape.
  url.username = encodeURIComponent(unquote(url.username))
  url.password = encodeURIComponent(unquote(url.password))
  return new SocksAgent(url)
}

class SocksAgent extends SocksProxyAgent {
  constructor(url: URL) {
    super(url)
    // An IPv6 address has no brackets in a connection.
    this.proxy.host = url.hostname.replace(/^\[|\]$/g, '')
  }

  /** The library omits the host from the TLS options, so that Node would compare the certificate of an IP address with `localhost`. */
  override connect(
    ...[request, options]: Parameters<SocksProxyAgent['connect']>
  ): ReturnType<SocksProxyAgent['connect']> {
    const { servername, host = '' } = options as { servername?: string; host?: string }
    const connection = super.connect(request, { ...options, ...requireIdentity(servername || host) })
    return failAsProxy(connection.catch((error) => Promise.reject(lookupFailure(error, host) ?? error)))
  }
}

/** The failure to look up the host name of the endpoint on this machine, which is not one of the proxy. */
function lookupFailure(error: NodeJS.ErrnoException & { readonly hostname?: string }, host: string) {
  if (error.syscall !== 'getaddrinfo' || error.hostname !== host) return undefined
  const { code } = error
  return new RequestFailure('unreachable', `${code}, looked up on this machine`, {
    code,
    cause: error,
  })
}
