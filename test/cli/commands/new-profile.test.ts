import { expect, test } from 'vitest'
import { newProfileNotice } from '../../../src/cli/commands/new-profile.ts'
import { readSharedFiles } from '../../../src/config/profiles.ts'
import { findLogin } from '../../../src/login/find-login.ts'
import { runtimeWith } from '../../support/runtime.ts'

const files = readSharedFiles(
  runtimeWith({ files: { '/home/u/.aws/config': '[profile dev-admin]\nregion = eu-west-1\n' } }),
)
const notice = (name: string, source: '--profile' | 'AWS_PROFILE' | 'default' = '--profile', isInteractive = true) =>
  newProfileNotice(findLogin(name, files), { name, source }, files, isInteractive)

test('a login that creates a profile says so, and names a similar one', () => {
  expect(notice('prod')).toBe('profile prod does not exist (--profile): this sign-in to the AWS console creates it\n')
  expect(notice('dev-admn', 'AWS_PROFILE')).toBe(
    'profile dev-admn does not exist (AWS_PROFILE): this sign-in to the AWS console creates it\n' +
      '  hint: did you mean dev-admin? Correct AWS_PROFILE\n',
  )
})

test('without a terminal only a similar name is worth a line', () => {
  expect(notice('prod', '--profile', false)).toBeUndefined()
  expect(notice('dev-admn', '--profile', false)).toBe(notice('dev-admn'))
})

test('nothing is said about a profile that exists, and about the default profile', () => {
  expect([notice('dev-admin'), notice('default', 'default')]).toEqual([undefined, undefined])
})

test('sso login, which creates no profile, says that the profile does not exist', () => {
  expect(() => findLogin('prod', files, 'sso')).toThrow(
    expect.objectContaining({
      message: expect.stringContaining('(profile prod does not exist)'),
      missing: expect.objectContaining({ kind: 'profile', name: 'prod' }),
    }),
  )
})
