import { field, tryParseJson } from '../../json.ts'
import { sanitizeExternalText } from '../../redact.ts'
import type { StsResponse } from './call-sts.ts'
import { type Refusal, type RequestFacts, toRefusal } from './refusals.ts'

/** The identity that signed a token, according to STS. */
export interface Identity {
  /** ARN of the user, or of the session of a role, without the path of the role. */
  readonly arn: string
  /** Account id, 12 digits. */
  readonly account: string
  /** The unique id of the user, or of the role without the session name. */
  readonly userId: string
  /** undefined: not a session. */
  readonly sessionName: string | undefined
}

/** The response of STS to a token: the identity that signed it, or why it was rejected. */
export type StsVerdict =
  | {
      /** Who signed. */
      readonly identity: Identity
      /** Not present. */
      readonly refused?: undefined
    }
  | {
      /** Not present. */
      readonly identity?: undefined
      /** Why STS did not confirm an identity. */
      readonly refused: Refusal
    }

export interface TokenFacts extends RequestFacts {
  /** Secrets in the token: STS quotes requests in error messages. */
  readonly secrets: readonly (string | undefined)[]
}

/** Parses the response from STS to the request in a token. */
export function parseVerification({ status, body }: StsResponse, { secrets, ...facts }: TokenFacts): StsVerdict {
  const json = tryParseJson(body)
  const safe = (value: unknown): string =>
    typeof value === 'string' ? sanitizeExternalText(value, secrets).trim() : ''
  if (status === 200) {
    const identity = parseIdentity(json, safe)
    if (identity) return { identity }
    const isPartOfJson = json === undefined && body.trimStart().startsWith('{')
    const code = isPartOfJson ? 'MalformedResponse' : 'NotSts'
    return { refused: toRefusal(code, status, 'the response did not come from STS', facts) }
  }
  if (status === 204) return { refused: toRefusal('NoContent', status, '', facts) }
  if (status === 407) return { refused: toRefusal('ProxyAuthenticationRequired', status, '', facts) }
  const error = field(json, 'Error')
  const code = safe(field(error, 'Code')) || safe(/<Code>([^<]*)<\/Code>/.exec(body)?.[1])
  const message = safe(field(error, 'Message')) || safe(/<Message>([^<]*)<\/Message>/.exec(body)?.[1])
  return { refused: toRefusal(/^[A-Za-z]{1,64}$/.test(code) ? code : String(status), status, message, facts) }
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html#API_GetCallerIdentity_ResponseElements */
function parseIdentity(json: unknown, safe: (value: unknown) => string): Identity | undefined {
  const result = field(field(json, 'GetCallerIdentityResponse'), 'GetCallerIdentityResult')
  const arn = safe(field(result, 'Arn'))
  const account = safe(field(result, 'Account'))
  const [userId = '', sessionName, ...more] = safe(field(result, 'UserId')).split(':')
  const isValid =
    /^arn:[\w-]+:(iam|sts)::\d{12}:[\x21-\x7e]+$/.test(arn) && /^\d{12}$/.test(account) && more.length === 0
  return isValid ? { arn, account, userId, sessionName } : undefined
}

/** Local clock minus STS clock, in whole seconds; undefined when the response has no date. */
export function clockSkew({ date }: StsResponse, now: Date): number | undefined {
  return date && Math.round((now.getTime() - date.getTime()) / 1000)
}
