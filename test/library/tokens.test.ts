import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromNodeProviderChain, fromTemporaryCredentials, fromWebToken } from '@aws-sdk/credential-providers'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type * as library from '../../src/index.ts'
import {
  checkToken,
  createToken,
  decodeToken,
  resolveIdentity,
  toExecCredential,
  verifyToken,
} from '../../src/index.ts'
import { processRuntime } from '../../src/runtime.ts'
import { type LocalAws, startLocalAws } from '../support/local-aws.ts'
import { keys, runtimeWith } from '../support/runtime.ts'

const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret-of-AKIDEXAMPLE' }
const ROLE = 'arn:aws:iam::123456789012:role/deployer'
const CLUSTER = { clusterName: 'demo', region: 'us-west-2' }

describe('options are checked', () => {
  const runtime = runtimeWith({ env: keys('AKIDEXAMPLE') })
  test.each<[string, object, string, string, string | undefined]>([
    [
      'a misspelled option',
      { ...CLUSTER, rolearn: ROLE },
      'ERR_USAGE',
      'unknown option "rolearn"',
      'did you mean roleArn?',
    ],
    [
      'the start of two options',
      { cluster: 'demo' },
      'ERR_USAGE',
      'unknown option "cluster"',
      'did you mean clusterName?',
    ],
    ['another unknown option', { ...CLUSTER, foo: 1 }, 'ERR_USAGE', 'unknown option "foo"', undefined],
    ['an inherited name', { ...CLUSTER, constructor: 1 }, 'ERR_USAGE', 'unknown option "constructor"', undefined],
    ['a number for a name', { clusterName: 1 }, 'ERR_PARAMETER', 'the clusterName option must be a string', undefined],
    ['null', { ...CLUSTER, profile: null }, 'ERR_PARAMETER', 'the profile option must be a string', undefined],
    [
      'text for a limit',
      { ...CLUSTER, timeoutSeconds: '3' },
      'ERR_PARAMETER',
      'the timeoutSeconds option must be a non-negative number',
      undefined,
    ],
    ['a negative limit', { ...CLUSTER, timeoutSeconds: -1 }, 'ERR_PARAMETER', 'a non-negative number', undefined],
    ['NaN', { ...CLUSTER, timeoutSeconds: Number.NaN }, 'ERR_PARAMETER', 'a non-negative number', undefined],
    ['text for a switch', { ...CLUSTER, useCache: 'no' }, 'ERR_PARAMETER', 'must be a boolean', undefined],
    [
      'text as credentials',
      { ...CLUSTER, credentials: 'AKIDEXAMPLE' },
      'ERR_PARAMETER',
      'the credentials option must be',
      undefined,
    ],
    [
      'half of the credentials',
      { ...CLUSTER, credentials: { accessKeyId: 'AKIDEXAMPLE' } },
      'ERR_PARAMETER',
      'secretAccessKey',
      undefined,
    ],
    [
      'a number in the environment',
      { ...CLUSTER, environment: { A: 1 } },
      'ERR_PARAMETER',
      'the environment option',
      undefined,
    ],
    [
      'an object as signal',
      { ...CLUSTER, signal: {} },
      'ERR_PARAMETER',
      'the signal option must be an AbortSignal',
      undefined,
    ],
    ['no cluster', { region: 'us-west-2' }, 'ERR_USAGE', 'clusterName', undefined],
    [
      'a role option without a role',
      { ...CLUSTER, externalId: 'x' },
      'ERR_USAGE',
      'externalId requires roleArn',
      undefined,
    ],
  ])('%s', async (_title, options, code, message, remedy) => {
    const error = await createToken(options as library.CreateTokenOptions, runtime).then(
      () => undefined,
      (cause: library.EksTokenError) => cause,
    )
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) })
    if (remedy !== undefined) expect(error?.remedy).toBe(remedy)
    expect(`${error?.message} ${error?.remedy}`).not.toMatch(/--[a-z]/)
  })

  test('the options themselves', async () => {
    await expect(createToken(undefined as unknown as library.CreateTokenOptions)).rejects.toMatchObject({
      code: 'ERR_PARAMETER',
    })
  })
})

test('a command in a hint keeps its options', async () => {
  const files = {
    '/home/u/.aws/config':
      '[profile sso]\nregion=us-west-2\nsso_start_url=https://example.awsapps.com/start\nsso_region=us-east-1\n' +
      'sso_account_id=111122223333\nsso_role_name=dev\n',
  }
  await expect(createToken({ clusterName: 'demo', profile: 'sso' }, runtimeWith({ files }))).rejects.toMatchObject({
    remedy: 'run: eks-get-token login --profile sso (or: aws sso login --profile sso)',
  })
  await expect(createToken({ clusterName: 'demo', profile: 'nope' }, runtimeWith({ files: {} }))).rejects.toMatchObject(
    {
      remedy: expect.stringMatching(/one of: eks-get-token login --profile nope .*aws configure sso --profile nope /),
    },
  )
})

