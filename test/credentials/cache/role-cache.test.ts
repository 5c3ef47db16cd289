import { describe, expect, test } from 'vitest'
import { stsEndpoint } from '../../../src/aws/endpoints.ts'
import { cacheDir } from '../../../src/credentials/cache/paths.ts'
import { roleCacheFile } from '../../../src/credentials/cache/role-cache.ts'
import type { Credentials } from '../../../src/credentials/credentials.ts'
import { type Plan, sourceOf } from '../../../src/credentials/sources/registry.ts'
import type { AssumeRolePlan } from '../../../src/credentials/sources/sts.ts'
import { runtimeWith } from '../../support/runtime.ts'

const ROLE: AssumeRolePlan<Plan> = {
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
const STS = stsEndpoint({ region: 'us-west-2', fips: false, dualStack: false, customUrl: undefined })

interface Inputs {
  readonly plan?: Partial<AssumeRolePlan<Plan>>
  readonly base?: Partial<Credentials>
  readonly sts?: Partial<typeof STS>
}

function entry({ plan, base, sts }: Inputs): string {
  return roleCacheFile({ ...ROLE, ...plan }, { ...BASE, ...base }, { sts: { ...STS, ...sts } })
}

// Each row differs from the plain inputs in one of them, and has an entry of its own.
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
  ['a secret access key that looks like the JSON of both', { base: { secretAccessKey: 'secret-of-AKIDBASE","T' } }],
]
const PROCESS: Plan = { kind: 'process', why: '', profile: 'p', command: '/bin/x', program: '/bin/x' }

describe('an entry of the role cache serves one identity', () => {
  test.each(PAIRS)('%s has a separate entry', (title, inputs) => {
    const name = entry(inputs)
    expect(name).toMatch(/^[0-9a-f]{64}\.json$/)
    expect(PAIRS.filter(([, other]) => entry(other) === name).map(([other]) => other)).toEqual([title])
  })
  test('the same inputs have the same entry, whatever the reason and the expiration', () => {
    expect(entry({ plan: { why: 'else' }, base: { expiration: new Date(0) } })).toBe(entry({}))
  })
  test('the entry depends on the base credentials, not on their source', () => {
    expect(entry({ plan: { source: PROCESS } })).toBe(entry({}))
  })
  test('the name stays the same over releases, and does not depend on the order of the properties', () => {
    const reversed = Object.fromEntries(Object.entries(ROLE).reverse()) as unknown as typeof ROLE
    const names = [ROLE, reversed].map((plan) => roleCacheFile(plan, BASE, { sts: STS }))
    expect(names).toEqual(Array(2).fill('6c5a6fd49daf7fa5fcde6ca77c1840df78b2e8f957fb25e279f34a4a377f8ed7.json'))
  })
  test('the name contains no secret', () => expect(entry({})).not.toContain('secret'))
})

describe('cache keys are those of the AWS CLI', () => {
  const role = (more: Partial<AssumeRolePlan<Plan>>): Plan => ({
    ...ROLE,
    profile: 'r',
    sessionName: undefined,
    ...more,
  })
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
  ])('%s is part of the name', (_title, one, other) =>
    expect(sourceOf(one).awsCacheKey).not.toBe(sourceOf(other).awsCacheKey),
  )

  test.each<[string, Plan, Plan]>([
    ['the source (E13, E14)', role({}), role({ source: PROCESS })],
    ['the profile', role({}), role({ profile: 'other' })],
    ['an empty session name', role({}), role({ sessionName: '' })],
    ['the token file of web identity', web({}), web({ tokenFile: '/u' })],
    ['whether it is web identity', role({}), web({})],
    ['the region of SSO', sso({}), sso({ region: 'us-east-1' })],
    ['the profile of SSO', sso({}), sso({ profile: 'q' })],
    ['the start URL of a session', sso({}), sso({ startUrl: 'https://x' })],
  ])('%s is not', (_title, one, other) => expect(sourceOf(one).awsCacheKey).toBe(sourceOf(other).awsCacheKey))

  // Names of files that aws-cli 2.36 wrote for these inputs.
  test.each<[Plan, string]>([
    [
      sso({ session: undefined }),
      '{"accountId":"123456789012","roleName":"Dev","startUrl":"https://example.awsapps.com/start"}',
    ],
    [sso({}), '{"accountId":"123456789012","roleName":"Dev","sessionName":"corp"}'],
  ])('%o', (plan, key) => expect(sourceOf(plan).awsCacheKey).toBe(key))
})

test.each([
  [{ XDG_CACHE_HOME: '/x' }, 'linux', '/x/eks-get-token'],
  [{ XDG_CACHE_HOME: 'x' }, 'linux', '/home/u/.cache/eks-get-token'],
  [{}, 'linux', '/home/u/.cache/eks-get-token'],
  [{}, 'darwin', '/home/u/Library/Caches/eks-get-token'],
  [{ LOCALAPPDATA: 'C:/L' }, 'win32', 'C:/L/eks-get-token'],
])('the cache directory with %o on %s is %s', (env, platform, directory) => {
  const runtime = runtimeWith({ env })
  expect(cacheDir({ ...runtime, processHost: { ...runtime.processHost, platform } })).toBe(directory)
})
