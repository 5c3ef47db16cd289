import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { clearRoleCache, listCacheEntries } from '../../../src/credentials/cache/list.ts'
import type { Runtime } from '../../../src/runtime.ts'
import { runtimeWith } from '../../support/runtime.ts'

const USER_ID = process.getuid?.() ?? 0
const ENTRY = `${'0123456789abcdef'.repeat(4)}.json`
const OTHER_ENTRY = `${'f'.repeat(64)}.json`

let home: string
let roles: string
let runtime: Runtime
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'eks-get-token-list-'))
  roles = join(home, '.cache', 'eks-get-token', 'roles')
  mkdirSync(roles, { recursive: true, mode: 0o700 })
  runtime = { ...runtimeWith(), homeDirectory: () => home, userId: USER_ID }
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const content = (accessKeyId: string) =>
  JSON.stringify({
    RoleArn: `arn:aws:iam::123456789012:role/${accessKeyId}`,
    Credentials: {
      AccessKeyId: accessKeyId,
      SecretAccessKey: `secret-of-${accessKeyId}`,
      SessionToken: 'T',
      Expiration: '2026-01-02T04:04:05+00:00',
    },
  })
const write = (name: string) => writeFileSync(join(roles, name), content('ASIAX'), { mode: 0o600 })

describe('cache clear', () => {
  test('removes the entries and the temporary files of killed processes', () => {
    for (const name of [ENTRY, OTHER_ENTRY, `${ENTRY}.k3j2h1.tmp`]) write(name)
    expect(clearRoleCache(runtime)).toEqual({ removed: 3, notRemoved: [] })
    expect(readdirSync(roles)).toEqual([])
  })

  test.each([
    ['another file', (path: string) => writeFileSync(path, ''), 'notes.txt'],
    ['a JSON file of another name', (path: string) => writeFileSync(path, ''), 'config.json'],
    ['a name that is too long', (path: string) => writeFileSync(path, ''), `0${ENTRY}`],
    ['a name with upper-case letters', (path: string) => writeFileSync(path, ''), ENTRY.toUpperCase()],
    [
      'a temporary file of another program',
      (path: string) => writeFileSync(path, ''),
      `${ENTRY}.a/b`.replace('/', '-'),
    ],
    ['a directory', (path: string) => mkdirSync(path), ENTRY],
    ['a directory with files', (path: string) => mkdirSync(join(path, 'a', 'b'), { recursive: true }), ENTRY],
    ['a link to a file', (path: string) => symlinkSync('/etc/hostname', path), ENTRY],
    ['a link to a directory', (path: string) => symlinkSync('/etc', path), ENTRY],
    ['a dangling link', (path: string) => symlinkSync('/nowhere', path), ENTRY],
  ])('keeps %s', (_title, make, name) => {
    make(join(roles, name))
    write(OTHER_ENTRY)
    expect(clearRoleCache(runtime)).toEqual({ removed: 1, notRemoved: [] })
    expect(readdirSync(roles)).toEqual([name])
    expect(existsSync('/etc/hostname')).toBe(true)
  })

  test.each([
    [
      'is a link to a directory',
      () => {
        renameSync(roles, join(home, 'elsewhere'))
        symlinkSync(join(home, 'elsewhere'), roles)
      },
    ],
    ['is group-writable', () => chmodSync(roles, 0o770)],
    ['is world-writable', () => chmodSync(roles, 0o1777)],
    [
      'is a file',
      () => {
        renameSync(roles, join(home, 'elsewhere'))
        writeFileSync(roles, '')
      },
    ],
    [
      'belongs to another user',
      () => {
        runtime = { ...runtime, userId: USER_ID + 1 }
      },
    ],
  ])('removes nothing from a cache directory that %s', (_title, change) => {
    write(ENTRY)
    change()
    expect(() => clearRoleCache(runtime)).toThrowError(
      expect.objectContaining({
        code: 'ERR_OUTPUT',
        exitCode: 255,
        message: expect.stringContaining(roles),
        remedy: expect.stringContaining('cache directory'),
      }),
    )
    const directory = existsSync(join(home, 'elsewhere')) ? join(home, 'elsewhere') : roles
    expect(readdirSync(directory)).toEqual([ENTRY])
  })

  test.each([
    ['does not exist', () => rmSync(roles, { recursive: true })],
    [
      'is a file further up',
      () => {
        rmSync(join(home, '.cache'), { recursive: true })
        writeFileSync(join(home, '.cache'), '')
      },
    ],
    [
      'is unknown, without a home directory',
      () => {
        runtime = { ...runtime, homeDirectory: () => undefined }
      },
    ],
  ])('removes nothing if the cache directory %s', (_title, change) => {
    change()
    expect(clearRoleCache(runtime)).toEqual({ removed: 0, notRemoved: [] })
  })
})