describe('environment', () => {
  test('{} leaves that of the process out', async () => {
    const runtime = runtimeWith({ env: keys('AKIDENV'), files: {} })
    const environment = { AWS_EC2_METADATA_DISABLED: 'true' }
    await expect(createToken({ ...CLUSTER, environment }, runtime)).rejects.toMatchObject({
      code: 'ERR_NO_CREDENTIALS',
    })
  })
  test('is used in place of that of the process', async () => {
    const runtime = runtimeWith({ env: keys('AKIDENV') })
    const { accessKeyId } = await createToken({ ...CLUSTER, environment: keys('AKIDGIVEN') }, runtime)
    expect(accessKeyId).toBe('AKIDGIVEN')
  })
})

describe('credentials', () => {
  const runtime = runtimeWith({ env: { ...keys('AKIDENV'), AWS_PROFILE: 'missing' } })
  test('static keys sign, whatever the environment contains', async () => {
    const { accessKeyId, plan, token } = await createToken(
      { ...CLUSTER, credentials: KEYS },
      runtimeWith({ env: keys('AKIDENV') }),
    )
    expect({ accessKeyId, plan }).toEqual({
      accessKeyId: 'AKIDEXAMPLE',
      plan: { kind: 'provided', why: 'credentials is set' },
    })
    expect(decodeToken(token).accessKeyId).toBe('AKIDEXAMPLE')
  })
  test('the expiration of the credentials limits that of the token', async () => {
    const expiration = new Date('2026-01-02T03:09:00Z')
    const { expiresAt } = await createToken({ ...CLUSTER, credentials: { ...KEYS, expiration } }, runtimeWith())
    expect(expiresAt).toEqual(expiration)
  })
  test.each<[string, library.CredentialProvider, string]>([
    [
      'fails',
      () => Promise.reject(new Error('no session for dev')),
      'the credential provider failed: no session for dev',
    ],
    ['returns nothing', (async () => undefined) as never, 'the credentials option provides no accessKeyId'],
    ['returns empty keys', async () => ({ accessKeyId: '', secretAccessKey: '' }), 'provides no accessKeyId'],
    ['returns expired ones', async () => ({ ...KEYS, expiration: new Date(0) }), 'expired'],
  ])('a provider that %s is an error', async (_title, credentials, message) => {
    await expect(createToken({ ...CLUSTER, credentials }, runtimeWith())).rejects.toMatchObject({
      code: 'ERR_CREDENTIALS',
      message: expect.stringContaining(message),
    })
  })
  test('a profile that does not exist is an error nevertheless: its region could be the wrong one', async () => {
    await expect(createToken({ ...CLUSTER, credentials: KEYS }, runtime)).rejects.toMatchObject({ code: 'ERR_PROFILE' })
  })
})

