import type { Environment, Settings } from '../../../config/settings.ts'
import type { Plan } from '../../../credentials/plan/types.ts'

/** A setting that somebody made and that has no effect, because another one counts. */
export interface ShadowedSetting {
  readonly what: string
  readonly remedy: string
}

/**
 * What the plan passes over: the usual reason why another identity signs than people think. Pure.
 *
 * @param env - as the plugin sees it
 * @param shell - without the variables of the exec block
 * @param execEnv - those variables
 */
export function shadowedSettings(
  plan: Plan,
  { profile, files }: Settings,
  env: Environment,
  shell: Environment,
  execEnv: Environment,
): readonly ShadowedSetting[] {
  const base = baseOf(plan)
  const lost: ShadowedSetting[] = []
  const namedBy = env.AWS_PROFILE !== undefined ? 'AWS_PROFILE' : 'AWS_DEFAULT_PROFILE'
  if (base.kind === 'environment') {
    if (profile.source === 'AWS_PROFILE' || profile.source === 'AWS_DEFAULT_PROFILE') {
      lost.push({
        what: `${namedBy}=${profile.name}, because keys in the environment win`,
        remedy: `unset AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or add --profile ${profile.name} to args: of the exec block, which beats them`,
      })
    } else if (hasCredentials(files.profiles.get(profile.name))) {
      lost.push({
        what: `the credentials of profile ${profile.name}, because keys in the environment win`,
        remedy: `unset AWS_ACCESS_KEY_ID and its like to sign as profile ${profile.name}`,
      })
    }
  } else if (
    base.kind === 'web-identity' &&
    env.AWS_WEB_IDENTITY_TOKEN_FILE === base.tokenFile &&
    hasKeys(files.profiles.get(profile.name))
  ) {
    lost.push({
      what: `the keys of profile ${profile.name}, because AWS_WEB_IDENTITY_TOKEN_FILE is set`,
      remedy: 'unset AWS_WEB_IDENTITY_TOKEN_FILE to sign with the profile',
    })
  }
  for (const name of ['AWS_PROFILE', 'AWS_ACCESS_KEY_ID']) {
    const [ours, theirs] = [execEnv[name], shell[name]]
    if (ours === undefined || theirs === undefined || ours === theirs) continue
    lost.push({
      what: `${name}=${theirs} of the shell, because env: of the exec block sets ${ours}`,
      remedy: `if ${theirs} was meant, change env: of the exec block`,
    })
  }
  if (profile.source === '--profile' && env.AWS_PROFILE !== undefined && env.AWS_PROFILE !== profile.name) {
    lost.push({
      what: `AWS_PROFILE=${env.AWS_PROFILE}, because args: of the exec block say --profile ${profile.name}`,
      remedy: `if ${env.AWS_PROFILE} was meant, take --profile out of args:`,
    })
  }
  return lost
}

/** Who signs first of all; roles are assumed on top of it. */
function baseOf(plan: Plan): Plan {
  return plan.kind === 'assume-role' ? baseOf(plan.source) : plan
}

const CREDENTIAL_KEYS = [
  'role_arn',
  'sso_account_id',
  'sso_role_name',
  'aws_access_key_id',
  'login_session',
  'credential_process',
  'web_identity_token_file',
]

function hasCredentials(section: ReadonlyMap<string, unknown> | undefined): boolean {
  return CREDENTIAL_KEYS.some((key) => section?.has(key))
}

function hasKeys(section: ReadonlyMap<string, unknown> | undefined): boolean {
  return section?.has('aws_access_key_id') ?? false
}
