import type { Settings } from '../../../config/settings.ts'
import { hasCredentials } from '../../../credentials/plan/profile.ts'
import type { Plan } from '../../../credentials/sources/registry.ts'
import type { Environment } from '../../../runtime.ts'

/** A setting without effect, because another one takes precedence. */
export interface ShadowedSetting {
  /** The setting, and what takes precedence. */
  readonly setting: string
  readonly remedy: string
}

/** The environment variables of the plugin: those of the shell, overridden by those of the exec block. */
export interface PluginEnvironments {
  readonly plugin: Environment
  readonly shell: Environment
  /** undefined: no exec block. */
  readonly exec: Environment | undefined
}

/** The settings that the plan does not use, a common reason for an unexpected identity. Pure. */
export function shadowedSettings(plan: Plan, settings: Settings, env: PluginEnvironments): readonly ShadowedSetting[] {
  return [
    ...shadowedCredentials(basePlan(plan), settings, env),
    ...shadowedVariables(env),
    ...shadowedProfile(settings.profile, env.plugin),
  ]
}

/** The plan whose credentials sign first; roles are assumed with them. */
export function basePlan(plan: Plan): Plan {
  return plan.kind === 'assume-role' ? basePlan(plan.source) : plan
}

function shadowedCredentials(
  base: Plan,
  { profile, files }: Settings,
  { plugin: env, exec }: PluginEnvironments,
): ShadowedSetting[] {
  const section = files.profiles.get(profile.name)
  if (base.kind === 'environment') {
    if (profile.source === 'AWS_PROFILE' || profile.source === 'AWS_DEFAULT_PROFILE') {
      return [
        {
          setting: `${profile.source}=${profile.name} (credentials in the environment take precedence)`,
          remedy: `unset AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or ${exec ? `add --profile ${profile.name} to args: in the exec block` : `use --profile ${profile.name}`}, which takes precedence over them`,
        },
      ]
    }
    if (!section || !hasCredentials(section)) return []
    return [
      {
        setting: `the credentials of profile ${profile.name} (credentials in the environment take precedence)`,
        remedy: `to use profile ${profile.name}, unset AWS_ACCESS_KEY_ID and the related variables`,
      },
    ]
  }
  const isTokenFile = base.kind === 'web-identity' && env.AWS_WEB_IDENTITY_TOKEN_FILE === base.tokenFile
  if (!isTokenFile || !section?.has('aws_access_key_id')) return []
  return [
    {
      setting: `the access key of profile ${profile.name} (AWS_WEB_IDENTITY_TOKEN_FILE takes precedence)`,
      remedy: 'to use the access key of the profile, unset AWS_WEB_IDENTITY_TOKEN_FILE',
    },
  ]
}

function shadowedVariables({ exec, shell }: PluginEnvironments): ShadowedSetting[] {
  return ['AWS_PROFILE', 'AWS_ACCESS_KEY_ID'].flatMap((name) => {
    const [execValue, shellValue] = [exec?.[name], shell[name]]
    if (execValue === undefined || shellValue === undefined || execValue === shellValue) return []
    return [
      {
        setting: `${name}=${shellValue} in the shell (env: in the exec block sets it to ${execValue})`,
        remedy: `to use ${shellValue}, change env: in the exec block`,
      },
    ]
  })
}

function shadowedProfile(profile: Settings['profile'], { AWS_PROFILE: variable }: Environment): ShadowedSetting[] {
  if (!profile.isExplicit || variable === undefined || variable === profile.name) return []
  return [
    {
      setting: `AWS_PROFILE=${variable} (--profile ${profile.name} takes precedence)`,
      remedy: `to use ${variable}, remove --profile`,
    },
  ]
}
