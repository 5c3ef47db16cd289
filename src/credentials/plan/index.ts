import type { Settings } from '../../config/settings.ts'
import type { Runtime } from '../../runtime.ts'
import { containerPlan, environmentPlan, instanceMetadataPlan } from './ambient.ts'
import { legacyFilesPlan } from './legacy-files.ts'
import { profilePlan, rolePlan } from './profile.ts'
import type { Plan, RoleOptions } from './types.ts'

/** The name under which the AWS CLI's get-token assumes the role of `--role-arn`. */
const ROLE_OPTION_SESSION_NAME = 'EKSGetTokenAuth'

/**
 * Chooses the source in the AWS CLI v2's order. The first that applies is the plan, and its failure is final: no
 * other identity may sign in its place. Pure: reads the files of old tools through `system`, asks no network.
 * https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-authentication.html#cli-chap-authentication-precedence
 *
 * @throws EksTokenError `ERR_CREDENTIALS` for a source that is configured in part or in conflict,
 *   `ERR_CONFIG_FILE` for a boto file that cannot be read
 */
export function makePlan(settings: Settings, role: RoleOptions, runtime: Runtime): Plan {
  const source = basePlan(settings, runtime)
  if (role.roleArn === undefined) return source
  return {
    kind: 'assume-role',
    why: '--role-arn names it',
    profile: undefined,
    roleArn: role.roleArn,
    sessionName: role.roleSessionName ?? ROLE_OPTION_SESSION_NAME,
    externalId: role.externalId,
    durationSeconds: role.durationSeconds,
    mfaSerial: role.mfaSerial,
    source,
  }
}

function basePlan(settings: Settings, runtime: Runtime): Plan {
  const { name, source } = settings.profile
  // An option names the profile itself, so it wins over the environment; a variable does not.
  const environmentCounts = source !== '--profile'
  return (
    (environmentCounts ? environmentPlan(runtime) : undefined) ??
    rolePlan(settings, name, [name], runtime) ??
    profilePlan(settings, name, environmentCounts, runtime) ??
    legacyFilesPlan(runtime) ??
    containerPlan(runtime) ??
    instanceMetadataPlan(settings) ?? {
      kind: 'none',
      why: `none in ${environmentCounts ? 'the environment, ' : ''}profile ${name}, container or instance metadata`,
    }
  )
}
