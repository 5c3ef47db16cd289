import { type Agent, Agent as HttpsAgent } from 'node:https'
import { rootCertificates } from 'node:tls'
import { HttpProxyAgent } from 'http-proxy-agent'
import { HttpsProxyAgent } from 'https-proxy-agent'

/** What goes through the connection to a server beside the request. */
export interface Tls {
  /** PEM text that takes the place of the runtime's trust store; undefined: that store. */
  readonly ca: string | string[] | undefined
  /** The name that the certificate must have, where it is not that of the URL. */
  readonly servername?: string
}

/**
 * The authorities that are trusted where no bundle is named; undefined: those that Node trusts without being told. In the
 * executable Bun would take in those of SSL_CERT_FILE, which the AWS CLI does not read.
 * https://bun.com/docs/runtime/environment-variables
 */
export const DEFAULT_CA = 'Bun' in globalThis ? [...rootCertificates] : undefined

/**
 * For `https:`, through a proxy where one is given.
 *
 * @param connectTimeoutMs - for the connection and the TLS handshake on it; 0: no limit
 */
export function httpsAgent(proxy: string | undefined, tls: Tls, connectTimeoutMs: number): Agent {
  if (proxy === undefined) return new HandshakeLimitedAgent(tls, connectTimeoutMs)
  const agent = new HttpsProxyAgent(proxy, tls)
  // The agent uses its options for the proxy's own TLS only; Node merges `agent.options` into each request.
  Object.assign(agent.options, tls)
  return agent as unknown as Agent
}

/** The SDK's own limit ends with the TCP connection; a server may accept that one and then say nothing. */
class HandshakeLimitedAgent extends HttpsAgent {
  readonly #limitMs: number

  constructor(tls: Tls, limitMs: number) {
    super(tls)
    this.#limitMs = limitMs
  }

  override createConnection(
    ...args: Parameters<HttpsAgent['createConnection']>
  ): ReturnType<HttpsAgent['createConnection']> {
    const socket = super.createConnection(...args)
    if (!socket || this.#limitMs === 0) return socket
    const timer = setTimeout(() => {
      socket.destroy(Object.assign(new Error('no TLS handshake in time'), { name: 'TimeoutError' }))
    }, this.#limitMs)
    for (const event of ['secureConnect', 'close']) socket.once(event, () => clearTimeout(timer))
    return socket
  }
}

/** For `http:`, through a proxy. */
export function httpProxyAgent(proxy: string): HttpProxyAgent<string> {
  return new HttpProxyAgent(proxy)
}
