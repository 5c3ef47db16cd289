import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { checkConfigFile, updateConfigFile } from '../../src/login/config-file.ts'
import { startDeadline } from '../../src/net/deadline.ts'
import { runtimeWith } from '../support/runtime.ts'

const SECTION = { kind: 'profile', name: 'dev' } as const
const VALUES = { login_session: 'arn:aws:iam::123456789012:user/alice' }
const ADDED = 'login_session = arn:aws:iam::123456789012:user/alice\n'

let home: string
let path: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'eks-get-token-config-'))
  path = join(home, '.aws', 'config')
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const runtime = () => ({
  ...runtimeWith(),
  homeDirectory: () => home,
  userId: process.getuid?.(),
  processHost: { ...runtimeWith().processHost, processId: process.pid, isRunning: () => true },
})
const update = (section: { kind: 'profile'; name: string } = SECTION) =>
  updateConfigFile(path, section, VALUES, { runtime: runtime(), ...startDeadline(30, () => new Date()) })
const write = (text: string | Uint8Array, mode = 0o644): void => {
  mkdirSync(join(home, '.aws'), { recursive: true })
  writeFileSync(path, text)
  chmodSync(path, mode)
}
const modeOf = (file: string) => statSync(file).mode & 0o777

describe('the config file is replaced atomically', () => {
  test('a new file has the mode 0600, and its directory is created', async () => {
    expect(await update()).toBe(true)
    expect([readFileSync(path, 'utf8'), modeOf(path)]).toEqual([`[profile dev]\n${ADDED}`, 0o600])
  })
  test.each([0o644, 0o600, 0o640, 0o444 | 0o200])('the mode %o stays', async (mode) => {
    write('[default]\n', mode)
    await update()
    expect(modeOf(path)).toBe(mode)
  })
  test('a link stays, and its target is written', async () => {
    write('')
    const target = join(home, 'dotfiles')
    writeFileSync(target, '# mine\n[profile dev]\nregion = a\n')
    rmSync(path)
    symlinkSync('../dotfiles', path)
    await update()
    expect(lstatSync(path).isSymbolicLink()).toBe(true)
    expect(readFileSync(target, 'utf8')).toBe(`# mine\n[profile dev]\nregion = a\n${ADDED}`)
  })
  test('hard links stay', async () => {
    write('[profile dev]\n')
    linkSync(path, join(home, 'other'))
    await update()
    expect(readFileSync(join(home, 'other'), 'utf8')).toBe(`[profile dev]\n${ADDED}`)
    expect(readdirSync(join(home, '.aws'))).toEqual(['config'])
  })
  test('a file that contains the value is not written', async () => {
    write(`[profile dev]\n${ADDED}`)
    const before = statSync(path)
    expect(await update()).toBe(false)
    expect(statSync(path)).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs })
  })
  test('two updates at the same time are both in the file', async () => {
    write('[default]\r\nregion = a\r\n')
    await Promise.all(Array.from({ length: 8 }, (_, index) => update({ kind: 'profile', name: `p${index}` })))
    const text = readFileSync(path, 'utf8')
    expect(text.match(/\[profile p\d\]\r\nlogin_session/g)).toHaveLength(8)
    expect(readdirSync(join(home, '.aws'))).toEqual(['config'])
  })
})

describe('a file that cannot be edited is an error, and stays as it is', () => {
  const text = '[profile dev]\n'
  test.each<[string, () => void, RegExp]>([
    ['a directory', () => mkdirSync(path, { recursive: true }), /not a regular file/],
    ['a file in place of its directory', () => writeFileSync(join(home, '.aws'), ''), /ENOTDIR/],
    ['a code page of Windows', () => write(Buffer.from('[profile dev]\n# \xe9\n', 'latin1')), /not UTF-8/],
    ['text that the AWS CLI rejects', () => write('x\n'), /Unable to parse/],
  ])('%s', async (_title, make, message) => {
    make()
    const before = readdirSync(home, { recursive: true })
    const expected = expect.objectContaining({ code: 'ERR_CONFIG_FILE', message: expect.stringMatching(message) })
    await expect(update()).rejects.toThrow(expected)
    expect(() => checkConfigFile(path, SECTION, VALUES, runtime())).toThrow(expected)
    expect(readdirSync(home, { recursive: true }).filter((name) => !String(name).startsWith('.cache'))).toEqual(before)
  })
  test('the check changes nothing', () => {
    write(text)
    checkConfigFile(path, SECTION, VALUES, runtime())
    expect([readFileSync(path, 'utf8'), readdirSync(join(home, '.aws'))]).toEqual([text, ['config']])
  })
})
