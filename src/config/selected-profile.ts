import { EksTokenError } from '../errors.ts'
import type { Section } from '../python/config-parser.ts'
import { redactValue } from '../redact.ts'
import type { Environment } from '../runtime.ts'
import { type SharedFiles, stringValue } from './profiles.ts'

/** The profile that a run uses. */
export interface SelectedProfile {
  readonly name: string
  readonly source: '--profile' | 'AWS_PROFILE' | 'AWS_DEFAULT_PROFILE' | 'default'
  /** The profile's values from both files; empty if the default profile does not exist. */
  readonly section: Section
}

/** The name of the profile that a run uses, which may not exist. */
export function chooseProfile(
  options: { readonly profile?: string | undefined },
  env: Environment,
): Pick<SelectedProfile, 'name' | 'source'> {
  if (options.profile) return { name: options.profile, source: '--profile' }
  for (const source of ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE'] as const) {
    const name = env[source]
    if (name !== undefined) return { name, source }
  }
  return { name: 'default', source: 'default' }
}

/** The selected profile. A profile that was named must exist, even if the environment has credentials. */
export function selectProfile(
  options: { readonly profile?: string | undefined },
  env: Environment,
  files: SharedFiles,
): SelectedProfile {
  const { name, source } = chooseProfile(options, env)
  const section = files.profiles.get(name)
  if (section) return { name, source, section }
  if (source === 'default') return { name, source, section: new Map() }
  throw new EksTokenError(
    'ERR_PROFILE',
    `The config profile (${redactValue(name)}) could not be found; it is set by ${source}`,
    { remedy: `correct ${source}`, missing: { kind: 'profile', name, setting: source } },
  )
}

/**
 * A profile's `sso_session` must refer to a complete session even if other credentials are used: the AWS CLI looks for a
 * bearer token before every call. https://github.com/aws/aws-cli/blob/2.36.7/awscli/botocore/tokens.py
 */
export function checkSsoSession(profile: Pick<SelectedProfile, 'name' | 'section'>, files: SharedFiles): void {
  const name = stringValue(profile.section, 'sso_session', profile.name)
  if (name === undefined) return
  const session = files.ssoSessions.get(name)
  const keys = ['sso_start_url', 'sso_region'].filter((key) => !session?.has(key))
  if (keys.length === 0) return
  const remedy = `add ${keys.join(', ')} to [sso-session ${redactValue(name)}] in ${files.configPath}`
  if (session?.size) {
    throw new EksTokenError(
      'ERR_SETTING',
      `The sso-session "${redactValue(name)}" of profile ${profile.name} is missing: ${keys.join(', ')}`,
      { remedy },
    )
  }
  throw new EksTokenError(
    'ERR_SETTING',
    `The specified sso-session does not exist: "${redactValue(name)}" (sso_session of profile ${profile.name})`,
    { remedy, missing: { kind: 'sso-session', name, setting: `sso_session in profile ${profile.name}` } },
  )
}
