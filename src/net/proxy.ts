import type { Environment, Runtime } from '../runtime.ts'
import { systemProxy } from './system-proxy.ts'

/**
 * The proxy of the AWS CLI for a URL: by the environment; if no variable there ends in `_proxy`, by the settings of Windows.
 * Those of macOS are not read: that takes a native library.
 *
 * @returns undefined: none
 */
export function proxyFor(url: string, { env, processHost }: Pick<Runtime, 'env' | 'processHost'>): string | undefined {
  const hasVariable = Object.entries(env).some(([name, value]) => value && /_proxy$/i.test(name))
  return hasVariable ? environmentProxy(url, env) : systemProxy(url, processHost)
}

/**
 * The proxy for a URL by the variables that Python, and so the AWS CLI, reads: `<scheme>_proxy`, lower case first;
 * an empty one in lower case switches the other off; ALL_PROXY is ignored.
 * https://docs.python.org/3.11/library/urllib.request.html#urllib.request.getproxies
 *
 * @returns undefined: none
 */
export function environmentProxy(url: string, env: Environment): string | undefined {
  const { protocol, hostname, port } = new URL(url)
  const scheme = protocol.slice(0, -1)
  // A CGI server passes a request's `Proxy` header as HTTP_PROXY: https://httpoxy.org
  const upperCase =
    scheme === 'http' && env.REQUEST_METHOD !== undefined ? undefined : env[`${scheme.toUpperCase()}_PROXY`]
  const proxy = env[`${scheme}_proxy`] ?? upperCase
  if (!proxy || bypasses(hostname, port, env.no_proxy ?? env.NO_PROXY ?? '')) return undefined
  return /^https?:/.test(proxy) || isSocksUrl(proxy) ? proxy : `http://${proxy.replace(/^\/\//, '')}`
}

/** The AWS CLI takes these for host names, and fails. */
export function isSocksUrl(proxy: string): boolean {
  return /^socks(4a?|5h?)?:\/\//.test(proxy)
}

/**
 * The scheme of a URL that {@link proxyFor} took for a host name, as the AWS CLI does; undefined: it is one.
 *
 * @param proxy - with `http://` before it
 */
export function unknownScheme(proxy: string): string | undefined {
  return /^http:\/\/(?!https?:)([A-Za-z][\w+.-]*):\/\//.exec(proxy)?.[1]
}

/** `*`, a host, a domain (with or without a dot before it), each with or without a port. */
function bypasses(hostname: string, port: string, noProxy: string): boolean {
  if (noProxy === '*') return true
  return noProxy
    .split(',')
    .map((name) => name.trim().replace(/^\.+/, '').toLowerCase())
    .filter((name) => name !== '')
    .some((name) => [hostname, `${hostname}:${port}`].some((host) => host === name || host.endsWith(`.${name}`)))
}
