import { expect, test } from 'vitest'
import { newProfileNotice } from '../../../src/cli/commands/new-profile.ts'
import { readSharedFiles } from '../../../src/config/profiles.ts'
import { findLogin } from '../../../src/login/find-login.ts'
import { runtimeWith } from '../../support/runtime.ts'

const SSO = 'sso_start_url = https://example.awsapps.com/start\nsso_region = eu-west-1\n'
const CONFIG =
  `[profile dev-admin]\nregion = eu-west-1\n[staging]\nregion = eu-west-1\n[profile sso-prod]\n${SSO}` +
  `[profile sso-test]\n${SSO}[sso-session corp]\n${SSO}`
const runtime = runtimeWith({ files: { '/home/u/.aws/config': CONFIG } })
const files = readSharedFiles(runtime)
const notice = (name: string, source: '--profile' | 'AWS_PROFILE' | 'default' = '--profile', isInteractive = true) =>
  newProfileNotice(findLogin(name, files, 'linux'), { name, source }, files, isInteractive, runtime)

test('a login that creates a profile says so, and names a similar one', async () => {
  expect(await notice('prd')).toBe(
    'profile prd does not exist (--profile): this sign-in to the AWS console creates it\n',
  )
  expect(await notice('dev-admn', 'AWS_PROFILE')).toBe(
    'profile dev-admn does not exist (AWS_PROFILE): this sign-in to the AWS console creates it\n' +
      '  hint: did you mean dev-admin? Correct AWS_PROFILE\n',
  )
})

test('a section that the AWS CLI does not read is named, as by other commands', async () => {
  expect(await notice('staging')).toMatch(
    /^profile staging does not exist \(--profile\): the section header \[staging\] in \S+, line 3, .*; this sign-in .*\n {2}hint: change the section header to \[profile staging\]\n$/,
  )
  expect(await notice('corp')).toContain('corp is the name of an sso-session; this sign-in')
})

test('without a terminal only a similar name is worth a line', async () => {
  expect(await notice('prd', '--profile', false)).toBeUndefined()
  expect(await notice('dev-admn', '--profile', false)).toBe(await notice('dev-admn'))
})

test('nothing is said about a profile that exists, and about the default profile', async () => {
  expect([await notice('dev-admin'), await notice('default', 'default')]).toEqual([undefined, undefined])
})

test('sso login, which creates no profile, says that the profile does not exist, and names the logins that there are', () => {
  expect(() => findLogin('work', files, 'linux', 'sso')).toThrow(
    expect.objectContaining({
      message: expect.stringContaining('(profile work does not exist)'),
      remedy: expect.stringMatching(
        /^use --profile sso-prod \| sso-test or --sso-session corp, or add sso_start_url and sso_region to profile work in /,
      ),
      missing: undefined,
    }),
  )
  expect(() => findLogin('dev-admin', files, 'linux', 'sso')).toThrow(
    expect.objectContaining({ remedy: expect.stringMatching(/^use --profile sso-prod \| sso-test or --sso-session/) }),
  )
})

test('sso login names a similar profile only if it uses IAM Identity Center', () => {
  expect(() => findLogin('sso-prd', files, 'linux', 'sso')).toThrow(
    expect.objectContaining({ remedy: 'did you mean --profile sso-prod?' }),
  )
  expect(() => findLogin('dev-admn', files, 'linux', 'sso')).toThrow(
    expect.objectContaining({ remedy: expect.not.stringContaining('did you mean') }),
  )
})

test('sso login where there is no other login: the hint is that of other commands', () => {
  const none = readSharedFiles(runtimeWith({ files: { '/home/u/.aws/config': '[default]\nregion = eu-west-1\n' } }))
  expect(() => findLogin('prod', none, 'linux', 'sso')).toThrow(
    expect.objectContaining({ missing: expect.objectContaining({ kind: 'profile', name: 'prod' }) }),
  )
})
