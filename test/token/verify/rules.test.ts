import { describe, expect, test } from 'vitest'
import { inspectToken } from '../../../src/token/verify/inspection.ts'
import { GOLDEN, GOOD_URL, HOSTILE, SIGNED_AT, tokenOf } from '../../support/hostile-tokens.ts'
import { verifyToken } from '../../support/token-verifier.ts'

const NOW = new Date(SIGNED_AT)
const failures = (token: string) => inspectToken(token, NOW).rules.filter(({ status }) => status === 'fail')

describe('a token of the AWS CLI passes all checks', () => {
  // Custom endpoints and unusual access key ids produce tokens that API servers reject.
  const valid = GOLDEN.filter(
    ({ url }) => /^https:\/\/sts(-fips)?\.[a-z0-9.-]+\/\?.*Credential=\w+%2F/.test(url) && tokenOf(url).length <= 4096,
  )
  test('more than 8 tokens are checked', () => expect(valid.length).toBeGreaterThan(8))
  test.each(valid.map(({ id, token }) => [id, token] as const))('%s', (_id, token) => {
    expect(failures(token).filter(({ id }) => id !== 'age' && id !== 'not-ahead')).toEqual([])
  })
  test('its inspection has the access key, STS endpoint, time and lifetime', () => {
    const { rules, ...facts } = inspectToken(tokenOf(GOOD_URL), new Date('2026-01-02T03:08:05Z'))
    expect(rules.map(({ status }) => status)).not.toContain('fail')
    expect(facts).toEqual({
      bytes: 481,
      maxBytes: 4096,
      accessKeyId: 'AKIDEXAMPLE',
      keyKind: 'unknown prefix',
      sts: { host: 'sts.us-east-1.amazonaws.com', region: 'us-east-1', partition: 'aws', kind: 'regional' },
      signedAt: NOW,
      validUntil: new Date('2026-01-02T03:19:05Z'),
      ageSeconds: 240,
      secondsLeft: 660,
      maxAgeSeconds: 900,
      signedHeaders: ['host', 'x-k8s-aws-id'],
      sessionTokenBytes: 0,
      passes: true,
    })
  })
})

test.each([
  ['AKIAIOSFODNN7EXAMPLE', 'long-term access key'],
  ['ASIAIOSFODNN7EXAMPLE', 'temporary AWS STS access key'],
  ['ABIAIOSFODNN7EXAMPLE', 'AWS STS service bearer token'],
  ['ACCAIOSFODNN7EXAMPLE', 'context-specific credential'],
  ['AIDAIOSFODNN7EXAMPLE', 'id of an IAM user, not an access key'],
  ['AROAIOSFODNN7EXAMPLE', 'id of an IAM role, not an access key'],
  ['constructor', 'unknown prefix'],
])('the kind of access key id %s is: %s', (id, kind) => {
  expect(inspectToken(tokenOf(GOOD_URL.replace('AKIDEXAMPLE', id)), NOW).keyKind).toBe(kind)
})

test('a token without a date has no time left, and no age', () => {
  expect(inspectToken(tokenOf(GOOD_URL.replace('X-Amz-Date', 'X-Other')), NOW)).toMatchObject({
    ...{ signedAt: undefined, validUntil: undefined, ageSeconds: undefined, secondsLeft: undefined },
  })
})

test('a token is valid for exactly 15 minutes', () => {
  const statusAt = (time: string) =>
    inspectToken(tokenOf(GOOD_URL), new Date(time)).rules.find(({ id }) => id === 'age')?.status
  expect([statusAt('2026-01-02T03:19:05Z'), statusAt('2026-01-02T03:19:06Z')]).toEqual(['pass', 'fail'])
})

describe('hostile and broken tokens', () => {
  test('every rule has a token that fails it', () => {
    expect(HOSTILE.length).toBeGreaterThanOrEqual(40)
    const all = inspectToken(tokenOf(GOOD_URL), NOW).rules.map(({ id }) => id)
    expect([...new Set(HOSTILE.map(([, , rule]) => rule))].sort()).toEqual(all.sort())
  })
  test.each(HOSTILE)('%s fails the right rule', (_title, token, rule) => {
    const [first] = failures(token)
    expect(first?.id).toBe(rule)
    // Findings are one short line of printable ASCII.
    for (const { finding } of failures(token)) expect(finding).toMatch(/^[\x20-\x7e]{1,120}$/)
  })
  test.each(HOSTILE)('%s is rejected by the independent verifier', (_title, token) => {
    const request = { token, clusterName: 'my-cluster', now: NOW }
    const secretFor = (id: string) => ({ secret: `secret-of-${id}` })
    expect(verifyToken({ ...request, secretFor })).toMatchObject({ ok: false })
  })
})

test.each([
  [899_999, 'pass', '14 minutes old (maximum 15 minutes)'],
  [900_000, 'pass', '15 minutes old (maximum 15 minutes)'],
  [900_001, 'fail', 'a fraction of a second over 15 minutes old (maximum 15 minutes)'],
  [900_990, 'fail', 'a fraction of a second over 15 minutes old (maximum 15 minutes)'],
  [901_000, 'fail', '15 minutes old (maximum 15 minutes)'],
])('a token that is %i ms old: %s', (ageMs, status, finding) => {
  const { rules } = inspectToken(tokenOf(GOOD_URL), new Date(NOW.getTime() + ageMs))
  expect(rules.find(({ id }) => id === 'age')).toMatchObject({ status, finding })
})

test.each([
  'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  'wJalrXUtnFEMI1K7MDENG2bPxRfiCYEXAMPLEKEY',
  'IQoJb3JpZ2luX2VjEXAMPLE00',
])('the secret %s in place of a name is not shown', (SECRET) => {
  const places = [
    GOOD_URL.replace('AKIDEXAMPLE', encodeURIComponent(SECRET)),
    `${GOOD_URL}&${encodeURIComponent(SECRET)}=x`,
    GOOD_URL.replace('Action=', `${encodeURIComponent(SECRET)}=`),
    GOOD_URL.replace('//', `//user:${encodeURIComponent(SECRET)}@`),
    GOOD_URL.replace('GetCallerIdentity', encodeURIComponent(SECRET)),
  ]
  for (const url of places) {
    const shown = JSON.stringify(inspectToken(tokenOf(url), NOW))
    expect(shown).not.toContain(SECRET.slice(0, 12))
    expect(shown).not.toContain(encodeURIComponent(SECRET))
  }
})
