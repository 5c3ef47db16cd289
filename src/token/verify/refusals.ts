/** A no of STS, and what it means for a token. */
export interface Refusal {
  readonly code: string
  readonly status: number
  /** STS's own words; undefined where they are long and say no more. */
  readonly message: string | undefined
  readonly meaning: string
  readonly remedy: string
}

/** A clock that is further off than this, in seconds, is named. STS takes 5 minutes ahead and 15 behind. */
export const NOTABLE_SKEW_SECONDS = 60

/** STS's clock against this one, in words; undefined where they agree. */
export function describeSkew(skewSeconds: number | undefined): string | undefined {
  if (skewSeconds === undefined || Math.abs(skewSeconds) < NOTABLE_SKEW_SECONDS) return undefined
  return `this clock is ${Math.abs(skewSeconds)} s ${skewSeconds > 0 ? 'ahead of' : 'behind'} that of STS`
}

const SET_THE_CLOCK = 'set the clock of this machine (NTP)'
const MAKE_A_NEW_ONE = 'make a new token'

/**
 * What a refusal means. The codes are those of STS and of all services of AWS.
 * https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
 */
export function toRefusal(code: string, status: number, said: string, skewSeconds: number | undefined): Refusal {
  const skew = describeSkew(skewSeconds)
  const [meaning, remedy] = explain(code, status, said, skew)
  // The words on a wrong signature are the whole request as STS saw it, keys of the session and all.
  const isTold = said !== '' && said.length < 200 && !/canonical/i.test(said)
  return { code, status, message: isTold ? said : undefined, meaning, remedy }
}

function explain(
  code: string,
  status: number,
  said: string,
  skew: string | undefined,
): readonly [meaning: string, remedy: string] {
  if (/Signature not yet current/i.test(said)) {
    return [`the token is from the future: ${skew ?? 'the clock where it was made is ahead'}`, SET_THE_CLOCK]
  }
  if (/Signature expired/i.test(said) || code === 'RequestExpired') {
    if (skew === undefined) return ['the token is older than 15 minutes', MAKE_A_NEW_ONE]
    return [`the token seems older than 15 minutes: ${skew}`, SET_THE_CLOCK]
  }
  const known = Object.hasOwn(MEANINGS, code) ? MEANINGS[code] : undefined
  if (known) return known
  if (status >= 300 && status < 400) {
    return ['the answer leads elsewhere, and no server follows it', 'see what answers in the place of STS: a proxy?']
  }
  if (status === 429 || status >= 500 || /Throttl/i.test(code)) return ['STS has no time for it now', 'try again']
  return ['STS refuses the token', 'see the code in the documentation of STS']
}

const MEANINGS: Readonly<Record<string, readonly [meaning: string, remedy: string]>> = {
  SignatureDoesNotMatch: [
    'the token was made for a cluster of another name, or its secret key is not (or no longer) that of the access key',
    'compare --cluster-name with the name that the cluster has in EKS, letter by letter; then see the keys',
  ],
  ExpiredToken: [
    'the session that signed has ended: the token outlives its credentials',
    'sign in again, or assume the role again, and make a new token',
  ],
  InvalidClientTokenId: [
    'the access key is unknown, inactive or deleted; or its session token is missing or of another key; or the region is switched off in the account, or of another partition',
    "see which key signs with 'eks-get-token inspect', and whether the account uses the region",
  ],
  RegionDisabledException: [
    'STS is switched off in this region for the account',
    'use another region with --region (it need not be that of the cluster), or switch it on in IAM',
  ],
  AccessDenied: [
    'a policy denies it: one of the organisation, of the session, or of the VPC endpoint on the way to STS',
    'ask who manages them to allow sts:GetCallerIdentity; no policy of the identity itself is needed for it',
  ],
  OptInRequired: ['the account has not opted in to this region', 'use another region with --region'],
  IncompleteSignature: ['the token is not a whole signature', MAKE_A_NEW_ONE],
  MissingAuthenticationToken: ['the token has no signature', MAKE_A_NEW_ONE],
  NotSts: ['what answered is not STS', 'see what answers in its place: a proxy, a login page'],
}

for (const [name, like] of [
  ['ExpiredTokenException', 'ExpiredToken'],
  ['UnrecognizedClientException', 'InvalidClientTokenId'],
  ['InvalidAccessKeyId', 'InvalidClientTokenId'],
  ['AccessDeniedException', 'AccessDenied'],
  ['InvalidSignatureException', 'SignatureDoesNotMatch'],
] as const) {
  Object.assign(MEANINGS, { [name]: MEANINGS[like] })
}
