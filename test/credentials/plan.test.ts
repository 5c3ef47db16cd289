import { describe, expect, test } from 'vitest'
import { readSharedFiles } from '../../src/config/profiles.ts'
import { computeSettings } from '../../src/config/settings.ts'
import { makePlan, validateRoleArn, validateRoleOptions } from '../../src/credentials/plan/index.ts'
import { hasCredentials } from '../../src/credentials/plan/profile.ts'
import type { Plan } from '../../src/credentials/sources/registry.ts'
import type { EksTokenError } from '../../src/errors.ts'
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

/** Where a source is configured; the compiler reports one that is missing here. */
const CONFIGURED_IN: Readonly<Record<Plan['kind'], 'profile' | 'elsewhere'>> = {
  environment: 'elsewhere',
  'profile-keys': 'profile',
  'ec2-credential-file': 'elsewhere',
  'boto-file': 'elsewhere',
  'assume-role': 'profile',
  'web-identity': 'profile',
  sso: 'profile',
  login: 'profile',
  process: 'profile',
  container: 'elsewhere',
  'instance-metadata': 'elsewhere',
  provided: 'elsewhere',
  none: 'elsewhere',
}

describe('precedence of credential sources', () => {
  const ROWS: readonly [string, Inputs, string][] = [
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
    [
      'AWS_CREDENTIAL_FILE with comments, sections and line breaks of Python',
      {
        env: { AWS_CREDENTIAL_FILE: '~/ec2' },
        files: { '/home/u/ec2': '# keys\r\n[a]\rAWSAccessKeyId = A\u2028 AWSSecretKey=S=\fmore\n' },
      },
      'ec2-credential-file',
    ],
    [
      'AWS_CREDENTIAL_FILE without an access key id',
      { env: { AWS_CREDENTIAL_FILE: '~/config' }, files: { '/home/u/config': '[dev]\nregion: x\n' } },
      'none',
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
  ]
  test.each(ROWS)('%s', async (_title, inputs, expected) => expect(shape(await plan(inputs))).toBe(expected))

  const kinds = Object.keys(CONFIGURED_IN) as Plan['kind'][]
  test.each(kinds.filter((kind) => kind !== 'provided'))('has a row for %s', (kind) =>
    expect(ROWS.some(([, , expected]) => expected.split(' < ').includes(kind))).toBe(true),
  )
  const inProfile = ROWS.filter(
    ([, { env, roleArn }, expected]) =>
      env === undefined && roleArn === undefined && CONFIGURED_IN[expected.split(' ')[0] as Plan['kind']] === 'profile',
  )
  test.each(inProfile)('has credentials: a profile with %s', (_title, { config = '', credentials = '', profile }) => {
    const files = { '/home/u/.aws/config': config, '/home/u/.aws/credentials': credentials }
    const { profiles } = readSharedFiles(runtimeWith({ files }))
    expect(hasCredentials(profiles.get(profile ?? 'default') ?? new Map())).toBe(true)
  })
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

describe('a plan has what its source needs, and why it was chosen', () => {
  const DISABLED = { AWS_EC2_METADATA_DISABLED: 'true' }
  test.each<[string, Inputs, Plan]>([
    ['environment', { env: ENV }, { kind: 'environment', why: 'AWS_ACCESS_KEY_ID is set' }],
    [
      'container, by a relative URI before a full one',
      { env: { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/r', AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://f' } },
      {
        kind: 'container',
        why: 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is set',
        url: 'http://169.254.170.2/r',
      },
    ],
    [
      'container, by a full URI',
      { env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://f' } },
      { kind: 'container', why: 'AWS_CONTAINER_CREDENTIALS_FULL_URI is set', url: 'http://f' },
    ],
    [
      'instance metadata',
      { env: ON },
      {
        kind: 'instance-metadata',
        why: 'no other credential source is configured',
        endpoint: 'http://169.254.169.254/',
      },
    ],
    [
      'none',
      { env: DISABLED },
      {
        kind: 'none',
        why: 'no credentials in the environment, profile default, container or instance metadata',
      },
    ],
    [
      'none, with --profile',
      { env: DISABLED, profile: 'p', config: '[profile p]\n' },
      { kind: 'none', why: 'no credentials in profile p, container or instance metadata' },
    ],
    [
      'web identity in the environment',
      { env: { ...WEB, AWS_ROLE_SESSION_NAME: 's' }, config: '[default]\nrole_session_name = other\n' },
      {
        kind: 'web-identity',
        why: 'AWS_WEB_IDENTITY_TOKEN_FILE is set',
        roleArn: 'arn:aws:iam::123456789012:role/w',
        tokenFile: '/t',
        sessionName: 's',
      },
    ],
    [
      'web identity of a profile that --profile selects, in spite of the environment',
      { env: WEB, profile: 'p', config: `[profile p]\n${ROLE}web_identity_token_file = /t\n` },
      {
        kind: 'web-identity',
        why: 'profile p has web_identity_token_file',
        roleArn: 'arn:aws:iam::123456789012:role/r',
        tokenFile: '/t',
        sessionName: undefined,
      },
    ],
    [
      'web identity of a profile, with the role of the environment',
      { env: { AWS_ROLE_ARN: 'arn:x' }, config: '[default]\nweb_identity_token_file = /u\nrole_session_name = n\n' },
      {
        kind: 'web-identity',
        why: 'profile default has web_identity_token_file',
        roleArn: 'arn:x',
        tokenFile: '/u',
        sessionName: 'n',
      },
    ],
    [
      'SSO, with a session',
      {
        config:
          '[default]\nsso_session = s\nsso_account_id = 1\nsso_role_name = r\n[sso-session s]\nsso_region = eu-west-1\nsso_start_url = https://x\n',
      },
      {
        kind: 'sso',
        why: 'profile default has sso_account_id and sso_role_name',
        profile: 'default',
        session: 's',
        roleName: 'r',
        accountId: '1',
        startUrl: 'https://x',
        region: 'eu-west-1',
      },
    ],
    [
      'SSO, where profile and session have the same value',
      {
        config: `[default]\n${SSO}sso_session = s\n[sso-session s]\nsso_region = us-east-1\nsso_start_url = https://x\n`,
      },
      {
        kind: 'sso',
        why: 'profile default has sso_account_id and sso_role_name',
        profile: 'default',
        session: 's',
        roleName: 'r',
        accountId: '1',
        startUrl: 'https://x',
        region: 'us-east-1',
      },
    ],
    [
      'static credentials of the credentials file',
      { credentials: `[default]\n${KEYS}` },
      {
        kind: 'profile-keys',
        why: 'profile default has static credentials in /home/u/.aws/credentials',
        profile: 'default',
        file: 'credentials',
      },
    ],
    [
      'static credentials of the config file',
      { config: `[default]\n${KEYS}` },
      {
        kind: 'profile-keys',
        why: 'profile default has static credentials in /home/u/.aws/config',
        profile: 'default',
        file: 'config',
      },
    ],
    [
      'a login',
      { config: '[default]\nlogin_session = s\n' },
      { kind: 'login', why: 'profile default has login_session', profile: 'default', session: 's' },
    ],
    [
      'a process',
      { config: '[default]\ncredential_process = "/a b" --c\n' },
      {
        kind: 'process',
        why: 'profile default has credential_process',
        profile: 'default',
        command: '"/a b" --c',
        program: '/a b',
      },
    ],
    [
      'a process whose quotes are not closed',
      { config: '[default]\ncredential_process = "/a b\n' },
      {
        kind: 'process',
        why: 'profile default has credential_process',
        profile: 'default',
        command: '"/a b',
        program: '',
      },
    ],
    [
      'a role',
      { config: `[default]\n${ROLE}source_profile = a\n[profile a]\n${KEYS}` },
      {
        kind: 'assume-role',
        why: 'profile default has role_arn',
        profile: 'default',
        roleArn: 'arn:aws:iam::123456789012:role/r',
        sessionName: undefined,
        externalId: undefined,
        durationSeconds: undefined,
        mfaSerial: undefined,
        source: {
          kind: 'profile-keys',
          why: 'profile a has static credentials in /home/u/.aws/config',
          profile: 'a',
          file: 'config',
        },
      },
    ],
    [
      '--role-arn',
      { env: ENV, roleArn: 'arn:aws:iam::123456789012:role/x' },
      {
        kind: 'assume-role',
        why: '--role-arn is set',
        profile: undefined,
        roleArn: 'arn:aws:iam::123456789012:role/x',
        sessionName: 'EKSGetTokenAuth',
        externalId: undefined,
        durationSeconds: undefined,
        mfaSerial: undefined,
        source: { kind: 'environment', why: 'AWS_ACCESS_KEY_ID is set' },
      },
    ],
  ])('%s', async (_title, inputs, expected) => expect(await plan(inputs)).toEqual(expected))

  test.each([
    ['role_arn', 'arn:aws:iam::123456789012:role/r'],
    ['web_identity_token_file', '/t'],
    ['sso_account_id', '1'],
    ['sso_role_name', 'r'],
    ['aws_access_key_id', 'A'],
    ['login_session', 's'],
    ['credential_process', 'x'],
  ])('a section with %s has credentials', (key, value) => {
    expect([hasCredentials(new Map([[key, value]])), hasCredentials(new Map([['region', value]]))]).toEqual([
      true,
      false,
    ])
  })
})

describe('a chain of source profiles', () => {
  const chain = (length: number) => {
    const roles = Array.from({ length }, (_, index) => `[profile p${index}]\n${ROLE}source_profile = p${index + 1}\n`)
    return `${roles.join('')}[profile p${length}]\n${KEYS}`
  }
  test('may have 100 roles', async () => {
    expect(shape(await plan({ config: chain(100), profile: 'p0' }))).toBe(`${'assume-role < '.repeat(100)}profile-keys`)
  })
  test('may not have 101', async () => {
    await expect((async () => plan({ config: chain(101), profile: 'p0' }))()).rejects.toMatchObject({
      code: 'ERR_CREDENTIALS',
      message: 'the chain of source_profile settings has more than 100 profiles',
      remedy: 'shorten the chain of source profiles',
    })
  })
  test('does not go on behind a profile that has a secret access key only', async () => {
    const config = `[default]\n${ROLE}source_profile = a\n[profile a]\n${ROLE}source_profile = default\naws_secret_access_key = S\n`
    await expect((async () => plan({ config }))()).rejects.toThrow('The source profile "a" must have credentials.')
  })
})

describe('the options of a role', () => {
  test.each([
    [{ externalId: 'x' }, '--external-id'],
    [{ roleSessionName: 'x' }, '--role-session-name'],
    [{ durationSeconds: 0 }, '--duration-seconds'],
    [{ mfaSerial: '' }, '--mfa-serial'],
  ])('%j is an error without a role', async (options, option) => {
    await expect(validateRoleOptions(options)).rejects.toMatchObject({
      code: 'ERR_USAGE',
      message: `${option} requires --role-arn`,
      remedy: 'add --role-arn, or use the setting in the profile of the role',
    })
    await validateRoleOptions({ ...options, roleArn: '' })
  })
  test('no options are valid', async () => validateRoleOptions({ externalId: undefined }))

  const settings = (parameterValidation: boolean) =>
    ({ ...computeSettings({}, {}, readSharedFiles(runtimeWith())), parameterValidation }) as const
  test.each(['', 'arn:aws:iam::1:role', '🔑'.repeat(19)])('the role ARN %j is too short', async (roleArn) => {
    const length = [...roleArn].length
    await expect(validateRoleArn(roleArn, settings(true))).rejects.toMatchObject({
      code: 'ERR_PARAMETER',
      message: `Invalid length for parameter RoleArn, value: ${length}, valid min length: 20`,
      remedy: 'use a role ARN such as arn:aws:iam::111122223333:role/name',
    })
    await validateRoleArn(roleArn, settings(false))
  })
  test.each([undefined, 'x'.repeat(20)])('the role ARN %j is valid', async (roleArn) =>
    validateRoleArn(roleArn, settings(true)),
  )
  test('all of them are in the plan', async () => {
    const runtime = runtimeWith({ env: ENV })
    const { source, why, ...role } = (await makePlan(
      computeSettings({}, runtime.env, readSharedFiles(runtime)),
      { roleArn: 'arn', externalId: 'e', roleSessionName: 's', durationSeconds: 900, mfaSerial: 'm' },
      runtime,
    )) as Extract<Plan, { kind: 'assume-role' }>
    expect(role).toEqual({
      ...{ kind: 'assume-role', profile: undefined, roleArn: 'arn', sessionName: 's' },
      ...{ externalId: 'e', durationSeconds: 900, mfaSerial: 'm' },
    })
  })
  test('credentials that are passed in come before all others', async () => {
    const runtime = runtimeWith({ env: ENV })
    const credentials = { accessKeyId: 'A', secretAccessKey: 'S' }
    const settings = computeSettings({}, runtime.env, readSharedFiles(runtime))
    expect(await makePlan(settings, { credentials }, runtime)).toEqual({ kind: 'provided', why: 'credentials is set' })
  })
})

describe('an error of the configuration names the setting and what to do', () => {
  test.each<[string, Inputs, string, string, object?]>([
    [
      'no secret access key in the environment',
      { env: { AWS_ACCESS_KEY_ID: 'A' } },
      'Partial credentials found in env, missing: AWS_SECRET_ACCESS_KEY',
      'set AWS_SECRET_ACCESS_KEY, or unset AWS_ACCESS_KEY_ID',
    ],
    [
      'no secret access key in the config file',
      { config: '[default]\naws_access_key_id = A\n' },
      'Partial credentials found in config-file, missing: aws_secret_access_key',
      'add aws_secret_access_key to profile default in /home/u/.aws/config',
    ],
    [
      'no secret access key in the credentials file',
      { credentials: '[default]\naws_access_key_id = A\n' },
      'Partial credentials found in shared-credentials-file, missing: aws_secret_access_key',
      'add aws_secret_access_key to profile default in /home/u/.aws/credentials',
    ],
    [
      'a role without base credentials',
      { config: `[default]\n${ROLE}` },
      'Partial credentials found in assume-role, missing: source_profile or credential_source',
      'add source_profile or credential_source to profile default, which has role_arn',
    ],
    [
      'a role with two sources',
      { config: `[default]\n${ROLE}source_profile = a\ncredential_source = Environment\n` },
      'The profile "default" contains both source_profile and credential_source.',
      'remove one of them from profile default',
    ],
    [
      'a source profile that does not exist',
      { config: `[default]\n${ROLE}source_profile = a\n` },
      'The source_profile "a" referenced in the profile "default" does not exist.',
      'correct source_profile in profile default',
      { kind: 'profile', name: 'a', setting: 'source_profile in profile default', except: 'default' },
    ],
    [
      'a source profile without credentials',
      { config: `[default]\n${ROLE}source_profile = a\n[profile a]\n` },
      'The source profile "a" must have credentials.',
      'add credentials, a role or an SSO configuration to profile a',
      { kind: 'credentials', name: 'a', setting: '' },
    ],
    [
      'a loop',
      { config: `[default]\n${ROLE}source_profile = a\n[profile a]\n${ROLE}source_profile = default\n` },
      'Infinite loop in credential configuration detected. Attempting to load from profile "default" which has already been visited. Visited profiles: default, a',
      'correct source_profile in profile a',
    ],
    [
      'a loop that comes back to a profile with static credentials in its middle',
      {
        profile: 'a',
        config: `[profile a]\n${ROLE}${KEYS}source_profile = b\n[profile b]\n${ROLE}source_profile = a\n`,
      },
      'Infinite loop in credential configuration detected. Attempting to load from profile "a" which has already been visited. Visited profiles: a, b',
      'correct source_profile in profile b',
    ],
    [
      'an unknown credential_source',
      { config: `[default]\n${ROLE}credential_source = environment\n` },
      'The credential source "environment" referenced in profile "default" is not valid.',
      'use one of: Environment, Ec2InstanceMetadata, EcsContainer',
    ],
    [
      'a credential_source without credentials',
      { config: `[default]\n${ROLE}credential_source = Environment\n` },
      'Error when retrieving credentials from Environment: No credentials found in credential_source referenced in profile default',
      'correct credential_source in profile default',
      { kind: 'credential-source', name: 'Environment', setting: 'default' },
    ],
    [
      'web identity without a role',
      { config: '[default]\nweb_identity_token_file = /t\n' },
      'The provided profile or the current environment is configured to assume role with web identity but has no role ARN configured.',
      'set AWS_ROLE_ARN, or role_arn in the profile',
    ],
    [
      'SSO without a start URL, and with an empty role name',
      { profile: 'p', config: '[profile p]\nsso_role_name =\nsso_account_id = 1\nsso_region = r\n' },
      'The profile "p" is configured to use SSO but is missing required configuration: sso_start_url',
      "add it to the profile or its sso-session, or run 'aws configure sso'",
    ],
    [
      'SSO with only a role name',
      { config: '[default]\nsso_role_name = r\n' },
      'The profile "default" is configured to use SSO but is missing required configuration: sso_account_id, sso_start_url, sso_region',
      "add it to the profile or its sso-session, or run 'aws configure sso'",
    ],
    [
      'a source profile with an access key id only, which also has a role',
      {
        config: `[default]\n${ROLE}source_profile = a\n[profile a]\naws_access_key_id = A\n${ROLE}source_profile = b\n[profile b]\n${KEYS}`,
      },
      'Partial credentials found in config-file, missing: aws_secret_access_key',
      'add aws_secret_access_key to profile a in /home/u/.aws/config',
    ],
    [
      'SSO with two regions',
      {
        config: `[default]\n${SSO}sso_session = s\n[sso-session s]\nsso_region = eu-west-1\nsso_start_url = https://x\n`,
      },
      'The value for sso_region is inconsistent between profile (us-east-1) and sso-session (eu-west-1).',
      'remove sso_region from profile default',
    ],
    [
      'SSO with a nested section',
      {
        config: `[default]\nsso_account_id = 1\nsso_role_name = r\nsso_session = s\nsso_region =\n  a = b\n[sso-session s]\nsso_region = eu-west-1\nsso_start_url = https://x\n`,
      },
      'The value for sso_region is inconsistent between profile (a nested section) and sso-session (eu-west-1).',
      'remove sso_region from profile default',
    ],
  ])('%s', async (_title, inputs, message, remedy, missing) => {
    expect(await errorOf(inputs)).toMatchObject({ code: 'ERR_CREDENTIALS', message, remedy })
    expect((await errorOf(inputs)).missing).toEqual(missing)
  })

  const withSession = (session: string) =>
    `[default]\n${ROLE}source_profile = a\n[profile a]\nsso_account_id = 1\nsso_role_name = r\nsso_session = s\n${session}`
  test.each([
    ['that does not exist', '', 'The specified sso-session does not exist: "s" (sso_session of profile a)'],
    [
      'with a nested start URL',
      '[sso-session s]\nsso_start_url =\n  a = b\n',
      'sso_start_url of profile sso-session s is a nested section: expected a value',
    ],
  ])('an SSO session of a source profile %s', async (_title, session, message) => {
    expect(await errorOf({ config: withSession(session) })).toMatchObject({ code: 'ERR_SETTING', message })
  })
  test('an SSO session of a source profile may be completed by the profile', async () => {
    const config = withSession('sso_region = r\nsso_start_url = u\n[sso-session s]\nsso_region = r\n')
    expect(await plan({ config })).toMatchObject({ source: { kind: 'sso', startUrl: 'u', region: 'r', session: 's' } })
  })

  async function errorOf(inputs: Inputs): Promise<EksTokenError> {
    const result = await (async () => plan(inputs))().catch((cause: EksTokenError) => cause)
    if (!(result instanceof Error)) throw new Error('no error')
    return result
  }
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
