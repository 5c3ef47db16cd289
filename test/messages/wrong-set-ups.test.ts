import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CertificateAuthority, createCertificateAuthority } from '../support/certificates.ts'
import { runInProcess } from '../support/in-process.ts'
import type { Behavior } from '../support/local-aws/exchange.ts'
import { type LocalAws, startLocalAws } from '../support/local-aws.ts'
import { keys } from '../support/runtime.ts'
import { startSocksServer } from '../support/socks-server.ts'

/** What a run gets: `null` in `env` removes a variable, in `files` a file. `{{HOME}}` is the home directory. */
interface SetUp {
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string | null>>
  readonly files?: Readonly<Record<string, string | null>>
  readonly behavior?: Behavior
}

interface WrongSetUp extends SetUp {
  /** In the first line of the message: the file, line, variable or option at fault. */
  readonly names: RegExp
  /** The hint, which `mend` follows. */
  readonly hint: RegExp
  readonly mend: SetUp
  readonly code?: number
}

const KEYS = keys('AKIDEXAMPLE')
const PROFILE = 'aws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret-of-AKIDEXAMPLE\n'
const DEV = `[profile dev]\n${PROFILE}`
const ROLE = 'role_arn = arn:aws:iam::123456789012:role/role-a\n'
const SSO = 'sso_account_id = 123456789012\nsso_role_name = Dev\n'
const SESSION = 'sso_start_url = https://example.awsapps.com/start\nsso_region = eu-west-1\n'
const CONFIG = '.aws/config'
const CREDENTIALS = '.aws/credentials'
const profile = (name: string) => ['--profile', name]
/** A JSON Web Token with these claims, without a valid signature. */
const jwt = (claims: object) => `eyJhbGciOiJSUzI1NiJ9.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`
const TOKEN = jwt({ iss: 'https://token.example.com', aud: 'sts.amazonaws.com', sub: 'repo:org/app:ref', exp: 4e9 })
const WEB = { AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/role-w', AWS_WEB_IDENTITY_TOKEN_FILE: '{{HOME}}/jwt' }
const WITH_ROLE = ['--role-arn', 'arn:aws:iam::123456789012:role/role-a']

/** Half of the credentials are there. */
const HALF_THERE: Record<string, WrongSetUp> = {
  'AWS_ROLE_ARN without a token file': {
    env: { AWS_ROLE_ARN: WEB.AWS_ROLE_ARN },
    names: /AWS_ROLE_ARN is set, but AWS_WEB_IDENTITY_TOKEN_FILE is not/,
    hint: /set AWS_WEB_IDENTITY_TOKEN_FILE to the path of a file/,
    mend: { env: WEB, files: { jwt: TOKEN } },
    code: 253,
  },
  'an empty AWS_WEB_IDENTITY_TOKEN_FILE': {
    env: { ...WEB, AWS_WEB_IDENTITY_TOKEN_FILE: '' },
    names: /AWS_WEB_IDENTITY_TOKEN_FILE is set, but empty/,
    hint: /set AWS_WEB_IDENTITY_TOKEN_FILE to the path/,
    mend: { env: WEB, files: { jwt: TOKEN } },
    code: 253,
  },
  'an empty AWS_ACCESS_KEY_ID': {
    env: { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' },
    names: /AWS_ACCESS_KEY_ID is set, but empty/,
    hint: /set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: a CI secret/,
    mend: { env: KEYS },
    code: 253,
  },
  'an empty AWS_ACCESS_KEY_ID beside the secret': {
    env: { ...KEYS, AWS_ACCESS_KEY_ID: '' },
    names: /AWS_ACCESS_KEY_ID is set, but empty/,
    hint: /set AWS_ACCESS_KEY_ID: /,
    mend: { env: KEYS },
    code: 253,
  },
  'a secret without its key id': {
    env: { ...KEYS, AWS_ACCESS_KEY_ID: null },
    names: /AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not/,
    hint: /set AWS_ACCESS_KEY_ID, or unset/,
    mend: { env: KEYS },
    code: 253,
  },
  'a session token alone': {
    env: { AWS_SESSION_TOKEN: 'TOKENEXAMPLE' },
    names: /AWS_SESSION_TOKEN is set, but AWS_ACCESS_KEY_ID is not/,
    hint: /set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/,
    mend: { env: KEYS },
    code: 253,
  },
  'a key id without its secret': {
    env: { ...KEYS, AWS_SECRET_ACCESS_KEY: null },
    names: /missing: AWS_SECRET_ACCESS_KEY/,
    hint: /set AWS_SECRET_ACCESS_KEY/,
    mend: { env: KEYS },
  },
  'AWS_ACCESS_KEY in place of AWS_ACCESS_KEY_ID': {
    env: { AWS_ACCESS_KEY: 'AKIDEXAMPLE' },
    names: /the variable AWS_ACCESS_KEY is not recognized/,
    hint: /did you mean AWS_ACCESS_KEY_ID\?/,
    mend: { env: KEYS },
    code: 253,
  },
  'a mistyped variable': {
    env: { AWS_PROFLE: 'dev' },
    files: { [CONFIG]: DEV },
    names: /the variable AWS_PROFLE is not recognized/,
    hint: /did you mean AWS_PROFILE\?/,
    mend: { env: { AWS_PROFILE: 'dev' } },
    code: 253,
  },
  'AWS_DEFAULT_REGION, which is not a mistyped AWS_DEFAULT_PROFILE': {
    env: { AWS_DEFAULT_REGION: 'us-west-2' },
    names: /Unable to locate credentials: instance metadata is disabled/,
    hint: /^ {2}hint: sign in with/,
    mend: { env: KEYS },
    code: 253,
  },
  'a variable in lower case': {
    env: { aws_profile: 'dev' },
    files: { [CONFIG]: DEV },
    names: /the variable aws_profile is not recognized/,
    hint: /did you mean AWS_PROFILE\?/,
    mend: { env: { AWS_PROFILE: 'dev' } },
    code: 253,
  },
  'AWS_CONFIG_FILE that does not exist': {
    env: { AWS_CONFIG_FILE: '{{HOME}}/nope' },
    names: /\/nope \(AWS_CONFIG_FILE\) does not exist/,
    hint: /set AWS_CONFIG_FILE to the file with profile default/,
    mend: { env: { AWS_CONFIG_FILE: '{{HOME}}/config' }, files: { config: `[default]\n${PROFILE}` } },
    code: 253,
  },
  'AWS_SHARED_CREDENTIALS_FILE that does not exist': {
    env: { AWS_SHARED_CREDENTIALS_FILE: '{{HOME}}/nope' },
    files: { [CREDENTIALS]: `[default]\n${PROFILE}` },
    names: /\/nope \(AWS_SHARED_CREDENTIALS_FILE\) does not exist/,
    hint: /set AWS_SHARED_CREDENTIALS_FILE to the file .*, or unset it/,
    mend: { env: { AWS_SHARED_CREDENTIALS_FILE: null } },
    code: 253,
  },
  'a credentials file that is a directory': {
    files: { '.aws/credentials/x': '' },
    names: /\.aws\/credentials is a directory/,
    hint: /replace .*credentials with a file/,
    // The second spelling is written after the first is removed.
    mend: { files: { [CREDENTIALS]: null, './.aws/credentials': `[default]\n${PROFILE}` } },
    code: 253,
  },
  'an empty credentials file that is named': {
    env: { AWS_SHARED_CREDENTIALS_FILE: '{{HOME}}/c' },
    files: { c: '' },
    names: /\/c \(AWS_SHARED_CREDENTIALS_FILE\) is empty/,
    hint: /set AWS_SHARED_CREDENTIALS_FILE/,
    mend: { files: { c: `[default]\n${PROFILE}` } },
    code: 253,
  },
  'no default profile': {
    files: { [CONFIG]: DEV },
    names: /no profile is selected \(AWS_PROFILE is not set\), and there is no default profile/,
    hint: /use --profile dev/,
    mend: { args: profile('dev') },
    code: 253,
  },
  'metadata switched off': {
    names: /instance metadata is disabled \(AWS_EC2_METADATA_DISABLED\)/,
    hint: /set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/,
    mend: { env: KEYS },
    code: 253,
  },
  'a profile that takes precedence over the environment': {
    args: profile('dev'),
    env: KEYS,
    files: { [CONFIG]: '[profile dev]\nregion = us-west-2\n' },
    names:
      /profile dev \(--profile\) has only region; --profile takes precedence over the credentials in the environment/,
    hint: /add credentials/,
    mend: { files: { [CONFIG]: DEV } },
    code: 253,
  },
  'a container token without its URL': {
    env: { AWS_CONTAINER_AUTHORIZATION_TOKEN: 'x' },
    names: /AWS_CONTAINER_AUTHORIZATION_TOKEN is set, but AWS_CONTAINER_CREDENTIALS_FULL_URI is not/,
    hint: /set AWS_CONTAINER_CREDENTIALS_FULL_URI/,
    mend: { env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:{{PORT}}/v1/credentials' } },
    code: 253,
  },
}

/** Profiles and their files. */
const inProfile = (settings: string, names: RegExp, hint: RegExp, mended: string, code = 255): WrongSetUp => ({
  args: profile('dev'),
  files: { [CONFIG]: `[profile dev]\n${settings}` },
  names,
  hint,
  mend: { files: { [CONFIG]: `[profile dev]\n${mended}` } },
  code,
})
const PROFILES: Record<string, WrongSetUp> = {
  'a secret without its key id': inProfile(
    'aws_secret_access_key = secret-of-AKIDEXAMPLE\n',
    /profile dev has aws_secret_access_key, but no aws_access_key_id/,
    /add aws_access_key_id to the same section in .*config/,
    PROFILE,
    253,
  ),
  'a key id without its secret': inProfile(
    'aws_access_key_id = AKIDEXAMPLE\n',
    /missing: aws_secret_access_key/,
    /add aws_secret_access_key to profile dev in .*config/,
    PROFILE,
  ),
  'a mistyped key': inProfile(
    PROFILE.replace('_key_id', '_keyid'),
    /profile dev has aws_access_keyid, which is not a known setting/,
    /did you mean aws_access_key_id\? Correct it in .*config/,
    PROFILE,
    253,
  ),
  'sso_region, which is not a mistyped sso_session': inProfile(
    'sso_start_url = https://example.awsapps.com/start\nsso_region = us-west-2\n',
    /Unable to locate credentials: profile dev has sso_start_url, but neither sso_account_id nor sso_role_name/,
    /add sso_account_id and sso_role_name to profile dev/,
    PROFILE,
    253,
  ),
  'lines for a shell': inProfile(
    'export AWS_ACCESS_KEY_ID=AKIDEXAMPLE\nexport AWS_SECRET_ACCESS_KEY=x\n',
    /profile dev has export aws_access_key_id, which is not a known setting/,
    /did you mean aws_access_key_id\?/,
    PROFILE,
    253,
  ),
  'keys with hyphens': inProfile(
    PROFILE.replaceAll('_', '-'),
    /profile dev has aws-access-key-id, which is not a known setting/,
    /did you mean aws_access_key_id\?/,
    PROFILE,
    253,
  ),
  'source_profile without a role': inProfile(
    `source_profile = base\n[profile base]\n${PROFILE}`,
    /profile dev has source_profile, but no role_arn/,
    /add role_arn to profile dev/,
    `${ROLE}source_profile = base\n[profile base]\n${PROFILE}`,
    253,
  ),
  'a role without source_profile': inProfile(
    ROLE,
    /missing: source_profile or credential_source/,
    /add source_profile or credential_source to profile dev/,
    `${ROLE}source_profile = base\n[profile base]\n${PROFILE}`,
  ),
  'source_profile and credential_source': inProfile(
    `${ROLE}source_profile = base\ncredential_source = Environment\n[profile base]\n${PROFILE}`,
    /profile "dev" contains both source_profile and credential_source/,
    /remove one of them from profile dev/,
    `${ROLE}source_profile = base\n[profile base]\n${PROFILE}`,
  ),
  'a mistyped source_profile': inProfile(
    `${ROLE}source_profile = bse\n[profile base]\n${PROFILE}`,
    /source_profile "bse" referenced in the profile "dev" does not exist/,
    /did you mean base\? Correct source_profile in profile dev/,
    `${ROLE}source_profile = base\n[profile base]\n${PROFILE}`,
  ),
  'a mistyped key in the source profile': inProfile(
    `${ROLE}source_profile = base\n[profile base]\n${PROFILE.replace('access', 'acces')}`,
    /"base" must have credentials: profile base has aws_acces_key_id, which is not a known setting/,
    /did you mean aws_access_key_id\? Correct it in .*config/,
    `${ROLE}source_profile = base\n[profile base]\n${PROFILE}`,
  ),
  'credential_source Environment without keys': {
    args: profile('dev'),
    files: { [CONFIG]: `[profile dev]\n${ROLE}credential_source = Environment\n` },
    names: /credential_source referenced in profile dev: AWS_ACCESS_KEY_ID is not set/,
    hint: /set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or change credential_source in profile dev/,
    mend: { env: KEYS },
  },
  'credential_source Environment with an empty key id': {
    args: profile('dev'),
    env: { AWS_ACCESS_KEY_ID: '' },
    files: { [CONFIG]: `[profile dev]\n${ROLE}credential_source = Environment\n` },
    names: /credential_source referenced in profile dev: AWS_ACCESS_KEY_ID is set, but empty/,
    hint: /set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: a CI secret/,
    mend: { env: KEYS },
  },
  'credential_source EcsContainer outside a container': {
    args: profile('dev'),
    files: { [CONFIG]: `[profile dev]\n${ROLE}credential_source = EcsContainer\n` },
    names: /neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set/,
    hint: /or change credential_source in profile dev/,
    mend: { files: { [CONFIG]: `[profile dev]\n${ROLE}source_profile = b\n[profile b]\n${PROFILE}` } },
  },
  'a duration below the minimum': inProfile(
    `${ROLE}duration_seconds = 60\nsource_profile = b\n[profile b]\n${PROFILE}`,
    /DurationSeconds, value: 60, valid min value: 900 \(duration_seconds of profile dev\)/,
    /set duration_seconds of profile dev to 900 or more/,
    `${ROLE}duration_seconds = 900\nsource_profile = b\n[profile b]\n${PROFILE}`,
    252,
  ),
  'an external id that is too short': inProfile(
    `${ROLE}external_id = x\nsource_profile = b\n[profile b]\n${PROFILE}`,
    /ExternalId, value: 1, valid min length: 2 \(external_id of profile dev\)/,
    /correct external_id of profile dev/,
    `${ROLE}external_id = xx\nsource_profile = b\n[profile b]\n${PROFILE}`,
    252,
  ),
  'an sso_region with spaces': {
    args: profile('dev'),
    files: {
      [CONFIG]: `[profile dev]\nsso_session = corp\n${SSO}[sso-session corp]\n${SESSION.replace('eu-west-1', 'eu west 1')}`,
      // The login of the session corp: SHA-1 of its name.
      '.aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json': JSON.stringify({
        startUrl: 'https://example.awsapps.com/start',
        region: 'eu-west-1',
        accessToken: 'access-token',
        expiresAt: '2999-01-01T00:00:00Z',
      }),
    },
    names: /region_name 'eu west 1' doesn't match a supported format; it is set by sso_region of sso-session corp/,
    hint: /did you mean eu-west-1\? Correct sso_region of sso-session corp/,
    mend: { files: { [CONFIG]: `[profile dev]\nsso_session = corp\n${SSO}[sso-session corp]\n${SESSION}` } },
  },
  'a loop of source profiles': inProfile(
    `${ROLE}source_profile = b\n[profile b]\n${ROLE}source_profile = dev\n${PROFILE.replaceAll('aws', 'x')}`,
    /already been visited. Visited profiles: dev, b/,
    /correct source_profile in profile b/,
    `${ROLE}source_profile = b\n[profile b]\n${PROFILE}`,
  ),
  'an unknown credential_source': inProfile(
    `${ROLE}credential_source = environment\n`,
    /credential source "environment" referenced in profile "dev" is not valid/,
    /use one of: Environment/,
    `${ROLE}source_profile = b\n[profile b]\n${PROFILE}`,
  ),
  'SSO without account and role': inProfile(
    `sso_session = corp\n[sso-session corp]\n${SESSION}`,
    /profile dev has sso_session, but neither sso_account_id nor sso_role_name/,
    /add sso_account_id and sso_role_name to profile dev/,
    PROFILE,
    253,
  ),
  'a mistyped sso_session': inProfile(
    `sso_session = crop\n${SSO}[sso-session corp]\n${SESSION}`,
    /sso-session does not exist: "crop" \(sso_session (in|of) profile dev\)/,
    /did you mean corp\? Correct sso_session in profile dev/,
    PROFILE,
  ),
  'an sso-session without its region': inProfile(
    `sso_session = corp\n${SSO}[sso-session corp]\nsso_start_url = https://x\n`,
    /sso-session "corp" of profile dev is missing: sso_region/,
    /add sso_region to \[sso-session corp\] in .*config/,
    PROFILE,
  ),
  'an sso-session with another section header': inProfile(
    `sso_session = corp\n${SSO}[sso_session corp]\n${SESSION}`,
    /the section header \[sso_session corp\] in .*config, line 5,/,
    /change the section header to \[sso-session corp\]/,
    PROFILE,
  ),
  'no login': inProfile(
    `sso_session = corp\n${SSO}[sso-session corp]\n${SESSION}`,
    /Token for corp does not exist \(.*\.aws\/sso\/cache\/[0-9a-f]{40}\.json\)/,
    /login --profile dev/,
    PROFILE,
  ),
  'no console login': inProfile(
    'login_session = arn:aws:iam::123456789012:user/me\n',
    /session arn:aws:iam::123456789012:user\/me: .*\.json does not exist/,
    /login --profile dev/,
    PROFILE,
  ),
  'a services section that does not exist': inProfile(
    `services = loc\n${PROFILE}[services local]\nsts =\n  endpoint_url = https://x\n`,
    /"loc" services configuration does not exist/,
    /did you mean local\? Correct services in profile dev/,
    PROFILE,
  ),
  'a program that does not exist': inProfile(
    'credential_process = /nope/aws-vault exec x\n',
    /'\/nope\/aws-vault' cannot be started: no such program \(credential_process of profile dev\)/,
    /run the credential_process of profile dev manually/,
    PROFILE,
  ),
  'a duplicate key': inProfile(
    `${PROFILE}region = a-b-1\nregion = us-west-2\n`,
    /config: line 5: duplicate key "region"/,
    /correct the file/,
    `${PROFILE}region = us-west-2\n`,
  ),
  'a line without an equals sign': inProfile(
    `${PROFILE}region us-west-2\n`,
    /config: line 4: neither a \[section\] nor "key = value"/,
    /correct the file/,
    `${PROFILE}region = us-west-2\n`,
  ),
  'a comment behind a region': inProfile(
    `${PROFILE}region = us-west-2 # ours\n`,
    /region_name 'us-west-2 # ours' doesn't match a supported format/,
    /did you mean us-west-2\? Correct region of profile dev/,
    `${PROFILE}region = us-west-2\n`,
  ),
  'max_attempts of 0': inProfile(
    `${PROFILE}max_attempts = 0\n`,
    /max_attempts of profile dev is '0': expected 1 or more/,
    /correct max_attempts of profile dev, or remove it/,
    `${PROFILE}max_attempts = 1\n`,
  ),
}
// The region of the environment would hide that of the profile.
PROFILES['a comment behind a region'] = {
  ...(PROFILES['a comment behind a region'] as WrongSetUp),
  env: { AWS_REGION: null },
}

const sectionHeader = (header: string, name: string, names: RegExp, correct: string): WrongSetUp => ({
  args: profile(name),
  files: { [CONFIG]: `[default]\nregion = us-west-2\n${header}\n${PROFILE}` },
  names,
  hint: new RegExp(`change the section header to ${correct.replace(/[[\]]/g, '\\$&')}`),
  mend: { files: { [CONFIG]: `[default]\nregion = us-west-2\n${correct}\n${PROFILE}` } },
})
const FILES: Record<string, WrongSetUp> = {
  'a section header without "profile"': sectionHeader(
    '[dev]',
    'dev',
    /section header \[dev\] in .*config, line 3,/,
    '[profile dev]',
  ),
  'a section header in upper case': sectionHeader(
    '[Profile dev]',
    'dev',
    /\[Profile dev\] in .*config, line 3,/,
    '[profile dev]',
  ),
  'a section header with a no-break space': sectionHeader(
    '[profile\u00a0dev]',
    'dev',
    /line 3, contains a no-break space/,
    '[profile dev]',
  ),
  'a section header with spaces': sectionHeader(
    '[profile My Account:ReadOnly]',
    'My Account:ReadOnly',
    /line 3, has spaces in its name, without quotes/,
    '[profile "My Account:ReadOnly"]',
  ),
  'a section header of the config file in the credentials file': {
    args: profile('dev'),
    files: { [CREDENTIALS]: DEV },
    names: /section header \[profile dev\] in .*credentials, line 1,/,
    hint: /change \[profile dev\] to \[dev\]/,
    mend: { files: { [CREDENTIALS]: `[dev]\n${PROFILE}` } },
  },
  'a section header with spaces in the credentials file': {
    args: profile('dev'),
    files: { [CREDENTIALS]: `[ dev ]\n${PROFILE}` },
    names:
      /section header \[ dev \] in .*credentials, line 1, has spaces, quotes or invisible characters around the name/,
    hint: /change \[ dev \] to \[dev\]/,
    mend: { files: { [CREDENTIALS]: `[dev]\n${PROFILE}` } },
  },
  'an indented section header': {
    args: profile('dev'),
    files: { [CONFIG]: `[default]\nregion = us-west-2\n  [profile dev]\n${PROFILE}` },
    names: /section header \[profile dev\] in .*config, line 3, is indented/,
    hint: /remove the spaces at the beginning of line 3/,
    mend: { files: { [CONFIG]: `[default]\nregion = us-west-2\n[profile dev]\n${PROFILE}` } },
  },
  'a section header that is a comment': {
    args: profile('dev'),
    files: { [CONFIG]: `[default]\nregion = us-west-2\n# [profile dev]\n${PROFILE}` },
    names: /section header \[profile dev\] in .*config, line 3, is a comment/,
    hint: /remove the comment character in line 3/,
    mend: { files: { [CONFIG]: `[default]\nregion = us-west-2\n[profile dev]\n${PROFILE}` } },
  },
  'an sso-session in place of a profile': {
    args: profile('corp'),
    files: { [CONFIG]: `[profile dev]\nsso_session = corp\n${PROFILE}[sso-session corp]\n${SESSION}` },
    names: /\(corp\) could not be found; it is set by --profile: corp is the name of an sso-session/,
    hint: /set --profile to a profile of this session: dev/,
    mend: { args: profile('dev') },
  },
  'UTF-16 without a byte order mark, little-endian': {
    args: profile('dev'),
    files: { [CONFIG]: DEV.replace(/./gs, '$&\0') },
    names: /config: the file is UTF-16 text/,
    hint: /correct the file/,
    mend: { files: { [CONFIG]: DEV } },
  },
  'UTF-16 without a byte order mark, big-endian': {
    args: profile('dev'),
    files: { [CREDENTIALS]: DEV.replace(/./gs, '\0$&') },
    names: /credentials: the file is UTF-16 text/,
    hint: /correct the file/,
    mend: { files: { [CREDENTIALS]: `[dev]\n${PROFILE}` } },
  },
  'AWS_CONFIG_FILE that is a directory': {
    args: profile('dev'),
    env: { AWS_CONFIG_FILE: '{{HOME}}' },
    files: { [CONFIG]: DEV },
    names: /\(AWS_CONFIG_FILE\) is a directory/,
    hint: /set AWS_CONFIG_FILE to another file, or unset it/,
    mend: { env: { AWS_CONFIG_FILE: null } },
  },
  'a profile without any config file': {
    args: profile('dev'),
    names: /\(dev\) could not be found; it is set by --profile: neither .*config nor .*credentials exists/,
    hint: /create it with one of: eks-get-token login --profile dev .* aws configure --profile dev \(access keys\)/,
    mend: { files: { [CREDENTIALS]: `[dev]\n${PROFILE}` } },
  },
  'a mistyped --profile': {
    args: profile('dve'),
    files: { [CONFIG]: DEV },
    names: /\(dve\) could not be found; it is set by --profile/,
    hint: /did you mean dev\? Correct --profile/,
    mend: { args: profile('dev') },
  },
  'AWS_PROFILE with a space': {
    env: { AWS_PROFILE: 'dev ' },
    files: { [CONFIG]: DEV },
    names: /it is set by AWS_PROFILE: there are spaces or quotes around the name/,
    hint: /remove them from AWS_PROFILE: dev/,
    mend: { env: { AWS_PROFILE: 'dev' } },
  },
  'an empty AWS_PROFILE': {
    env: { AWS_PROFILE: '' },
    files: { [CONFIG]: `[default]\n${PROFILE}` },
    names: /it is set by AWS_PROFILE: the name is empty/,
    hint: /unset AWS_PROFILE/,
    mend: { env: { AWS_PROFILE: null } },
  },
  'a byte order mark': {
    args: profile('dev'),
    files: { [CONFIG]: `\ufeff${DEV}` },
    names: /config: line 1: the file begins with a byte order mark/,
    hint: /correct the file/,
    mend: { files: { [CONFIG]: DEV } },
  },
  'text before the first section header': {
    args: profile('dev'),
    files: { [CONFIG]: `x\n${DEV}` },
    names: /config: line 1: text before the first \[section\]/,
    hint: /correct the file/,
    mend: { files: { [CONFIG]: DEV } },
  },
  'a web identity token file that does not exist': {
    env: WEB,
    names: /the web identity token file .*\/jwt does not exist/,
    hint: /write the token there/,
    mend: { files: { jwt: TOKEN } },
  },
  'an empty web identity token file': {
    env: WEB,
    files: { jwt: '' },
    names: /the web identity token file .*\/jwt is empty/,
    hint: /write an OIDC token to the file/,
    mend: { files: { jwt: TOKEN } },
    code: 252,
  },
  'a token file with a tilde': {
    env: { ...WEB, AWS_WEB_IDENTITY_TOKEN_FILE: '~/jwt' },
    files: { jwt: TOKEN },
    names: /the web identity token file ~\/jwt does not exist/,
    hint: /"~" is not expanded in this setting: use .*\/jwt/,
    mend: { env: WEB },
  },
  'a parameter file that does not exist': {
    args: ['--cluster-name', 'file://nope'],
    env: KEYS,
    names: /parameter '--cluster-name': Unable to load paramfile file:\/\/nope: nope does not exist/,
    hint: /check the path in --cluster-name/,
    mend: { args: ['--cluster-name', 'file://{{HOME}}/name'], files: { name: 'demo' } },
    code: 252,
  },
  'a container token file that does not exist': {
    env: {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:{{PORT}}/v1/credentials',
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '{{HOME}}/token',
    },
    names: /AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, .*\/token, does not exist/,
    hint: /AWS_CONTAINER_CREDENTIALS_FULL_URI is set/,
    mend: { files: { token: 'x' } },
  },
  'an AWS_CREDENTIAL_FILE that does not exist': {
    env: { AWS_CREDENTIAL_FILE: '/nope' },
    files: { [CONFIG]: '[default]\nregion = us-west-2\n' },
    names: /AWS_CREDENTIAL_FILE, \/nope, does not exist/,
    hint: /correct AWS_CREDENTIAL_FILE, or unset it/,
    mend: { env: { AWS_CREDENTIAL_FILE: null, ...KEYS } },
  },
}

/** The command line and settings. */
const usage = (args: readonly string[], names: RegExp, hint: RegExp, mended: readonly string[]): WrongSetUp => ({
  args,
  env: KEYS,
  names,
  hint,
  mend: { args: mended },
  code: 252,
})
const setting = (name: string, value: string, names: RegExp, hint: RegExp, mended: string | null): WrongSetUp => ({
  env: { ...KEYS, [name]: value },
  names,
  hint,
  mend: { env: { [name]: mended } },
})
const COMMAND_LINE: Record<string, WrongSetUp> = {
  '--timeout that is not a number': usage(['--timeout', 'x'], /--timeout is 'x'/, /set --timeout to a number/, [
    '--timeout',
    '60',
  ]),
  '--cli-read-timeout that is not a number': usage(
    ['--cli-read-timeout', '1.5'],
    /--cli-read-timeout is '1\.5'/,
    /set --cli-read-timeout to a number of seconds/,
    ['--cli-read-timeout', '60'],
  ),
  '--cli-connect-timeout that is negative': usage(
    ['--cli-connect-timeout=-1'],
    /--cli-connect-timeout is '-1'/,
    /set --cli-connect-timeout to a number of seconds/,
    ['--cli-connect-timeout', '60'],
  ),
  'a mistyped option': usage(['--profil-e', 'x'], /Unknown options: --profil-e/, /did you mean --profile\?/, [
    '--output',
    'json',
  ]),
  'a mistyped format': usage(['--output', 'jsn'], /--output: Found invalid choice 'jsn'/, /use one of: json/, [
    '--output',
    'json',
  ]),
  'a mistyped command': usage(['get-tokn'], /invalid choice 'get-tokn'/, /did you mean get-token\?/, ['get-token']),
  'a role ARN that is too short': usage(['--role-arn', 'admin'], /RoleArn/, /use a role ARN such as/, WITH_ROLE),
  'an external id without a role': usage(
    ['--external-id', 'x'],
    /--external-id requires --role-arn/,
    /add --role-arn/,
    ['--external-id', 'xx', ...WITH_ROLE],
  ),
  'EKS_GET_TOKEN_TIMEOUT that is not a number': {
    ...setting(
      'EKS_GET_TOKEN_TIMEOUT',
      '1m',
      /EKS_GET_TOKEN_TIMEOUT is '1m'/,
      /set EKS_GET_TOKEN_TIMEOUT to a number/,
      '60',
    ),
    code: 252,
  },
  'an output format of the environment': setting(
    'AWS_DEFAULT_OUTPUT',
    'jsn',
    /jsn \(AWS_DEFAULT_OUTPUT\)/,
    /set AWS_DEFAULT_OUTPUT to json/,
    'json',
  ),
  'an empty region': setting(
    'AWS_REGION',
    '',
    /Invalid endpoint: https:\/\/sts\.\.amazonaws\.com: AWS_REGION is empty/,
    /set or remove AWS_REGION$/,
    null,
  ),
  'a region with spaces': setting(
    'AWS_REGION',
    'us west 2',
    /'us west 2' .*; it is set by AWS_REGION/,
    /did you mean us-west-2\? Correct AWS_REGION/,
    'us-west-2',
  ),
  'EKS_GET_TOKEN_LOGIN with another value': {
    ...setting(
      'EKS_GET_TOKEN_LOGIN',
      'atuo',
      /EKS_GET_TOKEN_LOGIN is 'atuo': expected never or auto/,
      /correct EKS/,
      'auto',
    ),
    code: 252,
  },
  'a retry mode': setting(
    'AWS_RETRY_MODE',
    'legacy',
    /AWS_RETRY_MODE is 'legacy'/,
    /correct AWS_RETRY_MODE, or remove it/,
    null,
  ),
  'an endpoint without a scheme': setting(
    'AWS_ENDPOINT_URL_STS',
    'sts.local',
    /Invalid endpoint: sts\.local/,
    /in AWS_ENDPOINT_URL_STS/,
    null,
  ),
}

/** What the network and the services respond. */
const assume = (more: Omit<WrongSetUp, 'args'>): WrongSetUp => ({
  args: WITH_ROLE,
  ...more,
  env: { ...KEYS, ...more.env },
})
const NETWORK: Record<string, WrongSetUp> = {
  'a CA bundle that does not exist': assume({
    env: { AWS_CA_BUNDLE: '{{HOME}}/nope.pem' },
    names: /the CA bundle .*\/nope\.pem \(AWS_CA_BUNDLE\) does not exist/,
    hint: /set AWS_CA_BUNDLE to a file with CA certificates in PEM format/,
    mend: { env: { AWS_CA_BUNDLE: '{{CA}}' } },
  }),
  'a CA bundle without a certificate': assume({
    env: { AWS_CA_BUNDLE: '{{HOME}}/ca.pem' },
    files: { 'ca.pem': '' },
    names: /the CA bundle .*\/ca\.pem \(AWS_CA_BUNDLE\) is not usable/,
    hint: /set AWS_CA_BUNDLE to a file with CA certificates in PEM format/,
    mend: { env: { AWS_CA_BUNDLE: '{{CA}}' } },
  }),
  'another CA bundle': assume({
    env: { AWS_CA_BUNDLE: '{{OTHER_CA}}' },
    names: /SSL validation failed for https:\/\/sts\.us-west-2/,
    hint: /the CA bundle .* \(AWS_CA_BUNDLE\) does not contain the CA of sts\.us-west-2\.amazonaws\.com/,
    mend: { env: { AWS_CA_BUNDLE: '{{CA}}' } },
  }),
  'no CA bundle': assume({
    env: { AWS_CA_BUNDLE: null },
    names: /SSL validation failed for https:\/\/sts\.us-west-2/,
    hint: /set AWS_CA_BUNDLE, or ca_bundle in the profile, to the path of the CA certificate/,
    mend: { env: { AWS_CA_BUNDLE: '{{CA}}' } },
  }),
  'SSL_CERT_FILE in place of AWS_CA_BUNDLE': assume({
    env: { AWS_CA_BUNDLE: null, SSL_CERT_FILE: '{{CA}}' },
    names: /SSL validation failed/,
    hint: /set AWS_CA_BUNDLE, .* to "\$SSL_CERT_FILE", which eks-get-token does not read/,
    mend: { env: { AWS_CA_BUNDLE: '{{CA}}' } },
  }),
  'a proxy that does not listen': assume({
    env: { HTTPS_PROXY: 'http://127.0.0.1:1', AWS_MAX_ATTEMPTS: '1' },
    names: /Failed to connect to proxy URL: "http:\/\/127\.0\.0\.1:1"/,
    hint: /correct HTTPS_PROXY/,
    mend: { env: { HTTPS_PROXY: 'http://127.0.0.1:{{PORT}}' } },
  }),
  'a SOCKS proxy that does not listen': assume({
    env: { HTTPS_PROXY: 'socks5h://127.0.0.1:1', AWS_MAX_ATTEMPTS: '1' },
    names: /Failed to connect to proxy URL: "socks5h:\/\/127\.0\.0\.1:1"/,
    hint: /correct HTTPS_PROXY/,
    mend: { env: { HTTPS_PROXY: 'socks5h://127.0.0.1:{{SOCKS}}' } },
  }),
  'a proxy with another scheme': assume({
    env: { HTTPS_PROXY: 'ftp://127.0.0.1:1', AWS_MAX_ATTEMPTS: '1' },
    names: /Failed to connect to proxy URL: "ftp:\/\/127\.0\.0\.1:1" \(the scheme ftp is not supported\)/,
    hint: /use a URL with the scheme http, https or socks5h in HTTPS_PROXY/,
    mend: { env: { HTTPS_PROXY: 'http://127.0.0.1:{{PORT}}' } },
  }),
  'a CA bundle with a damaged certificate': assume({
    env: { AWS_CA_BUNDLE: '{{HOME}}/ca.pem' },
    files: { 'ca.pem': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' },
    names:
      /SSL validation failed for https:\/\/sts\.us-west-2\S+ the CA bundle \S+\/ca\.pem \(AWS_CA_BUNDLE\) is not usable: its certificate is damaged/,
    hint: /set AWS_CA_BUNDLE to a file with CA certificates in PEM format/,
    mend: { env: { AWS_CA_BUNDLE: '{{CA}}' } },
  }),
  'a role ARN of the environment that is too short': {
    env: { ...WEB, AWS_ROLE_ARN: 'role-w' },
    files: { jwt: TOKEN },
    names: /RoleArn, value: 6, valid min length: 20 \(AWS_ROLE_ARN\)/,
    hint: /correct AWS_ROLE_ARN$/,
    mend: { env: WEB },
    code: 252,
  },
  'an account without the identity provider': {
    env: { ...WEB, AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/badjwt' },
    files: { jwt: TOKEN },
    names: /\(InvalidIdentityToken\) when calling the AssumeRoleWithWebIdentity operation/,
    hint: /the account of arn:aws:iam::123456789012:role\/badjwt has an IAM identity provider for https:\/\/token\.example\.com/,
    mend: { env: WEB },
    code: 254,
  },
  'a web identity token that is not a JSON Web Token': {
    env: { ...WEB, AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/expired' },
    files: { jwt: '"a.b"' },
    names: /\(ExpiredToken\) when calling the AssumeRoleWithWebIdentity operation/,
    hint: /\/jwt does not contain a JSON Web Token: write only the token to it/,
    mend: { env: WEB, files: { jwt: TOKEN } },
    code: 254,
  },
  'a trust policy that denies a web identity': {
    env: { ...WEB, AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/denied' },
    files: { jwt: TOKEN },
    names: /\(AccessDenied\) when calling the AssumeRoleWithWebIdentity operation/,
    hint: /federated principal must be arn:…:oidc-provider\/token\.example\.com, .* aud 'sts\.amazonaws\.com' and sub 'repo:org\/app:ref'/,
    mend: { env: WEB },
    code: 254,
  },
  'a trust policy that denies a role': {
    args: ['--role-arn', 'arn:aws:iam::123456789012:role/denied'],
    env: KEYS,
    names: /\(AccessDenied\) when calling the AssumeRole operation/,
    hint: /the role's trust policy allows the identity/,
    mend: { args: WITH_ROLE },
    code: 254,
  },
  'credentials that have expired': {
    env: { ...KEYS, AWS_CREDENTIAL_EXPIRATION: '2020-01-01T00:00:00Z' },
    names: /expired at 2020-01-01 00:00:00 UTC \(\d+ days.* ago\), according to AWS_CREDENTIAL_EXPIRATION/,
    hint: /export new credentials, or unset/,
    mend: { env: { AWS_CREDENTIAL_EXPIRATION: null } },
  },
}

const GROUPS = { HALF_THERE, PROFILES, FILES, COMMAND_LINE, NETWORK }

let other: CertificateAuthority
let aws: LocalAws
let socks: Awaited<ReturnType<typeof startSocksServer>>
beforeAll(async () => {
  other = await createCertificateAuthority()
  aws = await startLocalAws()
  socks = await startSocksServer({ port: aws.tlsPort })
})
afterAll(async () => {
  await Promise.all([aws.close(), socks.close(), other.close()])
})

test('there are at least 60', () => {
  const count = Object.values(GROUPS).reduce((sum, group) => sum + Object.keys(group).length, 0)
  expect(count).toBeGreaterThanOrEqual(60)
})

async function run(home: string, { args = [], env = {}, files = {} }: SetUp) {
  const fill = (text: string) =>
    text
      .replaceAll('{{HOME}}', home)
      .replaceAll('{{PORT}}', String(aws.port))
      .replaceAll('{{SOCKS}}', String(socks.port))
      .replaceAll('{{CA}}', aws.authority.file)
      .replaceAll('{{OTHER_CA}}', other.file)
  for (const [name, text] of Object.entries(files)) {
    const path = join(home, name)
    if (text === null) rmSync(path, { recursive: true })
    else {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, fill(text))
      chmodSync(path, 0o600)
    }
  }
  const merged: Record<string, string | null> = {
    PATH: '/usr/bin:/bin',
    HOME: home,
    TZ: 'UTC',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_REGION: 'us-west-2',
    HTTPS_PROXY: `http://127.0.0.1:${aws.port}`,
    AWS_CA_BUNDLE: aws.authority.file,
    ...env,
  }
  const present = Object.entries(merged).flatMap(([name, value]) => (value === null ? [] : [[name, fill(value)]]))
  const cluster = args.includes('--cluster-name') ? [] : ['--cluster-name', 'demo']
  return runInProcess([...args.map(fill), ...cluster], {
    env: Object.fromEntries(present),
    cwd: home,
    timeoutMs: 60_000,
  })
}

describe.concurrent.each(Object.entries(GROUPS))(
  '%s: the message names the fault, and following its hint mends it',
  (_group, table) => {
    test.each(Object.entries(table))('%s', async (_title, wrong) => {
      const home = mkdtempSync(join(tmpdir(), 'eks-get-token-wrong-'))
      try {
        const failed = await run(home, wrong)
        const [first = '', second = '', ...more] = failed.stderr.trimEnd().split('\n')
        expect(failed.stdout).toBe('')
        expect(first).toMatch(wrong.names)
        expect(second).toMatch(/^ {2}hint: /)
        expect(second).toMatch(wrong.hint)
        expect(more).toEqual([])
        expect(failed.code).toBe(wrong.code ?? 255)
        expect(failed.stderr).not.toMatch(/secret-of-|c2ln/)
        const { args = wrong.args ?? [], env, files = {} } = wrong.mend
        const mended = await run(home, { args, env: { ...wrong.env, ...env }, files })
        expect(mended.stderr).toBe('')
        expect([mended.code, JSON.parse(mended.stdout).kind]).toEqual([0, 'ExecCredential'])
      } finally {
        rmSync(home, { recursive: true, force: true })
      }
    })
  },
)
