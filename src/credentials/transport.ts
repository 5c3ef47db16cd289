import { readFileSync } from 'node:fs'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { EksTokenError } from '../errors.ts'
import type { Environment, Settings } from '../settings/settings.ts'
import { shownUrl } from '../settings/shown-url.ts'
import { httpProxyAgent, httpsAgent } from './agents.ts'
import { proxyFor } from './proxy.ts'

/**
 * The way to a service as the AWS CLI goes it: its proxy variables, its CA bundle in place of the trust store, its
 * time-outs. The SDK knows none of these by itself.
 *
 * @param url - of the service; proxies are chosen by its scheme and host
 * @throws EksTokenError `ERR_NETWORK` for a CA bundle that cannot be read, `ERR_ENDPOINT` for a URL and `ERR_SETTING`
 *   for a proxy that nothing can be sent to
 */
export function requestHandler(url: string, network: Settings['network'], env: Environment): NodeHttpHandler {
  if (!/^https?:/.test(url)) {
    throw new EksTokenError('ERR_ENDPOINT', `Invalid endpoint: ${shownUrl(url)}: only https and http can be asked`)
  }
  const tls = { ca: readCaBundle(network.caBundle, url) }
  const proxy = proxyFor(url, env)
  if (proxy !== undefined && !URL.canParse(proxy)) {
    throw new EksTokenError('ERR_SETTING', `the proxy for ${shownUrl(url)} is '${shownUrl(proxy)}': that is no URL`, {
      remedy: 'correct HTTPS_PROXY and HTTP_PROXY, or remove them',
    })
  }
  const readTimeout = network.readTimeoutSeconds * 1000
  return new NodeHttpHandler({
    ...(proxy && url.startsWith('http:') ? { httpAgent: httpProxyAgent(proxy) } : {}),
    httpsAgent: httpsAgent(proxy, tls),
    connectionTimeout: network.connectTimeoutSeconds * 1000,
    requestTimeout: readTimeout,
    socketTimeout: readTimeout,
    throwOnRequestTimeout: true,
  })
}

/** undefined: the trust store of the runtime. The bundle is read only now, because only a connection needs it. */
function readCaBundle(bundle: Settings['network']['caBundle'], url: string): string | undefined {
  if (!bundle?.value) return undefined
  try {
    return readFileSync(bundle.value, 'utf8')
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? cause.code : 'it cannot be read'
    throw new EksTokenError(
      'ERR_NETWORK',
      `SSL validation failed for ${shownUrl(url)}: the CA bundle ${bundle.value} cannot be read (${why})`,
      { cause, remedy: `correct ${bundle.from}, or remove it` },
    )
  }
}

/**
 * What went wrong on the way to a service or there, in the AWS CLI's terms.
 *
 * @param operation - of the service, e.g. `AssumeRole`
 * @param url - that was asked
 */
export function serviceError(
  error: unknown,
  operation: string,
  url: string,
  context: ServiceErrorContext,
): EksTokenError {
  const { name, message, code, $metadata } = error as ServiceFailure
  const tries = $metadata?.attempts ?? 1
  if ($metadata?.httpStatusCode !== undefined) {
    const status = $metadata.httpStatusCode
    // A body that is no answer of AWS has no code in it; the status stands in, as in the AWS CLI.
    const awsCode = !name || name === 'Error' || name === 'SyntaxError' || name === 'Unknown' ? String(status) : name
    const retries =
      tries >= context.maxAttempts && RETRYABLE.test(`${awsCode} ${status}`)
        ? ` (reached max retries: ${tries - 1})`
        : ''
    return new EksTokenError(
      'ERR_SERVICE',
      `An error occurred (${awsCode}) when calling the ${operation} operation${retries}: ${message}`,
      { cause: error, ...remedy(SERVICE_REMEDIES[awsCode]) },
    )
  }
  const proxy = proxyFor(url, context.env)
  const cause = { cause: error }
  if (code !== undefined && TLS_CODES.test(code)) {
    return new EksTokenError('ERR_NETWORK', `SSL validation failed for ${shownUrl(url)}: ${message}`, {
      ...cause,
      remedy: 'a proxy or private CA may sign here: name its certificate in AWS_CA_BUNDLE, or ca_bundle in the profile',
    })
  }
  if (name === 'TimeoutError') {
    const phase = /establish a connection/.test(message) ? 'Connect' : 'Read'
    return new EksTokenError('ERR_NETWORK', `${phase} timeout on endpoint URL: "${shownUrl(url)}"`, {
      ...cause,
      remedy: 'see whether the host can be reached from here, or needs a proxy (HTTPS_PROXY)',
    })
  }
  if (proxy !== undefined) {
    return new EksTokenError(
      'ERR_NETWORK',
      `Failed to connect to proxy URL: "${shownUrl(proxy)}" (${code ?? message})`,
      {
        ...cause,
        remedy: 'correct HTTPS_PROXY, or name the host in NO_PROXY',
      },
    )
  }
  return new EksTokenError(
    'ERR_NETWORK',
    `Could not connect to the endpoint URL: "${shownUrl(url)}" (${code ?? message})`,
    {
      ...cause,
      remedy: 'see whether the host can be reached from here, or needs a proxy (HTTPS_PROXY)',
    },
  )
}

export interface ServiceErrorContext {
  readonly env: Environment
  readonly maxAttempts: number
}

/** The fields that errors of the SDK and of Node have in common with each other. */
interface ServiceFailure {
  readonly name?: string
  readonly message: string
  readonly code?: string
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number }
}

/** https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html */
const RETRYABLE = /Throttl|TooManyRequests|RequestLimitExceeded|IDPCommunicationError|\b5\d\d$/

/** Node's names for a certificate that does not hold. https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const TLS_CODES = /CERT|ISSUER|SIGNATURE|^ERR_TLS|^ERR_SSL|^EPROTO$/

const SERVICE_REMEDIES: Readonly<Record<string, string>> = {
  AccessDenied:
    "see that the role's trust policy names the identity above, and that its own policy allows sts:AssumeRole",
  ExpiredToken: 'the session behind this role has expired: sign in again',
  ExpiredTokenException: 'the session behind this role has expired: sign in again',
  InvalidClientTokenId: 'the access key is unknown to this partition or was deleted: see which one with --debug',
  SignatureDoesNotMatch: 'the secret key does not belong to the access key, or the clock is wrong',
  RegionDisabledException:
    'STS is off in this region for the account: use another with --region, or switch it on in IAM',
}

function remedy(text: string | undefined): { remedy: string } | Record<string, never> {
  return text === undefined ? {} : { remedy: text }
}
