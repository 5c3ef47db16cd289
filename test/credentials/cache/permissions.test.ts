import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { awsDirectoryProblems, isPrivateDir } from '../../../src/credentials/cache/permissions.ts'
import { runtimeWith } from '../../support/runtime.ts'

const USER_ID = process.getuid?.() ?? 0
let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'eks-get-token-permissions-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const problems = (userId: number | undefined, env: Record<string, string> = {}) =>
  awsDirectoryProblems({ ...runtimeWith({ env }), homeDirectory: () => home, userId })

describe("the directories of the AWS CLI's caches", () => {
  beforeEach(() => {
    for (const name of ['cli', 'sso', 'login']) mkdirSync(join(home, '.aws', name, 'cache'), { recursive: true })
  })

  test('with mode 0755 have no problem', () => expect(problems(USER_ID)).toEqual([]))
  test('that do not exist have no problem', () => {
    rmSync(join(home, '.aws'), { recursive: true })
    expect(problems(USER_ID)).toEqual([])
  })
  test.each([
    ['.aws', 0o775, 'group-writable', 'chmod g-w'],
    ['.aws/cli/cache', 0o770, 'group-writable', 'chmod g-w'],
    ['.aws/sso/cache', 0o777, 'world-writable', 'chmod o-w'],
    ['.aws/login/cache', 0o1777, 'world-writable', 'chmod o-w'],
    ['.aws/login/cache', 0o702, 'world-writable', 'chmod o-w'],
  ])('%s with mode %o is %s', (name, mode, kind, command) => {
    const path = join(home, name)
    chmodSync(path, mode)
    expect(problems(USER_ID)).toEqual([
      {
        path,
        kind,
        message: expect.stringContaining(`${path} is ${kind} (mode ${mode.toString(8).padStart(4, '0')})`),
        remedy: expect.stringContaining(`${command} ${path}`),
      },
    ])
  })
  test('that belong to another user are reported with the owner', () => {
    const { uid } = statSync(home)
    const found = problems(uid + 1)
    expect(found).toHaveLength(4)
    for (const problem of found) {
      expect(problem).toMatchObject({ kind: 'foreign-owner', message: expect.stringContaining(`user id ${uid}`) })
    }
  })
  test('the directory of AWS_LOGIN_CACHE_DIRECTORY is checked, and its path is quoted for a shell', () => {
    const path = join(home, "it's here")
    mkdirSync(path)
    chmodSync(path, 0o777)
    expect(problems(USER_ID, { AWS_LOGIN_CACHE_DIRECTORY: path })).toMatchObject([
      { path, remedy: `run: chmod o-w '${home}/it'\\''s here'` },
    ])
  })
  test('are not checked on Windows, where mode bits have no meaning', () => {
    chmodSync(join(home, '.aws'), 0o777)
    expect(problems(undefined)).toEqual([])
  })
})

describe('a private directory', () => {
  test.each([
    [0o700, true],
    [0o755, true],
    [0o720, false],
    [0o702, false],
  ])('with mode %o: %s', (mode, expected) => {
    chmodSync(home, mode)
    expect(isPrivateDir(home, USER_ID)).toBe(expected)
  })
  test('of another user is not private', () => expect(isPrivateDir(home, statSync(home).uid + 1)).toBe(false))
  test('behind a link is not private', () => {
    symlinkSync(home, `${home}-link`)
    expect(isPrivateDir(`${home}-link`, USER_ID)).toBe(false)
    rmSync(`${home}-link`)
  })
  test('with any mode is private on Windows', () => {
    chmodSync(home, 0o777)
    expect(isPrivateDir(home, undefined)).toBe(true)
  })
})
