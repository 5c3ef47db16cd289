import { execFileSync } from 'node:child_process'
import fs, {
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
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  overwriteFile,
  prepareReplacement,
  readRegularFile,
  removeIfPresent,
  replaceFile,
} from '../../../src/credentials/cache/atomic-write.ts'
import { createDirectory } from '../../../src/credentials/cache/directory.ts'
import { fileError, openFiles, withFileSystem } from '../../support/file-system.ts'
import { skipUnlessAvailable } from '../../support/skip.ts'

let directory: string
let file: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'eks-get-token-write-'))
  file = join(directory, 'x.json')
})
afterEach(() => {
  vi.restoreAllMocks()
  if (process.platform === 'linux') expect(openFiles(directory)).toEqual([])
  rmSync(directory, { recursive: true, force: true })
})

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
      'x.json.other.abandoned.tmp',
      'x.json.abandoned.tmp.json',
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
  test.each([0.5, 1 / 3])('removes its own temporary files also, named with the random number %d', (random) => {
    vi.spyOn(Math, 'random').mockReturnValueOnce(random)
    prepareReplacement(file, 'abandoned', { mode: 0o600 })
    const [sibling = ''] = readdirSync(directory)
    const old = new Date(Date.now() - 3_600_000)
    utimesSync(join(directory, sibling), old, old)
    replaceFile(file, 'next', { mode: 0o600 })
    expect(readdirSync(directory)).toEqual(['x.json'])
  })
  test.each<[string, number, number]>([
    ['EACCES', 3, 3],
    ['EPERM', 3, 3],
    ['EBUSY', 3, 3],
    ['EBUSY', 2, 2],
    ['EBUSY', 1, 1],
    ['EXDEV', 3, 1],
  ])(
    'whose rename fails with %s, of %i attempts: %i are made, and the previous one stays',
    (code, attempts, expected) => {
      writeFileSync(file, 'previous')
      const times: number[] = []
      const renameSync = () => {
        times.push(performance.now())
        throw fileError(code)
      }
      const replace = () => replaceFile(file, 'next', { mode: 0o600, renameAttempts: attempts })
      expect(() => withFileSystem({ renameSync }, replace)).toThrowError(expect.objectContaining({ code }))
      expect(times).toHaveLength(expected)
      expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual((expected - 1) * 49)
      expect([readdirSync(directory), readFileSync(file, 'utf8')]).toEqual([['x.json'], 'previous'])
    },
  )
  test('whose rename succeeds the second time is replaced', () => {
    writeFileSync(file, 'previous')
    let attempts = 0
    const renameSync: typeof fs.renameSync = (from, to) => {
      if (++attempts === 1) throw fileError('EBUSY')
      original.renameSync(from, to)
    }
    const original = { ...fs }
    withFileSystem({ renameSync }, () => replaceFile(file, 'next', { mode: 0o600, renameAttempts: 2 }))
    expect([readdirSync(directory), readFileSync(file, 'utf8')]).toEqual([['x.json'], 'next'])
  })
  test('an error without a code is reported at once', () => {
    const renameSync = () => {
      throw new Error('of the test')
    }
    const replace = () => replaceFile(file, 'next', { mode: 0o600, renameAttempts: 3 })
    expect(() => withFileSystem({ renameSync }, replace)).toThrow('of the test')
    expect(readdirSync(directory)).toEqual([])
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

describe('a file system that', () => {
  const original = { ...fs }
  /** Writes at most this many bytes at once. */
  const writeAtMost = (most: number): typeof fs.writeSync =>
    ((descriptor: number, bytes: Uint8Array, offset: number, length: number, position: number) =>
      original.writeSync(descriptor, bytes, offset, Math.min(length, most), position)) as typeof fs.writeSync
  const WAYS: [string, () => void][] = [
    ['replacing', () => replaceFile(file, 'a longer text', { mode: 0o600 })],
    ['overwriting', () => overwriteFile(file, 'a longer text')],
  ]
  beforeEach(() => writeFileSync(file, 'previous'))
  test.each(WAYS)('writes a part at a time gets all of it: %s', (_title, write) => {
    withFileSystem({ writeSync: writeAtMost(5) }, write)
    expect(readFileSync(file, 'utf8')).toBe('a longer text')
  })
  test.each(WAYS)('writes nothing is an error, and the previous content stays: %s', (_title, write) => {
    const run = () => withFileSystem({ writeSync: writeAtMost(0) }, write)
    expect(run).toThrow('the file system did not write all of the data')
    expect([readdirSync(directory), readFileSync(file, 'utf8')]).toEqual([['x.json'], 'previous'])
  })
  test('writes something else is an error, and the previous content is restored', () => {
    let writes = 0
    const writeSync = ((descriptor: number, bytes: Uint8Array, ...place: [number, number, number]) =>
      original.writeSync(
        descriptor,
        ++writes === 1 ? Buffer.alloc(bytes.length) : bytes,
        ...place,
      )) as typeof fs.writeSync
    const run = () => withFileSystem({ writeSync }, () => overwriteFile(file, 'a longer text'))
    expect(run).toThrow('the content of the file differs from what was written')
    expect(readFileSync(file, 'utf8')).toBe('previous')
  })
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
  test('a file of the largest permitted size returns its content', () => {
    writeFileSync(file, 'x'.repeat(100))
    expect(readRegularFile(file, options)?.text).toBe('x'.repeat(100))
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
