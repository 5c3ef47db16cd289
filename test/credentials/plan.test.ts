import { describe, expect, test } from 'vitest'
import { readSharedFiles } from '../../src/config/profiles.ts'
import { computeSettings } from '../../src/config/settings.ts'
import { makePlan } from '../../src/credentials/plan/index.ts'
import type { Plan } from '../../src/credentials/sources/registry.ts'
import { keys, runtimeWith } from '../support/runtime.ts'

interface Inputs {
  readonly config?: string
  readonly credentials?: string
  readonly env?: Record<string, string>
  readonly profile?: string
  readonly roleArn?: string
  readonly files?: Record<string, string>
}

function plan({ config = '', credentials = '', env = {}, profile, roleArn, files = {} }: Inputs): Promise<Plan> {
  const runtime = runtimeWith({
    env,
    files: { '/home/u/.aws/config': config, '/home/u/.aws/credentials': credentials, ...files },
  })
  return makePlan(computeSettings({ profile }, runtime.env, readSharedFiles(runtime)), { roleArn }, runtime)
}

/** The kinds of a plan and its base credentials: `assume-role < sso`. */
function shape(of: Plan): string {
  return of.kind === 'assume-role' ? `assume-role < ${shape(of.source)}` : of.kind
}

const KEYS = 'aws_access_key_id = AKIDP\naws_secret_access_key = secret-of-AKIDP\n'
const ROLE = 'role_arn = arn:aws:iam::123456789012:role/r\n'
const SSO = 'sso_account_id = 1\nsso_role_name = r\nsso_start_url = https://x\nsso_region = us-east-1\n'
const ENV = keys('AKIDENV')
const WEB = { AWS_WEB_IDENTITY_TOKEN_FILE: '/t', AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/w' }
const ON = { AWS_EC2_METADATA_DISABLED: 'false' }

describe('precedence of credential sources', () => {
  test.each<[string, Inputs, string]>([
    ['credentials in the environment', { env: ENV, credentials: `[default]\n${KEYS}` }, 'environment'],
    [
      'credentials in the environment with AWS_PROFILE',
      { env: { ...ENV, AWS_PROFILE: 'p' }, credentials: `[p]\n${KEYS}` },
      'environment',
    ],
    [
      '--profile before credentials in the environment',
      { env: ENV, profile: 'p', credentials: `[p]\n${KEYS}` },
      'profile-keys',
    ],
    [
      'a role before static credentials',
      { config: `[default]\n${ROLE}source_profile = b\n${KEYS}[profile b]\n${KEYS}` },
      'assume-role < profile-keys',
    ],
    [
      'a role before web identity in the environment',
      { env: WEB, config: `[default]\n${ROLE}source_profile = b\n[profile b]\n${KEYS}` },
      'assume-role < profile-keys',
    ],
    [
      'web identity in the environment before static credentials',
      { env: WEB, credentials: `[default]\n${KEYS}` },
      'web-identity',
    ],
    [
      '--profile before web identity in the environment',
      { env: WEB, profile: 'p', credentials: `[p]\n${KEYS}` },
      'profile-keys',
    ],
    [
      'web identity of the profile',
      { config: `[default]\n${ROLE}web_identity_token_file = /t\nsource_profile = b\n` },
      'web-identity',
    ],
    ['web identity before SSO', { config: `[default]\n${ROLE}web_identity_token_file = /t\n${SSO}` }, 'web-identity'],
    ['SSO before static credentials', { config: `[default]\n${SSO}`, credentials: `[default]\n${KEYS}` }, 'sso'],
    [
      'static credentials in the credentials file before login_session',
      { config: '[default]\nlogin_session = s\n', credentials: `[default]\n${KEYS}` },
      'profile-keys',
    ],
    [
      'login_session before credential_process',
      { config: '[default]\nlogin_session = s\ncredential_process = x\n' },
      'login',
    ],
    [
      'credential_process before static credentials in the config file',
      { config: `[default]\ncredential_process = x\n${KEYS}` },
      'process',
    ],
    [
      'static credentials in the config file before a container',
      { config: `[default]\n${KEYS}`, env: { ...ON, AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://x' } },
      'profile-keys',
    ],
    [
      'AWS_CREDENTIAL_FILE',
      { env: { AWS_CREDENTIAL_FILE: '~/ec2' }, files: { '/home/u/ec2': 'AWSAccessKeyId=A\nAWSSecretKey=S\n' } },
      'ec2-credential-file',
    ],
    ['a boto file', { files: { '/home/u/.boto': `[Credentials]\n${KEYS}` } }, 'boto-file'],
    ['the container', { env: { ...ON, AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://x' } }, 'container'],
    ['instance metadata', { env: ON }, 'instance-metadata'],
    [
      'instance metadata for a profile without credentials',
      { env: ON, profile: 'p', config: '[profile p]\n' },
      'instance-metadata',
    ],
    ['disabled instance metadata', { env: { AWS_EC2_METADATA_DISABLED: 'True' } }, 'none'],
    [
      'AWS_EC2_METADATA_DISABLED=1, which does not disable it',
      { env: { AWS_EC2_METADATA_DISABLED: '1' } },
      'instance-metadata',
    ],
    [
      '--role-arn with base credentials',
      { env: ENV, roleArn: 'arn:aws:iam::123456789012:role/x' },
      'assume-role < environment',
    ],
    ['--role-arn without base credentials', { roleArn: 'arn:aws:iam::123456789012:role/x' }, 'assume-role < none'],
  ])('%s', async (_title, inputs, expected) => expect(shape(await plan(inputs))).toBe(expected))
})

describe('the base credentials of a role', () => {
  test.each<[string, string, Record<string, string>, string]>([
    [
      'a chain',
      `[default]\n${ROLE}source_profile = a\n[profile a]\n${ROLE}source_profile = b\n[profile b]\n${KEYS}`,
      {},
      'assume-role < assume-role < profile-keys',
    ],
    [
      'its own static credentials',
      `[default]\n${ROLE}source_profile = default\n${KEYS}`,
      {},
      'assume-role < profile-keys',
    ],
    [
      'a source profile with static credentials and a role: the static credentials',
      `[default]\n${ROLE}source_profile = a\n[profile a]\n${KEYS}${ROLE}source_profile = x\n`,
      {},
      'assume-role < profile-keys',
    ],
    ['SSO', `[default]\n${ROLE}source_profile = a\n[profile a]\n${SSO}`, {}, 'assume-role < sso'],
    [
      'the container',
      `[default]\n${ROLE}credential_source = EcsContainer\n`,
      { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '' },
      'assume-role < container',
    ],
    [
      'instance metadata',
      `[default]\n${ROLE}credential_source = Ec2InstanceMetadata\n`,
      ON,
      'assume-role < instance-metadata',
    ],
  ])('%s', async (_title, config, env, expected) => expect(shape(await plan({ config, env }))).toBe(expected))

  test('those of the environment with credential_source, even with --profile', async () => {
    const config = `[profile a]\n${ROLE}credential_source = Environment\n`
    expect(shape(await plan({ config, env: ENV, profile: 'a' }))).toBe('assume-role < environment')
  })
  test('the parameters of the role are those of the profile', async () => {
    const config = `[default]\n${ROLE}source_profile = a\nexternal_id = x\nmfa_serial = m\nrole_session_name = n\nduration_seconds = 900\n[profile a]\n${KEYS}`
    const expected = { externalId: 'x', mfaSerial: 'm', sessionName: 'n', durationSeconds: 900 }
    expect(await plan({ config })).toMatchObject(expected)
  })
  test('a duration that is not an integer is ignored', async () => {
    const config = `[default]\n${ROLE}source_profile = a\nduration_seconds = 1h\n[profile a]\n${KEYS}`
    expect(await plan({ config })).toMatchObject({ durationSeconds: undefined })
  })
})

describe('an incomplete or conflicting configuration is an error', () => {
  test.each<[string, Inputs, RegExp]>([
    [
      'an access key id without a secret access key in the environment',
      { env: { AWS_ACCESS_KEY_ID: 'A' }, credentials: `[default]\n${KEYS}` },
      /missing: AWS_SECRET_ACCESS_KEY/,
    ],
    [
      'an access key id without a secret access key in a file',
      { credentials: '[default]\naws_access_key_id = A\n', config: `[default]\n${KEYS}` },
      /shared-credentials-file, missing: aws_secret_access_key/,
    ],
    [
      'a role without base credentials',
      { config: `[default]\n${ROLE}${KEYS}` },
      /missing: source_profile or credential_source/,
    ],
    [
      'a role with two sources',
      { config: `[default]\n${ROLE}source_profile = a\ncredential_source = Environment\n` },
      /contains both/,
    ],
    [
      'a source profile that does not exist',
      { config: `[default]\n${ROLE}source_profile = a\n` },
      /"a" referenced in the profile "default" does not exist/,
    ],
    [
      'a source profile without credentials',
      { config: `[default]\n${ROLE}source_profile = a\n[profile a]\nregion = x\n` },
      /must have credentials/,
    ],
    [
      'a loop',
      { config: `[default]\n${ROLE}source_profile = a\n[profile a]\n${ROLE}source_profile = default\n` },
      /Infinite loop/,
    ],
    [
      'its own profile without static credentials',
      { config: `[default]\n${ROLE}source_profile = default\n` },
      /Infinite loop/,
    ],
    [
      'a credential_source in the wrong case',
      { config: `[default]\n${ROLE}credential_source = environment\n` },
      /is not valid/,
    ],
    [
      'a credential_source named __proto__',
      { config: `[default]\n${ROLE}credential_source = __proto__\n` },
      /is not valid/,
    ],
    [
      'a credential_source without credentials',
      { config: `[default]\n${ROLE}credential_source = EcsContainer\n` },
      /No credentials found/,
    ],
    ['web identity without a role', { env: { AWS_WEB_IDENTITY_TOKEN_FILE: '/t' } }, /no role ARN/],
    [
      'an incomplete SSO configuration',
      { config: '[default]\nsso_account_id = 1\n' },
      /missing required configuration: sso_role_name, sso_start_url, sso_region/,
    ],
    [
      'conflicting SSO settings',
      {
        config: `[default]\n${SSO}sso_session = s\n[sso-session s]\nsso_region = eu-west-1\nsso_start_url = https://x\n`,
      },
      /sso_region is inconsistent/,
    ],
    [
      'an AWS_CREDENTIAL_FILE that does not exist',
      { env: { AWS_CREDENTIAL_FILE: '/nope' } },
      /AWS_CREDENTIAL_FILE, .nope, does not exist/,
    ],
  ])('%s', async (_title, inputs, message) => {
    await expect((async () => plan(inputs))()).rejects.toThrowError(
      expect.objectContaining({ code: 'ERR_CREDENTIALS', exitCode: 255, message: expect.stringMatching(message) }),
    )
  })
})

test('a plan contains no secrets', async () => {
  const plans = await Promise.all([
    plan({ env: { ...ENV, AWS_SESSION_TOKEN: 'TOKEN-SECRET' } }),
    plan({ config: `[default]\n${ROLE}source_profile = b\n[profile b]\n${KEYS}aws_session_token = TOKEN-SECRET\n` }),
    plan({ files: { '/home/u/.boto': `[Credentials]\n${KEYS}` } }),
  ])
  expect(JSON.stringify(plans)).not.toMatch(/secret-of|TOKEN-SECRET/)
})
