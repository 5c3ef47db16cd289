import { type Agent, Agent as HttpsAgent } from 'node:https'
import { HttpProxyAgent } from 'http-proxy-agent'
import { HttpsProxyAgent } from 'https-proxy-agent'

/** What goes through the connection to a server beside the request. */
export interface Tls {
  /** PEM text that takes the place of the runtime's trust store; undefined: that store. */
  readonly ca: string | undefined
}

/** For `https:`, through a proxy where one is given. */
export function httpsAgent(proxy: string | undefined, tls: Tls): Agent {
  if (proxy === undefined) return new HttpsAgent(tls)
  const agent = new HttpsProxyAgent(proxy, tls)
  // The agent uses its options for the proxy's own TLS only; Node merges `agent.options` into each request.
  Object.assign(agent.options, tls)
  return agent as unknown as Agent
}

/** For `http:`, through a proxy. */
export function httpProxyAgent(proxy: string): HttpProxyAgent<string> {
  return new HttpProxyAgent(proxy)
}
