import { isRegionName, KNOWN_REGIONS, regionMeantBy } from '../aws/regions.ts'
import type { Sourced } from '../config/settings.ts'
import { EksTokenError } from '../errors.ts'
import { redactUrl, redactValue, sanitizeExternalText } from '../redact.ts'
import type { Runtime } from '../runtime.ts'
import { proxyFor, unknownScheme } from './proxy.ts'
import type { RequestFailure } from './request-failure.ts'

export interface NetworkErrorContext {
  readonly runtime: Pick<Runtime, 'env' | 'processHost'>
  /** The CA bundle of the settings; undefined: none. */
  readonly caBundle?: Sourced | undefined
  /** Secrets that were sent with the request: a service may quote it. */
  readonly secrets: readonly (string | undefined)[]
}

/**
 * The error for a request without a response, in the AWS CLI's words. The proxy is blamed only for its own failures.
 *
 * @returns `ERR_NETWORK`
 */
export function networkError(failure: RequestFailure, url: string, context: NetworkErrorContext): EksTokenError {
  const { runtime, secrets } = context
  const proxy = proxyFor(url, runtime)
  const endpoint = `endpoint URL: "${redactUrl(url)}"`
  const through = proxy === undefined ? '' : ` (through proxy ${redactUrl(proxy)})`
  const reason = sanitizeExternalText(failure.message, secrets)
  const error = (message: string, remedy: string): EksTokenError =>
    new EksTokenError('ERR_NETWORK', message, { cause: failure, remedy })
  switch (failure.kind) {
    case 'proxy': {
      const scheme = unknownScheme(proxy ?? '')
      if (scheme !== undefined)
        return error(
          `Failed to connect to proxy URL: "${redactUrl((proxy ?? '').slice('http://'.length))}" (${reason})`,
          `use a URL with the scheme http, https or socks5h in ${proxyVariable(url)}`,
        )
      return error(
        `Failed to connect to proxy URL: "${redactUrl(proxy ?? '')}" (${reason})`,
        proxyRemedy(failure.proxyStatus, url),
      )
    }
    case 'certificate':
      return error(
        `SSL validation failed for ${redactUrl(url)}: ${reason}${through}`,
        certificateRemedy(failure, url, context),
      )
    case 'connect-timeout':
      return error(`Connect timeout on ${endpoint}${through}`, REACHABLE_REMEDY)
    case 'read-timeout':
      return error(
        `Read timeout on ${endpoint}${through}`,
        'try again, or increase the timeout with --cli-read-timeout SECONDS',
      )
    case 'closed':
      return error(
        `Connection was closed before we received a valid response from ${endpoint}${through}`,
        'try again; a firewall or proxy between this machine and AWS may close connections',
      )
    case 'invalid-response':
      return error(`Received an invalid HTTP response from ${endpoint} (${reason})${through}`, IMPOSTOR_REMEDY)
    case 'unreachable':
      return error(`Could not connect to the ${endpoint} (${reason})${through}`, lookupRemedy(failure, proxy, url))
  }
}

const REACHABLE_REMEDY = 'check that the host is reachable from this machine, or set HTTPS_PROXY if a proxy is required'
export const IMPOSTOR_REMEDY = 'check whether a proxy or a login page between this machine and AWS sent the response'

/** Variables of other programs. https://docs.openssl.org/3.0/man7/openssl-env/ */
const OTHER_CA_VARIABLES = ['SSL_CERT_FILE', 'CURL_CA_BUNDLE', 'GIT_SSL_CAINFO']

/** By Node's code. https://nodejs.org/api/tls.html#x509-certificate-error-codes */
function certificateRemedy(
  { code = '' }: RequestFailure,
  url: string,
  { caBundle, runtime: { env } }: NetworkErrorContext,
): string {
  const { hostname } = new URL(url)
  if (/EXPIRED|NOT_YET_VALID/.test(code)) {
    return `check the clock of this machine, and the certificate of ${hostname}, or of the proxy that intercepts TLS`
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `check the endpoint URL and the region: a server other than ${hostname} responds, such as a proxy or a login page`
  }
  if (/^(EPROTO|ERR_SSL)/.test(code)) return `check that ${hostname} uses TLS, not plain HTTP, on this port`
  if (caBundle?.value) {
    // A certificate behind a damaged one is not read.
    return `the CA bundle ${redactValue(caBundle.value)} (${caBundle.source}) does not contain the CA of ${hostname}: add the CA certificate at its beginning, or remove ${caBundle.source}`
  }
  const other = OTHER_CA_VARIABLES.find((name) => env[name])
  const path = other === undefined ? 'the path of the CA certificate' : `"$${other}", which eks-get-token does not read`
  return `if a proxy intercepts TLS or the endpoint uses a private CA, set AWS_CA_BUNDLE, or ca_bundle in the profile, to ${path}`
}

/** @param status - of the response to CONNECT; undefined: there was none */
function proxyRemedy(status: number | undefined, url: string): string {
  const { hostname } = new URL(url)
  const variable = proxyVariable(url)
  if (status === 407) return `set the user name and password of the proxy in ${variable}`
  if (status !== undefined && status >= 500) {
    return `the proxy could not connect to ${hostname}: try again, or list the host in NO_PROXY`
  }
  if (status !== undefined) return `the proxy does not allow ${hostname}: allow it in the proxy, or list it in NO_PROXY`
  return `correct ${variable}, or list the host in NO_PROXY`
}

function proxyVariable(url: string): string {
  return url.startsWith('https:') ? 'HTTPS_PROXY' : 'HTTP_PROXY'
}

/**
 * A region that does not exist, by the host name; or some schemes of SOCKS proxies, which leave the lookup of host names to
 * this machine.
 */
function lookupRemedy({ code }: RequestFailure, proxy: string | undefined, url: string): string {
  const scheme = /^socks[45](?=:)/.exec(proxy ?? '')?.[0]
  const region = code === 'ENOTFOUND' ? unknownRegion(new URL(url).hostname) : undefined
  if (region !== undefined) return region
  if (scheme === undefined || !/^(ENOTFOUND|EAI_)/.test(code ?? '')) return REACHABLE_REMEDY
  return `use ${scheme}${scheme === 'socks4' ? 'a' : 'h'}:// in ${proxyVariable(url)}, so that the proxy looks up the host name`
}

/** A label of an AWS host name in place of a region, which is none that is known. */
function unknownRegion(hostname: string): string | undefined {
  if (!/\.(amazonaws\.com(\.cn)?|api\.aws|amazonaws\.eu)$/.test(hostname)) return undefined
  const region = hostname.split('.').find((label) => /-.*\d|^[a-z]+\d$/.test(label))
  if (region === undefined || KNOWN_REGIONS.includes(region)) return undefined
  const meant = regionMeantBy(region)
  return meant === undefined
    ? `${redactValue(region)} is not a known region: correct it, or ${REACHABLE_REMEDY}`
    : `${redactValue(region)} is not a ${isRegionName(region) ? 'known ' : ''}region: did you mean ${meant}?`
}
