import {
  chmodSync,
  existsSync,
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
import { createDirectory } from '../../../src/credentials/cache/directory.ts'
import { readPrivateFile, writePrivateFile } from '../../../src/credentials/cache/private-file.ts'
import { readRoleCacheEntry, writeRoleCacheEntry } from '../../../src/credentials/cache/role-cache.ts'
import type { Plan } from '../../../src/credentials/sources/registry.ts'
import type { AssumeRolePlan } from '../../../src/credentials/sources/sts.ts'

const USER_ID = process.getuid?.() ?? 0
let home: string
let directory: string
let file: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'eks-get-token-private-'))
  directory = join(home, 'a', 'b')
  file = join(directory, 'f')
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const modeOf = (path: string) => statSync(path).mode & 0o777

describe('a directory', () => {
  test('is created with its parents, and with the mode', () => {
    createDirectory(directory, 0o700)
    createDirectory(directory, 0o755)
    expect([modeOf(join(home, 'a')), modeOf(directory)]).toEqual([0o700, 0o700])
  })
  test('below a file is an error', () => {
    writeFileSync(join(home, 'a'), '')
    expect(() => createDirectory(directory, 0o700)).toThrow(expect.objectContaining({ code: 'ENOTDIR' }))
  })
  test('that a dangling link is in the way of is an error', () => {
    symlinkSync('/nonexistent/x', join(home, 'a'))
    expect(() => createDirectory(directory, 0o700)).toThrow(expect.objectContaining({ code: 'ENOENT' }))
  })
})

describe('a private file', () => {
  test('is written with its directory, and read again', () => {
    expect(writePrivateFile(file, 'text', USER_ID)).toBe(true)
    expect([modeOf(directory), modeOf(file)]).toEqual([0o700, 0o600])
    expect(readPrivateFile(file, USER_ID)).toBe('text')
    expect(readdirSync(directory)).toEqual(['f'])
  })
  test('that is missing is not read', () => expect(readPrivateFile(file, USER_ID)).toBeUndefined())
  test.each<[string, () => void]>([
    ['that the group can write', () => chmodSync(file, 0o620)],
    ['in a directory that the group can write', () => chmodSync(directory, 0o770)],
    ['larger than 1 MB', () => writeFileSync(file, ' '.repeat((1 << 20) + 1))],
    [
      'behind a link',
      () => {
        writeFileSync(join(directory, 'g'), 'text', { mode: 0o600 })
        rmSync(file)
        symlinkSync(join(directory, 'g'), file)
      },
    ],
  ])('%s is not read', (_title, change) => {
    writePrivateFile(file, 'text', USER_ID)
    change()
    expect(readPrivateFile(file, USER_ID)).toBeUndefined()
  })
  test('of 1 MB is read', () => {
    writePrivateFile(file, ' '.repeat(1 << 20), USER_ID)
    expect(readPrivateFile(file, USER_ID)?.length).toBe(1 << 20)
  })
  test('is not written into a directory that others can write', () => {
    mkdirSync(directory, { recursive: true })
    chmodSync(directory, 0o777)
    expect(writePrivateFile(file, 'text', USER_ID)).toBe(false)
    expect(existsSync(file)).toBe(false)
  })
  test('that cannot be written is not an error', () => {
    mkdirSync(file, { recursive: true })
    expect(writePrivateFile(file, 'text', USER_ID)).toBe(false)
  })
})

describe('an entry of the role cache', () => {
  const NOW = new Date('2026-01-02T03:04:05Z')
  const PLAN: AssumeRolePlan<Plan> = {
    ...{ kind: 'assume-role', why: '', profile: undefined, roleArn: 'arn:aws:iam::123456789012:role/r' },
    ...{ sessionName: 's', externalId: undefined, durationSeconds: undefined, mfaSerial: undefined },
    source: { kind: 'environment', why: '' },
  }
  const path = (letter: string) => join(directory, `${letter.repeat(64)}.json`)
  const write = (letter: string, expiration: string | undefined) =>
    writeRoleCacheEntry(
      path(letter),
      PLAN,
      {
        ...{ accessKeyId: 'ASIAX', secretAccessKey: 'secret-of-ASIAX', sessionToken: 'T' },
        expiration: expiration === undefined ? undefined : new Date(expiration),
      },
      NOW,
      USER_ID,
    )

  test('has the role', () => {
    write('a', '2026-01-02T04:04:05Z')
    expect(readRoleCacheEntry(path('a'), USER_ID)?.roleArn).toBe(PLAN.roleArn)
    expect(readRoleCacheEntry(path('b'), USER_ID)).toBeUndefined()
  })
  test('is not written for credentials that do not expire', () => {
    write('a', undefined)
    expect(existsSync(directory)).toBe(false)
  })
  test('is removed by the next write when it has expired, and nothing else is', () => {
    write('a', '2026-01-02T03:04:05Z')
    // Its own expired entry has gone also.
    expect(readdirSync(directory)).toEqual([])
    write('b', '2026-01-02T03:04:06Z')
    const expired = readFileSync(path('b'), 'utf8').replace('03:04:06', '03:04:04')
    const others = [`x${'c'.repeat(64)}.json`, `${'c'.repeat(64)}.json.x`, `${'C'.repeat(64)}.json`]
    for (const name of others) writeFileSync(join(directory, name), expired, { mode: 0o600 })
    writeFileSync(path('d'), expired, { mode: 0o600 })
    writeFileSync(path('e'), 'broken', { mode: 0o600 })
    write('f', '2026-01-02T04:04:05Z')
    const kept = [...others, ...['b', 'e', 'f'].map((letter) => `${letter.repeat(64)}.json`)]
    expect(readdirSync(directory).sort()).toEqual(kept.sort())
  })
})
