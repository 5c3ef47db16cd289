import {
  type AssumedRoleUser,
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  STSClient,
  type Credentials as StsCredentials,
} from '@aws-sdk/client-sts'
import { signingRegionOf } from '../../aws/endpoints.ts'
import { EksTokenError, endsRun, isEksTokenError } from '../../errors.ts'
import { describeUnreadable } from '../../file-problem.ts'
import { createServiceClient } from '../../net/service-client.ts'
import { type ServiceErrorContext, serviceError } from '../../net/service-error.ts'
import { expandPath } from '../../python/expand.ts'
import { redactKeyId, redactUrl, redactValue } from '../../redact.ts'
import type { LoadContext, LoadStep } from '../context.ts'
import type { Credentials } from '../credentials.ts'
import { webIdentityRemedies } from '../explain/web-identity.ts'
import { checkDuration, checkLength, checkTokenLength } from './sts-parameters.ts'

export interface AssumeRolePlan<Base = unknown> {
  readonly kind: 'assume-role'
  readonly why: string
  /** undefined: the role of `--role-arn`. */
  readonly profile: string | undefined
  readonly roleArn: string
  /** The option that names the role. Default: `--role-arn`. */
  readonly option?: '--assume-role-arn'
  readonly sessionName: string | undefined
  readonly externalId: string | undefined
  readonly durationSeconds: number | undefined
  readonly mfaSerial: string | undefined
  /** The plan of the base credentials. */
  readonly source: Base
}

export interface WebIdentityPlan {
  readonly kind: 'web-identity'
  readonly why: string
  readonly roleArn: string
  readonly tokenFile: string
  readonly sessionName: string | undefined
}

/** Assumes a role with the credentials of its source, and the code of its MFA device where it requires one. */
export async function loadRole<Base>(
  plan: AssumeRolePlan<Base>,
  context: LoadContext,
  { whilePrompting, loadBase }: LoadStep<Base>,
): Promise<Credentials> {
  const base = context.signRequests ? await loadBase(plan.source) : undefined
  const { mfaSerial: serial, roleArn, profile } = plan
  const request = { serial: redactValue(serial ?? ''), roleArn: redactValue(roleArn), profile }
  const code =
    serial === undefined
      ? undefined
      : requireCode(await whilePrompting(Promise.resolve(context.mfaCodeProvider(request))))
  return context.waitFor(`STS to assume role ${redactValue(roleArn)}`, assumeRole(plan, base, code, context))
}

/** The provider may be code without types. @throws EksTokenError `ERR_PARAMETER` */
function requireCode(code: unknown): string {
  if (typeof code === 'string') return code
  throw new EksTokenError('ERR_PARAMETER', 'mfaCodeProvider did not return a string', {
    remedy: 'return the code of the MFA device as a string, such as "123456"',
  })
}

/**
 * Assumes a role. `fromTemporaryCredentials` of the SDK would send a duration and a session name of its own, which the AWS
 * CLI does not.
 *
 * @param base - the credentials that sign the request; undefined: it is not signed
 * @throws EksTokenError `ERR_SERVICE`, `ERR_NETWORK`, `ERR_PARAMETER` for a parameter that STS does not accept
 */
export async function assumeRole(
  plan: AssumeRolePlan,
  base: Credentials | undefined,
  mfaCode: string | undefined,
  context: LoadContext,
): Promise<Credentials> {
  const signer = base ? `access key ${redactKeyId(base.accessKeyId)}` : 'an unsigned request'
  context.runtime.trace?.(`assuming role ${redactValue(plan.roleArn)} with ${signer}`)
  const input = {
    RoleArn: plan.roleArn,
    RoleSessionName: plan.sessionName || defaultSessionName(context),
    ExternalId: plan.externalId,
    DurationSeconds: plan.durationSeconds,
    ...(mfaCode === undefined ? {} : { SerialNumber: plan.mfaSerial, TokenCode: mfaCode }),
  }
  if (context.settings.parameterValidation) {
    const setting = (option: string, key: string): string =>
      plan.profile === undefined ? option : `${key} of profile ${plan.profile}`
    checkLength('RoleArn', input.RoleArn, 20, setting(plan.option ?? '--role-arn', 'role_arn'))
    checkLength('RoleSessionName', input.RoleSessionName, 2, setting('--role-session-name', 'role_session_name'))
    if (input.ExternalId !== undefined)
      checkLength('ExternalId', input.ExternalId, 2, setting('--external-id', 'external_id'))
    if (plan.mfaSerial !== undefined)
      checkLength('SerialNumber', plan.mfaSerial, 9, setting('--mfa-serial', 'mfa_serial'))
    if (mfaCode !== undefined) checkLength('TokenCode', mfaCode, 6, 'the MFA code')
    checkDuration(input.DurationSeconds, setting('--duration-seconds', 'duration_seconds'))
  }
  const send: Send = (client) => client.send(new AssumeRoleCommand(input))
  return callSts('AssumeRole', plan.roleArn, base, context, send, { secret: mfaCode })
}

