import { EksTokenError } from '../errors.ts'
import { redactUrl } from '../redact.ts'

/** The components of a URL as written: unlike `URL`, Python's `urlsplit` does not normalize or re-encode them. */
export interface UrlParts {
  /** Lower case, without the colon; empty if missing. */
  readonly scheme: string
  /** User, host and port as written. */
  readonly authority: string
  readonly path: string
  readonly query: string
  readonly fragment: string
}

export function splitUrl(url: string): UrlParts {
  const match = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#([\s\S]*))?$/.exec(url)
  return {
    scheme: match?.[1]?.toLowerCase() ?? '',
    authority: match?.[2] ?? '',
    path: match?.[3] ?? '',
    query: match?.[4] ?? '',
    fragment: match?.[5] ?? '',
  }
}

/**
 * The value of the `host` header for a URL, whose parts may be known: lower case, without user information, and without the scheme's default port.
 *
 * @throws EksTokenError `ERR_ENDPOINT` for an invalid port
 */
export function hostHeader(url: string, { scheme, authority } = splitUrl(url)): string {
  const { host, port } = splitAuthority(authority)
  if (port === '') return host
  if (!/^\d+$/.test(port) || Number(port) > 65535) {
    throw new EksTokenError('ERR_ENDPOINT', `Invalid endpoint: ${redactUrl(url)}: invalid port`, {
      remedy: 'use a port between 0 and 65535 in AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL or endpoint_url',
    })
  }
  const isDefault = (scheme === 'https' && Number(port) === 443) || (scheme === 'http' && Number(port) === 80)
  return isDefault ? host : `${host}:${Number(port)}`
}

function splitAuthority(authority: string): { host: string; port: string } {
  const withoutUser = authority.slice(authority.lastIndexOf('@') + 1)
  const match = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(withoutUser)
  return { host: (match?.[1] ?? '').toLowerCase(), port: match?.[2] ?? '' }
}

/** https://github.com/aws/aws-cli/blob/2.36.7/awscli/botocore/utils.py (is_valid_endpoint_url) */
export function isEndpointUrl(url: string, { authority } = splitUrl(url)): boolean {
  const { host } = splitAuthority(authority)
  return !/[\t\r\n]/.test(url) && (isHostName(host) || isIpv6(host))
}

function isHostName(host: string): boolean {
  return host.length <= 255 && /^(?!-)[a-z\d-]{1,63}(?<!-)(?:\.(?!-)[a-z\d-]{1,63}(?<!-))*\.?$/.test(host)
}

function isIpv6(host: string): boolean {
  return /^\[[0-9a-f:.]*:[0-9a-f:.]*(%25[\w.~-]+|%[\w.~-]+)?\]$/.test(host)
}
