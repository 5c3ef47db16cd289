import { parseStsHost, type StsHost } from '../../aws/sts-host.ts'
import { redactKeyId } from '../../redact.ts'
import { MAX_TOKEN_BYTES } from '../token.ts'
import { parameterOf, parseAmzDate, parseScope } from './parameters.ts'
import type { RuleResult } from './rule.ts'
import { checkRules, MAX_AGE_SECONDS } from './rules.ts'
import { parseTokenUrl } from './token-url.ts'

/** What a token contains: unverified and without secrets. undefined: the token does not contain it. */
export interface Inspection {
  /** Size of the token. */
  readonly bytes: number
  /** The largest token that API servers read: 4,096. */
  readonly maxBytes: number
  /** The access key id; hidden if it does not look like one. */
  readonly accessKeyId: string | undefined
  /** What the prefix of the access key id means, in words. */
  readonly keyKind: string | undefined
  /** undefined: the host is not an STS endpoint. */
  readonly sts: StsHost | undefined
  /** When it was signed, according to the clock of its creator. */
  readonly signedAt: Date | undefined
  /** 15 minutes after `signedAt`. */
  readonly validUntil: Date | undefined
  /** Since it was signed; negative for a token that is dated in the future. */
  readonly ageSeconds: number | undefined
  /** Until the token expires; negative after that. */
  readonly secondsLeft: number | undefined
  /** 900. */
  readonly maxAgeSeconds: number
  /** Names of the signed headers. */
  readonly signedHeaders: readonly string[]
  /** 0: no session token. */
  readonly sessionTokenBytes: number
  /** Every rule of API servers and of STS that can be checked offline, in their order. */
  readonly rules: readonly RuleResult[]
  /** True when no check failed. */
  readonly passes: boolean
}

/** Parses a token and runs all checks that need no network. */
export function inspectToken(token: string, now: Date): Inspection {
  const parts = parseTokenUrl(token)
  const rules = checkRules(parts, now)
  const signedAt = parseAmzDate(parameterOf(parts, 'x-amz-date') ?? '')
  const age = signedAt && Math.floor((now.getTime() - signedAt.getTime()) / 1000)
  const accessKeyId = parseScope(parts)?.accessKeyId
  const headers = parameterOf(parts, 'x-amz-signedheaders')?.split(';') ?? []
  return {
    bytes: parts.bytes,
    maxBytes: MAX_TOKEN_BYTES,
    accessKeyId: accessKeyId ? redactKeyId(accessKeyId) : undefined,
    keyKind: accessKeyId ? keyKind(accessKeyId) : undefined,
    sts: parts.url && parseStsHost(parts.url.authority),
    signedAt,
    validUntil: signedAt && new Date(signedAt.getTime() + MAX_AGE_SECONDS * 1000),
    ageSeconds: age,
    secondsLeft: age === undefined ? undefined : MAX_AGE_SECONDS - age,
    maxAgeSeconds: MAX_AGE_SECONDS,
    signedHeaders: headers.filter((name) => /^[a-z0-9-]{1,40}$/i.test(name)).slice(0, 10),
    sessionTokenBytes: Buffer.byteLength(parameterOf(parts, 'x-amz-security-token') ?? ''),
    rules,
    passes: rules.every(({ status }) => status === 'pass'),
  }
}

/**
 * What the prefix of an access key id means.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
 */
function keyKind(accessKeyId: string): string {
  const prefix = accessKeyId.slice(0, 4)
  return Object.hasOwn(KEY_KINDS, prefix) ? (KEY_KINDS[prefix] ?? '') : 'unknown prefix'
}

const KEY_KINDS: Readonly<Record<string, string>> = {
  AKIA: 'long-term access key',
  ASIA: 'temporary AWS STS access key',
  ABIA: 'AWS STS service bearer token',
  ACCA: 'context-specific credential',
  AIDA: 'id of an IAM user, not an access key',
  AROA: 'id of an IAM role, not an access key',
}
