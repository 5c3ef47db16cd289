import { sanitizeExternalText } from '../../redact.ts'
import type { StsResponse } from './call-sts.ts'
import { type Refusal, toRefusal } from './refusals.ts'

/** Who STS says has signed. */
export interface Identity {
  readonly arn: string
  readonly account: string
  /** Of the user, or of the role without the session. */
  readonly userId: string
  /** undefined: no session. */
  readonly sessionName: string | undefined
}

export type StsVerdict =
  | { readonly identity: Identity; readonly refused?: undefined }
  | { readonly identity?: undefined; readonly refused: Refusal }

/**
 * Reads STS's answer to a token's request. Pure.
 *
 * @param skewSeconds - this clock minus that of STS, where it is known: tells an old token from a wrong clock
 * @param secrets - of the token: STS quotes requests in refusals
 */
export function parseVerification(
  { status, body }: StsResponse,
  skewSeconds: number | undefined,
  secrets: readonly (string | undefined)[],
): StsVerdict {
  const json = parse(body)
  const safe = (value: unknown): string =>
    typeof value === 'string' ? sanitizeExternalText(value, secrets).trim() : ''
  if (status === 200) {
    const result = member(member(json, 'GetCallerIdentityResponse'), 'GetCallerIdentityResult')
    const arn = safe(member(result, 'Arn'))
    const account = safe(member(result, 'Account'))
    const [userId = '', sessionName, ...more] = safe(member(result, 'UserId')).split(':')
    if (/^arn:[\w-]+:(iam|sts)::\d{12}:[\x21-\x7e]+$/.test(arn) && /^\d{12}$/.test(account) && more.length === 0) {
      return { identity: { arn, account, userId, sessionName } }
    }
    return { refused: toRefusal('NotSts', status, 'the answer is none of STS', skewSeconds) }
  }
  const error = member(json, 'Error')
  const code = safe(member(error, 'Code'))
  const fromXml = code === '' ? /<Code>(\w{1,64})<\/Code>/.exec(body)?.[1] : code
  const said = safe(member(error, 'Message')) || safe(/<Message>([^<]*)<\/Message>/.exec(body)?.[1])
  return {
    refused: toRefusal(/^\w{1,64}$/.test(fromXml ?? '') ? (fromXml ?? '') : String(status), status, said, skewSeconds),
  }
}

/** This clock minus that of STS, in whole seconds; undefined when STS sent no date. */
export function clockSkew({ date }: StsResponse, now: Date): number | undefined {
  return date && Math.round((now.getTime() - date.getTime()) / 1000)
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
}
