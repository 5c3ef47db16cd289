import { type Parameters, type Rule, type Secret, type Url, verifySignature } from './signature-verifier.ts'

/**
 * An independent verifier of tokens: the checks of EKS (those of aws-iam-authenticator, in its order), then those of STS,
 * with the signature computed by another implementation of SigV4, so that the same bug cannot hide in both.
 *
 * It is stricter than Go's URL parser about things that no valid token contains (user info, a fragment, `HTTPS:`).
 * https://github.com/kubernetes-sigs/aws-iam-authenticator/blob/0221afb8/pkg/token/token.go
 */
export function verifyToken({ token, clusterName, now, secretFor, partition = 'aws' }: VerifyRequest): Verdict {
  const passed: string[] = []
  const rule: Rule = (name, holds, reason) => {
    if (!holds) throw new Refusal(reason)
    passed.push(name)
  }
  try {
    const { query, ...url } = readUrl(token, partition, rule)
    const parameters = readParameters(query, rule)
    checkParameters(parameters, now, rule)
    return { ok: true, accessKeyId: verifySignature(url, parameters, clusterName, secretFor, rule), passed }
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, reason: error.message, passed }
    throw error
  }
}

export interface VerifyRequest {
  token: string
  /** The name of the server's own cluster, which it sends to STS as `x-k8s-aws-id`. */
  clusterName: string
  now: Date
  secretFor: (accessKeyId: string) => Secret | undefined
  /** The partition of the cluster; default `aws`. */
  partition?: Partition
}

/** `passed` contains the rules that passed, in order, up to the one that failed. */
export type Verdict =
  | { ok: true; accessKeyId: string; passed: string[] }
  | { ok: false; reason: string; passed: string[] }

class Refusal extends Error {}

const MAX_TOKEN_BYTES = 4096
const PREFIX = 'k8s-aws-v1.'
const MAX_EXPIRES_SECONDS = 900
/** STS accepts a URL for this long, whatever X-Amz-Expires is. */
const MAX_AGE_MINUTES = 15
/** STS responds "Signature not yet current" to a request that is dated further ahead. */
const MAX_AHEAD_MINUTES = 5
const MINUTE_MILLISECONDS = 60_000

type Partition = keyof typeof PARTITIONS

/** What follows `sts.<region>.`; the second suffix is dual-stack (aws-iam-authenticator 0.7.5 and later). */
const PARTITIONS = {
  aws: { region: /^(us|eu|ap|sa|ca|me|af|il|mx)-[a-z]+-\d$/, suffixes: ['amazonaws.com', 'api.aws'] },
  'aws-cn': { region: /^cn-[a-z]+-\d$/, suffixes: ['amazonaws.com.cn', 'api.amazonwebservices.com.cn'] },
  'aws-us-gov': { region: /^us-gov-[a-z]+-\d$/, suffixes: ['amazonaws.com', 'api.aws'] },
}

const KNOWN_PARAMETERS = new Set([
  'action',
  'version',
  'x-amz-algorithm',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-expires',
  'x-amz-security-token',
  'x-amz-signature',
  'x-amz-signedheaders',
])

