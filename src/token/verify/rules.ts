import { parseStsHost } from '../../aws/sts-host.ts'
import { quoteUntrusted, redactParameterName } from '../../redact.ts'
import { MAX_TOKEN_BYTES, PREFIX } from '../token.ts'
import { parameterOf, parseAmzDate } from './parameters.ts'
import type { Rule, RuleResult } from './rule.ts'
import { STS_RULES } from './sts-rules.ts'
import type { TokenUrl } from './token-url.ts'

/** STS accepts a URL for this long, whatever X-Amz-Expires is; API servers check the same limit. */
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
 * The checks of an API server before it calls STS, in its order. They are stricter than Go's URL parser about things that
 * no valid token contains (user info, a fragment, `HTTPS:`, a parameter twice in different case).
 * https://github.com/kubernetes-sigs/aws-iam-authenticator/blob/v0.7.18/pkg/token/token.go (Verify)
 */
const SERVER_RULES: readonly Rule[] = [
  server('size', ({ bytes }) => [bytes <= MAX_TOKEN_BYTES, `${bytes} bytes (maximum ${MAX_TOKEN_BYTES})`]),
  server('prefix', ({ hasPrefix, token }) => [hasPrefix, hasPrefix ? PREFIX : describeMissingPrefix(token)]),
  server('base64url', ({ hasPrefix, text, token }) => {
    if (!hasPrefix) return undefined
    return text === undefined ? [false, describeInvalidBase64url(token)] : [true, 'unpadded base64url']
  }),
  server('url', ({ text, url }) => {
    if (text === undefined) return undefined
    if (!url) {
      return [
        false,
        text.startsWith(PREFIX)
          ? 'the content is another token: the token is encoded twice'
          : 'the content is not a URL',
      ]
    }
    if (url.authority.includes('@')) return [false, 'the URL contains a user name']
    return url.fragment === '' ? [true, 'no user name, no fragment'] : [false, 'the URL contains a fragment (#)']
  }),
  server('scheme', ({ url }) => {
    if (!url) return undefined
    return url.scheme === 'https' ? [true, 'https'] : [false, `${quoteUntrusted(url.scheme)} instead of https`]
  }),
  server('host', ({ url }) => {
    if (!url) return undefined
    const host = parseStsHost(url.authority)
    return host
      ? [true, `STS, ${host.kind}, partition ${host.partition}`]
      : [false, `not an STS endpoint: ${quoteUntrusted(url.authority.slice(url.authority.lastIndexOf('@') + 1))}`]
  }),
  server('path', ({ url }) => {
    if (!url) return undefined
    return url.path === '/' ? [true, '/'] : [false, `${quoteUntrusted(url.path, 30)} instead of /`]
  }),
  server('query', ({ url, parameters }) => {
    if (!url) return undefined
    return parameters ? [true, `${parameters.length} parameters`] : [false, 'invalid escape or separator']
  }),
  server('parameters', ({ parameters }) => {
    if (!parameters) return undefined
    const unknown = parameters.find(([name]) => !KNOWN_PARAMETERS.includes(name.toLowerCase()))
    return unknown
      ? [false, `unexpected parameter: ${redactParameterName(unknown[0])}`]
      : [true, 'no unexpected parameters']
  }),
  server('once', ({ parameters }) => {
    if (!parameters) return undefined
    const names = parameters.map(([name]) => name.toLowerCase())
    const duplicate = names.find((name, index) => names.indexOf(name) !== index)
    return duplicate === undefined
      ? [true, 'no duplicate parameters']
      : [false, `duplicate parameter: ${redactParameterName(duplicate)}`]
  }),
  server('action', (token) => {
    const action = parameterOf(token, 'action')
    if (!token.parameters) return undefined
    if (action === 'GetCallerIdentity') return [true, action]
    return [false, action === undefined ? 'missing' : describeAction(action)]
  }),
  server('cluster-header', (token) => {
    const headers = parameterOf(token, 'x-amz-signedheaders')?.toLowerCase().split(';')
    if (!token.parameters) return undefined
    return headers?.includes('x-k8s-aws-id')
      ? [true, 'x-k8s-aws-id is signed']
      : [false, 'x-k8s-aws-id is not signed: not bound to a cluster']
  }),
  server('expires', (token) => {
    const expires = parameterOf(token, 'x-amz-expires') ?? ''
    if (!token.parameters) return undefined
    const isValid = /^[+-]?\d+$/.test(expires) && Number(expires) >= 0 && Number(expires) <= MAX_EXPIRES_SECONDS
    return isValid
      ? [true, `${Number(expires)} s (ignored by STS)`]
      : [false, `not a number of seconds from 0 to ${MAX_EXPIRES_SECONDS}`]
  }),
  server('date', (token) => {
    const text = parameterOf(token, 'x-amz-date')
    if (!token.parameters) return undefined
    if (text === undefined) return [false, 'missing']
    return parseAmzDate(text)
      ? [true, text]
      : [false, `not a time in the form yyyymmddThhmmssZ: ${quoteUntrusted(text, 20)}`]
  }),
  server('age', (token, now) => {
    const date = parseAmzDate(parameterOf(token, 'x-amz-date') ?? '')
    if (!date) return undefined
    // The server's clock has fractions of a second.
    const seconds = (now.getTime() - date.getTime()) / 1000
    return [seconds <= MAX_AGE_SECONDS, `${describeAge(seconds)} (maximum ${MAX_AGE_SECONDS / 60} minutes)`]
  }),
]

/** Applies every rule to a token. Pure; never throws. */
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

function describeMissingPrefix(token: string): string {
  const problem = `does not start with ${PREFIX}`
  if (/^https?:\/\//i.test(token)) return `${problem}: an unencoded presigned URL`
  if (/^eyJ/.test(token)) return `${problem}: this looks like a JSON Web Token, which is not an EKS token`
  if (/^azhzLWF3cy12MS/.test(token)) return `${problem}: the token is encoded twice`
  if (/^aHR0c/.test(token)) return `${problem}: only the prefix is missing`
  if (token.toLowerCase().startsWith(PREFIX)) return `${problem}: the prefix is case-sensitive`
  return problem
}

function describeInvalidBase64url(token: string): string {
  const body = token.slice(PREFIX.length)
  if (body === '') return 'nothing follows the prefix'
  if (body.includes('=')) return 'contains padding (=)'
  if (/[+/]/.test(body)) return 'contains + or /: standard base64 instead of base64url'
  if (/\s/.test(body)) return 'contains whitespace'
  return body.length % 4 === 1 ? 'truncated: the length is not valid' : 'contains characters that are not base64url'
}

function describeAction(action: string): string {
  return /^[A-Za-z]{1,40}$/.test(action) ? `${action} instead of GetCallerIdentity` : 'not GetCallerIdentity'
}

function describeAge(exactSeconds: number): string {
  const seconds = Math.floor(exactSeconds)
  if (seconds < exactSeconds && seconds === MAX_AGE_SECONDS)
    return `a fraction of a second over ${seconds / 60} minutes old`
  if (seconds < 0) return `signed ${-seconds} s in the future`
  if (seconds < 120) return `${seconds} s old`
  return seconds < 7200 ? `${Math.floor(seconds / 60)} minutes old` : `${Math.floor(seconds / 3600)} hours old`
}