describe('with services', () => {
  let aws: LocalAws
  let home: string
  beforeAll(async () => {
    aws = await startLocalAws()
    home = mkdtempSync(join(tmpdir(), 'eks-get-token-library-'))
    writeFileSync(join(home, 'ca.pem'), aws.authority.pem)
  })
  afterAll(async () => {
    await aws.close()
    rmSync(home, { recursive: true, force: true })
  })
  beforeEach(() => aws.reset())
  const endpoint = () => `http://127.0.0.1:${aws.port}`
  const clientConfig = () => ({ endpoint: endpoint(), region: 'us-west-2' })
  const environment = (more: Record<string, string> = {}) => ({
    HOME: home,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL_STS: endpoint(),
    ...more,
  })
  const runtime = () => ({ ...processRuntime(), homeDirectory: () => home })
  const create = (options: Partial<library.CreateTokenOptions>) =>
    createToken({ ...CLUSTER, environment: environment(), useCache: false, ...options }, runtime())

  test('fromTemporaryCredentials of the AWS SDK', async () => {
    const credentials = fromTemporaryCredentials({
      masterCredentials: KEYS,
      params: { RoleArn: ROLE, RoleSessionName: 'library' },
      clientConfig: clientConfig(),
    })
    const { accessKeyId, credentialsExpireAt } = await create({ credentials })
    expect(accessKeyId).toMatch(/^ASIA/)
    expect(credentialsExpireAt).toBeInstanceOf(Date)
    expect(aws.calls.length).toBe(1)
  })
  test('fromWebToken of the AWS SDK', async () => {
    const credentials = fromWebToken({ roleArn: ROLE, webIdentityToken: 'eyJ.a.b', clientConfig: clientConfig() })
    expect((await create({ credentials })).accessKeyId).toMatch(/^ASIA/)
  })
  test('fromNodeProviderChain of the AWS SDK', async () => {
    const config = join(home, 'chain')
    writeFileSync(config, '[profile sdk]\naws_access_key_id = AKIDCHAIN\naws_secret_access_key = secret-of-AKIDCHAIN\n')
    const credentials = fromNodeProviderChain({ profile: 'sdk', configFilepath: config, filepath: join(home, 'none') })
    expect((await create({ credentials })).accessKeyId).toBe('AKIDCHAIN')
  })
  test('roleArn is assumed with them', async () => {
    const { accessKeyId, plan } = await create({ credentials: KEYS, roleArn: ROLE })
    expect(accessKeyId).toMatch(/^ASIA/)
    expect(plan).toMatchObject({ kind: 'assume-role', roleArn: ROLE, source: { kind: 'provided' } })
    expect(plan.why).toBe('roleArn is set')
  })
  test('an option that sets the region has its own name', async () => {
    expect((await create({ credentials: KEYS, region: 'eu-west-1' })).region?.source).toBe('region')
  })

  test('a signal ends the call with its reason', async () => {
    aws.reset({ delayMs: { sts: 60_000 } })
    const controller = new AbortController()
    const reason = new Error('no longer needed')
    setTimeout(() => controller.abort(reason), 50)
    await expect(create({ credentials: KEYS, roleArn: ROLE, signal: controller.signal })).rejects.toBe(reason)
  })
  test('a signal that is aborted already starts nothing', async () => {
    await expect(create({ credentials: KEYS, roleArn: ROLE, signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    })
    expect(aws.calls).toEqual([])
  })
  test('timeoutSeconds ends the call, and the hint names the option', async () => {
    aws.reset({ delayMs: { sts: 60_000 } })
    await expect(create({ credentials: KEYS, roleArn: ROLE, timeoutSeconds: 0.2 })).rejects.toMatchObject({
      code: 'ERR_TIMEOUT',
      remedy: expect.stringContaining('timeoutSeconds'),
    })
  })

  test('resolveIdentity and verifyToken ask STS', async () => {
    const viaProxy = environment({
      AWS_ENDPOINT_URL_STS: '',
      HTTPS_PROXY: endpoint(),
      AWS_CA_BUNDLE: join(home, 'ca.pem'),
    })
    const identity = await resolveIdentity({ credentials: KEYS, region: 'us-west-2', environment: viaProxy }, runtime())
    expect(identity).toMatchObject({ accessKeyId: 'AKIDEXAMPLE', arn: expect.stringMatching(/^arn:aws:/) })
    const { token } = await create({ credentials: KEYS, environment: viaProxy })
    const { verdict } = await verifyToken(token, { clusterName: 'demo', environment: viaProxy }, runtime())
    expect(verdict?.identity?.arn).toBe(identity.arn)
  })
})

test('decodeToken and checkToken read a token, and toExecCredential puts it into what kubectl reads', async () => {
  const runtime = runtimeWith()
  const { token, expiresAt } = await createToken({ ...CLUSTER, credentials: KEYS }, runtime)
  const { url, ...decoded } = decodeToken(token)
  expect(`k8s-aws-v1.${Buffer.from(url).toString('base64url')}`).toBe(token)
  expect(decoded).toEqual({
    accessKeyId: 'AKIDEXAMPLE',
    region: 'us-west-2',
    signedAt: runtime.now(),
    validUntil: new Date(runtime.now().getTime() + 900_000),
  })
  expect(checkToken(token, { now: runtime.now() }).passes).toBe(true)
  expect(checkToken(token, { now: new Date('2027-01-01T00:00:00Z') }).passes).toBe(false)
  expect(toExecCredential(token, expiresAt).status.token).toBe(token)
})

test.each(['', 'token', 'k8s-aws-v1.', 'k8s-aws-v1.!!', 'k8s-aws-v1.YWJj', 1, undefined])(
  'decodeToken rejects %s',
  (text) => {
    expect(() => decodeToken(text as string)).toThrow(expect.objectContaining({ code: 'ERR_PARAMETER' }))
  },
)

test.each([
  ['toExecCredential: a time as text', () => toExecCredential('t', '2026-01-01T00:00:00Z' as never), 'ERR_PARAMETER'],
  ['toExecCredential: an invalid time', () => toExecCredential('t', new Date(Number.NaN)), 'ERR_PARAMETER'],
  ['toExecCredential: no token', () => toExecCredential(undefined as never, new Date()), 'ERR_PARAMETER'],
  [
    'toExecCredential: a version that is a number',
    () => toExecCredential('t', new Date(), 1 as never),
    'ERR_PARAMETER',
  ],
  ['checkToken: a time as a number', () => checkToken('t', { now: 5 as never }), 'ERR_PARAMETER'],
  ['checkToken: an unknown option', () => checkToken('t', { when: new Date() } as never), 'ERR_USAGE'],
])('%s is refused', (_title, call, code) => {
  expect(call).toThrow(expect.objectContaining({ code, remedy: expect.stringMatching(/./) }))
})
