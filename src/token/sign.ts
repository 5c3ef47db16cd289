import { Sha256 } from '@aws-crypto/sha256-js'
import { ALGORITHM_IDENTIFIER, createScope, getCanonicalHeaders, SignatureV4Base } from '@smithy/signature-v4'
import type { Credentials } from '../credentials/credentials.ts'
import { EksTokenError } from '../errors.ts'
import { hostHeader, type StsEndpoint, signingRegionOf, splitUrl, type UrlParts } from '../settings/region.ts'
import { shownUrl } from '../settings/shown-url.ts'
import { collapse } from '../settings/white-space.ts'
import { signingKey } from './signing-key.ts'

/**
 * Value of X-Amz-Expires, in seconds. STS honours the URL for 15 minutes whatever it says; servers of the first
 * years took only 0 to 60, and the AWS CLI still sends 60.
 * https://github.com/kubernetes-sigs/aws-iam-authenticator/blob/v0.7.18/pkg/token/token.go#L93-L97
 */
const PRESIGN_EXPIRES_SECONDS = 60

const SERVICE = 'sts'

/** SHA-256 of nothing: a GET has no body. */
const EMPTY_BODY_HASH = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/** The header that binds a token to a cluster: its value is signed, with white space collapsed, and is not in the URL. */
const CLUSTER_HEADER = 'x-k8s-aws-id'

/** The hash is computed at once; its own `digest` brings machinery for promises of old engines, which takes longer. */
class PlainSha256 extends Sha256 {
  override digest(): Promise<Uint8Array> {
    return Promise.resolve(this.digestSync())
  }
}

export interface PresignInput {
  readonly endpoint: StsEndpoint
  readonly clusterId: string
  readonly credentials: Credentials
  readonly now: Date
}

/**
 * Presigns GetCallerIdentity, byte for byte as the AWS CLI does: its order of parameters, its encoding, and the host
 * as configured. No network is touched.
 *
 * @throws EksTokenError `ERR_ENDPOINT` for an endpoint whose port is none, `ERR_NO_REGION`
 */
export async function presignUrl({ endpoint, clusterId, credentials, now }: PresignInput): Promise<string> {
  const url = splitUrl(requestUrl(endpoint))
  const headers = { host: hostHeader(endpoint.url), [CLUSTER_HEADER]: collapse(clusterId) }
  const query = parseQuery(url.query).set('Action', 'GetCallerIdentity').set('Version', '2011-06-15')
  checkParameters(query, endpoint)
  const presigner = new Presigner(signingRegionOf(endpoint), credentials)
  const signature = await presigner.presign(url.path, query, headers, now)
  const text = [...query].map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')
  const fragment = url.fragment ? `#${url.fragment}` : ''
  return `${origin(url)}${url.path}?${text}${fragment}&X-Amz-Signature=${signature}`
}

/**
 * The signer's canonical request and string to sign, put together for one presigned GET. Its own `presign` works on
 * copies of the request, in an order of parameters that is not the AWS CLI's, and brings all that signs events.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
class Presigner extends SignatureV4Base {
  readonly #region: string
  readonly #credentials: Credentials

  constructor(region: string, credentials: Credentials) {
    const { accessKeyId, secretAccessKey } = credentials
    super({ service: SERVICE, region, sha256: PlainSha256, credentials: { accessKeyId, secretAccessKey } })
    this.#region = region
    this.#credentials = credentials
  }

  /**
   * @param query - gets the parameters of the signature, in the order that is part of the AWS CLI's token
   * @returns the signature, in hexadecimal
   */
  async presign(path: string, query: Map<string, string>, headers: Record<string, string>, now: Date): Promise<string> {
    const { accessKeyId, secretAccessKey, sessionToken } = this.#credentials
    const { longDate, shortDate } = this.formatDate(now)
    const scope = createScope(shortDate, this.#region, SERVICE)
    const request = { method: 'GET', protocol: 'https:', hostname: '', path, headers }
    const canonicalHeaders = getCanonicalHeaders(request)
    query
      .set('X-Amz-Algorithm', ALGORITHM_IDENTIFIER)
      .set('X-Amz-Credential', `${accessKeyId}/${scope}`)
      .set('X-Amz-Date', longDate)
      .set('X-Amz-Expires', String(PRESIGN_EXPIRES_SECONDS))
      .set('X-Amz-SignedHeaders', this.getCanonicalHeaderList(canonicalHeaders))
    // A token that is there and empty is signed as such.
    if (sessionToken !== undefined) query.set('X-Amz-Security-Token', sessionToken)
    const signed = { ...request, query: Object.fromEntries(query) }
    const canonicalRequest = this.createCanonicalRequest(signed, canonicalHeaders, EMPTY_BODY_HASH)
    const stringToSign = await this.createStringToSign(longDate, scope, canonicalRequest, ALGORITHM_IDENTIFIER)
    const hash = new PlainSha256(signingKey(secretAccessKey, shortDate, this.#region, SERVICE))
    hash.update(stringToSign)
    return Buffer.from(hash.digestSync()).toString('hex')
  }
}

/** What `--no-sign-request` makes of it: the bare endpoint, of use to nobody, as the AWS CLI prints it. */
export function requestUrl(endpoint: StsEndpoint): string {
  const url = splitUrl(endpoint.url)
  return `${origin(url)}${url.path || '/'}${url.query && `?${url.query}`}${url.fragment && `#${url.fragment}`}`
}

/** The AWS CLI takes an endpoint without a scheme (`//host`), too. */
function origin({ scheme, authority }: UrlParts): string {
  return `${scheme && `${scheme}:`}//${authority}`
}

/** Parameters of a signature are ours to add. (And an object that takes `__proto__` for a name is another object.) */
function checkParameters(query: ReadonlyMap<string, string>, endpoint: StsEndpoint): void {
  const wrong = [...query.keys()].find((name) => /^x-amz-/i.test(name) || name === '__proto__')
  if (wrong === undefined) return
  throw new EksTokenError(
    'ERR_ENDPOINT',
    `Invalid endpoint: ${shownUrl(endpoint.url)}: it has a parameter ${wrong} of its own`,
    { remedy: 'take the query out of the endpoint' },
  )
}

/** The parameters of a configured endpoint; of two with one name the first counts. */
function parseQuery(query: string): Map<string, string> {
  const parameters = new Map<string, string>()
  for (const pair of query.split('&').filter((text) => text !== '')) {
    const [name = '', ...value] = pair.split('=')
    if (!parameters.has(decode(name))) parameters.set(decode(name), decode(value.join('=')))
  }
  return parameters
}

function decode(text: string): string {
  const spaced = text.replaceAll('+', ' ')
  try {
    return decodeURIComponent(spaced)
  } catch {
    return spaced
  }
}

/** Everything but `A-Z a-z 0-9 - _ . ~` is encoded. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}