test('cache clear says that the cache directory cannot be read, and why', () => {
  rmSync(join(home, '.cache'), { recursive: true })
  symlinkSync(join(home, '.cache'), join(home, '.cache'))
  expect(() => clearRoleCache(runtime)).toThrowError(
    expect.objectContaining({
      code: 'ERR_OUTPUT',
      message: `the cache directory ${roles} cannot be read (ELOOP)`,
      remedy: 'check the owner and permissions of the directory',
      cause: expect.objectContaining({ code: 'ELOOP' }),
    }),
  )
})

describe('cache list', () => {
  test('lists the entries of both caches with their roles', () => {
    write(ENTRY)
    const awsCache = join(home, '.aws', 'cli', 'cache')
    mkdirSync(awsCache, { recursive: true })
    writeFileSync(join(awsCache, 'a.json'), content('ASIAY'), { mode: 0o664 })
    writeFileSync(join(awsCache, 'b.json'), '{}')
    writeFileSync(join(awsCache, 'session.db'), '')
    expect(listCacheEntries(runtime)).toMatchObject([
      { owner: 'eks-get-token', file: join(roles, ENTRY), role: 'arn:aws:iam::123456789012:role/ASIAX' },
      { owner: 'aws', file: join(awsCache, 'a.json'), role: 'arn:aws:iam::123456789012:role/ASIAY' },
    ])
  })
  test('lists them by name, with the session, the account and the kind, and no file of another name', () => {
    for (const name of [OTHER_ENTRY, ENTRY]) write(name)
    writeFileSync(join(roles, 'a.txt'), content('ASIAX'), { mode: 0o600 })
    const awsCache = join(home, '.aws', 'cli', 'cache')
    mkdirSync(awsCache, { recursive: true })
    const { RoleArn: _role, ...entry } = JSON.parse(content('ASIAY'))
    const credentials = { ...entry.Credentials, AccountId: '123456789012' }
    writeFileSync(join(awsCache, 'a.json'), JSON.stringify({ Credentials: credentials, ProviderType: 'sso' }))
    const AssumedRoleUser = { Arn: 'arn:aws:sts::123456789012:assumed-role/r/s', AssumedRoleId: 'AROAX:s' }
    writeFileSync(join(awsCache, 'b.json'), JSON.stringify({ ...entry, AssumedRoleUser }))
    const entries = listCacheEntries(runtime)
    expect(entries.map(({ file, role, isSso, accountId }) => [file, role, isSso, accountId])).toEqual([
      [join(roles, ENTRY), 'arn:aws:iam::123456789012:role/ASIAX', false, undefined],
      [join(roles, OTHER_ENTRY), 'arn:aws:iam::123456789012:role/ASIAX', false, undefined],
      [join(awsCache, 'a.json'), undefined, true, '123456789012'],
      [join(awsCache, 'b.json'), AssumedRoleUser.Arn, false, undefined],
    ])
  })
  test('lists nothing without directories, or without a home directory', () => {
    rmSync(join(home, '.cache'), { recursive: true })
    expect(listCacheEntries(runtime)).toEqual([])
    expect(listCacheEntries({ ...runtime, homeDirectory: () => undefined })).toEqual([])
  })
  test.each([0o666, 0o660])('leaves out an entry of the role cache with mode %o', (mode) => {
    write(ENTRY)
    chmodSync(join(roles, ENTRY), mode)
    expect(listCacheEntries(runtime)).toEqual([])
  })
})
