import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

// The modules of the build are JavaScript: they are called in a process, as the build does.
const BUILD = join(import.meta.dirname, '../../build')

const call = (module: string, expression: string, file: Buffer): unknown => {
  const path = join(mkdtempSync(join(tmpdir(), 'eks-get-token-executable-')), 'file')
  writeFileSync(path, file)
  const script = `import { readFileSync } from 'node:fs'
import * as build from ${JSON.stringify(join(BUILD, module))}
const path = ${JSON.stringify(path)}, file = readFileSync(path)
let result
try { result = ${expression} } catch (error) { result = 'threw ' + error.message }
process.stdout.write(JSON.stringify(result ?? null))`
  try {
    return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }))
  } finally {
    rmSync(join(path, '..'), { recursive: true, force: true })
  }
}

/** A Mach-O file for x64 with a text and a link-edit segment, and a place for a signature of 16 bytes. */
function machO(): Buffer {
  const file = Buffer.alloc(0x5010, 7)
  file.fill(0, 0, 0x200)
  file.writeUInt32LE(0xfeedfacf, 0)
  file.writeUInt32LE(0x1000007, 4)
  file.writeUInt32LE(3, 16)
  const segment = (at: number, name: string, offset: number, size: number) => {
    file.writeUInt32LE(0x19, at)
    file.writeUInt32LE(72, at + 4)
    file.write(name, at + 8, 'latin1')
    file.writeBigUInt64LE(BigInt(offset), at + 40)
    file.writeBigUInt64LE(BigInt(size), at + 48)
  }
  segment(32, '__TEXT', 0, 0x4000)
  segment(104, '__LINKEDIT', 0x4000, 0x1010)
  for (const [index, value] of [0x1d, 16, 0x5000, 16].entries()) file.writeUInt32LE(value, 176 + 4 * index)
  return file
}

describe('the signature for macOS', () => {
  const signed = "build.signAdHoc(file, 'name')"
  test('is valid, covers the load commands, and ends with the file', () => {
    expect(call('mach-o.mjs', `build.signatureProblem(${signed})`, machO())).toBe(null)
    const link = call(
      'mach-o.mjs',
      `(() => { const f = ${signed}; return [f.length, Number(f.readBigUInt64LE(152)) + 0x4000] })()`,
      machO(),
    )
    expect(new Set(link as number[]).size).toBe(1)
  })
  test.each([
    ['a changed byte', `const f = ${signed}; f[0x3000] ^= 1; return f`, 'a page has changed since it was signed'],
    [
      'a changed load command',
      `const f = ${signed}; f[0x100] ^= 1; return f`,
      'a page has changed since it was signed',
    ],
    [
      'bytes after it',
      `return Buffer.concat([${signed}, Buffer.alloc(1)])`,
      expect.stringContaining('the signature ends at'),
    ],
    ['no signature in its place', 'return file', 'the signature has no code directory'],
  ])('is invalid with %s', (_title, body, problem) => {
    expect(call('mach-o.mjs', `build.signatureProblem((() => { ${body} })())`, machO())).toEqual(problem)
  })
})

describe('the check of an executable', () => {
  test.each(['linux-x64', 'linux-arm64-musl', 'darwin-x64', 'windows-x64'])(
    'rejects a file that is not for %s',
    (platform) => {
      expect(call('executable.mjs', `build.checkExecutable(path, '${platform}')`, Buffer.alloc(4096, 65))).toMatch(
        /^threw .*not a/,
      )
    },
  )
})
