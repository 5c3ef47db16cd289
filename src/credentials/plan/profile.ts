import { type Settings, stringValue } from '../../config/settings.ts'
import type { Section } from '../../python/config-parser.ts'
import { parsePythonInt } from '../../python/int.ts'
import type { Runtime } from '../../runtime.ts'
import { containerPlan, environmentPlan, instanceMetadataPlan } from './ambient.ts'
import { invalidConfiguration, partialCredentials } from './invalid.ts'
import type { Plan } from './types.ts'

/** The profile's `role_arn`, with the source that it names; a web identity token makes it another kind of role. */
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
      'keep one of them',
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
      `profile "${profile}" has role_arn: say whose credentials assume it`,
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

/** AWS allows a chain of roles to be long, and nobody has one of a hundred. */
const MAX_CHAIN = 100

function sourceProfilePlan(
  settings: Settings,
  parent: string,
  profile: string,
  visited: readonly string[],
  runtime: Runtime,
): Plan {
  if (!settings.files.profiles.has(profile)) {
    throw invalidConfiguration(
      `The source_profile "${profile}" referenced in the profile "${parent}" does not exist.`,
      `correct source_profile in profile ${parent}`,
    )
  }
  if (visited.length > MAX_CHAIN)
    throw invalidConfiguration(`more than ${MAX_CHAIN} profiles name each other by source_profile`, 'shorten the chain')
  const section = sectionOf(settings, profile)
  const hasKeys = section.has('aws_access_key_id') || section.has('aws_secret_access_key')
  // A profile may name itself when it has keys: it assumes its role with them.
  if (visited.includes(profile) && !(profile === parent && hasKeys)) {
    throw invalidConfiguration(
      `Infinite loop in credential configuration detected. Attempting to load from profile "${profile}" which has already been visited. Visited profiles: ${visited.join(', ')}`,
      `correct source_profile in profile ${parent}`,
    )
  }
  const role = hasKeys ? undefined : rolePlan(settings, profile, [...visited, profile], runtime)
  const plan = role ?? profilePlan(settings, profile, false, runtime)
  if (plan) return plan
  throw invalidConfiguration(
    `The source profile "${profile}" must have credentials.`,
    `add keys, a role or a login to it`,
  )
}

/** The names are those of the AWS CLI, and it takes them in this spelling only. */
function credentialSourcePlan(settings: Settings, profile: string, name: string, runtime: Runtime): Plan {
  const sources: Record<string, () => Plan | undefined> = {
    Environment: () => environmentPlan(runtime),
    Ec2InstanceMetadata: () => instanceMetadataPlan(settings),
    EcsContainer: () => containerPlan(runtime),
  }
  const choose = Object.hasOwn(sources, name) ? sources[name] : undefined
  if (!choose) {
    throw invalidConfiguration(
      `The credential source "${name}" referenced in profile "${profile}" is not valid.`,
      `use one of: ${Object.keys(sources).join(', ')}`,
    )
  }
  const plan = choose()
  if (plan) return plan
  throw invalidConfiguration(
    `Error when retrieving credentials from ${name}: No credentials found in credential_source referenced in profile ${profile}`,
    'see whether this machine has them',
  )
}

/** What a profile may carry beside a role, in order; web identity counts also when the environment has it. */
export function profilePlan(
  settings: Settings,
  profile: string,
  environmentCounts: boolean,
  runtime: Runtime,
): Plan | undefined {
  return (
    webIdentityPlan(settings, profile, environmentCounts, runtime) ??
    ssoPlan(settings, profile) ??
    keysPlan(settings, profile, 'credentials') ??
    loginPlan(settings, profile) ??
    processPlan(settings, profile) ??
    keysPlan(settings, profile, 'config')
  )
}

