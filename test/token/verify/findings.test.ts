import { expect, test } from 'vitest'
import { inspectToken } from '../../../src/token/verify/inspection.ts'
import { GOOD_URL, HOSTILE, SIGNED_AT, tokenOf } from '../../support/hostile-tokens.ts'

const NOW = new Date(SIGNED_AT)
const withValue = (name: string, value: string) =>
  tokenOf(GOOD_URL.replace(new RegExp(`${name}=[^&]*`), `${name}=${value}`))
const withKey = (id: string) => tokenOf(GOOD_URL.replace('AKIDEXAMPLE', encodeURIComponent(id)))
const withScope = (scope: string) => withValue('X-Amz-Credential', encodeURIComponent(scope))

/** More tokens than the hostile ones: what is accepted, and the limits of each rule. */
const OTHERS: readonly (readonly [title: string, token: string])[] = [
  ['the good token', tokenOf(GOOD_URL)],
  ['names of parameters in lower case', tokenOf(GOOD_URL.replace(/X-Amz-\w+=/g, (name) => name.toLowerCase()))],
  ['empty pairs', tokenOf(GOOD_URL.replaceAll('&', '&&'))],
  ['a plus sign', withValue('Action', 'Get+CallerIdentity')],
  ['an equals sign in a value', withValue('Version', '2011=06')],
  ['a digit in the action', withValue('Action', 'Get2')],
  ['an action of 41 letters', withValue('Action', 'A'.repeat(41))],
  ['an action of 40 letters', withValue('Action', 'A'.repeat(40))],
  ['an expiry of 0', withValue('X-Amz-Expires', '0')],
  ['an expiry of 900', withValue('X-Amz-Expires', '%2B900')],
  ['an expiry with a space', withValue('X-Amz-Expires', '+60')],
  ['an expiry with an exponent', withValue('X-Amz-Expires', '1e2')],
  ['a date with a prefix', withValue('X-Amz-Date', 'x20260102T030405Z')],
  ['a date with a suffix', withValue('X-Amz-Date', '20260102T030405Zx')],
  ['an empty date', withValue('X-Amz-Date', '')],
  ['signed headers in upper case', withValue('X-Amz-SignedHeaders', 'HOST%3BX-K8S-AWS-ID%3BAccept')],
  [
    'signed headers with other characters',
    withValue('X-Amz-SignedHeaders', `host%3Bx-k8s-aws-id%3Bx%20y%3B${'x'.repeat(41)}`),
  ],
  [
    'eleven signed headers',
    withValue('X-Amz-SignedHeaders', Array.from('abcdefghijk', (name) => `x-${name}`).join('%3B')),
  ],
  ['no version, but other parameters', withValue('Version', '')],
  ['an access key id with quotes', withKey('"AKIDEXAMPLE"')],
  ['an access key id with a space', withKey('AKIDEXAMPLE ')],
  ['an access key id of 128 characters', withKey('A'.repeat(128))],
  ['an access key id of 129 characters', withKey('A'.repeat(129))],
  ['no access key id', withKey('')],
  [
    'a temporary access key with a session token',
    tokenOf(`${GOOD_URL.replace('AKIDEXAMPLE', 'ASIAEXAMPLE')}&X-Amz-Security-Token=abc`),
  ],
  ['another terminator', withScope('AKIDEXAMPLE/20260102/us-east-1/sts/aws5_request')],
  ['a scope with more parts', withScope('AKIDEXAMPLE/20260102/us-east-1/sts/aws4_request/x')],
  ['a scope without parts', withScope('AKIDEXAMPLE')],
  ['a scope with another region', withScope('AKIDEXAMPLE/20260102/eu-west-1/sts/aws4_request')],
  ['a signature in upper case', withValue('X-Amz-Signature', 'A'.repeat(64))],
  ['a signature with a suffix', withValue('X-Amz-Signature', `${'a'.repeat(64)}x`)],
  ['a signature with a prefix', withValue('X-Amz-Signature', `x${'a'.repeat(64)}`)],
  ['five minutes ahead', withValue('X-Amz-Date', '20260102T030905Z')],
  ['a second more ahead', withValue('X-Amz-Date', '20260102T030906Z')],
  ['a second ahead', withValue('X-Amz-Date', '20260102T030406Z')],
  ['119 seconds old', withValue('X-Amz-Date', '20260102T030206Z')],
  ['120 seconds old', withValue('X-Amz-Date', '20260102T030205Z')],
  ['7,199 seconds old', withValue('X-Amz-Date', '20260102T010406Z')],
  ['7,200 seconds old', withValue('X-Amz-Date', '20260102T010405Z')],
  ['4,096 bytes', tokenOf(GOOD_URL.padEnd(3063, 'x'))],
  ['HTTP in place of a token', 'HTTP://x'],
  ['a URL after other text', 'see https://x'],
  ['the beginning of a JSON Web Token after other text', 'x.eyJhbGciOiJSUzI1NiJ9'],
  ['the prefix in base64 after other text', 'xazhzLWF3cy12MS'],
  ['standard base64', 'k8s-aws-v1.aHR0c+/x'],
  ['a date in ISO format', withValue('X-Amz-Date', '2026-01-02T03:04:05.000Z')],
  ['a date in the year 12026', withValue('X-Amz-Date', '%2B0120260102T030405Z')],
  ['a colon before a URL', tokenOf(`:${GOOD_URL}`)],
  ['more than 1 MiB', `k8s-aws-v1.${'A'.repeat((1 << 20) + 4)}`],
  ['1 MiB', `k8s-aws-v1.${'A'.repeat(1 << 20)}`],
]

const GOOD = new Map(inspectToken(tokenOf(GOOD_URL), NOW).rules.map(({ id, finding }) => [id, finding]))

/** What the rules say, where it is not what they say about the good token. */
function findingsOf(title: string, token: string): string {
  const { rules, passes, signedHeaders, sessionTokenBytes, accessKeyId, keyKind } = inspectToken(token, NOW)
  expect(passes).toBe(rules.every(({ status }) => status === 'pass'))
  const isFirst = token === tokenOf(GOOD_URL)
  const shown = rules.filter(({ id, finding }) => isFirst || finding !== GOOD.get(id))
  return [
    `${title}: ${passes ? 'passes' : 'fails'}`,
    ...shown.map(({ id, enforcedBy, status, finding }) => `  ${status} ${id} (${enforcedBy}): ${finding}`),
    `  access key id ${accessKeyId ?? '–'}, ${keyKind ?? '–'}; session token ${sessionTokenBytes}; ${signedHeaders.join(' ')}`,
    '',
  ].join('\n')
}

test('what each rule says about each token is as recorded', async () => {
  const cases = [...OTHERS, ...HOSTILE.map(([title, token]) => [title, token] as const)]
  const text = cases.map(([title, token]) => findingsOf(title, token)).join('\n')
  await expect(text).toMatchFileSnapshot('findings.txt')
})
