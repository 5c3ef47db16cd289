import { isRegionName, KNOWN_REGIONS, regionMeantBy } from '../aws/regions.ts'
import type { Sourced } from '../config/settings.ts'
import { EksTokenError, isOpenFilesLimit, openFilesError } from '../errors.ts'
import { redactUrl, redactValue, sanitizeExternalText } from '../redact.ts'
import type { Runtime } from '../runtime.ts'
import { proxyFor, unknownScheme } from './proxy.ts'
import { isRequestFailure, type RequestFailure } from './request-failure.ts'

export interface ServiceErrorContext {
  readonly runtime: Pick<Runtime, 'env' | 'processHost'>
  readonly maxAttempts: number
  /** The CA bundle of the settings; undefined: none. */
  readonly caBundle?: Sourced | undefined
  /** Secrets that were sent with the request: a service may quote it. */
  readonly secrets: readonly (string | undefined)[]
  /** Hints for error codes of the service that are better than the general ones. */
  readonly remedies?: Readonly<Record<string, string>> | undefined
}

/**
 * The error for a call to an AWS service that failed, in the AWS CLI's words: the service rejected it, or no response
 * arrived.
 *
 * @param error - thrown by the SDK, or by {@link request}
 * @param operation - of the service, e.g. `AssumeRole`
 * @param url - the endpoint
 * @returns `ERR_SERVICE` for a rejection, `ERR_NETWORK`, or `ERR_CREDENTIALS` where nothing could be sent
 */
export function serviceError(
  error: unknown,
  operation: string,
  url: string,
  context: ServiceErrorContext,
): EksTokenError {
  if (isOpenFilesLimit(error)) return openFilesError(error)
  if (isRequestFailure(error)) return networkError(error, url, context)
  const { name, Code, code, $metadata, $response } = error as SdkError
  const message = sanitizeExternalText((error as SdkError).message, context.secrets)
  const status = $metadata?.httpStatusCode ?? $response?.statusCode
  if (status !== undefined && status >= 400) {
    const tries = $metadata?.attempts ?? 1
    // A response that did not come from AWS has no code; its status takes the place, as in the AWS CLI.
    const awsCode = isServiceCode(name) ? (typeof Code === 'string' && Code) || name : String(status)
    const retries =
      tries >= context.maxAttempts && RETRYABLE.test(`${awsCode} ${status}`)
        ? ` (reached max retries: ${tries - 1})`
        : ''
    const shownCode = sanitizeExternalText(awsCode, context.secrets).slice(0, MAX_CODE_CHARACTERS)
    const reason = isServiceCode(name) ? message : 'the response did not come from AWS'
    return new EksTokenError(
      'ERR_SERVICE',
      `An error occurred (${shownCode}) when calling the ${operation} operation${retries}: ${reason}`,
      { cause: error, remedy: isServiceCode(name) ? serviceRemedy(awsCode, shownCode, url, context) : IMPOSTOR_REMEDY },
    )
  }
  if (status !== undefined) {
    return new EksTokenError(
      'ERR_NETWORK',
      `Unable to parse the response to ${operation} from ${redactUrl(url)} (status ${status}): the response did not come from AWS`,
      { cause: error, remedy: IMPOSTOR_REMEDY },
    )
  }
  if (code === 'ERR_INVALID_CHAR') {
    return new EksTokenError(
      'ERR_CREDENTIALS',
      `the credentials that sign ${operation} contain characters that are not allowed in an HTTP header`,
      {
        cause: error,
        remedy: 'check whether the access key id or the session token ends in a line break',
      },
    )
  }
  return new EksTokenError('ERR_NETWORK', `Unable to send ${operation} to ${redactUrl(url)}: ${message}`, {
    cause: error,
    remedy: 'check the endpoint URL and the region',
  })
}

