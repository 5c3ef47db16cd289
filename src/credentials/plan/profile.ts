import { type Settings, stringValue } from '../../config/settings.ts'
import type { ConfigValue, Section } from '../../python/config-parser.ts'
import { parsePythonInt } from '../../python/int.ts'
import { splitCommand } from '../../python/shlex.ts'
import { redactValue } from '../../redact.ts'
import type { Runtime } from '../../runtime.ts'
import type { Plan } from '../sources/registry.ts'
import { staticSection } from '../sources/static.ts'
import { containerPlan, environmentPlan, instanceMetadataPlan } from './ambient.ts'
import { invalidConfiguration, partialCredentials } from './invalid.ts'

/** The plan for a profile with `role_arn`, including its base credentials. A web identity token has a plan of its own. */
export function rolePlan(
  settings: Settings,
  profile: string,
  visited: readonly string[],
  runtime: Runtime,
): Plan | undefined {
  const section = sectionOf(settings, profile)
  if (!assumesRole(section)) return undefined
  const get = (key: string): string | undefined => stringValue(section, key, profile)
  const sourceProfile = get('source_profile')
  const credentialSource = get('credential_source')
  if (sourceProfile !== undefined && credentialSource !== undefined) {
    throw invalidConfiguration(
      `The profile "${profile}" contains both source_profile and credential_source.`,
      `remove one of them from profile ${profile}`,
    )
  }
  let source: Plan
  if (sourceProfile !== undefined) {
    source = sourceProfilePlan(settings, profile, sourceProfile, visited, runtime)
  } else if (credentialSource !== undefined) {
    source = credentialSourcePlan(settings, profile, credentialSource, runtime)
  } else {
    throw partialCredentials(
      'assume-role',
      'source_profile or credential_source',
      `add source_profile or credential_source to profile ${profile}, which has role_arn`,
    )
  }
  const duration = get('duration_seconds')
  return {
    kind: 'assume-role',
    why: `profile ${profile} has role_arn`,
    profile,
    roleArn: get('role_arn') as string,
    sessionName: get('role_session_name'),
    externalId: get('external_id'),
    durationSeconds: duration === undefined ? undefined : parsePythonInt(duration),
    mfaSerial: get('mfa_serial'),
    source,
  }
}

/** More profiles than in any real chain of roles. */
const MAX_CHAIN = 100

function sourceProfilePlan(
  settings: Settings,
  parent: string,
  profile: string,
  visited: readonly string[],
  runtime: Runtime,
): Plan {
  if (!settings.files.profiles.has(profile)) {
    const setting = `source_profile in profile ${parent}`
    throw invalidConfiguration(
      `The source_profile "${redactValue(profile)}" referenced in the profile "${parent}" does not exist.`,
      `correct ${setting}`,
      { kind: 'profile', name: profile, setting },
    )
  }
  if (visited.length > MAX_CHAIN) {
    throw invalidConfiguration(
      `the chain of source_profile settings has more than ${MAX_CHAIN} profiles`,
      'shorten the chain of source profiles',
    )
  }
  const section = sectionOf(settings, profile)
  const hasStaticCredentials = section.has('aws_access_key_id') || section.has('aws_secret_access_key')
  // A profile with static credentials may be its own source profile.
  if (visited.includes(profile) && !(profile === parent && hasStaticCredentials)) {
    throw invalidConfiguration(
      `Infinite loop in credential configuration detected. Attempting to load from profile "${profile}" which has already been visited. Visited profiles: ${visited.join(', ')}`,
      `correct source_profile in profile ${parent}`,
    )
  }
  const role = hasStaticCredentials ? undefined : rolePlan(settings, profile, [...visited, profile], runtime)
  const plan = role ?? profilePlan(settings, profile, false, runtime)
  if (plan) return plan
  throw invalidConfiguration(
    `The source profile "${profile}" must have credentials.`,
    `add credentials, a role or an SSO configuration to profile ${profile}`,
  )
}

/** The names are case-sensitive, as in the AWS CLI. */
function credentialSourcePlan(settings: Settings, profile: string, name: string, runtime: Runtime): Plan {
  const sources: Record<string, () => Plan | undefined> = {
    Environment: () => environmentPlan(runtime),
    Ec2InstanceMetadata: () => instanceMetadataPlan(settings),
    EcsContainer: () => containerPlan(runtime),
  }
  const choose = Object.hasOwn(sources, name) ? sources[name] : undefined
  if (!choose) {
    throw invalidConfiguration(
      `The credential source "${redactValue(name)}" referenced in profile "${profile}" is not valid.`,
      `use one of: ${Object.keys(sources).join(', ')}`,
    )
  }
  const plan = choose()
  if (plan) return plan
  throw invalidConfiguration(
    `Error when retrieving credentials from ${name}: No credentials found in credential_source referenced in profile ${profile}`,
    `check that ${name} provides credentials here, or change credential_source in profile ${profile}`,
  )
}

/** The sources of a profile other than a role, in order; web identity may also be configured in the environment. */
export function profilePlan(
  settings: Settings,
  profile: string,
  usesEnvironment: boolean,
  runtime: Runtime,
): Plan | undefined {
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

const CREDENTIAL_KEYS = [
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
): Plan | undefined {
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

function ssoPlan(settings: Settings, profile: string): Plan | undefined {
  const section = sectionOf(settings, profile)
  if (!section.has('sso_role_name') && !section.has('sso_account_id')) return undefined
  const session = stringValue(section, 'sso_session', profile)
  const shared = session === undefined ? undefined : settings.files.ssoSessions.get(session)
  if (session !== undefined && !shared) {
    const setting = `sso_session in profile ${profile}`
    throw invalidConfiguration(
      `The specified sso-session does not exist: "${redactValue(session)}" (${setting})`,
      `correct ${setting}`,
      { kind: 'sso-session', name: session, setting },
    )
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
  const plan: Plan = {
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
    `run: aws configure sso --profile ${profile}`,
  )
}

/** Static credentials are taken from one file: an access key id is never combined with a secret access key of the other file. */
function staticPlan(settings: Settings, profile: string, file: 'credentials' | 'config'): Plan | undefined {
  const section = staticSection(settings, profile, file)
  if (!section?.has('aws_access_key_id')) return undefined
  const path = file === 'credentials' ? settings.files.credentialsPath : settings.files.configPath
  if (!section.has('aws_secret_access_key')) {
    throw partialCredentials(
      file === 'credentials' ? 'shared-credentials-file' : 'config-file',
      'aws_secret_access_key',
      `add aws_secret_access_key to profile ${profile} in ${path}`,
    )
  }
  return { kind: 'profile-keys', why: `profile ${profile} has static credentials in ${path}`, profile, file }
}

function loginPlan(settings: Settings, profile: string): Plan | undefined {
  const session = stringValue(sectionOf(settings, profile), 'login_session', profile)
  if (session === undefined) return undefined
  return { kind: 'login', why: `profile ${profile} has login_session`, profile, session }
}

function processPlan(settings: Settings, profile: string, { processHost }: Runtime): Plan | undefined {
  const command = stringValue(sectionOf(settings, profile), 'credential_process', profile)
  if (command === undefined) return undefined
  const [program = ''] = splitCommand(command, processHost.platform) ?? []
  return { kind: 'process', why: `profile ${profile} has credential_process`, profile, command, program }
}

function sectionOf(settings: Settings, profile: string): Section {
  return settings.files.profiles.get(profile) ?? new Map()
}

function assumesRole(section: Section): boolean {
  return section.has('role_arn') && !section.has('web_identity_token_file')
}
