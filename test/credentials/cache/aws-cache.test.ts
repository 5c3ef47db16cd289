import {
  chmodSync,
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
import type { AssumeRolePlan, Plan } from '../../../src/credentials/plan/types.ts'
import { sourceOf } from '../../../src/credentials/sources/registry.ts'

const ROLE: AssumeRolePlan = {
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
const US = process.getuid?.()
const NOW = new Date('2026-01-02T03:04:05Z')
const KEYS = {
  accessKeyId: 'ASIAX',
  secretAccessKey: 'secret-of-ASIAX',
  sessionToken: 'T',
  expiration: new Date('2026-01-02T04:04:05Z'),
}

describe('the names are those of the AWS CLI', () => {
  // Names of files that aws-cli 2.36 wrote for these inputs.
  test.each<[string, Plan, string]>([
    ['a role', ROLE, '9fc85b5c70f0ed0cee47c5f0f1656a8710ab57d4'],
    ['options', { ...ROLE, durationSeconds: 1200, externalId: 'ext' }, 'ea9ce0334fd7c48dc8a68e559e00f3ace95afe1e'],
    ['letters beyond ASCII', { ...ROLE, externalId: 'exté' }, '1edf1fd9b7360a0816fcd6afc89abc99d2db760e'],
    ['MFA', { ...ROLE, mfaSerial: 'arn:aws:iam::123456789012:mfa/me' }, '42cf822eb7ee7d88642f5b55d129c5b1856ff1f6'],
    ['an empty session name is none', { ...ROLE, sessionName: '' }, '9fc85b5c70f0ed0cee47c5f0f1656a8710ab57d4'],
    ['web identity', WEB, '9c916ea897147ff98895aec25416b2e12f825b42'],
  ])('%s', (_title, plan, name) => {
    expect(awsCacheFile(sourceOf(plan).awsCacheKey ?? '', '/home/u')).toBe(`/home/u/.aws/cli/cache/${name}.json`)
  })
  test('source, profile and region are not in them: two profiles share a session', () => {
    const other: Plan = { ...ROLE, profile: 'other', source: WEB, why: 'else' }
    expect(sourceOf(other).awsCacheKey).toBe(sourceOf(ROLE).awsCacheKey)
  })
  test.each<[string, Plan]>([
    ['keys', { kind: 'environment', why: '' }],
    ['a process', { kind: 'process', why: '', profile: 'p', command: 'x' }],
  ])('%s has none', (_title, plan) => expect(sourceOf(plan).awsCacheKey).toBeUndefined())
})

describe('a file', () => {
  let file: string
  beforeEach(() => {
    file = join(mkdtempSync(join(tmpdir(), 'eks-get-token-cache-')), '.aws', 'cli', 'cache', 'x.json')
  })
  afterEach(() => rmSync(join(dirname(file), '..', '..', '..'), { recursive: true, force: true }))

  test('is read as it was written, 0600, and nothing lies beside it', () => {
    writeCachedCredentials(file, KEYS, US)
    expect(readCachedCredentials(file, NOW, US)).toEqual(KEYS)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readdirSync(dirname(file))).toEqual(['x.json'])
    expect(JSON.parse(readFileSync(file, 'utf8')).Credentials.Expiration).toBe('2026-01-02T04:04:05+00:00')
  })
  test('that is there keeps its mode', () => {
    writeCachedCredentials(file, KEYS, US)
    chmodSync(file, 0o640)
    writeCachedCredentials(file, { ...KEYS, accessKeyId: 'ASIAY' }, US)
    expect(statSync(file).mode & 0o777).toBe(0o640)
    expect(readCachedCredentials(file, NOW, US)?.accessKeyId).toBe('ASIAY')
  })
  test.each([
    ['15 minutes left', '2026-01-02T03:49:05Z', 'ASIAX'],
    ['a second less', '2026-01-02T03:49:06Z', undefined],
  ])('with %s', (_title, now, accessKeyId) => {
    writeCachedCredentials(file, KEYS, US)
    expect(readCachedCredentials(file, new Date(now), US)?.accessKeyId).toBe(accessKeyId)
  })
  test.each(['Z', 'UTC', '+00:00'])('of another version, with %s behind its time', (zone) => {
    writeCachedCredentials(file, KEYS, US)
    writeFileSync(file, readFileSync(file, 'utf8').replace('+00:00', zone))
    expect(readCachedCredentials(file, NOW, US)).toEqual(KEYS)
  })

  const good = { AccessKeyId: 'A', SecretAccessKey: 'B', SessionToken: 'C', Expiration: '2027-01-01T00:00:00Z' }
  test.each([
    ['empty', ''],
    ['cut off', '{"Credentials": {"AccessKeyId": "A"'],
    ['no JSON', '\u0000\u0001'],
    ['null', 'null'],
    ['a list', '[]'],
    ['without credentials', '{}'],
    ['without a secret', JSON.stringify({ Credentials: { ...good, SecretAccessKey: undefined } })],
    ['with a number for a key', JSON.stringify({ Credentials: { ...good, AccessKeyId: 1 } })],
    ['without an expiry', JSON.stringify({ Credentials: { ...good, Expiration: undefined } })],
    ['with an expiry that is no time', JSON.stringify({ Credentials: { ...good, Expiration: 'soon' } })],
    ['as large as a disk', `${' '.repeat(2 << 20)}${JSON.stringify({ Credentials: good })}`],
  ])('%s is a miss, and heals', (_title, text) => {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text, { mode: 0o600 })
    expect(readCachedCredentials(file, NOW, US)).toBeUndefined()
    writeCachedCredentials(file, KEYS, US)
    expect(readCachedCredentials(file, NOW, US)).toEqual(KEYS)
  })
  test('of another user is not read', () => {
    writeCachedCredentials(file, KEYS, US)
    expect(readCachedCredentials(file, NOW, (US ?? 0) + 1)).toBeUndefined()
  })
  test('that others may write is not read', () => {
    writeCachedCredentials(file, KEYS, US)
    chmodSync(file, 0o666)
    expect(readCachedCredentials(file, NOW, US)).toBeUndefined()
  })
  test('in a folder that others may write is neither read nor written', () => {
    writeCachedCredentials(file, KEYS, US)
    chmodSync(dirname(file), 0o777)
    expect(readCachedCredentials(file, NOW, US)).toBeUndefined()
    writeCachedCredentials(file, { ...KEYS, accessKeyId: 'ASIAY' }, US)
    chmodSync(dirname(file), 0o755)
    expect(readCachedCredentials(file, NOW, US)?.accessKeyId).toBe('ASIAX')
  })
  test.each([
    ['a folder in its place', () => mkdirSync(file, { recursive: true })],
    [
      'a file in place of its folder',
      () => {
        mkdirSync(join(dirname(file), '..'), { recursive: true })
        writeFileSync(dirname(file), '')
      },
    ],
    [
      'a link to nowhere in place of its folder',
      () => {
        mkdirSync(join(dirname(file), '..'), { recursive: true })
        symlinkSync('/nonexistent/folder', dirname(file))
      },
    ],
  ])('that cannot be written (%s) is no reason to fail', (_title, spoil) => {
    spoil()
    expect(readCachedCredentials(file, NOW, US)).toBeUndefined()
    expect(() => writeCachedCredentials(file, KEYS, US)).not.toThrow()
  })
})
