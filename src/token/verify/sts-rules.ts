import { parseStsHost } from '../../aws/sts-host.ts'
import { quoteUntrusted, redactKeyId } from '../../redact.ts'
import { parameterOf, parseAmzDate, parseScope } from './parameters.ts'
import type { Rule } from './rules.ts'

/** STS answers "Signature not yet current" to what comes from further ahead. */
const MAX_AHEAD_SECONDS = 5 * 60

/**
 * What can be seen of STS's own rules without its keys. The server does not look at these; STS refuses all the same.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html
 */
export const STS_RULES: readonly Rule[] = [
  sts('version', (token) => {
    const version = parameterOf(token, 'version')
    return (
      token.parameters && [
        version === '2011-06-15',
        version === undefined ? 'there is none' : quoteUntrusted(version, 12),
      ]
    )
  }),
  sts('algorithm', (token) => {
    const algorithm = parameterOf(token, 'x-amz-algorithm')
    const found = algorithm === undefined ? 'there is none' : quoteUntrusted(algorithm, 24)
    return token.parameters && [algorithm === 'AWS4-HMAC-SHA256', found]
  }),
  sts('access-key', (token) => {
    const id = parseScope(token)?.accessKeyId
    if (!token.parameters) return undefined
    return id ? [/^\w{1,128}$/.test(id), redactKeyId(id)] : [false, 'there is none']
  }),
  sts('scope', (token) => {
    const scope = parseScope(token)
    if (!token.parameters || !token.url) return undefined
    if (!scope) return [false, 'there is none']
    if (scope.service !== 'sts' || scope.end !== 'aws4_request') return [false, 'the signature is for no call of STS']
    if (scope.day !== parameterOf(token, 'x-amz-date')?.slice(0, 8)) return [false, 'the signature is of another day']
    const region = parseStsHost(token.url.authority)?.region
    if (region === undefined) return undefined
    if (scope.region === region) return [true, `${region}, as the host`]
    return [false, `signed for region ${quoteUntrusted(scope.region, 24)}, and the host is of ${region}`]
  }),
  sts('host-header', (token) => {
    const headers = parameterOf(token, 'x-amz-signedheaders')?.toLowerCase().split(';')
    if (!token.parameters) return undefined
    if (!headers?.includes('host')) return [false, 'host is not signed']
    const unsent = headers.find((name) => !['host', 'x-k8s-aws-id', 'accept'].includes(name))
    return [unsent === undefined, unsent === undefined ? 'host is signed' : 'a header is signed that no server sends']
  }),
  sts('session-token', (token) => {
    const sessionToken = parameterOf(token, 'x-amz-security-token')
    const id = parseScope(token)?.accessKeyId ?? ''
    if (!token.parameters) return undefined
    const bytes = Buffer.byteLength(sessionToken ?? '')
    if (bytes > 0) return [true, `${bytes} bytes`]
    if (sessionToken !== undefined) return [false, 'it is there, and empty']
    return id.startsWith('ASIA') ? [false, 'none, and the key of a session needs one'] : [true, 'none, and none needed']
  }),
  sts('signature', (token) => {
    const signature = parameterOf(token, 'x-amz-signature')
    if (!token.parameters) return undefined
    if (signature === undefined) return [false, 'there is none']
    const holds = /^[0-9a-f]{64}$/.test(signature)
    return [holds, holds ? '64 digits; only STS can check them' : 'it is not of 64 digits']
  }),
  sts('not-ahead', (token, now) => {
    const date = parseAmzDate(parameterOf(token, 'x-amz-date') ?? '')
    if (!date) return undefined
    const ahead = Math.ceil((date.getTime() - now.getTime()) / 1000)
    const found = ahead > 0 ? `${ahead} s ahead of this clock` : 'not from the future'
    return [ahead <= MAX_AHEAD_SECONDS, found]
  }),
]

function sts(id: string, check: Rule['check']): Rule {
  return { id, enforcedBy: 'STS', check }
}
