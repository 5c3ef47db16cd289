import { KubeConfig } from '@kubernetes/client-node'
import { describe, expect, test } from 'vitest'
import * as library from '../../src/index.ts'
import { withEksTokens } from '../../src/library/kubernetes.ts'
import { keys, runtimeWith } from '../support/runtime.ts'

const WRONG: readonly unknown[] = [
  null,
  5,
  Number.NaN,
  true,
  'x',
  [],
  {},
  () => 5,
  Symbol('s'),
  5n,
  new Date(Number.NaN),
]
const runtime = runtimeWith({ env: keys('AKIDEXAMPLE') })
const call = async (run: () => unknown): Promise<unknown> => run()

/** The option, and the wrong values that its type accepts. */
const OPTIONS: Readonly<Record<string, (value: unknown) => boolean>> = {
  clusterName: (value) => typeof value === 'string',
  clusterId: (value) => typeof value === 'string',
  profile: (value) => typeof value === 'string',
  region: (value) => typeof value === 'string',
  roleArn: (value) => typeof value === 'string',
  externalId: (value) => typeof value === 'string',
  roleSessionName: (value) => typeof value === 'string',
  mfaSerial: (value) => typeof value === 'string',
  durationSeconds: (value) => value === 5,
  timeoutSeconds: (value) => value === 5,
  connectTimeoutSeconds: (value) => value === 5,
  readTimeoutSeconds: (value) => value === 5,
  signRequest: (value) => value === true,
  useCache: (value) => value === true,
  mfaCodeProvider: (value) => typeof value === 'function',
  onProcessStart: (value) => typeof value === 'function',
  credentials: (value) => typeof value === 'function',
  environment: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  signal: () => false,
}

describe.each(['createToken', 'resolveIdentity', 'verifyToken'] as const)('%s', (name) => {
  const functions = {
    createToken: library.createToken,
    resolveIdentity: library.resolveIdentity,
    verifyToken: (options: never, callRuntime: typeof runtime) =>
      library.verifyToken('k8s-aws-v1.x', options, callRuntime),
  }
  const run = (options: unknown) => call(() => functions[name](options as never, runtime))
  const ofCluster = ['clusterName', 'clusterId']
  test.each(Object.entries(OPTIONS).filter(([option]) => name !== 'resolveIdentity' || !ofCluster.includes(option)))(
    'names the option %s when its value is of another type',
    async (option, accepts) => {
      for (const value of WRONG.filter((wrong) => !accepts(wrong))) {
        await expect(run({ [option]: value })).rejects.toMatchObject({
          code: 'ERR_PARAMETER',
          message: expect.stringContaining(`the ${option} option must be`),
          remedy: `correct ${option}, or omit it`,
        })
      }
    },
  )
  test.each([[null], [5], ['x'], [[]]])('rejects %j in place of the options', async (value) => {
    await expect(run(value)).rejects.toMatchObject({ code: 'ERR_PARAMETER', message: 'the options must be an object' })
  })
})

const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret-of-AKIDEXAMPLE' }
describe('credentials that are not credentials', () => {
  const results = [
    5,
    null,
    undefined,
    'x',
    {},
    { ...KEYS, accessKeyId: '' },
    { ...KEYS, secretAccessKey: 5 },
    { ...KEYS, sessionToken: 5 },
    { ...KEYS, sessionToken: null },
    { ...KEYS, expiration: '2030-01-01' },
    { ...KEYS, expiration: new Date(Number.NaN) },
  ]
  test.each(results.flatMap((value) => [[() => value], [async () => value]]))('returned by %s', async (provider) => {
    const token = library.createToken(
      { clusterName: 'demo', region: 'us-west-2', credentials: provider as never },
      runtime,
    )
    await expect(token).rejects.toMatchObject({
      code: 'ERR_CREDENTIALS',
      message: expect.stringMatching(/^the credentials option provides /),
    })
  })
  test('a provider that returns them without a promise signs', async () => {
    const token = await library.createToken(
      { clusterName: 'demo', region: 'us-west-2', credentials: (() => KEYS) as never },
      runtime,
    )
    expect(token.accessKeyId).toBe('AKIDEXAMPLE')
  })
})

