import { readFileSync, statSync } from 'node:fs'
import { type Readable, Transform } from 'node:stream'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import type { Environment, Settings } from '../config/settings.ts'
import { EksTokenError } from '../errors.ts'
import { timeoutMs } from '../python/int.ts'
import { redactUrl, sanitizeExternalText } from '../redact.ts'
import { DEFAULT_CA, httpProxyAgent, httpsAgent } from './agents.ts'
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
    throw new EksTokenError('ERR_ENDPOINT', `Invalid endpoint: ${redactUrl(url)}: only https and http can be asked`)
  }
  const tls = { ca: url.startsWith('https:') ? (readCaBundle(network.caBundle, url) ?? DEFAULT_CA) : undefined }
  const proxy = proxyFor(url, env)
  if (proxy !== undefined && !URL.canParse(proxy)) {
    throw new EksTokenError('ERR_SETTING', `the proxy for ${redactUrl(url)} is '${redactUrl(proxy)}': that is no URL`, {
      remedy: 'correct HTTPS_PROXY and HTTP_PROXY, or remove them',
    })
  }
  const readTimeout = timeoutMs(network.readTimeoutSeconds)
  const connectTimeout = timeoutMs(network.connectTimeoutSeconds)
  return new LimitedHandler({
    ...(proxy && url.startsWith('http:') ? { httpAgent: httpProxyAgent(proxy) } : {}),
    httpsAgent: httpsAgent(proxy, tls, connectTimeout),
    connectionTimeout: connectTimeout,
    requestTimeout: readTimeout,
    socketTimeout: readTimeout,
    throwOnRequestTimeout: true,
  })
}

/** What every client of the SDK is told, so that it goes the AWS CLI's way. */
export function clientConfig(
  { region, url }: { readonly region: string; readonly url: string },
  { network }: Pick<Settings, 'network'>,
  env: Environment,
) {
  return {
    region,
    endpoint: url,
    requestHandler: requestHandler(url, network, env),
    maxAttempts: network.maxAttempts,
    retryMode: network.retryMode,
  }
}

/** For calls that are not signed: a signer that leaves the request as it is. */
export const UNSIGNED = {
  credentials: { accessKeyId: '', secretAccessKey: '' },
  signer: { sign: async <T>(request: T): Promise<T> => request },
}

/** The bundles of whole distributions have a quarter of a megabyte. */
const MAX_CA_BUNDLE_BYTES = 16 << 20

/** An answer of STS has a few thousand bytes; the SDK would take in whatever comes. */
const MAX_ANSWER_BYTES = 1 << 20

class LimitedHandler extends NodeHttpHandler {
  override async handle(...request: Parameters<NodeHttpHandler['handle']>): ReturnType<NodeHttpHandler['handle']> {
    const { response } = await super.handle(...request)
    const body = response.body as Readable
    let size = 0
    const limited = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        size += chunk.length
        if (size <= MAX_ANSWER_BYTES) return done(null, chunk)
        body.destroy()
        done(new Error('the answer is too long'))
      },
    })
    body.on('error', (error) => limited.destroy(error))
    response.body = body.pipe(limited)
    return { response }
  }
}

