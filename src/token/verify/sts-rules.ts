import { parseStsHost } from '../../aws/sts-host.ts'
import { quoteUntrusted, redactKeyId } from '../../redact.ts'
import { parameterOf, parseAmzDate, parseScope } from './parameters.ts'
import type { Rule } from './rule.ts'

/** STS responds "Signature not yet current" to a request that is dated further ahead. */
const MAX_AHEAD_SECONDS = 5 * 60

/** The headers that API servers send with the request. */
const SENT_HEADERS = ['host', 'x-k8s-aws-id', 'accept']

/**
 * The checks of STS that need no secret. API servers do not make them, but STS rejects the token.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html
 */
export const STS_RULES: readonly Rule[] = [
  sts('version', (token) => {
    const version = parameterOf(token, 'version')
    if (!token.parameters) return undefined
    return [version === '2011-06-15', version === undefined ? 'missing' : quoteUntrusted(version, 12)]
  }),
  sts('algorithm', (token) => {
    const algorithm = parameterOf(token, 'x-amz-algorithm')
    if (!token.parameters) return undefined
    return [algorithm === 'AWS4-HMAC-SHA256', algorithm === undefined ? 'missing' : quoteUntrusted(algorithm, 24)]
  }),
  sts('access-key', (token) => {
    const id = parseScope(token)?.accessKeyId
    if (!token.parameters) return undefined
    return id ? [/^\w{1,128}$/.test(id), describeKeyId(id)] : [false, 'missing']
  }),
  sts('scope', (token) => {
    const scope = parseScope(token)
    if (!token.parameters || !token.url) return undefined
    if (!scope) return [false, 'missing']
    if (scope.service !== 'sts' || scope.terminator !== 'aws4_request') {
      return [false, 'the credential scope does not end in sts/aws4_request']
    }
    if (scope.day !== parameterOf(token, 'x-amz-date')?.slice(0, 8)) {
      return [false, 'the date of the credential scope differs from X-Amz-Date']
    }
    const region = parseStsHost(token.url.authority)?.region
    if (region === undefined) return undefined
    if (scope.region === region) return [true, `${region}, matches the host`]
    return [false, `signed for region ${quoteUntrusted(scope.region, 24)}, but the host is in ${region}`]
  }),
  sts('host-header', (token) => {
    const headers = parameterOf(token, 'x-amz-signedheaders')?.toLowerCase().split(';')
    if (!token.parameters) return undefined
    if (!headers?.includes('host')) return [false, 'host is not signed']
    const hasUnsent = headers.some((name) => !SENT_HEADERS.includes(name))
    return [!hasUnsent, hasUnsent ? 'a header that API servers do not send is signed' : 'host is signed']
  }),
  sts('session-token', (token) => {
    const sessionToken = parameterOf(token, 'x-amz-security-token')
    const id = parseScope(token)?.accessKeyId ?? ''
    if (!token.parameters) return undefined
    const bytes = Buffer.byteLength(sessionToken ?? '')
    if (bytes > 0) return [true, `${bytes} bytes`]
    if (sessionToken !== undefined) return [false, 'empty']
    return id.startsWith('ASIA')
      ? [false, 'missing, but a temporary access key requires one']
      : [true, 'none, not required']
  }),
  sts('signature', (token) => {
    const signature = parameterOf(token, 'x-amz-signature')
    if (!token.parameters) return undefined
    if (signature === undefined) return [false, 'missing']
    const isWellFormed = /^[0-9a-f]{64}$/.test(signature)
    return [isWellFormed, isWellFormed ? '64 hex digits, verified only by STS' : 'not 64 hex digits']
  }),
  sts('not-ahead', (token, now) => {
    const date = parseAmzDate(parameterOf(token, 'x-amz-date') ?? '')
    if (!date) return undefined
    const ahead = Math.ceil((date.getTime() - now.getTime()) / 1000)
    return [ahead <= MAX_AHEAD_SECONDS, ahead > 0 ? `${ahead} s ahead of the local clock` : 'not dated in the future']
  }),
]

function describeKeyId(id: string): string {
  if (/["'`]/.test(id)) return 'contains quotes, which are not part of an access key id'
  return /\s/.test(id) ? 'contains spaces or line breaks' : redactKeyId(id)
}

function sts(id: string, check: Rule['check']): Rule {
  return { id, enforcedBy: 'STS', check }
}