/** The error for a request without a response. The proxy is blamed only for its own failures. */
function networkError(failure: RequestFailure, url: string, context: ServiceErrorContext): EksTokenError {
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
const IMPOSTOR_REMEDY = 'check whether a proxy or a login page between this machine and AWS sent the response'

/** Variables of other programs. https://docs.openssl.org/3.0/man7/openssl-env/ */
const OTHER_CA_VARIABLES = ['SSL_CERT_FILE', 'CURL_CA_BUNDLE', 'GIT_SSL_CAINFO']

/** By Node's code. https://nodejs.org/api/tls.html#x509-certificate-error-codes */
function certificateRemedy(
  { code = '' }: RequestFailure,
  url: string,
  { caBundle, runtime: { env } }: ServiceErrorContext,
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
  const path = other === undefined ? 'the path of the CA certificate' : `"$${other}", which is not read here`
  return `if a proxy intercepts TLS or the endpoint uses a private CA, set AWS_CA_BUNDLE, or ca_bundle in the profile, to ${path}`
}

/** @param status - of the response to CONNECT; undefined: there was none */
function proxyRemedy(status: number | undefined, url: string): string {
  const { hostname } = new URL(url)
  const variable = proxyVariable(url)
  if (status === 407) return `set the user and password of the proxy in ${variable}`
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

/** The step for expired credentials in the environment. */
export const NEW_ENVIRONMENT_REMEDY =
  'export new credentials, or unset AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN to use a profile'

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

/** The SDK names an error after the service's code; where the response has none, after a class of its own. */
function isServiceCode(name: string | undefined): name is string {
  return name !== undefined && !/^(Error|TypeError|SyntaxError|RangeError|Unknown|UnknownError)$/.test(name)
}

/** The fields that errors of the SDK have. */
interface SdkError {
  readonly name?: string
  readonly message: string
  /** The service's code, where the SDK has another name for it: `InvalidIdentityToken`. */
  readonly Code?: unknown
  readonly code?: string
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number }
  readonly $response?: { readonly statusCode?: number }
}

/** https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html */
const RETRYABLE = /Throttl|TooManyRequests|RequestLimitExceeded|IDPCommunicationError|\b5\d\d$/

/** The codes of AWS are shorter; a longer one comes from something else. */
const MAX_CODE_CHARACTERS = 100

const SERVICE_REMEDIES: Readonly<Record<string, string>> = {
  AccessDenied:
    "check that the role's trust policy allows the identity above, and that a policy of that identity allows sts:AssumeRole",
  ExpiredToken: 'the session that signed the request has expired: sign in again',
  ExpiredTokenException: 'the session that signed the request has expired: sign in again',
  InvalidClientTokenId:
    'the access key does not exist in this partition, or was deleted: --debug shows which access key signed',
  SignatureDoesNotMatch:
    "check that the secret access key belongs to the access key id, and that this machine's clock is correct",
  IncompleteSignature: 'check the access key id for quotes, spaces and line breaks',
  IncompleteSignatureException: 'check the access key id for quotes, spaces and line breaks',
  RegionDisabledException: 'choose another region with --region, or activate STS for this region in the IAM console',
}

function serviceRemedy(code: string, shownCode: string, url: string, context: ServiceErrorContext): string {
  const { remedies = {}, runtime, secrets } = context
  const { AWS_SESSION_TOKEN: sessionToken } = runtime.env
  if (/^ExpiredToken/.test(code) && sessionToken && secrets.includes(sessionToken)) {
    return `the credentials in the environment have expired: ${NEW_ENVIRONMENT_REMEDY}`
  }
  if (Object.hasOwn(remedies, code)) return remedies[code] ?? ''
  if (Object.hasOwn(SERVICE_REMEDIES, code)) return SERVICE_REMEDIES[code] ?? ''
  if (RETRYABLE.test(code)) return `try again: ${redactUrl(url)} is throttling requests or unavailable`
  return `see error code ${shownCode} in the documentation of the service`
}
