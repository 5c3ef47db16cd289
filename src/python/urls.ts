import { EksTokenError } from '../errors.ts'
import { redactUrl } from '../redact.ts'

/** A URL in its parts, each as written; Python's urlsplit, which the AWS CLI uses, does not re-encode as `URL` does. */
export interface UrlParts {
  /** Lower case, without the colon; empty when there is none. */
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
 * The value of the `host` header for a URL: lower case, without user, and without the port where it is the
 * scheme's own.
 *
 * @throws EksTokenError `ERR_ENDPOINT` for a port that is no number up to 65535
 */
export function hostHeader(url: string): string {
  const { scheme, authority } = splitUrl(url)
  const { host, port } = splitAuthority(authority)
  if (port === '') return host
  if (!/^\d+$/.test(port) || Number(port) > 65535) {
    throw new EksTokenError('ERR_ENDPOINT', `Invalid endpoint: ${redactUrl(url)}: the port is none`)
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
export function isEndpointUrl(url: string): boolean {
  const { host } = splitAuthority(splitUrl(url).authority)
  return !/[\t\r\n]/.test(url) && (isHostName(host) || isIpv6(host))
}

function isHostName(host: string): boolean {
  const labels = host.replace(/\.$/, '').split('.')
  return host.length <= 255 && labels.every((label) => /^(?!-)[a-z\d-]{1,63}(?<!-)$/.test(label))
}

function isIpv6(host: string): boolean {
  return /^\[[0-9a-f:.]*:[0-9a-f:.]*(%25[\w.~-]+|%[\w.~-]+)?\]$/.test(host)
}
