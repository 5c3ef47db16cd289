import { NEW_ENVIRONMENT_REMEDY } from '../../net/service-error.ts'

/** An error response of STS, and what it means for a token. */
export interface Refusal {
  /** False: the response is not STS's verdict on the token, which may be valid. */
  readonly isVerdict: boolean
  /** The error code of STS, or the HTTP status where there is none. */
  readonly code: string
  /** The HTTP status. */
  readonly status: number
  /** The message of STS; undefined where it is long and adds nothing. */
  readonly message: string | undefined
  /** What it means for the token, in a sentence. */
  readonly meaning: string
  /** The next step for the user. */
  readonly remedy: string
}

/** A larger skew, in seconds, is reported. STS tolerates a clock 5 minutes ahead and 15 minutes behind. */
const NOTABLE_SKEW_SECONDS = 60

export const CLOCK_REMEDY = 'synchronize the clock of this machine (NTP)'
export const UNKNOWN_CODE_REMEDY = 'see the error code in the AWS STS documentation'

/** The difference between the local clock and the STS clock, in words; undefined where it is small or unknown. */
export function describeSkew(skewSeconds: number | undefined): string | undefined {
  if (skewSeconds === undefined || Math.abs(skewSeconds) < NOTABLE_SKEW_SECONDS) return undefined
  return `the local clock is ${Math.abs(skewSeconds)} s ${skewSeconds > 0 ? 'ahead of' : 'behind'} the STS clock`
}

/** What is known about the token that was sent. */
export interface RequestFacts {
  /** Local clock minus STS clock, if known: distinguishes an old token from a wrong clock. */
  readonly skewSeconds: number | undefined
  /**
   * The credential source of a token that was generated just now, for the name that STS was called with; undefined: another
   * token.
   */
  readonly signedBy: string | undefined
  /** That source is the environment. */
  readonly isFromEnvironment?: boolean
}

/**
 * Explains an error response.
 * https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
 */
export function toRefusal(code: string, status: number, message: string, facts: RequestFacts): Refusal {
  const [meaning, remedy] = explain(code, status, message, facts)
  // The message about a wrong signature is the canonical request, session token included.
  const isShown = message !== '' && message.length < 200 && !/canonical/i.test(message)
  const isVerdict = status >= 400 && status < 500 && status !== 429 && hasCode(code) && !NO_VERDICT.test(code)
  return { isVerdict, code, status, message: isShown ? message : undefined, meaning, remedy }
}

/** In a response without the code of an error, which STS always sends, the status is in its place. */
function hasCode(code: string): boolean {
  return !/^\d+$/.test(code)
}

/** Codes of responses that are not from STS, and of those in which it does not look at the token. */
const NO_VERDICT = /^(NotSts|NoContent|ProxyAuthenticationRequired|MalformedResponse)$|Throttl|RequestLimitExceeded/

type Explanation = readonly [meaning: string, remedy: string]

function explain(
  code: string,
  status: number,
  message: string,
  { skewSeconds, signedBy, isFromEnvironment }: RequestFacts,
): Explanation {
  const skew = describeSkew(skewSeconds)
  if (/Signature not yet current/i.test(message)) {
    return [
      `the token is dated in the future: ${skew ?? 'the clock of the machine that signed it is ahead'}`,
      CLOCK_REMEDY,
    ]
  }
  if (/Signature expired/i.test(message) || code === 'RequestExpired') {
    if (skew === undefined) return ['the token is older than 15 minutes', NEW_TOKEN_REMEDY]
    return [`the token appears to be older than 15 minutes: ${skew}`, CLOCK_REMEDY]
  }
  if (nameOf(code) === 'SignatureDoesNotMatch' && signedBy !== undefined) {
    return [
      'the secret access key does not belong to the access key id (the token was generated just now, for this cluster name)',
      `correct the secret access key: copy it again together with its access key id; both come from ${signedBy}`,
    ]
  }
  if (nameOf(code) === 'ExpiredToken' && isFromEnvironment) {
    return ['the credentials in the environment have expired', NEW_ENVIRONMENT_REMEDY]
  }
  const known = explanationOf(code)
  if (known) return known
  if (status >= 300 && status < 400) {
    return ['STS redirected the request (not followed)', 'check whether a proxy responds in place of STS']
  }
  if (status === 429 || status >= 500 || /Throttl|RequestLimitExceeded/.test(code)) {
    return ['STS is throttling requests or unavailable: this says nothing about the token', 'try again later']
  }
  if (!hasCode(code)) return NOT_STS
  return ['STS rejected the token', UNKNOWN_CODE_REMEDY]
}

function nameOf(code: string): string {
  return Object.hasOwn(SYNONYMS, code) ? (SYNONYMS[code] ?? code) : code
}

function explanationOf(code: string): Explanation | undefined {
  const name = nameOf(code)
  return Object.hasOwn(EXPLANATIONS, name) ? EXPLANATIONS[name] : undefined
}

const NOT_STS: Explanation = [
  'the response did not come from STS',
  'check whether a proxy or a login page responds in place of STS',
]
/** In a hint, for the command line that shows the token; a command replaces it by the one with its options. */
export const INSPECT_LINE = 'eks-get-token inspect --cluster-name NAME'
const NEW_TOKEN_REMEDY = 'generate a new token'

const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  SignatureDoesNotMatch: [
    'the token was generated for a cluster with a different name, or the secret access key does not (or no longer) belong to the access key id',
    'compare --cluster-name with the name of the cluster in EKS (case-sensitive), then check the access key',
  ],
  ExpiredToken: [
    'the session that signed the token has expired',
    'sign in or assume the role again, and generate a new token',
  ],
  InvalidClientTokenId: [
    'the access key is unknown, inactive or deleted, or its session token is missing or does not match, or the region is disabled for the account or in a different partition',
    `check that the region is enabled for the account; to see which access key signs, run: ${INSPECT_LINE}`,
  ],
  RegionDisabledException: [
    'STS is not activated in this region for the account',
    'use another region with --region (it can differ from the region of the cluster), or activate STS in the region',
  ],
  AccessDenied: [
    'a policy denies access: a service control policy, a session policy or a VPC endpoint policy',
    'allow sts:GetCallerIdentity in that policy; the identity itself needs no permission for it',
  ],
  OptInRequired: ['the region is not enabled for the account', 'use another region with --region'],
  IncompleteSignature: ['the signature in the token is incomplete', NEW_TOKEN_REMEDY],
  MissingAuthenticationToken: ['the token is not signed', NEW_TOKEN_REMEDY],
  NoContent: [
    'the response is empty (204 No Content), which STS never sends',
    'check whether a proxy or a firewall responds in place of STS',
  ],
  ProxyAuthenticationRequired: [
    'a proxy between this machine and STS requires authentication, and did not forward the request',
    'set the user name and password of the proxy in HTTPS_PROXY: http://USER:PASSWORD@HOST:PORT',
  ],
  MalformedResponse: [
    'the response is not valid JSON: it is incomplete or was changed in transit',
    'try again; if it happens again, check whether a proxy changes the STS response',
  ],
  NotSts: NOT_STS,
}

/** Codes with the same meaning, from other AWS services and protocols. */
const SYNONYMS: Readonly<Record<string, string>> = {
  ExpiredTokenException: 'ExpiredToken',
  UnrecognizedClientException: 'InvalidClientTokenId',
  InvalidAccessKeyId: 'InvalidClientTokenId',
  AccessDeniedException: 'AccessDenied',
  InvalidSignatureException: 'SignatureDoesNotMatch',
}
