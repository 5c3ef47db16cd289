import { beforeEach, expect, test } from 'vitest'
import { awsLogin, ROLE_A, signerOf, ssoLogin, useAwsHome } from '../support/aws-home.ts'

// A failing credential source, while others are available: static credentials, a container, legacy files.

const context = useAwsHome()
beforeEach(() => {
  context.home.write(
    'boto',
    '[Credentials]\naws_access_key_id = AKIDBOTO\naws_secret_access_key = secret-of-AKIDBOTO\n',
  )
  context.home.write('ec2', 'AWSAccessKeyId=AKIDEC2\nAWSSecretKey=secret-of-AKIDEC2\n')
  context.home.write('process', '#!/bin/sh\nexit 3\n')
})

/** Other sources, which must not be used. */
const OTHERS = () => ({
  BOTO_CONFIG: `${context.home.folder}/boto`,
  AWS_CREDENTIAL_FILE: `${context.home.folder}/ec2`,
  AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${context.aws.port}/ecs/creds`,
})
const OTHER_KEYS = 'aws_access_key_id = AKIDOTHER\naws_secret_access_key = secret-of-AKIDOTHER\n'

test.each<[string, string, Record<string, string>, readonly string[]]>([
  ['incomplete credentials in the environment', '', { AWS_ACCESS_KEY_ID: 'AKIDENV' }, []],
  [
    'expired credentials in the environment',
    '',
    { AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 'B', AWS_CREDENTIAL_EXPIRATION: '2001-01-01T00:00:00Z' },
    [],
  ],
  [
    'a role with access denied',
    `role_arn = ${ROLE_A.replace('role-a', 'denied')}\nsource_profile = keys`,
    {},
    ['--profile', 'x'],
  ],
  [
    'a role whose source profile does not exist',
    `role_arn = ${ROLE_A}\nsource_profile = nobody`,
    {},
    ['--profile', 'x'],
  ],
  ['a role whose base credentials fail', `role_arn = ${ROLE_A}\nsource_profile = sso`, {}, ['--profile', 'x']],
  [
    'a role that requires an MFA code, without a terminal',
    `role_arn = ${ROLE_A}\nsource_profile = keys\nmfa_serial = arn:aws:iam::123456789012:mfa/me`,
    {},
    ['--profile', 'x'],
  ],
  [
    'web identity without its token file',
    `role_arn = ${ROLE_A}\nweb_identity_token_file = /nowhere`,
    {},
    ['--profile', 'x'],
  ],
  [
    'web identity in the environment without its token file',
    '',
    { AWS_WEB_IDENTITY_TOKEN_FILE: '/nowhere', AWS_ROLE_ARN: ROLE_A },
    [],
  ],
  [
    'SSO without a login',
    'sso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Dev',
    {},
    ['--profile', 'x'],
  ],
  ['an incomplete SSO configuration', 'sso_session = corp\nsso_role_name = Dev', {}, ['--profile', 'x']],
  ['incomplete static credentials', 'aws_access_key_id = AKIDHALF', {}, ['--profile', 'x']],
  ['aws login without a login', 'login_session = arn:aws:iam::123456789012:user/nobody', {}, ['--profile', 'x']],
  ['a credential_process that fails', 'credential_process = {{HOME}}/process', {}, ['--profile', 'x']],
  ['a credential_process that does not exist', 'credential_process = /nowhere/x', {}, ['--profile', 'x']],
  [
    '--role-arn with access denied',
    OTHER_KEYS,
    {},
    ['--profile', 'x', '--role-arn', ROLE_A.replace('role-a', 'denied')],
  ],
])('%s: no other source is used', async (_title, profile, env, args) => {
  const more = `[profile x]\n${profile.replaceAll('{{HOME}}', context.home.folder)}\n[default]\n${OTHER_KEYS}`
  context.home.write('.aws/config', `${context.home.files().get('.aws/config')}${more}`)
  const result = await context.home.runInProcess(args, { ...OTHERS(), AWS_MAX_ATTEMPTS: '1', ...env })
  expect(result).toMatchObject({ stdout: '', stderr: expect.stringMatching(/\(ERR_\w+\)\n/) })
  expect([253, 254, 255]).toContain(result.code)
})

test.each([
  ['a container endpoint that fails', { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:1/creds' }],
  ['a container endpoint that is not allowed', { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://example.com/creds' }],
])('%s: instance metadata is not used', async (_title, env) => {
  const instance = {
    AWS_EC2_METADATA_DISABLED: 'false',
    AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://127.0.0.1:${context.aws.port}/`,
  }
  const result = await context.home.runInProcess([], { ...env, ...instance })
  expect([result.code, result.stdout]).toEqual([255, ''])
  expect(context.aws.calls).toEqual([])
})

test('each of the other sources works on its own', async () => {
  const { BOTO_CONFIG, AWS_CREDENTIAL_FILE, AWS_CONTAINER_CREDENTIALS_FULL_URI } = OTHERS()
  expect(signerOf(await context.home.runInProcess([], { AWS_CREDENTIAL_FILE, BOTO_CONFIG }))).toBe('AKIDEC2')
  expect(signerOf(await context.home.runInProcess([], { BOTO_CONFIG }))).toBe('AKIDBOTO')
  expect(signerOf(await context.home.runInProcess([], { AWS_CONTAINER_CREDENTIALS_FULL_URI }))).toMatch(/^ASIA/)
  context.home.write(...ssoLogin('corp', 3600))
  expect(signerOf(await context.home.runInProcess(['--profile', 'sso']))).toBe('ASIASSODEV0000000000')
  context.home.write(...awsLogin(3600))
  expect(signerOf(await context.home.runInProcess(['--profile', 'login']))).toBe('ASIALOGIN')
})
