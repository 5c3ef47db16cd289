import { execFileSync } from 'node:child_process'
import fs, {
  chmodSync,
  chownSync,
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
import {
  checkSharedFile,
  readSharedFile,
  storeSharedFile,
  writeSharedFile,
} from '../../../src/credentials/cache/shared-file.ts'
import { fileError, withFileSystem } from '../../support/file-system.ts'
import { skipUnlessAvailable } from '../../support/skip.ts'

const USER_ID = process.getuid?.()
const original = { ...fs }
let directory: string
let file: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'eks-get-token-shared-'))
  file = join(directory, 'x.json')
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const makeWorldWritable = () => {
  writeFileSync(file, 'previous')
  chmodSync(file, 0o666)
}

describe('reading', () => {
  test.each<[string, () => void, string, string]>([
    ['a missing file', () => {}, 'missing', 'does not exist'],
    ['a directory', () => mkdirSync(file), 'unreadable', 'is not a regular file, or is larger than 1 MB'],
    ['a pipe', () => execFileSync('mkfifo', [file]), 'unreadable', 'is not a regular file, or is larger than 1 MB'],
    ['a link to itself', () => symlinkSync(file, file), 'unreadable', 'cannot be read (ELOOP)'],
  ])('%s is no error, but a problem', (_title, make, problem, message) => {
    make()
    expect(readSharedFile(file, USER_ID)).toEqual({ problem, message: `${file} ${message}` })
  })
  test('a file in place of its directory is a missing file', () => {
    writeFileSync(file, '')
    const below = join(file, 'y.json')
    expect(readSharedFile(below, USER_ID)).toEqual({ problem: 'missing', message: `${below} does not exist` })
  })
})

