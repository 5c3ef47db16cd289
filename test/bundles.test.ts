import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { EksTokenError, isEksTokenError } from '../src/errors.ts'
import { hostWith, keys } from './support/host.ts'

const require = createRequire(import.meta.url)
const dist = (bundle: string) => require(`../dist/${bundle}.cjs`)

describe('an error of any bundle is recognised outside of it', () => {
  const TOKEN = { clusterName: 'demo', region: 'us-east-1' }
  test.each<[string, () => unknown]>([
    ['the library', () => dist('index').createToken({}, hostWith())],
    ['--query', () => dist('query').compileQuery('a[')],
    [
      'the role, in a bundle that the library loads',
      () =>
        dist('index').createToken(
          { ...TOKEN, roleArn: 'arn:aws:iam::123456789012:role/r' },
          hostWith({ env: { ...keys('AKIDEXAMPLE'), AWS_CA_BUNDLE: '/nonexistent.pem' } }),
        ),
    ],
  ])('%s', async (_title, provoke) => {
    const error = await Promise.resolve()
      .then(provoke)
      .then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
    expect(error instanceof EksTokenError).toBe(false)
    expect(isEksTokenError(error)).toBe(true)
    expect(error).toMatchObject({
      code: expect.stringMatching(/^ERR_/),
      exitCode: expect.any(Number),
      message: expect.stringMatching(/./),
    })
  })
  test.each([undefined, null, 'ERR_USAGE', {}, new Error('x'), { code: 'ERR_USAGE' }])('%o is none', (value) => {
    expect(isEksTokenError(value)).toBe(false)
  })
})

test('the library exports what it promises', () => {
  expect(Object.keys(dist('index')).sort()).toEqual([
    'EksTokenError',
    'createToken',
    'hostEnvironment',
    'isEksTokenError',
    'toExecCredential',
  ])
})

test('a run with keys in the environment loads one bundle, and no built-in that it has no use for', () => {
  const bin = fileURLToPath(new URL('../bin/eks-get-token.cjs', import.meta.url))
  // What Node itself has loaded by then is not ours: only what comes on top of an empty script counts.
  const probe = `
    const before = new Set(process.moduleLoadList)
    process.argv = [process.argv[0], ${JSON.stringify(bin)}, '--cluster-name', 'demo', '--region', 'us-east-1', '--output', 'off']
    require(${JSON.stringify(bin)})
    process.on('exit', () => {
      const builtIns = process.moduleLoadList.filter((name) => !before.has(name)).map((name) => name.replace(/^NativeModule /, ''))
      console.error(JSON.stringify({ builtIns, files: Object.keys(require.cache).map((file) => file.split('/').at(-1)) }))
    })`
  const env = { ...keys('AKIDEXAMPLE'), HOME: '/nonexistent' }
  const { stderr } = spawnSync(process.execPath, ['-e', probe], { env, encoding: 'utf8' })
  const loaded = JSON.parse(stderr) as { builtIns: string[]; files: string[] }
  expect(loaded.files.sort()).toEqual(['eks-get-token.cjs', 'main.cjs'])
  for (const module of [
    'child_process',
    'crypto',
    'http',
    'https',
    'net',
    'tls',
    'zlib',
    'dns',
    'tty',
    'fs/promises',
    'worker_threads',
  ]) {
    expect(loaded.builtIns).not.toContain(module)
  }
})