/**
 * Assumes a role with a web identity token, e.g. in a pod with an IAM role for its service account. The content of the token
 * file is sent unchanged, and the request is not signed.
 *
 * @throws EksTokenError `ERR_CREDENTIALS` for a token file that cannot be read, and the errors of {@link assumeRole}
 */
export async function loadWebIdentityRole(plan: WebIdentityPlan, context: LoadContext): Promise<Credentials> {
  context.runtime.trace?.(`assuming role ${redactValue(plan.roleArn)} with the token in ${redactValue(plan.tokenFile)}`)
  const input = {
    RoleArn: plan.roleArn,
    RoleSessionName: plan.sessionName || defaultSessionName(context),
    WebIdentityToken: readWebIdentityToken(plan, context),
  }
  if (context.settings.parameterValidation) {
    const setting = (variable: string, key: string, value: string): string =>
      context.runtime.env[variable] === value ? variable : `${key} of the profile`
    const { RoleArn: role, RoleSessionName: session } = input
    checkLength('RoleArn', role, 20, setting('AWS_ROLE_ARN', 'role_arn', role))
    checkLength('RoleSessionName', session, 2, setting('AWS_ROLE_SESSION_NAME', 'role_session_name', session))
    checkTokenLength(input.WebIdentityToken, plan)
  }
  const send: Send = (client) => client.send(new AssumeRoleWithWebIdentityCommand(input))
  const remedies = webIdentityRemedies(plan, input.WebIdentityToken, context.runtime.now())
  const details = { secret: input.WebIdentityToken, remedies }
  return context.waitFor(
    `STS to assume role ${redactValue(plan.roleArn)}`,
    callSts('AssumeRoleWithWebIdentity', plan.roleArn, undefined, context, send, details),
  )
}

type Send = (
  client: STSClient,
) => Promise<{ Credentials?: StsCredentials | undefined; AssumedRoleUser?: AssumedRoleUser | undefined }>

/** Calls the STS endpoint of the settings: its region is that of the token, never that of the source profile. */
async function callSts(
  operation: string,
  roleArn: string,
  base: Credentials | undefined,
  context: LoadContext,
  send: Send,
  { secret, remedies }: { readonly secret?: string | undefined; readonly remedies?: ServiceErrorContext['remedies'] },
): Promise<Credentials> {
  const { settings, runtime } = context
  const { url } = settings.sts
  const client = createServiceClient(STSClient, { region: signingRegionOf(settings.sts), url }, context, base)
  try {
    const { Credentials: credentials, AssumedRoleUser: user } = await send(client)
    if (!credentials?.AccessKeyId || !credentials.SecretAccessKey || !credentials.SessionToken) {
      throw new EksTokenError(
        'ERR_CREDENTIALS',
        `the response from ${redactUrl(url)} to ${operation} for role ${redactValue(roleArn)} has no credentials`,
        { remedy: 'check that the endpoint is STS, and that no proxy responds in its place' },
      )
    }
    return {
      accessKeyId: credentials.AccessKeyId,
      secretAccessKey: credentials.SecretAccessKey,
      sessionToken: credentials.SessionToken,
      expiration: credentials.Expiration,
      session: user?.Arn && user.AssumedRoleId ? { arn: user.Arn, id: user.AssumedRoleId } : undefined,
    }
  } catch (error) {
    if (isEksTokenError(error)) throw error
    throw serviceError(error, operation, url, {
      runtime,
      maxAttempts: settings.network.maxAttempts,
      caBundle: settings.network.caBundle,
      secrets: [base?.secretAccessKey, base?.sessionToken, secret],
      remedies,
    })
  } finally {
    client.destroy()
  }
}

/** The session name of the AWS CLI for a role without one. */
function defaultSessionName({ runtime: { now } }: LoadContext): string {
  return `botocore-session-${Math.floor(now().getTime() / 1000)}`
}

function readWebIdentityToken(plan: WebIdentityPlan, { runtime }: LoadContext): string {
  let why = ''
  try {
    const token = runtime.readText(plan.tokenFile)
    if (token !== undefined) return token
  } catch (error) {
    if (endsRun(error) || !isEksTokenError(error)) throw error
    why = `: ${error.message}`
  }
  const path = redactValue(plan.tokenFile)
  const expanded = redactValue(expandPath(plan.tokenFile, runtime))
  const hint = path.startsWith('~') ? `; "~" is not expanded in this setting: use ${expanded}` : ''
  const problem = why === '' ? describeUnreadable(plan.tokenFile) : `cannot be read${why}`
  throw new EksTokenError('ERR_CREDENTIALS', `the web identity token file ${path} ${problem}`, {
    remedy: `correct the path of the token (${plan.why}), or write the token there${hint}`,
  })
}
