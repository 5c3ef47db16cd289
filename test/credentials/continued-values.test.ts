import { describe, expect, test } from 'vitest'
import { ROLE_A, useAwsHome } from '../support/aws-home.ts'
import { runInProcess } from '../support/in-process.ts'

// An indented line below a key continues its value: a secret on such a line is part of the value of another key, and may
// not be printed with it.

const context = useAwsHome()

const KEYS = 'aws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret-of-AKIDEXAMPLE\n'
const CONTINUED = '\n    aws_secret_access_key = hidden/secret+1\n    aws_session_token = hidden-token'
const SSO =
  'sso_account_id = 123456789012\nsso_role_name = Dev\nsso_region = eu-west-1\nsso_start_url = https://sso.example'

const PROFILES: readonly [key: string, profile: string][] = [
  ['region', `region = us-west-2${CONTINUED}\n${KEYS}`],
  ['output', `output = json${CONTINUED}\n${KEYS}`],
  ['endpoint_url', `endpoint_url = https://sts.example${CONTINUED}\n${KEYS}`],
  ['endpoint_url with a password', `endpoint_url = https://user:pass@sts.example:x${CONTINUED}\n${KEYS}`],
  ['services', `services = local${CONTINUED}\n${KEYS}`],
  ['max_attempts', `max_attempts = 3${CONTINUED}\n${KEYS}`],
  ['retry_mode', `retry_mode = standard${CONTINUED}\n${KEYS}`],
  ['ca_bundle', `ca_bundle = /nowhere${CONTINUED}\nrole_arn = ${ROLE_A}\nsource_profile = keys`],
  ['request_checksum_calculation', `request_checksum_calculation = x${CONTINUED}\n${KEYS}`],
  ['account_id_endpoint_mode', `account_id_endpoint_mode = x${CONTINUED}\n${KEYS}`],
  ['metadata_service_timeout', `metadata_service_timeout = 1${CONTINUED}\n${KEYS}`],
  ['ec2_metadata_service_endpoint', `ec2_metadata_service_endpoint = http://h${CONTINUED}\n${KEYS}`],
  ['ec2_metadata_service_endpoint_mode', `ec2_metadata_service_endpoint_mode = ipv4${CONTINUED}\n${KEYS}`],
  ['parameter_validation', `parameter_validation = true${CONTINUED}\nrole_arn = x\nsource_profile = keys`],
  ['role_arn', `role_arn = ${ROLE_A}${CONTINUED}\nsource_profile = keys`],
  ['role_arn of an MFA role', `role_arn = ${ROLE_A}${CONTINUED}\nsource_profile = keys\nmfa_serial = serial-123`],
  ['mfa_serial', `role_arn = ${ROLE_A}\nsource_profile = keys\nmfa_serial = serial-123${CONTINUED}`],
  ['source_profile', `role_arn = ${ROLE_A}\nsource_profile = keys${CONTINUED}`],
  ['credential_source', `role_arn = ${ROLE_A}\ncredential_source = Environment${CONTINUED}`],
  ['role_session_name', `role_arn = ${ROLE_A}\nsource_profile = keys\nrole_session_name = x${CONTINUED}`],
  ['external_id', `role_arn = ${ROLE_A}\nsource_profile = keys\nexternal_id = x${CONTINUED}`],
  ['duration_seconds', `role_arn = ${ROLE_A}\nsource_profile = keys\nduration_seconds = 900${CONTINUED}`],
  ['web_identity_token_file', `role_arn = ${ROLE_A}\nweb_identity_token_file = /nowhere${CONTINUED}`],
  ['role_arn of web identity', `role_arn = ${ROLE_A}${CONTINUED}\nweb_identity_token_file = /dev/null`],
  ['sso_session', `sso_session = corp${CONTINUED}\n${SSO}`],
  ['sso_session of another source', `sso_session = corp${CONTINUED}\n${KEYS}`],
  ['sso_start_url', `${SSO}${CONTINUED}`],
  ['sso_region', `${SSO.replace('eu-west-1', `eu-west-1${CONTINUED}`)}`],
  ['sso_account_id', `${SSO.replace('123456789012', `123456789012${CONTINUED}`)}`],
  ['sso_role_name', `${SSO.replace('Dev', `Dev${CONTINUED}`)}`],
  ['sso_region in conflict', `sso_session = corp\n${SSO.replace('eu-west-1', `us-east-1${CONTINUED}`)}`],
  ['login_session', `login_session = arn:aws:iam::123456789012:user/Alice${CONTINUED}`],
  ['credential_process', `credential_process = /nowhere/process${CONTINUED}`],
  ['credential_process that fails', `credential_process = /bin/false${CONTINUED}`],
]

const WITH_PROFILE = ['--profile', 'x', '--debug', '--timeout', '10']
const GET_TOKEN = ['--cluster-name', 'demo', ...WITH_PROFILE]
const COMMANDS = {
  'get-token': GET_TOKEN,
  'get-token with a role': ['--role-arn', ROLE_A, ...GET_TOKEN],
  verify: ['verify', ...GET_TOKEN],
}
/** Two of them for each key. */
const OTHER_COMMANDS = {
  inspect: ['inspect', ...GET_TOKEN],
  doctor: ['doctor', ...GET_TOKEN],
  'doctor --output json': ['doctor', ...GET_TOKEN, '--output', 'json'],
  'update-kubeconfig': ['update-kubeconfig', '--name', 'demo', '--kubeconfig', 'new', ...WITH_PROFILE],
  'update-kubeconfig --assume-role-arn': [
    ...['update-kubeconfig', '--name', 'demo', '--assume-role-arn', ROLE_A, '--dry-run'],
    ...WITH_PROFILE,
  ],
  'login --status': ['login', '--status', ...WITH_PROFILE],
  logout: ['logout', ...WITH_PROFILE],
  'completion of profiles': ['completion', 'candidates', '--', '--profile', ''],
}

async function expectNothingHidden(profile: string, args: readonly string[]): Promise<void> {
  context.home.write('.aws/config', `${context.home.files().get('.aws/config')}\n[profile x]\n${profile}\n`)
  const { AWS_REGION: _region, AWS_CA_BUNDLE: _bundle, ...env } = context.home.env
  const result = await runInProcess(args, { env, cwd: context.home.folder })
  expect(result.timedOut).toBe(false)
  expect(result.stderr + result.stdout).not.toMatch(/hidden|pass@|secret-of-/)
  expect(context.home.files().get('new') ?? '').not.toMatch(/hidden|pass@|secret-of-/)
}

describe.each(PROFILES)('the continued value of %s', (key, profile) => {
  test.each(Object.entries(COMMANDS))('is not printed by %s', (_command, args) => expectNothingHidden(profile, args))
  const first = PROFILES.findIndex(([other]) => other === key) * 2
  const others = Object.entries(OTHER_COMMANDS)
  test.each([first, first + 1].map((index) => others[index % others.length] as [string, string[]]))(
    'is not printed by %s',
    (_command, args) => expectNothingHidden(profile, args),
  )
})