test.each(WRONG.filter((value) => typeof value !== 'string').map((value) => [value]))(
  'the code %s of an mfaCodeProvider is an error that names it',
  async (code) => {
    const token = library.createToken(
      {
        clusterName: 'demo',
        region: 'us-west-2',
        roleArn: 'arn:aws:iam::123456789012:role/r',
        mfaSerial: 'arn:aws:iam::123456789012:mfa/me',
        useCache: false,
        mfaCodeProvider: (() => code) as never,
      },
      runtime,
    )
    await expect(token).rejects.toMatchObject({
      code: 'ERR_PARAMETER',
      message: 'mfaCodeProvider did not return a string',
    })
  },
)

test.each([
  ['decodeToken', 'token', (value: unknown) => library.decodeToken(value as never)],
  ['checkToken', 'token', (value: unknown) => library.checkToken(value as never)],
  ['toExecCredential', 'token', (value: unknown) => library.toExecCredential(value as never, new Date())],
  ['toExecCredential', 'expiresAt', (value: unknown) => library.toExecCredential('x', value as never)],
  ['toExecCredential', 'apiVersion', (value: unknown) => library.toExecCredential('x', new Date(), value as never)],
  ['verifyToken', 'token', (value: unknown) => library.verifyToken(value as never, { clusterName: 'demo' }, runtime)],
])('%s names the argument %s when it is of another type', async (_name, argument, run) => {
  for (const value of WRONG.filter((wrong) => typeof wrong !== 'string')) {
    await expect(call(() => run(value))).rejects.toMatchObject({
      code: 'ERR_PARAMETER',
      message: expect.stringContaining(`${argument} must be`),
    })
  }
})

describe.each<[string, string, (options: unknown) => unknown, RegExp]>([
  ['checkToken', 'now', (options) => library.checkToken('x', options as never), /^\{ now: signedAt \}$/],
  [
    'withEksTokens',
    'environment',
    (options) => withEksTokens(KUBE_CONFIG, options as never, runtime),
    /^\{ environment: \{ AWS_PROFILE: "dev" \} \}$/,
  ],
])('%s', (_name, option, run, example) => {
  test.each([[null], [5], ['x'], [[]]])('rejects %j in place of the options', async (value) => {
    await expect(call(() => run(value))).rejects.toMatchObject({
      code: 'ERR_PARAMETER',
      message: 'the options must be an object',
      remedy: expect.stringMatching(new RegExp(example.source.replace('^', '^pass an object such as '))),
    })
  })
  test(`names the option ${option} when its value is of another type`, async () => {
    for (const value of [null, 5, true, 'x', [], () => 5, Symbol('s')]) {
      await expect(call(() => run({ [option]: value }))).rejects.toMatchObject({
        code: 'ERR_PARAMETER',
        message: expect.stringContaining(`the ${option} option must be`),
      })
    }
  })
  test('rejects an unknown option, and names the known one', async () => {
    await expect(call(() => run({ when: 1 }))).rejects.toMatchObject({
      code: 'ERR_USAGE',
      message: 'unknown option "when"',
      remedy: `use ${option}`,
    })
  })
})

const KUBE_CONFIG = new KubeConfig()
test.each([...WRONG, undefined].map((value) => [value]))(
  'withEksTokens names the KubeConfig when it is %s',
  async (value) => {
    await expect(call(() => withEksTokens(value as never, {}, runtime))).rejects.toMatchObject({
      code: 'ERR_PARAMETER',
      message: expect.stringMatching(/^kubeConfig must be a KubeConfig from @kubernetes\/client-node/),
    })
  },
)
