import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createBundles } from '../../build/bundles.mjs'
import { createAdaptations } from '../../build/plugins.mjs'

/** A project of a few files, with dependencies that are as small. */
let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'eks-get-token-bundles-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** @param files - `src/main.ts` and `src/index.ts` are empty where they are not given */
function build(files: Record<string, string>, dependency?: string) {
  for (const [name, text] of Object.entries({ 'src/main.ts': '', 'src/index.ts': '', ...files })) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
  const adaptations = createAdaptations(root).filter((adaptation) => adaptation.dependency === dependency)
  return createBundles({ root, version: '1.2.3', adaptations, logLevel: 'silent' })
}

describe('lazy bundles follow from the dynamic imports', () => {
  test('of every source that is reached, each with a name from its path', async () => {
    const { bundles } = await build({
      'src/main.ts': "export const a = () => import('./cli/commands/a.ts')",
      'src/cli/commands/a.ts': "export const b = () => import('../../sources/b/index.ts')",
      'src/sources/b/index.ts': "export const main = () => import('../../main.ts')",
    })
    expect([...bundles.keys()].sort()).toEqual(['cli-commands-a.cjs', 'index.cjs', 'main.cjs', 'sources-b.cjs'])
    expect(textOf(bundles, 'main.cjs')).toContain('require("./cli-commands-a.cjs")')
    expect(textOf(bundles, 'cli-commands-a.cjs')).toContain('require("./sources-b.cjs")')
    expect(textOf(bundles, 'sources-b.cjs')).toContain('require("./main.cjs")')
  })

  test('two sources with one bundle name are an error that names both', async () => {
    const building = build({
      'src/main.ts': "export const all = () => [import('./a/b.ts'), import('./a-b.ts')]",
      'src/a/b.ts': '',
      'src/a-b.ts': '',
    })
    await expect(building).rejects.toThrow(/src\/a(-|\/)b\.ts and src\/a(-|\/)b\.ts have one bundle name: a-b/)
  })

  test('a file that does not exist is an error', async () => {
    const building = build({ 'src/main.ts': "export const a = () => import('./missing.ts')" })
    await expect(building).rejects.toThrow('missing.ts')
  })

  test('a package is not imported dynamically, and a built-in may be', async () => {
    const files = { 'node_modules/x/package.json': '{ "main": "x.js" }', 'node_modules/x/x.js': '' }
    await expect(build({ ...files, 'src/main.ts': "export const x = () => import('x')" })).rejects.toThrow(
      "import('x')",
    )
    const { bundles } = await build({ 'src/main.ts': "export const tls = () => import('node:tls')" })
    expect(textOf(bundles, 'main.cjs')).toContain('require("node:tls")')
  })
})

test('the version is put in, and package.json is not', async () => {
  const files = { 'src/main.ts': 'declare const EKS_GET_TOKEN_VERSION: string\nconsole.log(EKS_GET_TOKEN_VERSION)' }
  expect(textOf((await build(files)).bundles, 'main.cjs')).toContain('console.log("1.2.3")')
})

test('what would be looked for in folders around the program is an error', async () => {
  const building = build({
    'src/main.ts': "import 'x'",
    'node_modules/x/package.json': '{ "main": "x.js" }',
    'node_modules/x/x.js': "try { require('optional') } catch {}",
  })
  await expect(building).rejects.toThrow('main.cjs loads optional at run time, which is not bundled')
})

describe('an adaptation that finds nothing to change fails the build', () => {
  const serde = 'dist-es/submodules/serde/index.js'
  const crc = 'dist-es/submodules/checksum/crc32/Crc32Node.js'
  test.each<[dependency: string, entry: string, files: Record<string, string>, message: RegExp]>([
    ['@smithy/core', serde, { [serde]: 'globalThis.uuid = 1' }, /@smithy\/core: = bindV4\( not found/],
    ['@smithy/core', 'other.js', { 'other.js': 'globalThis.x = 1' }, /@smithy\/core is bundled, but .*serde/],
    ['@smithy/core', 'other.js', { 'other.js': 'globalThis.x = 1' }, /@smithy\/core is bundled, but .*Crc32Node\.js/],
    ['@smithy/core', crc, { [crc]: 'globalThis.x = 1' }, /@smithy\/core is bundled, but .*Crc32Node\.js/],
    ['@aws-crypto/sha256-js', 'a.js', { 'a.js': 'globalThis.x = 1' }, /sha256-js is bundled, but .*signing-key\.ts/],
    ['@aws-sdk/client-sts', 'a.js', { 'a.js': 'globalThis.x = 1' }, /client-sts is bundled, but .*provider-node/],
    ['@aws-sdk/client-sso-oidc', 'a.js', { 'a.js': 'globalThis.x = 1' }, /sso-oidc is bundled, but .*provider-node/],
    ...[
      ['@smithy/core', 'configLoader.js'],
      ['@smithy/core', 'getInstanceMetadataRegion.js'],
      ['@smithy/core', 'resolveDefaultsModeConfig.js'],
      ['@aws-sdk/core', 'defaultUserAgent.js'],
      ['@aws-sdk/core', 'recursionDetectionMiddleware.js'],
      ['@aws-sdk/core', 'emitWarningIfUnsupportedVersion.js'],
      ['@aws-sdk/core', 'getDefaultSocketTimeout.js'],
      ['@smithy/node-http-handler', 'dist-es/index.js'],
      ['debug', 'src/index.js'],
      ['@aws-sdk/client-sso', 'its package.json'],
      ['@aws-sdk/client-sso-oidc', 'its package.json'],
      ['@aws-sdk/client-sts', 'its package.json'],
      ['@aws-sdk/nested-clients', 'its package.json'],
    ].map(([dependency = '', target = '']): [string, string, Record<string, string>, RegExp] => [
      dependency,
      'a.js',
      { 'a.js': 'globalThis.x = 1' },
      new RegExp(`${dependency} is bundled, but .*${target} was not found`),
    ]),
    [
      'proxy-agent-negotiate',
      'a.js',
      { 'a.js': 'globalThis.x = 1' },
      /negotiate is bundled, but the import of kerberos/,
    ],
  ])('%s: %s', async (dependency, entry, files, message) => {
    const building = build(
      {
        'src/main.ts': `import '${dependency}/${entry}'`,
        [`node_modules/${dependency}/package.json`]: '{}',
        ...Object.fromEntries(
          Object.entries(files).map(([name, text]) => [`node_modules/${dependency}/${name}`, text]),
        ),
      },
      dependency,
    )
    await expect(building).rejects.toThrow(message)
  })

  test('there is a row above for each dependency', () => {
    const dependencies = createAdaptations('/').map(({ dependency }) => dependency)
    expect([...new Set(dependencies)].sort()).toEqual([
      '@aws-crypto/sha256-js',
      '@aws-sdk/client-sso',
      '@aws-sdk/client-sso-oidc',
      '@aws-sdk/client-sts',
      '@aws-sdk/core',
      '@aws-sdk/nested-clients',
      '@smithy/core',
      '@smithy/node-http-handler',
      'debug',
      'proxy-agent-negotiate',
    ])
  })

  test('and where its dependency is not bundled, it has nothing to find', async () => {
    await expect(build({}, '@smithy/core')).resolves.toBeDefined()
  })
})

function textOf(bundles: Map<string, Uint8Array>, name: string): string {
  return Buffer.from(bundles.get(name) ?? '').toString()
}
