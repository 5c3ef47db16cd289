import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bundleFront } from '../../build/front-bundle.mjs'
import { createAdaptations } from '../../build/plugins.mjs'

const ROOT = join(import.meta.dirname, '../..')

const bundle = async (source: string) => {
  const folder = mkdtempSync(join(ROOT, '.dist-front-test-'))
  try {
    writeFileSync(join(folder, 'entry.ts'), source)
    return await bundleFront(ROOT, '0', [], `${folder.slice(ROOT.length).replace(/^\//, '')}/entry.ts`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test.each([
  ['a built-in without a shim', "import { get } from 'node:http'\nget('x')", /imports node:http/],
  ['a member that a shim lacks', "import { cpSync } from 'node:fs'\ncpSync('a', 'b')", /No matching export/],
  ['a global without a shim', 'fetch("x")', /uses missingGlobal_fetch/],
])('%s is a build error', async (_title, source, message) => {
  await expect(bundle(source)).rejects.toThrow(message)
})

test('the hash function of the front is the only one', async () => {
  const { inputs } = await bundleFront(ROOT, '0', createAdaptations(ROOT))
  expect(inputs).toContain('src/front/sha256.ts')
  expect(inputs.filter((file) => /RawSha256|hashes\/sha2\.js/.test(file))).toEqual([])
})

test('what the front has is bundled', async () => {
  const { code } = await bundle("import { statSync } from 'node:fs'\nstatSync(process.argv[2] ?? '')")
  expect(code).toContain('frontNative')
})