describe('writing', () => {
  test.each<[string, () => void]>([
    ['a new file', () => {}],
    ['a file that every user can write', () => makeWorldWritable()],
    ['a pipe', () => execFileSync('mkfifo', ['-m', '644', file])],
  ])('%s leaves a file with mode 0600', (_title, make) => {
    make()
    storeSharedFile(file, 'next', USER_ID)
    const stats = statSync(file)
    expect([stats.isFile(), stats.mode & 0o777, readFileSync(file, 'utf8')]).toEqual([true, 0o600, 'next'])
  })
  test('creates missing directories with mode 0755', () => {
    const below = join(directory, 'a', 'b', 'x.json')
    storeSharedFile(below, 'next', USER_ID)
    const modes = ['a', 'a/b', 'a/b/x.json'].map((name) => statSync(join(directory, name)).mode & 0o777)
    expect(modes).toEqual([0o755, 0o755, 0o600])
  })
  test('a directory is an error', () => {
    mkdirSync(file)
    expect(() => storeSharedFile(file, 'next', USER_ID)).toThrow('it is a directory')
    expect(writeSharedFile(file, 'next', USER_ID)).toBe(false)
  })
  test('goes through a link', () => {
    writeFileSync(join(directory, 'target'), 'previous', { mode: 0o600 })
    symlinkSync('target', file)
    expect(writeSharedFile(file, 'next', USER_ID)).toBe(true)
    expect(readFileSync(join(directory, 'target'), 'utf8')).toBe('next')
    expect(readSharedFile(file, USER_ID)).toMatchObject({ text: 'next' })
  })
  test.each([0o600, 0o640, 0o660, 0o664])('keeps mode %o', (mode) => {
    writeFileSync(file, 'previous')
    chmodSync(file, mode)
    expect(writeSharedFile(file, 'next', USER_ID)).toBe(true)
    expect(statSync(file).mode & 0o777).toBe(mode)
  })
  test('where there are no user ids, tries again while another program has the file open', () => {
    writeFileSync(file, 'previous', { mode: 0o644 })
    let attempts = 0
    const renameSync: typeof fs.renameSync = (from, to) => {
      if (++attempts < 3) throw fileError('EPERM')
      original.renameSync(from, to)
    }
    withFileSystem({ renameSync }, () => storeSharedFile(file, 'next', undefined))
    expect([attempts, readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual([3, 'next', 0o600])
  })
})

describe('a directory that permits no new file', () => {
  const refuse = (code: string) => ({
    renameSync: () => {
      throw fileError(code)
    },
  })
  const inode = () => statSync(file).ino
  test.each(['EACCES', 'EPERM', 'EBUSY', 'EXDEV'])('(%s): the file is overwritten in place', (code) => {
    writeFileSync(file, 'previous', { mode: 0o640 })
    const before = inode()
    withFileSystem(refuse(code), () => storeSharedFile(file, 'next', USER_ID))
    expect([inode(), readFileSync(file, 'utf8'), readdirSync(directory)]).toEqual([before, 'next', ['x.json']])
  })
  test.each(['ENOSPC', undefined])('another error (%s) is reported, and the file stays', (code) => {
    writeFileSync(file, 'previous', { mode: 0o640 })
    const renameSync = () => {
      throw code === undefined ? new Error('of the test') : fileError(code)
    }
    const store = () => storeSharedFile(file, 'next', USER_ID)
    expect(() => withFileSystem({ renameSync }, store)).toThrow('of the test')
    expect([readFileSync(file, 'utf8'), readdirSync(directory)]).toEqual(['previous', ['x.json']])
  })
  test('is an error where there is no file yet', () => {
    expect(() => withFileSystem(refuse('EACCES'), () => storeSharedFile(file, 'next', USER_ID))).toThrow('EACCES')
    expect(readdirSync(directory)).toEqual([])
  })
  test('is an error for a file that every user can write, which stays', () => {
    makeWorldWritable()
    expect(() => withFileSystem(refuse('EACCES'), () => storeSharedFile(file, 'next', USER_ID))).toThrow('EACCES')
    expect(readFileSync(file, 'utf8')).toBe('previous')
  })
})

describe('checking that a file can be written', () => {
  const openSync =
    (code: string | undefined): typeof fs.openSync =>
    (path, ...more) => {
      if (String(path).endsWith('.tmp')) throw code === undefined ? new Error('of the test') : fileError(code)
      return original.openSync(path, ...more)
    }
  const check = () => checkSharedFile(file, 100, USER_ID)
  test.each<[string, () => void]>([
    ['a file', () => writeFileSync(file, 'previous', { mode: 0o640 })],
    ['a missing file', () => {}],
  ])('%s: as many bytes are written, and removed', (_title, make) => {
    make()
    const before = readdirSync(directory)
    let written = 0
    const writeSync = ((...call: Parameters<typeof fs.writeSync>) => {
      const bytes = original.writeSync(...call)
      written += bytes
      return bytes
    }) as typeof fs.writeSync
    withFileSystem({ writeSync }, check)
    expect([written, readdirSync(directory)]).toEqual([100, before])
  })
  test.each([
    ['is possible', undefined],
    ['is not possible', 'EROFS'],
  ])('that cannot be replaced, only overwritten: %s', (_title, code) => {
    writeFileSync(file, 'previous', { mode: 0o640 })
    const checked: unknown[] = []
    const accessSync: typeof fs.accessSync = (...call) => {
      checked.push(call)
      if (code !== undefined) throw fileError(code)
    }
    const run = () => withFileSystem({ openSync: openSync('EACCES'), accessSync }, check)
    if (code === undefined) run()
    else expect(run).toThrow(code)
    expect(checked).toEqual([[file, fs.constants.W_OK]])
    expect(readFileSync(file, 'utf8')).toBe('previous')
  })
  test.each([
    ['a full disk', 'ENOSPC', () => writeFileSync(file, 'previous')],
    ['an error without a code', undefined, () => writeFileSync(file, 'previous')],
    ['a file that every user can write', 'EACCES', makeWorldWritable],
    ['a missing file', 'EACCES', () => {}],
  ])('%s is an error where no file can be created', (_title, code, make) => {
    make()
    expect(() => withFileSystem({ openSync: openSync(code) }, check)).toThrow(/of the test/)
  })
})

describe('a file that every user could have written', () => {
  test.each([
    [0o777, /is world-writable \(mode 0777\)/],
    [0o1777, /is world-writable \(mode 1777\)/],
  ])('is rejected in a directory with mode %o', (mode, message) => {
    writeFileSync(file, 'previous', { mode: 0o600 })
    chmodSync(directory, mode)
    expect(readSharedFile(file, USER_ID)).toMatchObject({
      problem: 'world-writable',
      message: expect.stringMatching(message),
      remedy: `run: chmod o-w ${directory}`,
    })
    expect(writeSharedFile(file, 'next', USER_ID)).toBe(false)
    expect(() => checkSharedFile(file, 1, USER_ID)).toThrow(message)
    expect(readFileSync(file, 'utf8')).toBe('previous')
  })
  test('is rejected with mode 0666', () => {
    makeWorldWritable()
    expect(readSharedFile(file, USER_ID)).toMatchObject({ remedy: `run: chmod o-w ${file}` })
  })
})

const root = skipUnlessAvailable(USER_ID === 0 ? undefined : 'changing the owner of a file needs root')

describe('as root, a file of another user', root, () => {
  test.each([
    [12345, 23456],
    [12345, 0],
    [0, 23456],
  ])('keeps its owner %i and group %i', (...owner) => {
    writeFileSync(file, 'previous', { mode: 0o600 })
    chownSync(file, ...owner)
    expect(writeSharedFile(file, 'next', 0)).toBe(true)
    const { uid, gid, mode } = statSync(file)
    expect([uid, gid, mode & 0o777, readFileSync(file, 'utf8')]).toEqual([...owner, 0o600, 'next'])
  })
  test('in a directory of another user is read and written', () => {
    chownSync(directory, 12345, 23456)
    writeFileSync(file, 'previous', { mode: 0o600 })
    expect(readSharedFile(file, 0)).toMatchObject({ text: 'previous' })
    expect(writeSharedFile(file, 'next', 0)).toBe(true)
    expect(readFileSync(file, 'utf8')).toBe('next')
  })
})
