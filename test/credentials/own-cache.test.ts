import { describe, expect, test } from 'vitest'
import { awsCacheKey } from '../../src/credentials/cache.ts'
import type { Credentials } from '../../src/credentials/credentials.ts'
import { ourFolder } from '../../src/credentials/our-folder.ts'
import { isAtHand, ownCacheFile } from '../../src/credentials/own-cache.ts'
import type { AssumeRolePlan, Plan } from '../../src/credentials/plan.ts'
import { hostWith } from '../support/host.ts'

const ROLE: AssumeRolePlan = {
  kind: 'assume-role',
  why: '--role-arn names it',
  profile: undefined,
  roleArn: 'arn:aws:iam::123456789012:role/role-a',
  sessionName: 'EKSGetTokenAuth',
  externalId: undefined,
  durationSeconds: undefined,
  mfaSerial: undefined,
  source: { kind: 'environment', why: '' },
}
const BASE: Credentials = {
  accessKeyId: 'AKIDBASE',
  secretAccessKey: 'secret-of-AKIDBASE',
  sessionToken: undefined,
  expiration: undefined,
}
const STS = { url: 'https://sts.us-west-2.amazonaws.com', signingRegion: 'us-west-2' }

interface Inputs {
  readonly plan?: Partial<AssumeRolePlan>
  readonly base?: Partial<Credentials> | 'none'
  readonly sts?: Partial<typeof STS>
  readonly env?: Record<string, string>
  readonly files?: Record<string, string>
  readonly machine?: string
}

function entry({ plan, base, sts, env = {}, files = {}, machine = 'host' }: Inputs): string {
  const host = hostWith({ env, files })
  const keys = base === 'none' ? undefined : { ...BASE, ...base }
  const where = { ...host.machine, name: () => machine }
  return ownCacheFile('/c', { ...ROLE, ...plan }, keys, { sts: { ...STS, ...sts } }, host, where)
}

