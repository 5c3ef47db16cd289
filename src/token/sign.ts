import { Sha256 } from '@aws-crypto/sha256-js'
import { ALGORITHM_IDENTIFIER, createScope, getCanonicalHeaders, SignatureV4Base } from '@smithy/signature-v4'
import type { SigningTarget } from '../aws/endpoints.ts'
import type { Credentials } from '../credentials/credentials.ts'
import { EksTokenError } from '../errors.ts'
import { collapseWhitespace } from '../python/strip.ts'
import type { UrlParts } from '../python/urls.ts'
import { redactParameterName } from '../redact.ts'
import { signingKey } from './signing-key.ts'

/**
 * Value of X-Amz-Expires, in seconds. STS accepts the URL for 15 minutes whatever the value; early authenticators
 * accepted only 0 to 60, and the AWS CLI still sends 60.
 * https://github.com/kubernetes-sigs/aws-iam-authenticator/blob/v0.7.18/pkg/token/token.go#L93-L97
 */
const PRESIGN_EXPIRES_SECONDS = 60

const SERVICE = 'sts'

/** SHA-256 of the empty body of a GET request. */
const EMPTY_BODY_HASH = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/** The header that binds a token to a cluster. Its value is signed, with white space collapsed, and not part of the URL. */
const CLUSTER_HEADER = 'x-k8s-aws-id'

export interface PresignInput {
  readonly target: SigningTarget
  readonly clusterId: string
  readonly credentials: Credentials
  readonly now: Date
}

/**
 * Presigns GetCallerIdentity exactly as the AWS CLI does: same order of parameters, same encoding, and the host as
 * configured. Uses no network.
 *
 * @throws EksTokenError `ERR_ENDPOINT` for an endpoint URL that already contains signature parameters
 */
export async function presignUrl({ target, clusterId, credentials, now }: PresignInput): Promise<string> {
  const headers = { host: target.hostHeader, [CLUSTER_HEADER]: collapseWhitespace(clusterId) }
  const query = parseEndpointQuery(target.query).set('Action', 'GetCallerIdentity').set('Version', '2011-06-15')
  rejectSignatureParameters(query, target)
  const presigner = new Presigner(target.region, credentials)
  const path = target.path || '/'
  const signature = await presigner.presign(path, query, headers, now)
  const text = [...query].map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')
  const fragment = target.fragment ? `#${target.fragment}` : ''
  return `${origin(target)}${path}?${text}${fragment}&X-Amz-Signature=${signature}`
}

/**
 * Combines the signer's canonical request and string to sign into one presigned GET. The signer's own `presign` copies
 * the request, orders the parameters differently from the AWS CLI, and would bundle the code that signs event streams.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
class Presigner extends SignatureV4Base {
  readonly #region: string
  readonly #credentials: Credentials

  constructor(region: string, credentials: Credentials) {
    const { accessKeyId, secretAccessKey } = credentials
    super({ service: SERVICE, region, sha256: Sha256, credentials: { accessKeyId, secretAccessKey } })
    this.#region = region
    this.#credentials = credentials
  }

  /**
   * @param query - receives the signature parameters, in the AWS CLI's order
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
    // The AWS CLI signs a session token that is set but empty.
    if (sessionToken !== undefined) query.set('X-Amz-Security-Token', sessionToken)
    const signed = { ...request, query: Object.fromEntries(query) }
    const canonicalRequest = this.createCanonicalRequest(signed, canonicalHeaders, EMPTY_BODY_HASH)
    const stringToSign = await this.createStringToSign(longDate, scope, canonicalRequest, ALGORITHM_IDENTIFIER)
    const hash = new Sha256(signingKey(secretAccessKey, shortDate, this.#region, SERVICE))
    hash.update(stringToSign)
    return Buffer.from(hash.digestSync()).toString('hex')
  }
}

/** The bare endpoint, as the AWS CLI prints it with `--no-sign-request`. No API server accepts it. */
export function unsignedUrl(endpoint: UrlParts): string {
  const { path, query, fragment } = endpoint
  return `${origin(endpoint)}${path || '/'}${query && `?${query}`}${fragment && `#${fragment}`}`
}

/** The AWS CLI accepts an endpoint without a scheme (`//host`). */
function origin({ scheme, authority }: UrlParts): string {
  return `${scheme && `${scheme}:`}//${authority}`
}

/** The signature parameters must not exist yet. (`__proto__` as a key would change the prototype of the query object.) */
function rejectSignatureParameters(query: ReadonlyMap<string, string>, { authority }: UrlParts): void {
  const reserved = [...query.keys()].find((name) => /^x-amz-/i.test(name) || name === '__proto__')
  if (reserved === undefined) return
  const host = authority.slice(authority.lastIndexOf('@') + 1)
  throw new EksTokenError(
    'ERR_ENDPOINT',
    `Invalid endpoint: ${host}: its query contains ${redactParameterName(reserved)}, which is reserved for the signature`,
    { remedy: 'remove the query from the endpoint URL' },
  )
}

/** The query parameters of a configured endpoint; the first of several with the same name wins. */
function parseEndpointQuery(query: string): Map<string, string> {
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

/** Percent-encodes everything except `A-Z a-z 0-9 - _ . ~`. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}
