import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  overwriteFile,
  readRegularFile,
  removeIfPresent,
  replaceFile,
} from '../../../src/credentials/cache/atomic-write.ts'
import { createDirectory } from '../../../src/credentials/cache/directory.ts'
import { readSharedFile, writeSharedFile } from '../../../src/credentials/cache/shared-file.ts'
import { skipUnlessAvailable } from '../../support/skip.ts'

const USER_ID = process.getuid?.()
let directory: string
let file: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'eks-get-token-write-'))
  file = join(directory, 'x.json')
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

describe('replacing a file', () => {
  test('keeps the mode, writes all of the content, and leaves no temporary file', () => {
    writeFileSync(file, 'previous')
    replaceFile(file, 'next', { mode: 0o640 })
    expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual(['next', 0o640])
    expect(readdirSync(directory)).toEqual(['x.json'])
  })
  test('removes the old temporary files of killed processes, and only those', () => {
    const old = new Date(Date.now() - 3_600_000)
    const names = [
      'x.json.abandoned.tmp',
      'x.json.recentone.tmp',
      'y.json.abandoned.tmp',
      'x.json.directory.tmp',
      'x.json.linkedfile.tmp',
      'x.json.backup.tmp',
    ]
    for (const name of names.filter((each) => !/directory|linked/.test(each))) {
      writeFileSync(join(directory, name), '')
    }
    mkdirSync(join(directory, 'x.json.directory.tmp'))
    symlinkSync('/etc/hostname', join(directory, 'x.json.linkedfile.tmp'))
    for (const name of names) {
      if (!/recent|link/.test(name)) utimesSync(join(directory, name), old, old)
    }
    replaceFile(file, 'next', { mode: 0o600 })
    expect(readdirSync(directory).sort()).toEqual(['x.json', ...names.slice(1)].sort())
  })
  test('a directory in its place is an error, and is not removed', () => {
    mkdirSync(file)
    expect(() => replaceFile(file, 'next', { mode: 0o600 })).toThrow()
    expect(readdirSync(directory)).toEqual(['x.json'])
  })
})

describe('creating a directory', () => {
  test('with its missing parents, in the mode given', () => {
    createDirectory(join(directory, 'a', 'b'), 0o700)
    const modes = ['a', 'a/b'].map((name) => statSync(join(directory, name)).mode & 0o777)
    expect(modes).toEqual([0o700, 0o700])
  })
  test('that is there already changes nothing', () => {
    createDirectory(directory, 0o700)
    expect(readdirSync(directory)).toEqual([])
  })
  test(
    'where the system has none is an error, not a loop',
    skipUnlessAvailable(process.platform === 'linux' ? undefined : 'is on Linux only'),
    () => {
      expect(() => createDirectory('/proc/none/below', 0o700)).toThrow(/ENOENT/)
    },
  )
  test('below a file is an error', () => {
    writeFileSync(file, '')
    expect(() => createDirectory(join(file, 'a', 'b'), 0o700)).toThrow(/ENOTDIR/)
  })
})

test.each([
  ['shorter', 'previous content', 'next'],
  ['longer', 'previous', 'next content'],
])('overwriting a file with %s text leaves exactly this text', (_title, previous, next) => {
  writeFileSync(file, previous)
  overwriteFile(file, next)
  expect(readFileSync(file, 'utf8')).toBe(next)
})

describe('reading', () => {
  const options = { maxBytes: 100, followLinks: false }
  test.each<[string, () => void]>([
    ['a directory', () => mkdirSync(file)],
    ['a pipe', () => execFileSync('mkfifo', [file])],
    ['a file that is too large', () => writeFileSync(file, 'x'.repeat(101))],
  ])('%s returns nothing', (_title, make) => {
    make()
    expect(readRegularFile(file, options)).toBeUndefined()
  })
  test('a link is an error unless links are followed', () => {
    writeFileSync(join(directory, 'target'), 'text')
    symlinkSync('target', file)
    expect(() => readRegularFile(file, options)).toThrowError(expect.objectContaining({ code: 'ELOOP' }))
    expect(readRegularFile(file, { ...options, followLinks: true })?.text).toBe('text')
  })
})

describe('removing', () => {
  test.each<[string, () => void, boolean]>([
    ['a file', () => writeFileSync(file, ''), true],
    ['nothing', () => {}, false],
    ['an empty directory', () => mkdirSync(file), false],
    ['a directory with files', () => mkdirSync(join(file, 'a'), { recursive: true }), false],
    ['a link', () => symlinkSync('/etc/hostname', file), false],
    ['a pipe', () => execFileSync('mkfifo', [file]), false],
  ])('%s: %s', (_title, make, isRemoved) => {
    make()
    const before = readdirSync(directory)
    expect(removeIfPresent(file)).toBe(isRemoved)
    expect(readdirSync(directory)).toEqual(isRemoved ? [] : before)
  })
})

describe('a file that is shared with the AWS CLI', () => {
  test('is written through a link to it', () => {
    writeFileSync(join(directory, 'target'), 'previous', { mode: 0o600 })
    symlinkSync('target', file)
    expect(writeSharedFile(file, 'next', USER_ID)).toBe(true)
    expect(readFileSync(join(directory, 'target'), 'utf8')).toBe('next')
    expect(readSharedFile(file, USER_ID)).toMatchObject({ text: 'next' })
  })
  test.each([
    [0o777, 'x.json', /is world-writable \(mode 0777\)/],
    [0o1777, 'x.json', /is world-writable \(mode 1777\)/],
  ])('is rejected in a directory with mode %o', (mode, _name, message) => {
    writeFileSync(file, 'previous', { mode: 0o600 })
    chmodSync(directory, mode)
    expect(readSharedFile(file, USER_ID)).toMatchObject({
      problem: 'world-writable',
      message: expect.stringMatching(message),
      remedy: `run: chmod o-w ${directory}`,
    })
    expect(writeSharedFile(file, 'next', USER_ID)).toBe(false)
    expect(readFileSync(file, 'utf8')).toBe('previous')
  })
  test('is rejected with mode 0666', () => {
    writeFileSync(file, 'previous')
    chmodSync(file, 0o666)
    expect(readSharedFile(file, USER_ID)).toMatchObject({ remedy: `run: chmod o-w ${file}` })
  })
  test.each([0o600, 0o640, 0o660, 0o664])('keeps mode %o', (mode) => {
    writeFileSync(file, 'previous')
    chmodSync(file, mode)
    expect(writeSharedFile(file, 'next', USER_ID)).toBe(true)
    expect(statSync(file).mode & 0o777).toBe(mode)
  })
})

const root = skipUnlessAvailable(USER_ID === 0 ? undefined : 'changing the owner of a file needs root')

describe('as root, a file of another user', root, () => {
  test('keeps its owner and group', () => {
    writeFileSync(file, 'previous', { mode: 0o600 })
    chownSync(file, 12345, 23456)
    expect(writeSharedFile(file, 'next', 0)).toBe(true)
    const { uid, gid, mode } = statSync(file)
    expect([uid, gid, mode & 0o777, readFileSync(file, 'utf8')]).toEqual([12345, 23456, 0o600, 'next'])
  })
  test('in a directory of another user is read and written', () => {
    chownSync(directory, 12345, 23456)
    writeFileSync(file, 'previous', { mode: 0o600 })
    expect(readSharedFile(file, 0)).toMatchObject({ text: 'previous' })
    expect(writeSharedFile(file, 'next', 0)).toBe(true)
    expect(existsSync(file)).toBe(true)
  })
})