function readUrl(token: string, partition: Partition, rule: Rule): Url & { query: string } {
  const bytes = Buffer.byteLength(token)
  rule(`at most ${MAX_TOKEN_BYTES} bytes`, bytes <= MAX_TOKEN_BYTES, `token is too large (${bytes} bytes)`)
  rule(`begins with ${PREFIX}`, token.startsWith(PREFIX), `token is missing expected "${PREFIX}" prefix`)

  const body = token.slice(PREFIX.length)
  rule('raw base64url', /^[\w-]+$/.test(body) && body.length % 4 !== 1, 'token is not raw base64url')

  // `URL` would lower-case the host and drop port 443, and both have to be rejected.
  const text = Buffer.from(body, 'base64url').toString()
  const [, scheme, host = '', path, query = ''] = /^(\w+):\/\/([^/?#]*)([^?#]*)\??([^#]*)$/.exec(text) ?? []
  rule('https', scheme === 'https', 'unexpected scheme in pre-signed URL')
  const region = regionOf(host, partition)
  rule(`an STS host of partition ${partition}`, region !== undefined, `unexpected hostname "${host}" in pre-signed URL`)
  rule('path /', path === '/', 'unexpected path in pre-signed URL')
  return { host, region, query }
}

function regionOf(host: string, partition: Partition): string | undefined {
  if (host === 'sts.amazonaws.com' && partition === 'aws') return 'us-east-1'
  const [service, region = '', ...suffix] = host.split('.')
  if (service !== 'sts' && service !== 'sts-fips') return undefined
  const known = PARTITIONS[partition]
  // GovCloud has no FIPS host of its own, except for dual-stack.
  if (partition === 'aws-us-gov' && service === 'sts-fips' && suffix.join('.') === 'amazonaws.com') return undefined
  return known.region.test(region) && known.suffixes.includes(suffix.join('.')) ? region : undefined
}

function readParameters(query: string, rule: Rule): Parameters {
  let pairs: [name: string, value: string][] = []
  let wellFormed = true
  try {
    pairs = query.split('&').map((pair) => {
      // The server decodes a plus sign as a space, so a signer must encode it.
      const [name = '', ...value] = pair.replaceAll('+', ' ').split('=').map(decodeURIComponent)
      return [name, value.join('=')]
    })
  } catch {
    wellFormed = false
  }
  rule('well-formed query', wellFormed, 'malformed query parameter')

  const names = pairs.map(([name]) => name.toLowerCase())
  const unknown = names.find((name) => !KNOWN_PARAMETERS.has(name))
  rule('only known parameters', unknown === undefined, `non-whitelisted query parameter "${unknown}"`)
  rule('no parameter twice', new Set(names).size === names.length, 'query parameter with multiple values not supported')
  return new Map(pairs)
}

function checkParameters(parameters: Parameters, now: Date, rule: Rule): void {
  const lowerCase = new Map([...parameters].map(([name, value]) => [name.toLowerCase(), value]))
  rule(
    'calls GetCallerIdentity',
    lowerCase.get('action') === 'GetCallerIdentity',
    'unexpected action parameter in pre-signed URL',
  )

  const signedHeaders = lowerCase.get('x-amz-signedheaders')?.toLowerCase().split(';') ?? []
  rule(
    'signs the header x-k8s-aws-id',
    signedHeaders.includes('x-k8s-aws-id'),
    'client did not sign the x-k8s-aws-id header in the pre-signed URL',
  )

  const expires = lowerCase.get('x-amz-expires') ?? ''
  rule(
    `X-Amz-Expires from 0 to ${MAX_EXPIRES_SECONDS}`,
    /^\d+$/.test(expires) && Number(expires) <= MAX_EXPIRES_SECONDS,
    'invalid X-Amz-Expires parameter in pre-signed URL',
  )

  const date = readDate(lowerCase.get('x-amz-date') ?? '')
  rule('has a date', date !== undefined, 'X-Amz-Date parameter must be present in pre-signed URL, as yyyymmddThhmmssZ')
  const minutesOld = (now.getTime() - date.getTime()) / MINUTE_MILLISECONDS
  rule(
    `at most ${MAX_AGE_MINUTES} minutes old`,
    minutesOld <= MAX_AGE_MINUTES,
    `X-Amz-Date parameter is expired (${MAX_AGE_MINUTES} minute expiration): ${minutesOld.toFixed(0)} minutes old`,
  )
  rule(
    'not dated in the future',
    minutesOld >= -MAX_AHEAD_MINUTES,
    `Signature not yet current: ${(-minutesOld).toFixed(0)} minutes ahead`,
  )
}

function readDate(text: string): Date | undefined {
  if (!/^\d{8}T\d{6}Z$/.test(text)) return undefined
  const iso = text.replace(/(....)(..)(..)T(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6.000Z')
  const date = new Date(iso)
  // Date accepts 31 February as 3 March; such a date does not survive the round trip.
  return Number.isNaN(date.getTime()) || date.toISOString() !== iso ? undefined : date
}
