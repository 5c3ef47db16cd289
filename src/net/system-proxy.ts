import type { ProcessHost } from '../runtime.ts'

const INTERNET_SETTINGS = 'HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings'

/**
 * The proxy for a URL by the settings of Windows, which Python, and so the AWS CLI, reads if no variable names a proxy. A
 * configuration script (PAC) is ignored by both.
 * https://github.com/python/cpython/blob/v3.13.0/Lib/urllib/request.py#L2629 (getproxies_registry, proxy_bypass_registry)
 *
 * @returns undefined: none, or not on Windows
 */
export function systemProxy(url: string, { platform, readRegistry }: Pick<ProcessHost, 'platform' | 'readRegistry'>) {
  if (platform !== 'win32') return undefined
  const settings = readRegistry(INTERNET_SETTINGS)
  const isEnabled = Number(settings.get('ProxyEnable') ?? 0) !== 0
  const { protocol, hostname } = new URL(url)
  if (!isEnabled || isBypassed(hostname, settings.get('ProxyOverride') ?? '')) return undefined
  return selectProxy(protocol.slice(0, -1), settings.get('ProxyServer') ?? '')
}

/** `host:port` for all protocols, or `http=host:port;https=host:port`. */
function selectProxy(scheme: string, servers: string): string | undefined {
  const entries = /[=;]/.test(servers) ? servers.split(';') : [`${scheme}=${servers}`]
  for (const entry of entries) {
    const separator = entry.indexOf('=')
    // Python ignores the settings as a whole if one of them is malformed.
    if (separator < 0) return undefined
    const address = entry.slice(separator + 1)
    if (entry.slice(0, separator) === scheme && address !== '') {
      return /^[^/:]+:\/\//.test(address) ? address : `http://${address}`
    }
  }
  return undefined
}

function isBypassed(hostname: string, override: string): boolean {
  return override
    .split(';')
    .map((pattern) => pattern.trim().toLowerCase())
    .some((pattern) => (pattern === '<local>' ? !hostname.includes('.') : matchesWildcards(hostname, pattern)))
}

function matchesWildcards(hostname: string, pattern: string): boolean {
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${expression}$`).test(hostname)
}