// The table of pairs: each line differs from the plain inputs in one of them, and has an entry of its own.
const PAIRS: readonly [string, Inputs][] = [
  ['plain', {}],
  ['role', { plan: { roleArn: 'arn:aws:iam::123456789012:role/role-b' } }],
  ['role, in another case', { plan: { roleArn: 'arn:aws:iam::123456789012:role/ROLE-a' } }],
  ['external id', { plan: { externalId: 'ext' } }],
  ['external id, empty', { plan: { externalId: '' } }],
  ['session name', { plan: { sessionName: 'ext' } }],
  ['duration', { plan: { durationSeconds: 3600 } }],
  ['another duration', { plan: { durationSeconds: 900 } }],
  ['MFA device', { plan: { mfaSerial: 'ext' } }],
  ['region', { sts: { signingRegion: 'us-east-1' } }],
  ['endpoint', { sts: { url: 'https://sts-fips.us-west-2.amazonaws.com' } }],
  ['access key', { base: { accessKeyId: 'AKIDOTHER' } }],
  ['secret of the same key', { base: { secretAccessKey: 'rotated' } }],
  ['session token', { base: { sessionToken: 'T' } }],
  ['another session token', { base: { sessionToken: 'U' } }],
  ['a secret that looks like secret and token', { base: { secretAccessKey: 'secret-of-AKIDBASE","T' } }],
]
const source = (plan: Plan, more: Inputs = {}): Inputs => ({ base: 'none', plan: { source: plan }, ...more })
const PROCESS: Plan = { kind: 'process', why: '', profile: 'p', command: '/bin/x' }
const CONTAINER: Plan = { kind: 'container', why: '', url: 'http://169.254.170.23/v1/credentials' }
const INSTANCE: Plan = { kind: 'instance-metadata', why: '', endpoint: 'http://169.254.169.254/' }
const TOKEN_FILE = { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/t' }
const SOURCES: readonly [string, Inputs][] = [
  ['process', source(PROCESS)],
  ['process with another command', source({ ...PROCESS, command: '/bin/y' })],
  ['process of another profile', source({ ...PROCESS, profile: 'q' })],
  ['process with another setting of AWS', source(PROCESS, { env: { AWS_CONFIG_FILE: '/x' } })],
  ['process on another machine', source(PROCESS, { machine: 'other' })],
  ['container', source(CONTAINER)],
  ['container at another URL', source({ ...CONTAINER, url: 'http://169.254.170.2/x' })],
  ['container with a token', source(CONTAINER, { env: { AWS_CONTAINER_AUTHORIZATION_TOKEN: 'T' } })],
  ['container with a token file', source(CONTAINER, { env: TOKEN_FILE, files: { '/t': 'A' } })],
  ['container with another token in it', source(CONTAINER, { env: TOKEN_FILE, files: { '/t': 'B' } })],
  ['container on another machine', source(CONTAINER, { machine: 'other' })],
  ['instance', source(INSTANCE)],
  ['instance at another endpoint', source({ ...INSTANCE, endpoint: 'http://[fd00:ec2::254]/' })],
  ['instance on another machine', source(INSTANCE, { machine: 'other' })],
]

describe('an entry of our own cache serves one identity', () => {
  const all = [...PAIRS, ...SOURCES]
  test.each(all)('%s', (title, inputs) => {
    const name = entry(inputs)
    expect(name).toMatch(/^\/c\/roles\/[0-9a-f]{64}\.json$/)
    expect(all.filter(([, other]) => entry(other) === name).map(([other]) => other)).toEqual([title])
  })
  test('the same inputs have the same entry, whatever the reason and the time', () => {
    expect(entry({ plan: { why: 'else' }, base: { expiration: new Date(0) } })).toBe(entry({}))
    expect(entry(source({ ...PROCESS, why: 'else' }))).toBe(entry(source(PROCESS)))
  })
  test('no secret is in its name', () => expect(entry({})).not.toContain('secret'))
  test.each<[Plan, boolean]>([
    [{ kind: 'environment', why: '' }, true],
    [{ kind: 'profile-keys', why: '', profile: 'p', file: 'config' }, true],
    [{ kind: 'login', why: '', profile: 'p', session: 's' }, true],
    [ROLE, true],
    [PROCESS, false],
    [CONTAINER, false],
    [INSTANCE, false],
  ])('%o: the keys themselves are in the key of the entry: %s', (plan, expected) =>
    expect(isAtHand(plan)).toBe(expected),
  )
})

describe("the AWS CLI's files are shared by its rules", () => {
  const role = (more: Partial<AssumeRolePlan>): Plan => ({ ...ROLE, profile: 'r', sessionName: undefined, ...more })
  const sso = (more: object): Plan => ({
    kind: 'sso',
    why: '',
    profile: 'p',
    session: 'corp',
    startUrl: 'https://example.awsapps.com/start',
    region: 'eu-west-1',
    accountId: '123456789012',
    roleName: 'Dev',
    ...more,
  })
  const web = (more: object): Plan => ({
    kind: 'web-identity',
    why: '',
    roleArn: ROLE.roleArn,
    tokenFile: '/t',
    sessionName: undefined,
    ...more,
  })

  test.each<[string, Plan, Plan]>([
    ['role', role({}), role({ roleArn: 'arn:aws:iam::123456789012:role/role-b' })],
    ['external id', role({}), role({ externalId: 'e' })],
    ['duration', role({}), role({ durationSeconds: 3600 })],
    ['session name', role({}), role({ sessionName: 's' })],
    ['MFA device', role({}), role({ mfaSerial: 'm' })],
    ['account of SSO', sso({}), sso({ accountId: '210987654321' })],
    ['role of SSO', sso({}), sso({ roleName: 'Ops' })],
    ['session of SSO', sso({}), sso({ session: 'other' })],
    [
      'start URL of SSO without a session',
      sso({ session: undefined }),
      sso({ session: undefined, startUrl: 'https://x' }),
    ],
    ['with and without a session', sso({}), sso({ session: undefined })],
    ['session name of web identity', web({}), web({ sessionName: 's' })],
  ])('%s is part of the name', (_title, one, other) => expect(awsCacheKey(one)).not.toBe(awsCacheKey(other)))

  test.each<[string, Plan, Plan]>([
    ['the source (E13, E14)', role({}), role({ source: PROCESS })],
    ['the profile', role({}), role({ profile: 'other' })],
    ['an empty session name', role({}), role({ sessionName: '' })],
    ['the token file of web identity', web({}), web({ tokenFile: '/u' })],
    ['whether it is web identity', role({}), web({})],
    ['the region of SSO', sso({}), sso({ region: 'us-east-1' })],
    ['the profile of SSO', sso({}), sso({ profile: 'q' })],
    ['the start URL of a session', sso({}), sso({ startUrl: 'https://x' })],
  ])('%s is not', (_title, one, other) => expect(awsCacheKey(one)).toBe(awsCacheKey(other)))

  // Names of files that aws-cli 2.36 wrote for these inputs.
  test.each<[Plan, string]>([
    [
      sso({ session: undefined }),
      '{"accountId":"123456789012","roleName":"Dev","startUrl":"https://example.awsapps.com/start"}',
    ],
    [sso({}), '{"accountId":"123456789012","roleName":"Dev","sessionName":"corp"}'],
  ])('%o', (plan, key) => expect(awsCacheKey(plan)).toBe(key))
})

test.each([
  [{ XDG_CACHE_HOME: '/x' }, 'linux', '/x/eks-get-token'],
  [{ XDG_CACHE_HOME: 'x' }, 'linux', '/home/u/.cache/eks-get-token'],
  [{}, 'linux', '/home/u/.cache/eks-get-token'],
  [{}, 'darwin', '/home/u/Library/Caches/eks-get-token'],
  [{ LOCALAPPDATA: 'C:/L' }, 'win32', 'C:/L/eks-get-token'],
])('our folder with %o on %s: %s', (env, platform, folder) => {
  const host = hostWith({ env })
  expect(ourFolder(host, { ...host.machine, platform })).toBe(folder)
})
