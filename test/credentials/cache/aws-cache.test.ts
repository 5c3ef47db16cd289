import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  awsCacheFile,
  readCachedCredentials,
  writeCachedCredentials,
} from '../../../src/credentials/cache/aws-cache.ts'
import { type Plan, sourceOf } from '../../../src/credentials/sources/registry.ts'
import type { AssumeRolePlan } from '../../../src/credentials/sources/sts.ts'

const ROLE: AssumeRolePlan<Plan> = {
  kind: 'assume-role',
  why: '',
  profile: 'r',
  roleArn: 'arn:aws:iam::123456789012:role/role-a',
  sessionName: undefined,
  externalId: undefined,
  durationSeconds: undefined,
  mfaSerial: undefined,
  source: { kind: 'environment', why: '' },
}
const WEB: Plan = {
  kind: 'web-identity',
  why: '',
  roleArn: ROLE.roleArn.replace('-a', '-w'),
  tokenFile: '/t',
  sessionName: 'sess',
}
const USER_ID = process.getuid?.()
const NOW = new Date('2026-01-02T03:04:05Z')
const KEYS = {
  accessKeyId: 'ASIAX',
  secretAccessKey: 'secret-of-ASIAX',
  sessionToken: 'T',
  expiration: new Date('2026-01-02T04:04:05Z'),
}

describe('file names are those of the AWS CLI', () => {
  // Names of files that aws-cli 2.36 wrote for these inputs.
  test.each<[string, Plan, string]>([
    ['a role', ROLE, '9fc85b5c70f0ed0cee47c5f0f1656a8710ab57d4'],
    ['options', { ...ROLE, durationSeconds: 1200, externalId: 'ext' }, 'ea9ce0334fd7c48dc8a68e559e00f3ace95afe1e'],
    ['non-ASCII characters', { ...ROLE, externalId: 'exté' }, '1edf1fd9b7360a0816fcd6afc89abc99d2db760e'],
    ['MFA', { ...ROLE, mfaSerial: 'arn:aws:iam::123456789012:mfa/me' }, '42cf822eb7ee7d88642f5b55d129c5b1856ff1f6'],
    [
      'an empty session name, which has no effect',
      { ...ROLE, sessionName: '' },
      '9fc85b5c70f0ed0cee47c5f0f1656a8710ab57d4',
    ],
    ['web identity', WEB, '9c916ea897147ff98895aec25416b2e12f825b42'],
  ])('%s', (_title, plan, name) => {
    expect(awsCacheFile(sourceOf(plan).awsCacheKey ?? '', '/home/u')).toBe(`/home/u/.aws/cli/cache/${name}.json`)
  })
  test('source, profile and region are not part of the name: two profiles share a session', () => {
    const other: Plan = { ...ROLE, profile: 'other', source: WEB, why: 'else' }
    expect(sourceOf(other).awsCacheKey).toBe(sourceOf(ROLE).awsCacheKey)
  })
  test.each<[string, Plan]>([
    ['credentials in the environment', { kind: 'environment', why: '' }],
    ['credential_process', { kind: 'process', why: '', profile: 'p', command: 'x', program: 'x' }],
  ])('%s is not cached', (_title, plan) => expect(sourceOf(plan).awsCacheKey).toBeUndefined())
})

