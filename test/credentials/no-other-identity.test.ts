import { beforeEach, expect, test } from 'vitest'
import { awsLogin, ROLE_A, signerOf, ssoLogin, useAwsHome } from '../support/aws-home.ts'

// Every source that fails, with all the others at hand: keys in other profiles and files, a container, old files.

const here = useAwsHome()
beforeEach(() => {
  here.home.write('boto', '[Credentials]\naws_access_key_id = AKIDBOTO\naws_secret_access_key = secret-of-AKIDBOTO\n')
  here.home.write('ec2', 'AWSAccessKeyId=AKIDEC2\nAWSSecretKey=secret-of-AKIDEC2\n')
  here.home.write('process', '#!/bin/sh\nexit 3\n')
})

/** What else there is, and must not be used. */
const OTHERS = () => ({
  BOTO_CONFIG: `${here.home.folder}/boto`,
  AWS_CREDENTIAL_FILE: `${here.home.folder}/ec2`,
  AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${here.aws.port}/ecs/creds`,
})
const OTHER_KEYS = 'aws_access_key_id = AKIDOTHER\naws_secret_access_key = secret-of-AKIDOTHER\n'

test.each<[string, string, Record<string, string>, readonly string[]]>([
  ['the environment, in part', '', { AWS_ACCESS_KEY_ID: 'AKIDENV' }, []],
  [
    'the environment, ended',
    '',
    { AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 'B', AWS_CREDENTIAL_EXPIRATION: '2001-01-01T00:00:00Z' },
    [],
  ],
  [
    'a role that is denied',
    `role_arn = ${ROLE_A.replace('role-a', 'denied')}\nsource_profile = keys`,
    {},
    ['--profile', 'x'],
  ],
  ['a role whose source is not there', `role_arn = ${ROLE_A}\nsource_profile = nobody`, {}, ['--profile', 'x']],
  ['a role whose source fails', `role_arn = ${ROLE_A}\nsource_profile = sso`, {}, ['--profile', 'x']],
  [
    'a role with a code that nobody gives',
    `role_arn = ${ROLE_A}\nsource_profile = keys\nmfa_serial = arn:aws:iam::123456789012:mfa/me`,
    {},
    ['--profile', 'x'],
  ],
  ['web identity without its file', `role_arn = ${ROLE_A}\nweb_identity_token_file = /nowhere`, {}, ['--profile', 'x']],
  ['web identity of the environment', '', { AWS_WEB_IDENTITY_TOKEN_FILE: '/nowhere', AWS_ROLE_ARN: ROLE_A }, []],
  [
    'SSO without a login',
    'sso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Dev',
    {},
    ['--profile', 'x'],
  ],
  ['SSO, in part', 'sso_session = corp\nsso_role_name = Dev', {}, ['--profile', 'x']],
  ['keys, in part', 'aws_access_key_id = AKIDHALF', {}, ['--profile', 'x']],
  ['aws login without a login', 'login_session = arn:aws:iam::123456789012:user/nobody', {}, ['--profile', 'x']],
  ['a process that fails', 'credential_process = {{HOME}}/process', {}, ['--profile', 'x']],
  ['a process that is not there', 'credential_process = /nowhere/x', {}, ['--profile', 'x']],
  ['--role-arn that is denied', OTHER_KEYS, {}, ['--profile', 'x', '--role-arn', ROLE_A.replace('role-a', 'denied')]],
])('%s: nobody else signs', async (_title, profile, env, args) => {
  const more = `[profile x]\n${profile.replaceAll('{{HOME}}', here.home.folder)}\n[default]\n${OTHER_KEYS}`
  here.home.write('.aws/config', `${here.home.files().get('.aws/config')}${more}`)
  const result = await here.home.run(args, { ...OTHERS(), AWS_MAX_ATTEMPTS: '1', ...env })
  expect(result).toMatchObject({ stdout: '', stderr: expect.stringMatching(/\(ERR_\w+\)\n/) })
  expect([253, 254, 255]).toContain(result.code)
})

test.each([
  ['a container that fails', { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:1/creds' }],
  ['a container that may not be asked', { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://example.com/creds' }],
])('%s: the instance is not asked', async (_title, env) => {
  const instance = {
    AWS_EC2_METADATA_DISABLED: 'false',
    AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://127.0.0.1:${here.aws.port}/`,
  }
  const result = await here.home.run([], { ...env, ...instance })
  expect([result.code, result.stdout]).toEqual([255, ''])
  expect(here.aws.calls).toEqual([])
})

test('and each of the others would have signed', async () => {
  const { BOTO_CONFIG, AWS_CREDENTIAL_FILE, AWS_CONTAINER_CREDENTIALS_FULL_URI } = OTHERS()
  expect(signerOf(await here.home.run([], { AWS_CREDENTIAL_FILE, BOTO_CONFIG }))).toBe('AKIDEC2')
  expect(signerOf(await here.home.run([], { BOTO_CONFIG }))).toBe('AKIDBOTO')
  expect(signerOf(await here.home.run([], { AWS_CONTAINER_CREDENTIALS_FULL_URI }))).toMatch(/^ASIA/)
  here.home.write(...ssoLogin('corp', 3600))
  expect(signerOf(await here.home.run(['--profile', 'sso']))).toBe('ASIASSODEV0000000000')
  here.home.write(...awsLogin(3600))
  expect(signerOf(await here.home.run(['--profile', 'login']))).toBe('ASIALOGIN')
})
