import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { skipUnlessAvailable } from '../support/skip.ts'
import { buildFront, missingForFront } from './front.ts'

describe("the front's built-ins", skipUnlessAvailable(missingForFront()), () => {
  const folder = mkdtempSync(join(tmpdir(), 'eks-get-token-shims-'))
  const node = () => run(process.execPath, join(folder, 'behavior.cjs'))
  let front = ''

  beforeAll(() => {
    front = buildFront(join(folder, 'bin'), '--entry', 'test/front/behavior.ts')
    const bundle = join(folder, 'behavior.cjs')
    buildSync({
      entryPoints: [join(import.meta.dirname, 'behavior.ts')],
      bundle: true,
      platform: 'node',
      outfile: bundle,
    })
    const files = join(folder, 'files')
    mkdirSync(join(files, 'directory'), { recursive: true })
    writeFileSync(join(files, 'file'), 'content é\n', { mode: 0o640 })
    writeFileSync(join(files, 'empty'), '')
    writeFileSync(join(files, 'large'), Buffer.alloc(3_000_000, 'x'))
    writeFileSync(join(files, 'latin1'), Buffer.from([0x61, 0xe9, 0x0a]))
    symlinkSync('file', join(files, 'link'))
    symlinkSync('loop', join(files, 'loop'))
    execFileSync('mkfifo', [join(files, 'pipe')])
  }, 300_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const run = (program: string, ...words: string[]) => {
    const { status, stdout, stderr } = spawnSync(program, [...words, 'a b', '', 'é', '--x=\ud800', '-'], {
      cwd: join(folder, 'files'),
      env: { HOME: '/home/ü', A: '', 'B C': '1=2', PATH: '/bin', TZ: 'America/New_York' },
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    })
    return { status, stderr, results: JSON.parse(stdout) as Record<string, unknown> }
  }

  test('behave as those of Node', () => {
    const [expected, actual] = [node(), run(front)]
    expect(Object.keys(expected.results).length).toBeGreaterThan(50)
    expect(actual).toEqual(expected)
  })

  test('the home directory without HOME is that of the passwd entry', () => {
    const home = (program: string, ...words: string[]) => {
      const { stdout } = spawnSync(program, words, {
        cwd: join(folder, 'files'),
        env: {},
        encoding: 'utf8',
        maxBuffer: 1 << 26,
      })
      return (JSON.parse(stdout) as Record<string, unknown>)['home directory']
    }
    expect(home(front)).toEqual(home(process.execPath, join(folder, 'behavior.cjs')))
  })
})
