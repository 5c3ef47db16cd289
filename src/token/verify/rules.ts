import { parseStsHost } from '../../aws/sts-host.ts'
import { quoteUntrusted, redactParameterName } from '../../redact.ts'
import { MAX_TOKEN_BYTES, PREFIX } from '../token.ts'
import { parameterOf, parseAmzDate } from './parameters.ts'
import { STS_RULES } from './sts-rules.ts'
import type { TokenUrl } from './token-url.ts'

/** `skipped`: there is nothing to check it on, because an earlier rule does not hold. */
export type RuleStatus = 'pass' | 'fail' | 'skipped'

export interface RuleResult {
  readonly id: string
  /** Who has the rule: the cluster's API server, before it asks STS, or STS. */
  readonly enforcedBy: 'server' | 'STS'
  readonly status: RuleStatus
  /** What was found, in a few words. */
  readonly finding: string
}

export interface Rule {
  readonly id: string
  readonly enforcedBy: 'server' | 'STS'
  readonly check: (token: TokenUrl, now: Date) => Verdict
}

/** Undefined: there is nothing to check it on. */
export type Verdict = readonly [holds: boolean, finding: string] | undefined

/** STS honours a URL this long, whatever X-Amz-Expires says; servers go by it. */
export const MAX_AGE_SECONDS = 15 * 60
const MAX_EXPIRES_SECONDS = 900

const KNOWN_PARAMETERS = [
  'action',
  'version',
  'x-amz-algorithm',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-expires',
  'x-amz-security-token',
  'x-amz-signature',
  'x-amz-signedheaders',
]

/**
 * What a server checks before it asks STS, in its order. Where Go's URL parser is lenient about things that no token has
 * (user info, a fragment, `HTTPS:`, a parameter twice in two spellings), these are not.
 * https://github.com/kubernetes-sigs/aws-iam-authenticator/blob/v0.7.18/pkg/token/token.go (Verify)
 */
const SERVER_RULES: readonly Rule[] = [
  server('size', ({ bytes }) => [bytes <= MAX_TOKEN_BYTES, `${bytes} of ${MAX_TOKEN_BYTES} bytes`]),
  server('prefix', ({ hasPrefix, token }) => [hasPrefix, hasPrefix ? PREFIX : withoutPrefix(token)]),
  server('base64url', ({ hasPrefix, text, token }) =>
    hasPrefix ? [text !== undefined, text === undefined ? notBase64url(token) : 'without padding'] : undefined,
  ),
  server('url', ({ text, url }) => {
    if (text === undefined) return undefined
    if (!url) return [false, text.startsWith(PREFIX) ? 'a token in a token, encoded twice' : 'what is in it is no URL']
    if (url.authority.includes('@')) return [false, 'there is a user name in the URL']
    return url.fragment === ''
      ? [true, 'without user name and fragment']
      : [false, 'there is a fragment (#) in the URL']
  }),
  server(
    'scheme',
    ({ url }) => url && [url.scheme === 'https', url.scheme === 'https' ? 'https' : quoteUntrusted(url.scheme)],
  ),
  server('host', ({ url }) => {
    if (!url) return undefined
    const host = parseStsHost(url.authority)
    return host
      ? [true, `STS, ${host.kind}, partition ${host.partition}`]
      : [false, `no host of STS: ${quoteUntrusted(url.authority.slice(url.authority.lastIndexOf('@') + 1))}`]
  }),
  server(
    'path',
    ({ url }) => url && [url.path === '/', url.path === '/' ? '/' : `${quoteUntrusted(url.path, 30)} in place of /`],
  ),
  server('query', ({ url, parameters }) => {
    if (!url) return undefined
    return parameters ? [true, `${parameters.length} parameters`] : [false, 'an escape or separator in it is none']
  }),
  server('parameters', ({ parameters }) => {
    const other = parameters?.find(([name]) => !KNOWN_PARAMETERS.includes(name.toLowerCase()))
    return (
      parameters && [
        !other,
        other ? `one that no token has: ${redactParameterName(other[0])}` : 'none but those of a token',
      ]
    )
  }),
  server('once', ({ parameters }) => {
    const names = parameters?.map(([name]) => name.toLowerCase())
    const twice = names?.find((name, index) => names.indexOf(name) !== index)
    return (
      names && [
        twice === undefined,
        twice === undefined ? 'no parameter twice' : `twice: ${redactParameterName(twice)}`,
      ]
    )
  }),
  server('action', (token) => {
    const action = parameterOf(token, 'action')
    if (!token.parameters) return undefined
    return [action === 'GetCallerIdentity', action === undefined ? 'there is none' : shownAction(action)]
  }),
  server('cluster-header', (token) => {
    const headers = parameterOf(token, 'x-amz-signedheaders')?.toLowerCase().split(';')
    if (!token.parameters) return undefined
    const isSigned = headers?.includes('x-k8s-aws-id') ?? false
    return [isSigned, isSigned ? 'x-k8s-aws-id is signed' : 'x-k8s-aws-id is not signed: made for no cluster']
  }),
  server('expires', (token) => {
    const expires = parameterOf(token, 'x-amz-expires') ?? ''
    if (!token.parameters) return undefined
    const holds = /^[+-]?\d+$/.test(expires) && Number(expires) >= 0 && Number(expires) <= MAX_EXPIRES_SECONDS
    return [holds, holds ? `${Number(expires)} s, of no effect` : `not from 0 to ${MAX_EXPIRES_SECONDS} s`]
  }),
  server('date', (token) => {
    const text = parameterOf(token, 'x-amz-date')
    if (!token.parameters) return undefined
    if (text === undefined) return [false, 'there is none']
    return parseAmzDate(text) ? [true, text] : [false, `no time as yyyymmddThhmmssZ: ${quoteUntrusted(text, 20)}`]
  }),
  server('age', (token, now) => {
    const date = parseAmzDate(parameterOf(token, 'x-amz-date') ?? '')
    if (!date) return undefined
    const seconds = Math.floor((now.getTime() - date.getTime()) / 1000)
    const limit = `${MAX_AGE_SECONDS / 60} minutes`
    return [seconds <= MAX_AGE_SECONDS, `${inWords(seconds)}, of ${limit}`]
  }),
]