/** undefined: none is named. The bundle is read only now, because only a connection needs it. */
function readCaBundle(bundle: Settings['network']['caBundle'], url: string): string | undefined {
  if (!bundle?.value) return undefined
  try {
    // A pipe would be waited for, and a device read for ever, with no time limit to end it.
    const found = statSync(bundle.value)
    if (!found.isFile() || found.size > MAX_CA_BUNDLE_BYTES) throw new Error('no file of certificates')
    return readFileSync(bundle.value, 'utf8')
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? (cause as Error).message
    throw new EksTokenError(
      'ERR_NETWORK',
      `SSL validation failed for ${redactUrl(url)}: the CA bundle ${bundle.value} cannot be read (${why})`,
      { cause, remedy: `correct ${bundle.source}, or remove it` },
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
  const { name, code, $metadata, $response } = error as ServiceFailure
  const message = sanitizeExternalText((error as ServiceFailure).message, context.secrets)
  const status = $metadata?.httpStatusCode ?? $response?.statusCode
  const tries = $metadata?.attempts ?? 1
  if (status !== undefined && status >= 400) {
    // A body that is no answer of AWS has no code in it; the status stands in, as in the AWS CLI.
    const awsCode = isServiceCode(name) ? name : String(status)
    const retries =
      tries >= context.maxAttempts && RETRYABLE.test(`${awsCode} ${status}`)
        ? ` (reached max retries: ${tries - 1})`
        : ''
    const said = isServiceCode(name) ? message : 'the answer is none of AWS'
    return new EksTokenError(
      'ERR_SERVICE',
      `An error occurred (${awsCode}) when calling the ${operation} operation${retries}: ${said}`,
      { cause: error, ...remedy(Object.hasOwn(SERVICE_REMEDIES, awsCode) ? SERVICE_REMEDIES[awsCode] : undefined) },
    )
  }
  if (status !== undefined) {
    return new EksTokenError(
      'ERR_NETWORK',
      `Unable to parse the answer to ${operation} of ${redactUrl(url)} (status ${status}): it is none of AWS`,
      { cause: error, remedy: 'something between here and AWS may answer in its place: a proxy, a login page' },
    )
  }
  if (code === 'ERR_INVALID_CHAR') {
    return new EksTokenError(
      'ERR_CREDENTIALS',
      `the keys that sign ${operation} have characters that no header may have`,
      {
        cause: error,
        remedy: 'see the access key id and the session token: a line end at their end is the usual reason',
      },
    )
  }
  const proxy = proxyFor(url, context.env)
  const cause = { cause: error }
  if (code !== undefined && TLS_CODES.test(code)) {
    return new EksTokenError('ERR_NETWORK', `SSL validation failed for ${redactUrl(url)}: ${message}`, {
      ...cause,
      remedy: 'a proxy or private CA may sign here: name its certificate in AWS_CA_BUNDLE, or ca_bundle in the profile',
    })
  }
  if (code === 'ECONNRESET' || code === 'EPIPE') {
    const where = proxy === undefined ? `endpoint URL: "${redactUrl(url)}"` : `proxy URL: "${redactUrl(proxy)}"`
    return new EksTokenError(
      'ERR_NETWORK',
      `Connection was closed before we received a valid response from ${where}`,
      cause,
    )
  }
  if (name === 'TimeoutError') {
    const phase = /establish a connection|TLS handshake/.test(message) ? 'Connect' : 'Read'
    return new EksTokenError('ERR_NETWORK', `${phase} timeout on endpoint URL: "${redactUrl(url)}"`, {
      ...cause,
      remedy: 'see whether the host can be reached from here, or needs a proxy (HTTPS_PROXY)',
    })
  }
  if (proxy !== undefined) {
    return new EksTokenError(
      'ERR_NETWORK',
      `Failed to connect to proxy URL: "${redactUrl(proxy)}" (${code ?? message})`,
      {
        ...cause,
        remedy: 'correct HTTPS_PROXY, or name the host in NO_PROXY',
      },
    )
  }
  return new EksTokenError(
    'ERR_NETWORK',
    `Could not connect to the endpoint URL: "${redactUrl(url)}" (${code ?? message})`,
    {
      ...cause,
      remedy: 'see whether the host can be reached from here, or needs a proxy (HTTPS_PROXY)',
    },
  )
}

export interface ServiceErrorContext {
  readonly env: Environment
  readonly maxAttempts: number
  /** What must not be shown, should the service quote the request. */
  readonly secrets: readonly (string | undefined)[]
}

/** The SDK names an error after the service's code; where there was none to read, after the class of its own error. */
function isServiceCode(name: string | undefined): name is string {
  return name !== undefined && !/^(Error|TypeError|SyntaxError|RangeError|Unknown|UnknownError)$/.test(name)
}

/** The fields that errors of the SDK and of Node have in common with each other. */
interface ServiceFailure {
  readonly name?: string
  readonly message: string
  readonly code?: string
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number }
  readonly $response?: { readonly statusCode?: number }
}

/** https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html */
const RETRYABLE = /Throttl|TooManyRequests|RequestLimitExceeded|IDPCommunicationError|\b5\d\d$/

/** Node's names for a certificate that does not hold. https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const TLS_CODES = /CERT|ISSUER|SIGNATURE|^ERR_(TLS|SSL|BORINGSSL)|^EPROTO$/

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
