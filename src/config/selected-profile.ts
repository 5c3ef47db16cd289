import { EksTokenError } from '../errors.ts'
import type { Section } from '../python/config-parser.ts'
import { redactValue } from '../redact.ts'
import type { Environment } from '../runtime.ts'
import { withNativeSeparators } from '../shown-path.ts'
import { type SharedFiles, stringValue } from './profiles.ts'

/** The profile that a run uses. */
export interface SelectedProfile {
  readonly name: string
  /** `--profile` or the caller's name for it, `AWS_PROFILE`, `AWS_DEFAULT_PROFILE`; `default`: none is selected. */
  readonly source: string
  /** The call selects it, so that it takes precedence over credentials in the environment; a variable does not. */
  readonly isExplicit: boolean
  /** The profile's values from both files; empty if the default profile does not exist. */
  readonly section: Section
}

export interface ProfileOptions {
  /** Takes precedence over AWS_PROFILE and over credentials in the environment. Default: as in the AWS CLI. */
  readonly profile?: string | undefined
  /** Where `profile` comes from, in messages. Default: `--profile`. */
  readonly profileSource?: string | undefined
}

/** The name of the profile that a run uses, which may not exist. */
export function chooseProfile(
  { profile, profileSource }: ProfileOptions,
  env: Environment,
): Omit<SelectedProfile, 'section'> {
  if (profile) return { name: profile, source: profileSource ?? '--profile', isExplicit: true }
  for (const source of ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE']) {
    const name = env[source]
    if (name !== undefined) return { name, source, isExplicit: false }
  }
  return { name: 'default', source: 'default', isExplicit: false }
}

/** The selected profile. A profile that was named must exist, even if the environment has credentials. */
export function selectProfile(options: ProfileOptions, env: Environment, files: SharedFiles): SelectedProfile {
  const chosen = chooseProfile(options, env)
  const { name, source } = chosen
  const section = files.profiles.get(name)
  if (section) return { ...chosen, section }
  if (source === 'default') return { ...chosen, section: new Map() }
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
  const remedy = `add ${keys.join(', ')} to [sso-session ${redactValue(name)}] in ${withNativeSeparators(files.configPath)}`
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
