import { describe, expect, test } from 'vitest'
import { sha1Hex, sha256Hex } from '../../../src/credentials/cache/hash.ts'
import {
  awsCacheDir,
  cacheDir,
  lockFile,
  loginCacheDir,
  rolesDir,
  ssoCacheDir,
} from '../../../src/credentials/cache/paths.ts'
import { runtimeWith } from '../../support/runtime.ts'

// From sha1sum and sha256sum.
test.each([
  [
    'abc',
    'a9993e364706816aba3e25717850c26c9cd0d89d',
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  ],
  ['é', 'bf15be717ac1b080b4f1c456692825891ff5073d', '4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c'],
])('the hashes of %j', (text, sha1, sha256) => expect([sha1Hex(text), sha256Hex(text)]).toEqual([sha1, sha256]))

const nowhere = { ...runtimeWith(), homeDirectory: () => undefined }

describe('directories', () => {
  test.each([
    ['LOCALAPPDATA on Linux', { LOCALAPPDATA: '/L' }, 'linux', '/home/u/.cache/eks-get-token'],
    ['an empty LOCALAPPDATA', { LOCALAPPDATA: '' }, 'win32', 'C:\\Users\\u/.cache/eks-get-token'],
    ['XDG_CACHE_HOME before LOCALAPPDATA', { XDG_CACHE_HOME: '/x', LOCALAPPDATA: '/L' }, 'win32', '/x/eks-get-token'],
  ])('of this program, with %s', (_title, env, platform, directory) => {
    expect(cacheDir(runtimeWith({ env, platform }))).toBe(directory)
  })
  test('of this program, without a home directory, are unknown', () => {
    expect([cacheDir(nowhere), rolesDir(nowhere), lockFile('/f', nowhere)]).toEqual([undefined, undefined, undefined])
  })
  test('of the roles and locks', () => {
    expect(rolesDir(runtimeWith())).toBe('/home/u/.cache/eks-get-token/roles')
    expect(lockFile('/f', runtimeWith())).toBe(`/home/u/.cache/eks-get-token/locks/${sha256Hex('/f')}.lock`)
  })
  test('of the AWS CLI', () => {
    expect([awsCacheDir('/h'), ssoCacheDir('/h')]).toEqual(['/h/.aws/cli/cache', '/h/.aws/sso/cache'])
  })
  test.each([
    ['', '/home/u/.aws/login/cache'],
    ['/l', '/l'],
    ['~/l', '/home/u/l'],
  ])('of logins, with AWS_LOGIN_CACHE_DIRECTORY=%s', (directory, expected) => {
    expect(loginCacheDir(runtimeWith({ env: { AWS_LOGIN_CACHE_DIRECTORY: directory } }))).toBe(expected)
  })
})
