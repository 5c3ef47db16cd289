import { stringValue } from '../../config/profiles.ts'
import type { Settings } from '../../config/settings.ts'
import type { Section } from '../../python/config-parser.ts'
import { parsePythonInt } from '../../python/int.ts'
import { redactValue } from '../../redact.ts'
import type { Runtime } from '../../runtime.ts'
import type { Plan } from '../sources/registry.ts'
import { containerPlan, environmentPlan, instanceMetadataPlan } from './ambient.ts'
import { invalidConfiguration, partialCredentials } from './invalid.ts'
import { profilePlan, sectionOf } from './profile.ts'

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
      { kind: 'profile', name: profile, setting, except: parent },
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
    { kind: 'credentials', name: profile, setting: '' },
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
    `correct credential_source in profile ${profile}`,
    { kind: 'credential-source', name, setting: profile },
  )
}

function assumesRole(section: Section): boolean {
  return section.has('role_arn') && !section.has('web_identity_token_file')
}