describe('a cache file', () => {
  let file: string
  beforeEach(() => {
    file = join(mkdtempSync(join(tmpdir(), 'eks-get-token-cache-')), '.aws', 'cli', 'cache', 'x.json')
  })
  afterEach(() => rmSync(join(dirname(file), '..', '..', '..'), { recursive: true, force: true }))

  test('has mode 0600, and no other file is left in its directory', () => {
    writeCachedCredentials(file, KEYS, USER_ID)
    expect(readCachedCredentials(file, NOW, USER_ID)).toEqual(KEYS)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readdirSync(dirname(file))).toEqual(['x.json'])
    expect(JSON.parse(readFileSync(file, 'utf8')).Credentials.Expiration).toBe('2026-01-02T04:04:05+00:00')
  })
  test('is not written for credentials that do not expire', () => {
    writeCachedCredentials(file, { ...KEYS, expiration: undefined }, USER_ID)
    expect(existsSync(dirname(file))).toBe(false)
  })
  test.each([
    ['exactly 15 minutes', '2026-01-02T03:49:05Z', 'ASIAX'],
    ['a second less than 15 minutes', '2026-01-02T03:49:06Z', undefined],
  ])('valid for %s', (_title, now, accessKeyId) => {
    writeCachedCredentials(file, KEYS, USER_ID)
    expect(readCachedCredentials(file, new Date(now), USER_ID)?.accessKeyId).toBe(accessKeyId)
  })
  test.each(['Z', 'UTC', '+00:00'])('of another AWS CLI version, with time zone %s', (zone) => {
    writeCachedCredentials(file, KEYS, USER_ID)
    writeFileSync(file, readFileSync(file, 'utf8').replace('+00:00', zone))
    expect(readCachedCredentials(file, NOW, USER_ID)).toEqual(KEYS)
  })

  const good = { AccessKeyId: 'A', SecretAccessKey: 'B', SessionToken: 'C', Expiration: '2027-01-01T00:00:00Z' }
  test.each([
    ['empty', ''],
    ['truncated', '{"Credentials": {"AccessKeyId": "A"'],
    ['invalid JSON', '\u0000\u0001'],
    ['null', 'null'],
    ['a list', '[]'],
    ['without credentials', '{}'],
    ['without a secret access key', JSON.stringify({ Credentials: { ...good, SecretAccessKey: undefined } })],
    ['with a number in place of a string', JSON.stringify({ Credentials: { ...good, AccessKeyId: 1 } })],
    ['without an expiration', JSON.stringify({ Credentials: { ...good, Expiration: undefined } })],
    ['with an invalid expiration', JSON.stringify({ Credentials: { ...good, Expiration: 'soon' } })],
    ['larger than 1 MB', `${' '.repeat(2 << 20)}${JSON.stringify({ Credentials: good })}`],
  ])('that is %s is a miss, and is replaced', (_title, text) => {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text, { mode: 0o600 })
    expect(readCachedCredentials(file, NOW, USER_ID)).toBeUndefined()
    writeCachedCredentials(file, KEYS, USER_ID)
    expect(readCachedCredentials(file, NOW, USER_ID)).toEqual(KEYS)
  })
  test('that belongs to another user is used, as by the AWS CLI', () => {
    writeCachedCredentials(file, KEYS, USER_ID)
    expect(readCachedCredentials(file, NOW, (USER_ID ?? 0) + 1)).toEqual(KEYS)
  })
  test.each([0o664, 0o660, 0o640])('keeps its mode %o', (mode) => {
    writeCachedCredentials(file, KEYS, USER_ID)
    chmodSync(file, mode)
    writeCachedCredentials(file, { ...KEYS, accessKeyId: 'ASIAY' }, USER_ID)
    expect(statSync(file).mode & 0o777).toBe(mode)
    expect(readCachedCredentials(file, NOW, USER_ID)?.accessKeyId).toBe('ASIAY')
  })
  test('that is world-writable is not read, and replaced by one with mode 0600', () => {
    writeCachedCredentials(file, KEYS, USER_ID)
    chmodSync(file, 0o666)
    expect(readCachedCredentials(file, NOW, USER_ID)).toBeUndefined()
    writeCachedCredentials(file, { ...KEYS, accessKeyId: 'ASIAY' }, USER_ID)
    expect(readCachedCredentials(file, NOW, USER_ID)?.accessKeyId).toBe('ASIAY')
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })
  test.each([
    [0o775, 'ASIAY'],
    [0o777, 'ASIAX'],
    [0o1777, 'ASIAX'],
  ])('in a directory with mode %o: %s after a write', (mode, accessKeyId) => {
    writeCachedCredentials(file, KEYS, USER_ID)
    chmodSync(dirname(file), mode)
    expect(readCachedCredentials(file, NOW, USER_ID)?.accessKeyId).toBe(accessKeyId === 'ASIAY' ? 'ASIAX' : undefined)
    writeCachedCredentials(file, { ...KEYS, accessKeyId: 'ASIAY' }, USER_ID)
    chmodSync(dirname(file), 0o755)
    expect(readCachedCredentials(file, NOW, USER_ID)?.accessKeyId).toBe(accessKeyId)
  })
  test.each([
    ['a directory in its place', () => mkdirSync(file, { recursive: true })],
    [
      'a file in place of its directory',
      () => {
        mkdirSync(join(dirname(file), '..'), { recursive: true })
        writeFileSync(dirname(file), '')
      },
    ],
    [
      'a dangling link in place of its directory',
      () => {
        mkdirSync(join(dirname(file), '..'), { recursive: true })
        symlinkSync('/nonexistent/folder', dirname(file))
      },
    ],
  ])('that cannot be written (%s) is not an error', (_title, spoil) => {
    spoil()
    expect(readCachedCredentials(file, NOW, USER_ID)).toBeUndefined()
    expect(() => writeCachedCredentials(file, KEYS, USER_ID)).not.toThrow()
  })
})
