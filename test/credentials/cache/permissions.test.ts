import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  awsDirectoryProblems,
  isPrivate,
  isPrivateDir,
  privateDirProblem,
  sharedDirProblem,
  worldWritableProblem,
} from '../../../src/credentials/cache/permissions.ts'
import { runtimeWith } from '../../support/runtime.ts'
import { skipUnlessAvailable } from '../../support/skip.ts'

const USER_ID = process.getuid?.() ?? 0
const notRoot = process.getuid?.() === 0 ? undefined : 'only root can give directories away'
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
  test('are not those above a login cache in another place', () => {
    const parent = join(home, 'shared')
    const cache = join(parent, 'login')
    mkdirSync(cache, { recursive: true })
    chmodSync(parent, 0o777)
    expect(problems(USER_ID, { AWS_LOGIN_CACHE_DIRECTORY: cache })).toEqual([])
  })
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
    ['.aws/sso', 0o777, 'world-writable', 'chmod o-w'],
    ['.aws/cli', 0o757, 'world-writable', 'chmod o-w'],
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
      expect(problem.remedy).toBe(`if that is not intended, run: chown -R ${uid + 1} ${problem.path}`)
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

describe('the directories of a file of the AWS CLI', () => {
  beforeEach(() => mkdirSync(join(home, '.aws/sso/cache'), { recursive: true }))

  test.each([
    ['.aws/sso/cache', 0o777, true],
    ['.aws/sso/cache', 0o1777, true],
    ['.aws/sso', 0o777, true],
    ['.aws', 0o777, true],
    ['.aws', 0o1777, false],
    ['.aws/sso', 0o1777, false],
    ['.aws', 0o775, false],
    ['.', 0o777, false],
  ])('%s with mode %o is a problem: %s', (name, mode, expected) => {
    chmodSync(join(home, name), mode)
    expect(sharedDirProblem(join(home, '.aws/sso/cache/a.json'), USER_ID)?.path).toBe(
      expected ? join(home, name) : undefined,
    )
  })
  test('elsewhere than in .aws only its own one is checked', () => {
    mkdirSync(join(home, 'logins/cache'), { recursive: true })
    chmodSync(join(home, 'logins'), 0o777)
    chmodSync(home, 0o777)
    expect(sharedDirProblem(join(home, 'logins/cache/a.json'), USER_ID)).toBeUndefined()
    chmodSync(join(home, 'logins/cache'), 0o777)
    expect(sharedDirProblem(join(home, 'logins/cache/a.json'), USER_ID)?.path).toBe(join(home, 'logins/cache'))
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
  describe('below directories of other users', skipUnlessAvailable(notRoot), () => {
    const USER = 4242
    const chain = ['parent', 'parent/cache', 'parent/cache/own'] as const
    const path = (name: string) => join(home, name)
    beforeEach(() => {
      for (const name of chain) mkdirSync(path(name))
      chownSync(home, USER, USER)
      for (const name of chain) chownSync(path(name), USER, USER)
      chmodSync(path('parent/cache/own'), 0o700)
    })
    const set = (name: string, uid: number, mode: number) => {
      chownSync(path(name), uid, uid)
      chmodSync(path(name), mode)
    }
    test.each([
      ['the user', 'parent', USER, 0o755, true],
      ['the user, group-writable', 'parent', USER, 0o775, true],
      ['root', 'parent', 0, 0o755, true],
      ['root, world-writable and sticky', 'parent', 0, 0o1777, true],
      ['root, world-writable', 'parent', 0, 0o777, false],
      ['the user, world-writable', 'parent/cache', USER, 0o777, false],
      ['the user, world-writable but not readable', 'parent/cache', USER, 0o733, false],
      ['another user', 'parent', 4243, 0o755, false],
      ['another user, sticky', 'parent/cache', 4243, 0o1777, false],
      ['nobody', 'parent', 65534, 0o755, false],
    ])('%s: %s', (_title, name, uid, mode, expected) => {
      set(name, uid, mode)
      expect(isPrivateDir(path('parent/cache/own'), USER)).toBe(expected)
    })
    test('is private on Windows, whoever owns it', () => {
      set('parent', 4243, 0o755)
      expect(isPrivateDir(path('parent/cache/own'), undefined)).toBe(true)
    })
    test('a link above it is followed, and what is above its target is checked as well', () => {
      symlinkSync(path('parent'), path('link'))
      expect(isPrivateDir(path('link/cache/own'), USER)).toBe(true)
      set('parent/cache', USER, 0o777)
      expect(isPrivateDir(path('link/cache/own'), USER)).toBe(false)
      set('parent/cache', USER, 0o755)
      mkdirSync(path('shared'))
      chmodSync(path('shared'), 0o777)
      symlinkSync(path('parent'), path('shared/link'))
      expect(isPrivateDir(path('shared/link/cache/own'), USER)).toBe(false)
    })
    test('the problem names both directories, the owner and the mode', () => {
      set('parent', 4243, 0o750)
      expect(privateDirProblem(path('parent/cache/own'), USER)).toBe(
        `other users can replace ${path('parent/cache/own')}, because they can write to ${path('parent')} (user id 4243, mode 0750)`,
      )
    })
  })
  test('with any mode is private on Windows', () => {
    chmodSync(home, 0o777)
    expect(isPrivateDir(home, undefined)).toBe(true)
    expect(isPrivate({ uid: 1, mode: 0o777 }, undefined)).toBe(true)
    expect(worldWritableProblem(home, undefined)).toBeUndefined()
  })
})
