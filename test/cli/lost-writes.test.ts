import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eksGetToken, runEksGetToken } from '../support/command.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

// Another process changes the kubeconfig at the worst moment, as the AWS CLI does, which knows no lock: then both changes are in
// the file, and --restore gives back what the other process has written.

const PRELOAD = fileURLToPath(new URL('../support/interfere.cjs', import.meta.url))
const SAMPLE = readFileSync(new URL('../fixtures/kubeconfig/corpus/02-awscli-three.yaml', import.meta.url), 'utf8')
const OTHER = '# of another process\n'
const MOMENTS = ['lock', 'rename', 'open', 'broken lock', 'after']
const notNode = /\bnode[^/]*$/.test(eksGetToken()[0]) ? undefined : 'the command that is tested is not run by Node'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'eks-get-token-lost-'))
  mkdirSync(join(home, '.kube'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const file = () => join(home, '.kube', 'config')
const text = () => readFileSync(file(), 'utf8')
const convert = (words: readonly string[], env: Record<string, string> = {}) =>
  runEksGetToken(['convert-kubeconfig', ...words], { env: { PATH: '/usr/bin:/bin', HOME: home, ...env }, cwd: home })
const interfere = (moment: string, other: string) => ({
  NODE_OPTIONS: `--require=${PRELOAD}`,
  INTERFERE_AT: moment,
  INTERFERE_FILE: file(),
  INTERFERE_TEXT: other,
})

describe('another process writes', skipUnlessAvailable(notNode), () => {
  test.each(MOMENTS)('while convert-kubeconfig does: %s', async (moment) => {
    writeFileSync(file(), SAMPLE)
    await convert([])
    const converted = text()
    writeFileSync(file(), SAMPLE)
    const result = await convert([], interfere(moment, OTHER + SAMPLE))
    expect(result).toMatchObject({ code: 0, stderr: '' })
    expect(result.stdout.match(/^ {2}converted /gm)).toHaveLength(3)
    expect(text()).toBe(OTHER + converted)
    expect(readdirSync(join(home, '.kube'))).toEqual(['config'])
    expect(await convert(['--restore'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('(byte for byte)'),
    })
    expect(text()).toBe(OTHER + SAMPLE)
  })

  test.each(MOMENTS)('while convert-kubeconfig --restore does: %s', async (moment) => {
    writeFileSync(file(), SAMPLE)
    await convert([])
    const result = await convert(['--restore'], interfere(moment, OTHER + text()))
    expect(result).toMatchObject({ code: 0, stderr: '' })
    expect(text()).toBe(OTHER + SAMPLE)
    expect(readdirSync(join(home, '.kube'))).toEqual(['config'])
  })
})
