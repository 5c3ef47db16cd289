import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { builtinModules, createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EksTokenError, isEksTokenError } from '../src/errors.ts'
import * as library from '../src/index.ts'
import * as kubernetes from '../src/library/kubernetes.ts'
import { keys, runtimeWith } from './support/runtime.ts'

const DIST = fileURLToPath(new URL('../dist', import.meta.url))
const BUNDLES = readdirSync(DIST).filter((name) => name.endsWith('.cjs'))

/** The file name of the bundle of a module, whose folder in src is the first part of that name. */
function bundleOf(module: string): string {
  const found = BUNDLES.filter((name) => name === `${module}.cjs` || name.endsWith(`-${module}.cjs`))
  if (found.length !== 1) throw new Error(`${found.length} bundles of ${module}: ${found.join(', ')}`)
  return found[0] ?? ''
}

const require = createRequire(import.meta.url)
const dist = (module: string) => require(join(DIST, bundleOf(module)))

describe('an error of any bundle is recognized outside of it', () => {
  const TOKEN = { clusterName: 'demo', region: 'us-east-1' }
  test.each<[string, () => unknown]>([
    ['the library', () => dist('index').createToken({}, runtimeWith())],
    ['--query', () => dist('query').compileQuery('a[')],
    [
      'the role, in a bundle that the library loads',
      () =>
        dist('index').createToken(
          { ...TOKEN, roleArn: 'arn:aws:iam::123456789012:role/r' },
          runtimeWith({ env: { ...keys('AKIDEXAMPLE'), AWS_CA_BUNDLE: '/nonexistent.pem' } }),
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
  test.each([undefined, null, 'ERR_USAGE', {}, new Error('x'), { code: 'ERR_USAGE' }])(
    '%o is not an EksTokenError',
    (value) => {
      expect(isEksTokenError(value)).toBe(false)
    },
  )
})

test('the library exports what its sources export, and nothing else', () => {
  expect(Object.keys(dist('index')).sort()).toEqual(Object.keys(library).sort())
  expect(Object.keys(dist('library-kubernetes'))).toEqual(Object.keys(kubernetes))
})

const BIN = fileURLToPath(new URL('../bin/eks-get-token.cjs', import.meta.url))

/** What a run loads, files and built-ins; of the latter only what comes on top of an empty script. */
function loadedBy(args: readonly string[], env: Record<string, string>): { builtIns: string[]; files: string[] } {
  const argv = [BIN, '--cluster-name', 'demo', '--region', 'us-east-1', '--output', 'off', ...args]
  const probe = `
    const before = new Set(process.moduleLoadList)
    process.argv = [process.argv[0], ...${JSON.stringify(argv)}]
    require(${JSON.stringify(BIN)})
    process.on('exit', () => {
      const builtIns = process.moduleLoadList.filter((name) => !before.has(name)).map((name) => name.replace(/^NativeModule /, ''))
      console.error(JSON.stringify({ builtIns, files: Object.keys(require.cache).map((file) => file.split('/').at(-1)) }))
    })`
  const { stderr } = spawnSync(process.execPath, ['-e', probe], { env, encoding: 'utf8' })
  return JSON.parse(stderr)
}

/** Each of these takes milliseconds to load. */
const SLOW = [
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
]

describe('a run loads only the bundles and built-in modules that it needs', () => {
  let home = ''
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'eks-get-token-bundles-'))
    mkdirSync(join(home, '.aws', 'cli', 'cache'), { recursive: true })
    const keysOf = 'aws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret-of-AKIDEXAMPLE\n'
    const role = 'role_arn = arn:aws:iam::123456789012:role/role-a\nsource_profile = keys\n'
    const sso =
      'sso_start_url = https://example.awsapps.com/start\nsso_region = eu-west-1\nsso_account_id = 123456789012\nsso_role_name = Dev\n'
    writeFileSync(join(home, '.aws', 'config'), `[profile keys]\n${keysOf}[profile role]\n${role}[profile sso]\n${sso}`)
    const Credentials = {
      AccessKeyId: 'ASIAX',
      SecretAccessKey: 'secret-of-ASIAX',
      SessionToken: 'T',
      Expiration: '2100-01-01T00:00:00Z',
    }
    for (const name of ['9fc85b5c70f0ed0cee47c5f0f1656a8710ab57d4', 'fa51bd3e76cd40204a50b2090681f49e9f05d723']) {
      writeFileSync(join(home, '.aws', 'cli', 'cache', `${name}.json`), JSON.stringify({ Credentials }), {
        mode: 0o600,
      })
    }
  })
  afterAll(() => rmSync(home, { recursive: true, force: true }))

  test.each<[string, readonly string[], Record<string, string>, readonly string[]]>([
    ['keys in the environment', [], keys('AKIDEXAMPLE'), []],
    ['a static profile', ['--profile', 'keys'], {}, []],
    ['a role in the cache', ['--profile', 'role'], {}, [bundleOf('read-through')]],
    ['an SSO role in the cache', ['--profile', 'sso'], {}, [bundleOf('read-through')]],
  ])('%s', (_title, args, env, more) => {
    const loaded = loadedBy(args, { HOME: home, ...env })
    expect(loaded.files.sort()).toEqual([...more, 'eks-get-token.cjs', 'main.cjs'].sort())
    expect(loaded.builtIns.filter((name) => SLOW.includes(name))).toEqual([])
  })
})

