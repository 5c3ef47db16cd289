import type { Settings } from '../../config/settings.ts'
import { redactValue } from '../../redact.ts'
import type { Runtime } from '../../runtime.ts'
import type { LoadOptions } from '../context.ts'
import type { Plan } from '../sources/registry.ts'
import { ambientPlan, environmentPlan } from './ambient.ts'
import { profilePlan } from './profile.ts'
import { rolePlan } from './role.ts'

/** A role to assume with the credentials of the chosen source. */
export interface RoleOptions {
  /** A role to assume; the token is signed as this role. Default: none. */
  readonly roleArn?: string | undefined
  /** The external id that the role's trust policy requires. Default: none is sent. */
  readonly externalId?: string | undefined
  /** Name of the role's session. Default `EKSGetTokenAuth`, as in the AWS CLI. */
  readonly roleSessionName?: string | undefined
  /** Lifetime of the role's session, in seconds, at least 900. Default: that of STS, 3600. */
  readonly durationSeconds?: number | undefined
  /** Serial number or ARN of the MFA device whose code is required. Default: no code is sent. */
  readonly mfaSerial?: string | undefined
}

/** The session name of the AWS CLI's get-token for the role of `--role-arn`. */
const ROLE_OPTION_SESSION_NAME = 'EKSGetTokenAuth'

/**
 * Chooses the credential source in the order of the AWS CLI v2. The first one that is configured is used, and its failure is
 * final: no other identity may sign in its place. Starts no process and uses no network; reads the legacy files.
 * https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-authentication.html#cli-chap-authentication-precedence
 *
 * @throws EksTokenError `ERR_CREDENTIALS` for a source with incomplete or conflicting settings, `ERR_CONFIG_FILE` for an
 *   invalid boto file
 */
export async function makePlan(
  settings: Settings,
  { credentials, ...role }: RoleOptions & Pick<LoadOptions, 'credentials'>,
  runtime: Runtime,
): Promise<Plan> {
  const source: Plan = credentials ? { kind: 'provided', why: 'credentials is set' } : await basePlan(settings, runtime)
  if (role.roleArn === undefined) return source
  return {
    kind: 'assume-role',
    why: '--role-arn is set',
    profile: undefined,
    roleArn: role.roleArn,
    sessionName: role.roleSessionName ?? ROLE_OPTION_SESSION_NAME,
    externalId: role.externalId,
    durationSeconds: role.durationSeconds,
    mfaSerial: role.mfaSerial,
    source,
  }
}

async function basePlan(settings: Settings, runtime: Runtime): Promise<Plan> {
  const { name, isExplicit } = settings.profile
  // The option --profile takes precedence over credentials in the environment, the variable AWS_PROFILE does not.
  const usesEnvironment = !isExplicit
  return (
    (usesEnvironment ? environmentPlan(runtime) : undefined) ??
    rolePlan(settings, name, [name], runtime) ??
    profilePlan(settings, name, usesEnvironment, runtime) ??
    (await ambientPlan(settings, runtime)) ?? {
      kind: 'none',
      why: `no credentials in ${usesEnvironment ? 'the environment, ' : ''}profile ${redactValue(name)}, container or instance metadata`,
    }
  )
}

/**
 * Checks that the options of a role are not given without a role.
 *
 * @throws EksTokenError `ERR_USAGE`
 */
export async function validateRoleOptions(options: RoleOptions): Promise<void> {
  const { roleArn, externalId, roleSessionName, durationSeconds, mfaSerial } = options
  const others: Required<Omit<RoleOptions, 'roleArn'>> = { externalId, roleSessionName, durationSeconds, mfaSerial }
  if (roleArn !== undefined || Object.values(others).every((value) => value === undefined)) return
  throw (await import('./invalid-role.ts')).roleMissing(others)
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html#API_AssumeRole_RequestParameters */
const MIN_ROLE_ARN_LENGTH = 20

/**
 * Checks the role ARN before credentials are loaded, unless the profile disables parameter validation.
 *
 * @throws EksTokenError `ERR_PARAMETER`
 */
export async function validateRoleArn(roleArn: string | undefined, { parameterValidation }: Settings): Promise<void> {
  const length = [...(roleArn ?? '')].length
  if (roleArn === undefined || !parameterValidation || length >= MIN_ROLE_ARN_LENGTH) return
  throw (await import('./invalid-role.ts')).roleArnTooShort(length, MIN_ROLE_ARN_LENGTH)
}
