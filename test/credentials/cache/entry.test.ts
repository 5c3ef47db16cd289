import { describe, expect, test } from 'vitest'
import { parseCacheEntry, reusableCredentials, serializeCacheEntry } from '../../../src/credentials/cache/aws-cache.ts'
import type { Credentials } from '../../../src/credentials/credentials.ts'
import type { Plan } from '../../../src/credentials/sources/registry.ts'

const ARN = 'arn:aws:sts::123456789012:assumed-role/role-a/name'
const CREDENTIALS: Credentials & { readonly expiration: Date } = {
  accessKeyId: 'ASIAX',
  secretAccessKey: 'secret-of-ASIAX',
  sessionToken: 'T',
  expiration: new Date('2026-01-02T04:04:05.678Z'),
  session: undefined,
}
const SSO: Plan = {
  ...{ kind: 'sso', why: '', profile: 'p', session: 'corp', roleName: 'Dev', accountId: '210987654321' },
  ...{ startUrl: 'https://example.awsapps.com/start', region: 'eu-west-1' },
}
const ENVIRONMENT: Plan = { kind: 'environment', why: '' }

const KEYS = '"AccessKeyId":"ASIAX","SecretAccessKey":"secret-of-ASIAX","SessionToken":"T"'

describe('the text of an entry', () => {
  test.each<[string, string | undefined, Partial<Credentials>, Plan | undefined, string | undefined]>([
    [
      'of a role',
      `{"Credentials":{${KEYS},"Expiration":"2026-01-02T04:04:05+00:00","AccountId":"123456789012"},"AssumedRoleUser":{"AssumedRoleId":"AROAX:name","Arn":"${ARN}"}}`,
      { session: { arn: ARN, id: 'AROAX:name' } },
      ENVIRONMENT,
      undefined,
    ],
    [
      'of SSO',
      `{"ProviderType":"sso","Credentials":{${KEYS},"Expiration":"2026-01-02T04:04:05Z","AccountId":"210987654321"}}`,
      {},
      SSO,
      undefined,
    ],
    [
      'of the role cache',
      `{"RoleArn":"arn:x","Credentials":{${KEYS},"Expiration":"2026-01-02T04:04:05+00:00"}}`,
      {},
      undefined,
      'arn:x',
    ],
    ['of credentials that do not expire', undefined, { expiration: undefined }, SSO, undefined],
  ])('%s', (_title, text, more, plan, roleArn) => {
    expect(serializeCacheEntry({ ...CREDENTIALS, ...more }, plan, roleArn)).toBe(text)
  })

  test('is read again', () => {
    const session = { arn: ARN, id: 'AROAX:name' }
    const text = serializeCacheEntry({ ...CREDENTIALS, session }, undefined, 'arn:x') ?? ''
    expect(parseCacheEntry(text)).toEqual({
      credentials: { ...CREDENTIALS, session, expiration: new Date('2026-01-02T04:04:05Z') },
      roleArn: 'arn:x',
      isSso: false,
      accountId: '123456789012',
    })
    expect(parseCacheEntry(serializeCacheEntry(CREDENTIALS, SSO) ?? '')).toMatchObject({
      roleArn: undefined,
      isSso: true,
      accountId: '210987654321',
    })
  })
})

describe('an entry with', () => {
  const good = { AccessKeyId: 'A', SecretAccessKey: 'S', SessionToken: 'T', Expiration: '2027-01-01T00:00:00Z' }
  const parse = (credentials: object, more: object = {}) =>
    parseCacheEntry(JSON.stringify({ Credentials: { ...good, ...credentials }, ...more }))

  test.each([
    ['a blank access key id', { AccessKeyId: ' ' }],
    ['an empty access key id', { AccessKeyId: '' }],
    ['a blank secret access key', { SecretAccessKey: ' \t' }],
    ['no session token', { SessionToken: undefined }],
    ['a session token that is not a text', { SessionToken: 1 }],
    ['a secret access key that is not a text', { SecretAccessKey: {} }],
    ['an expiration that is not a text', { Expiration: 4102444800 }],
  ])('%s is not valid', (_title, credentials) => expect(parse(credentials)).toBeUndefined())

  test.each([
    ['twelve digits', '123456789012', '123456789012'],
    ['eleven digits', '12345678901', undefined],
    ['thirteen digits', '1234567890123', undefined],
    ['a number', 123456789012, undefined],
  ])('%s as its account', (_title, AccountId, accountId) => expect(parse({ AccountId })?.accountId).toBe(accountId))

  test.each([
    ['both', { Arn: 'a', AssumedRoleId: 'i' }, { arn: 'a', id: 'i' }],
    ['no id', { Arn: 'a' }, undefined],
    ['no ARN', { AssumedRoleId: 'i' }, undefined],
    ['numbers', { Arn: 1, AssumedRoleId: 2 }, undefined],
  ])('a session with %s', (_title, AssumedRoleUser, session) => {
    expect(parse({}, { AssumedRoleUser })?.credentials.session).toEqual(session)
  })

  test('a role that is not a text has none', () => expect(parse({}, { RoleArn: 1 })?.roleArn).toBeUndefined())
  test('another provider is not of SSO', () => expect(parse({}, { ProviderType: 'SSO' })?.isSso).toBe(false))
})

test('no entry has no reusable credentials', () => {
  expect(reusableCredentials(undefined, new Date(0))).toBeUndefined()
})
