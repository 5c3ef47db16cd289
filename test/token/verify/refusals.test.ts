import { expect, test } from 'vitest'
import { describeSkew, type RequestFacts, toRefusal } from '../../../src/token/verify/refusals.ts'

const CODES = [
  ...['SignatureDoesNotMatch', 'InvalidSignatureException', 'ExpiredToken', 'ExpiredTokenException'],
  ...['InvalidClientTokenId', 'UnrecognizedClientException', 'InvalidAccessKeyId', 'RegionDisabledException'],
  ...['AccessDenied', 'AccessDeniedException', 'OptInRequired', 'IncompleteSignature', 'MissingAuthenticationToken'],
  ...['RequestExpired', 'Throttling', 'ThrottlingException', 'RequestLimitExceeded', 'NotSts', 'NoContent'],
  ...['ProxyAuthenticationRequired', 'MalformedResponse', 'NotStsX', 'XNoContent', 'Unheard'],
]
const STATUSES = [199, 200, 299, 300, 399, 400, 403, 428, 429, 430, 499, 500, 503]
const SIGNED_NOW: RequestFacts = { skewSeconds: 0, signedBy: 'access keys of profile base' }
const UNKNOWN: RequestFacts = { skewSeconds: undefined, signedBy: undefined }

type Case = readonly [code: string, status: number, message: string, facts: RequestFacts]
const CASES: readonly Case[] = [
  ...CODES.map((code): Case => [code, 403, '', UNKNOWN]),
  ...CODES.slice(0, 4).map((code): Case => [code, 403, '', SIGNED_NOW]),
  ...STATUSES.flatMap((status): Case[] => [
    [String(status), status, '', UNKNOWN],
    ['Unheard', status, '', UNKNOWN],
  ]),
  ['Unheard', 403, 'x'.repeat(199), UNKNOWN],
  ['Unheard', 403, 'x'.repeat(200), UNKNOWN],
  ['Unheard', 403, 'The Canonical String', UNKNOWN],
  ['ExpiredToken', 403, '', { ...SIGNED_NOW, signedBy: 'the environment', isFromEnvironment: true }],
  ['AccessDenied', 403, '', { ...SIGNED_NOW, signedBy: 'the environment', isFromEnvironment: true }],
  ['RequestExpired', 400, '', { ...UNKNOWN, skewSeconds: -1200 }],
  ['SignatureDoesNotMatch', 403, 'signature expired: x', { ...SIGNED_NOW, skewSeconds: -1200 }],
  ['SignatureDoesNotMatch', 403, 'signature not yet current: x', { ...SIGNED_NOW, skewSeconds: 600 }],
  ['4x', 403, '', UNKNOWN],
  ['x4', 403, '', UNKNOWN],
]

test('what each response means is as recorded', async () => {
  const text = CASES.map(([code, status, message, facts]) => {
    const refusal = toRefusal(code, status, message, facts)
    const { isVerdict, meaning, remedy } = refusal
    const signedBy = facts.signedBy === undefined ? '' : `, signed by ${facts.signedBy}`
    const title = `${code} ${status}${message === '' ? '' : `, a message of ${message.length}: ${message.slice(0, 30)}`}${signedBy}`
    return `${title}\n  ${isVerdict ? 'a verdict' : 'no verdict'}: ${meaning}\n  ${remedy}\n  ${refusal.message?.slice(0, 30) ?? '–'}\n`
  }).join('\n')
  await expect(text).toMatchFileSnapshot('refusals.txt')
})

test.each([
  [59, undefined],
  [-59, undefined],
  [60, 'the local clock is 60 s ahead of the STS clock'],
  [-60, 'the local clock is 60 s behind the STS clock'],
  [0, undefined],
  [undefined, undefined],
])('a difference of %s s between the clocks is described as: %s', (seconds, text) =>
  expect(describeSkew(seconds)).toBe(text),
)
