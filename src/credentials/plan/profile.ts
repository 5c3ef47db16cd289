import { stringValue } from '../../config/profiles.ts'
import { checkSsoSession } from '../../config/selected-profile.ts'
import type { Settings } from '../../config/settings.ts'
import type { ConfigValue, Section } from '../../python/config-parser.ts'
import { splitCommand } from '../../python/shlex.ts'
import { redactValue } from '../../redact.ts'
import type { Runtime } from '../../runtime.ts'
import { withNativeSeparators } from '../../shown-path.ts'
import type { LoginPlan } from '../sources/login.ts'
import type { ProcessPlan } from '../sources/process.ts'
import type { SsoPlan } from '../sources/sso.ts'
import { type ProfileKeysPlan, staticSection } from '../sources/static.ts'
import type { WebIdentityPlan } from '../sources/sts.ts'
import { invalidConfiguration, partialCredentials } from './invalid.ts'

/** The sources of a profile other than a role, in order; web identity may also be configured in the environment. */
export function profilePlan(
  settings: Settings,
  profile: string,
  usesEnvironment: boolean,
  runtime: Runtime,
): WebIdentityPlan | SsoPlan | ProfileKeysPlan | LoginPlan | ProcessPlan | undefined {
  return (
    webIdentityPlan(settings, profile, usesEnvironment, runtime) ??
    ssoPlan(settings, profile) ??
    staticPlan(settings, profile, 'credentials') ??
    loginPlan(settings, profile) ??
    processPlan(settings, profile, runtime) ??
    staticPlan(settings, profile, 'config')
  )
}

/** Whether a profile has a source of credentials, complete or not. */
export function hasCredentials(section: Section): boolean {
  return CREDENTIAL_KEYS.some((key) => section.has(key))
}

/** Settings that give a profile credentials, complete or not. */
export const CREDENTIAL_KEYS = [
  'role_arn',
  'web_identity_token_file',
  'sso_account_id',
  'sso_role_name',
  'aws_access_key_id',
  'login_session',
  'credential_process',
]

function webIdentityPlan(
  settings: Settings,
  profile: string,
  usesEnvironment: boolean,
  { env }: Runtime,
): WebIdentityPlan | undefined {
  const section = sectionOf(settings, profile)
  const get = (variable: string, key: string): string | undefined =>
    (usesEnvironment ? env[variable] : undefined) ?? stringValue(section, key, profile)
  const tokenFile = get('AWS_WEB_IDENTITY_TOKEN_FILE', 'web_identity_token_file')
  if (!tokenFile) return undefined
  const roleArn = get('AWS_ROLE_ARN', 'role_arn')
  if (!roleArn) {
    throw invalidConfiguration(
      'The provided profile or the current environment is configured to assume role with web identity but has no role ARN configured.',
      'set AWS_ROLE_ARN, or role_arn in the profile',
    )
  }
  const fromEnvironment = usesEnvironment && env.AWS_WEB_IDENTITY_TOKEN_FILE === tokenFile
  return {
    kind: 'web-identity',
    why: fromEnvironment ? 'AWS_WEB_IDENTITY_TOKEN_FILE is set' : `profile ${profile} has web_identity_token_file`,
    roleArn,
    tokenFile,
    sessionName: get('AWS_ROLE_SESSION_NAME', 'role_session_name'),
  }
}

function ssoPlan(settings: Settings, profile: string): SsoPlan | undefined {
  const section = sectionOf(settings, profile)
  if (!section.has('sso_role_name') && !section.has('sso_account_id')) return undefined
  const session = stringValue(section, 'sso_session', profile)
  const shared = session === undefined ? undefined : settings.files.ssoSessions.get(session)
  if (session !== undefined && !shared) {
    checkSsoSession({ name: profile, section }, settings.files)
  }
  const quote = (value: ConfigValue): string => (typeof value === 'string' ? redactValue(value) : 'a nested section')
  for (const [key, value] of shared ?? []) {
    const profileValue = section.get(key)
    if (profileValue === undefined || profileValue === value) continue
    throw invalidConfiguration(
      `The value for ${key} is inconsistent between profile (${quote(profileValue)}) and sso-session (${quote(value)}).`,
      `remove ${key} from profile ${profile}`,
    )
  }
  const missing: string[] = []
  const required = (key: string): string => {
    const value = stringValue(section, key, profile) ?? (shared && stringValue(shared, key, `sso-session ${session}`))
    if (value === undefined) missing.push(key)
    return value ?? ''
  }
  const plan: SsoPlan = {
    kind: 'sso',
    why: `profile ${profile} has sso_account_id and sso_role_name`,
    profile,
    session,
    roleName: required('sso_role_name'),
    accountId: required('sso_account_id'),
    startUrl: required('sso_start_url'),
    region: required('sso_region'),
  }
  if (missing.length === 0) return plan
  throw invalidConfiguration(
    `The profile "${profile}" is configured to use SSO but is missing required configuration: ${missing.join(', ')}`,
    "add it to the profile or its sso-session, or run 'aws configure sso'",
  )
}

/** Static credentials are taken from one file: an access key id is never combined with a secret access key of the other file. */
function staticPlan(settings: Settings, profile: string, file: 'credentials' | 'config'): ProfileKeysPlan | undefined {
  const section = staticSection(settings, profile, file)
  if (!section?.has('aws_access_key_id')) return undefined
  const { credentialsPath, configPath } = settings.files
  const path = withNativeSeparators(file === 'credentials' ? credentialsPath : configPath)
  if (!section.has('aws_secret_access_key')) {
    throw partialCredentials(
      file === 'credentials' ? 'shared-credentials-file' : 'config-file',
      'aws_secret_access_key',
      `add aws_secret_access_key to profile ${profile} in ${path}`,
    )
  }
  return { kind: 'profile-keys', why: `profile ${profile} has static credentials in ${path}`, profile, file }
}

function loginPlan(settings: Settings, profile: string): LoginPlan | undefined {
  const session = stringValue(sectionOf(settings, profile), 'login_session', profile)
  if (session === undefined) return undefined
  return { kind: 'login', why: `profile ${profile} has login_session`, profile, session }
}

function processPlan(settings: Settings, profile: string, { processHost }: Runtime): ProcessPlan | undefined {
  const command = stringValue(sectionOf(settings, profile), 'credential_process', profile)
  if (command === undefined) return undefined
  const [program = ''] = splitCommand(command, processHost.platform) ?? []
  return { kind: 'process', why: `profile ${profile} has credential_process`, profile, command, program }
}

/** The values of a profile from both files; empty if it does not exist. */
export function sectionOf(settings: Settings, profile: string): Section {
  return settings.files.profiles.get(profile) ?? new Map()
}