/** Of src/aws/sdk-client.ts, which every client is created by. */
const SDK_CLIENT_MARK = 'an SDK client was created without credentials'

test('the bill of materials lists the packages whose licenses are distributed', () => {
  const { components } = JSON.parse(readFileSync(join(DIST, 'sbom.cdx.json'), 'utf8')) as {
    components: { name: string; version: string; licenses?: unknown }[]
  }
  const licenses = readFileSync(join(DIST, 'THIRD-PARTY-LICENSES.txt'), 'utf8')
  const named = [...licenses.matchAll(/^(@?[\w./-]+) (\d+\.\d+\.\d+\S*)$/gm)].map(([line]) => line)
  expect([...new Set(named)].sort()).toEqual(components.map(({ name, version }) => `${name} ${version}`).sort())
  expect(components.filter(({ licenses }) => licenses === undefined)).toEqual([])
})

describe('the contents of the bundles', () => {
  const size = (name: string) => statSync(join(DIST, name)).size

  test('main.cjs has less than 72 kB, and all bundles less than 1.65 MB', () => {
    expect(size('main.cjs')).toBeLessThan(72_000)
    expect(BUNDLES.reduce((sum, name) => sum + size(name), 0)).toBeLessThan(1_650_000)
  })

  test('the library has its names and short lines, because Node shows the line that throws', () => {
    const text = readFileSync(join(DIST, 'index.cjs'), 'utf8')
    expect(text).toContain('createToken')
    expect(text.split('\n').filter((line) => line.length > 1000)).toEqual([])
  })

  /** The files that a bundle shares with others of its group, and itself. */
  const wholeOf = (name: string, found = new Set<string>()): Set<string> => {
    if (found.has(name)) return found
    found.add(name)
    for (const [, shared = ''] of readFileSync(join(DIST, name), 'utf8').matchAll(/require\("\.\/(sdk-[^"]+)"\)/g)) {
      wholeOf(shared, found)
    }
    return found
  }
  const withSdk = BUNDLES.filter((name) =>
    [...wholeOf(name)].some((file) => readFileSync(join(DIST, file), 'utf8').includes(SDK_CLIENT_MARK)),
  )
  // Where this program's own reader of the environment is in the bundle, the SDK's cannot be told from it.
  const withoutRuntime = withSdk.filter((name) => !readFileSync(join(DIST, name), 'utf8').includes('SystemRoot'))

  test('every client of the SDK is in a bundle of its own', () => {
    expect(withSdk).toEqual(expect.arrayContaining(['sts', 'sources-sso', 'sso-oidc', 'oauth2-token'].map(bundleOf)))
  })

  test.each(withoutRuntime)('%s: the SDK reads no environment and no files', (name) => {
    const text = readFileSync(join(DIST, name), 'utf8')
    expect(text.match(/process\.env|homedir|fs\/promises/g)).toBe(null)
  })

  // Each source in the SDK's own chain logs its name.
  test.each(withSdk)('%s: a client that has no sources of credentials', (name) => {
    const text = readFileSync(join(DIST, name), 'utf8')
    // Not toContain: a failure would print all of the bundle.
    expect(text.includes('@aws-sdk/credential-provider-')).toBe(false)
  })

  test('they require built-in modules and each other only', () => {
    const outside = BUNDLES.flatMap((name) =>
      [...readFileSync(join(DIST, name), 'utf8').matchAll(/(?<!\[)require\("([^"]+)"\)/g)].map(([, from = '']) => from),
    )
    const builtin = (name: string) => name.startsWith('node:') || builtinModules.includes(name)
    expect(outside.filter((name) => !builtin(name) && !BUNDLES.includes(name.replace('./', '')))).toEqual([])
  })
})
