import { type Parameters, type Rule, type Secret, type Url, verifySignature } from './signature-verifier.ts'

/**
 * The other side of a token: the checks that EKS makes (aws-iam-authenticator's verifier, in its order), and then
 * those of STS, with the signature computed again by a second implementation of SigV4. What passes here was not made
 * right by the same mistake twice.
 *
 * Where Go's URL parser is lenient about things that no token has (user info, a fragment, `HTTPS:`), this one refuses.
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
  /** The name that the server itself has; it sends it to STS as `x-k8s-aws-id`. */
  clusterName: string
  now: Date
  secretFor: (accessKeyId: string) => Secret | undefined
  /** Where the cluster runs; default `aws`. */
  partition?: Partition
}

/** `passed` names the rules that held, in their order; a refused token has those up to the broken one. */
export type Verdict =
  | { ok: true; accessKeyId: string; passed: string[] }
  | { ok: false; reason: string; passed: string[] }

class Refusal extends Error {}

const MAX_TOKEN_BYTES = 4096
const PREFIX = 'k8s-aws-v1.'
const MAX_EXPIRES_SECONDS = 900
/** STS honours a URL this long, whatever X-Amz-Expires says. */
const MAX_AGE_MINUTES = 15
/** STS says "Signature not yet current" to what comes from further ahead. */
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

  // `URL` would lower-case the host and drop the port :443, and both are to be refused.
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
  return known.region.test(region) && known.suffixes.includes(suffix.join('.')) ? region : undefined
}

function readParameters(query: string, rule: Rule): Parameters {
  let pairs: [name: string, value: string][] = []
  let wellFormed = true
  try {
    pairs = query.split('&').map((pair) => {
      // A plus sign is a space to the server: a signer that leaves one as it is signs something else.
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
    'asks for GetCallerIdentity',
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
    'not from the future',
    minutesOld >= -MAX_AHEAD_MINUTES,
    `Signature not yet current: ${(-minutesOld).toFixed(0)} minutes ahead`,
  )
}

function readDate(text: string): Date | undefined {
  if (!/^\d{8}T\d{6}Z$/.test(text)) return undefined
  const iso = text.replace(/(....)(..)(..)T(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6.000Z')
  const date = new Date(iso)
  // Some dates that do not exist are moved on to the next month: it has to come back as it went in.
  return Number.isNaN(date.getTime()) || date.toISOString() !== iso ? undefined : date
}