/** Every rule, on one token. Pure: asks nobody, and throws for no token. */
export function checkRules(token: TokenUrl, now: Date): readonly RuleResult[] {
  return [...SERVER_RULES, ...STS_RULES].map(({ id, enforcedBy, check }) => {
    const verdict = check(token, now)
    if (!verdict) return { id, enforcedBy, status: 'skipped', finding: 'not checked' }
    return { id, enforcedBy, status: verdict[0] ? 'pass' : 'fail', finding: verdict[1] }
  })
}

function server(id: string, check: Rule['check']): Rule {
  return { id, enforcedBy: 'server', check }
}

function withoutPrefix(token: string): string {
  const missing = `it does not begin with ${PREFIX}`
  if (/^https?:\/\//i.test(token)) return `${missing}: this is the URL that belongs into a token`
  if (/^eyJ/.test(token)) return `${missing}: this looks like a JSON Web Token, which is for another authentication`
  if (/^azhzLWF3cy12MS/.test(token)) return `${missing}: this is a token, encoded once more`
  if (/^aHR0c/.test(token)) return `${missing}: the rest of a token is there`
  if (token.toLowerCase().startsWith(PREFIX)) return `${missing}: its letters are in another case`
  return missing
}

function notBase64url(token: string): string {
  const body = token.slice(PREFIX.length)
  if (body === '') return 'there is nothing after the prefix'
  if (body.includes('=')) return 'it has padding (=) or another character of plain base64'
  if (/[+/]/.test(body)) return 'it has characters of plain base64 (+ or /)'
  if (/\s/.test(body)) return 'it has white space in it'
  return body.length % 4 === 1 ? 'it is cut off: no text has this length' : 'it has characters that base64url does not'
}

function shownAction(action: string): string {
  return /^[A-Za-z]{1,40}$/.test(action) ? action : 'another one than GetCallerIdentity'
}

function inWords(seconds: number): string {
  if (seconds < 0) return `signed ${-seconds} s from now`
  if (seconds < 120) return `${seconds} s old`
  return seconds < 7200 ? `${Math.floor(seconds / 60)} minutes old` : `${Math.floor(seconds / 3600)} hours old`
}
