import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createBundles } from '../../build/bundles.mjs'
import { createAdaptations, sdkClients } from '../../build/plugins.mjs'

const CLIENTS = sdkClients(fileURLToPath(new URL('../..', import.meta.url)))

/** A project of a few files, with dependencies that are as small. */
let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'eks-get-token-bundles-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/**
 * @param files - `src/main.ts` and `src/index.ts` are empty where they are not given
 * @param adaptation - the name of the only one that takes part
 */
function build(files: Record<string, string>, adaptation?: string) {
  for (const [name, text] of Object.entries({ 'src/main.ts': '', 'src/index.ts': '', ...files })) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
  const adaptations = createAdaptations(root, CLIENTS).filter(({ plugin }) => plugin.name === adaptation)
  return createBundles({ root, version: '1.2.3', libraries: ['src/index.ts'], adaptations, logLevel: 'silent' })
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

test('the bundle contains the version, but not package.json', async () => {
  const files = { 'src/main.ts': 'declare const EKS_GET_TOKEN_VERSION: string\nconsole.log(EKS_GET_TOKEN_VERSION)' }
  expect(textOf((await build(files)).bundles, 'main.cjs')).toContain('console.log("1.2.3")')
})

test('an import that is resolved at run time is an error', async () => {
  const building = build({
    'src/main.ts': "import 'x'",
    'node_modules/x/package.json': '{ "main": "x.js" }',
    'node_modules/x/x.js': "try { require('optional') } catch {}",
  })
  await expect(building).rejects.toThrow('main.cjs loads optional at run time, which is not bundled')
})

describe('an adaptation that finds nothing to change fails the build', () => {
  const dependencyWith = (dependency: string, files: Record<string, string>) =>
    Object.fromEntries(
      Object.entries({ 'package.json': '{}', ...files }).map(([name, text]) => [
        `node_modules/${dependency}/${name}`,
        text,
      ]),
    )

  test.each(
    createAdaptations('/', CLIENTS).map(({ plugin, dependency, target }) => [plugin.name, dependency, target] as const),
  )('%s: the file or the import is missing', async (name, dependency, target) => {
    const files = { 'src/main.ts': `import '${dependency}/other.js'` }
    const building = build({ ...files, ...dependencyWith(dependency, { 'other.js': 'globalThis.x = 1' }) }, name)
    await expect(building).rejects.toThrow(`${dependency} is bundled, but ${target} was not found`)
  })

  test('pure-bindings: the text that is to be replaced is missing', async () => {
    const serde = 'dist-es/submodules/serde/index.js'
    const files = { 'src/main.ts': `import '@smithy/core/${serde}'` }
    const building = build(
      { ...files, ...dependencyWith('@smithy/core', { [serde]: 'globalThis.x = 1' }) },
      'pure-bindings',
    )
    await expect(building).rejects.toThrow('@smithy/core: = bindV4( not found')
  })

  test('an adaptation whose dependency is not bundled has no effect', async () => {
    await expect(build({}, 'pure-bindings')).resolves.toBeDefined()
  })
})

function textOf(bundles: Map<string, Uint8Array>, name: string): string {
  return Buffer.from(bundles.get(name) ?? '').toString()
}