function webIdentityPlan(
  settings: Settings,
  profile: string,
  environmentCounts: boolean,
  { env }: Runtime,
): Plan | undefined {
  const section = sectionOf(settings, profile)
  const get = (variable: string, key: string): string | undefined =>
    (environmentCounts ? env[variable] : undefined) ?? stringValue(section, key, profile)
  const tokenFile = get('AWS_WEB_IDENTITY_TOKEN_FILE', 'web_identity_token_file')
  if (!tokenFile) return undefined
  const roleArn = get('AWS_ROLE_ARN', 'role_arn')
  if (!roleArn) {
    throw invalidConfiguration(
      'The provided profile or the current environment is configured to assume role with web identity but has no role ARN configured.',
      'set AWS_ROLE_ARN, or role_arn in the profile',
    )
  }
  const fromEnvironment = environmentCounts && env.AWS_WEB_IDENTITY_TOKEN_FILE === tokenFile
  return {
    kind: 'web-identity',
    why: fromEnvironment ? 'AWS_WEB_IDENTITY_TOKEN_FILE is set' : `profile ${profile} has web_identity_token_file`,
    roleArn,
    tokenFile,
    sessionName: get('AWS_ROLE_SESSION_NAME', 'role_session_name'),
  }
}

function ssoPlan(settings: Settings, profile: string): Plan | undefined {
  const own = sectionOf(settings, profile)
  if (!own.has('sso_role_name') && !own.has('sso_account_id')) return undefined
  const session = stringValue(own, 'sso_session', profile)
  const shared = session === undefined ? undefined : settings.files.ssoSessions.get(session)
  if (session !== undefined && !shared) {
    throw invalidConfiguration(
      `The specified sso-session does not exist: "${session}"`,
      `add [sso-session ${session}] to ${settings.files.configPath}, or correct sso_session in profile ${profile}`,
    )
  }
  for (const [key, value] of shared ?? []) {
    const mine = own.get(key)
    if (mine === undefined || mine === value) continue
    throw invalidConfiguration(
      `The value for ${key} is inconsistent between profile (${mine}) and sso-session (${value}).`,
      `take ${key} out of profile ${profile}`,
    )
  }
  const missing: string[] = []
  const need = (key: string): string => {
    const value = stringValue(own, key, profile) ?? (shared && stringValue(shared, key, `sso-session ${session}`))
    if (value === undefined) missing.push(key)
    return value ?? ''
  }
  const plan: Plan = {
    kind: 'sso',
    why: `profile ${profile} has sso_account_id and sso_role_name`,
    profile,
    session,
    roleName: need('sso_role_name'),
    accountId: need('sso_account_id'),
    startUrl: need('sso_start_url'),
    region: need('sso_region'),
  }
  if (missing.length === 0) return plan
  throw invalidConfiguration(
    `The profile "${profile}" is configured to use SSO but is missing required configuration: ${missing.join(', ')}`,
    `run: aws configure sso --profile ${profile}`,
  )
}

/** Keys are read file by file: an id in one and a secret in the other are two halves, not a pair. */
function keysPlan(settings: Settings, profile: string, file: 'credentials' | 'config'): Plan | undefined {
  const section = keysSection(settings, profile, file)
  if (!section?.has('aws_access_key_id')) return undefined
  const path = file === 'credentials' ? settings.files.credentialsPath : settings.files.configPath
  if (!section.has('aws_secret_access_key')) {
    throw partialCredentials(
      file === 'credentials' ? 'shared-credentials-file' : 'config-file',
      'aws_secret_access_key',
      `add it to profile ${profile} in ${path}`,
    )
  }
  return { kind: 'profile-keys', why: `profile ${profile} has keys in ${path}`, profile, file }
}

/** The section that one file alone has for a profile. */
export function keysSection(settings: Settings, profile: string, file: 'credentials' | 'config'): Section | undefined {
  const { credentialsProfiles, configProfiles } = settings.files
  return (file === 'credentials' ? credentialsProfiles : configProfiles).get(profile)
}

function loginPlan(settings: Settings, profile: string): Plan | undefined {
  const session = stringValue(sectionOf(settings, profile), 'login_session', profile)
  if (session === undefined) return undefined
  return { kind: 'login', why: `profile ${profile} has login_session`, profile, session }
}

function processPlan(settings: Settings, profile: string): Plan | undefined {
  const command = stringValue(sectionOf(settings, profile), 'credential_process', profile)
  if (command === undefined) return undefined
  return { kind: 'process', why: `profile ${profile} has credential_process`, profile, command }
}

function sectionOf(settings: Settings, profile: string): Section {
  return settings.files.profiles.get(profile) ?? new Map()
}

function assumesRole(section: Section): boolean {
  return section.has('role_arn') && !section.has('web_identity_token_file')
}
