import {
  type AssumedRoleUser,
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  STSClient,
  type Credentials as StsCredentials,
} from '@aws-sdk/client-sts'
import { signingRegionOf } from '../../aws/endpoints.ts'
import { EksTokenError, isEksTokenError } from '../../errors.ts'
import { clientConfig, serviceError, UNSIGNED } from '../../net/sdk-handler.ts'
import { expandPath } from '../../python/expand.ts'
import { redactUrl } from '../../redact.ts'
import type { LoadContext } from '../context.ts'
import type { Credentials } from '../credentials.ts'
import type { AssumeRolePlan, WebIdentityPlan } from '../plan/types.ts'

/**
 * Assumes a role with the credentials of its source (undefined: unsigned). `fromTemporaryCredentials` would send a
 * duration and a session name of its own, which the AWS CLI does not; so the client is called.
 *
 * @throws EksTokenError `ERR_SERVICE` when STS says no, `ERR_NETWORK`, `ERR_PARAMETER` for what STS would never take
 */
export async function assumeRole(
  plan: AssumeRolePlan,
  source: Credentials | undefined,
  mfaCode: string | undefined,
  context: LoadContext,
): Promise<Credentials> {
  context.runtime.trace(`assume role ${plan.roleArn} as ${source?.accessKeyId ?? 'nobody (unsigned)'}`)
  const input = {
    RoleArn: plan.roleArn,
    RoleSessionName: plan.sessionName || defaultSessionName(context),
    ExternalId: plan.externalId,
    DurationSeconds: plan.durationSeconds,
    ...(mfaCode === undefined ? {} : { SerialNumber: plan.mfaSerial, TokenCode: mfaCode }),
  }
  if (context.settings.parameterValidation) {
    checkLength('RoleArn', input.RoleArn, 20)
    checkLength('RoleSessionName', input.RoleSessionName, 2)
    if (input.ExternalId !== undefined) checkLength('ExternalId', input.ExternalId, 2)
    if (plan.mfaSerial !== undefined) checkLength('SerialNumber', plan.mfaSerial, 9)
    if (mfaCode !== undefined) checkLength('TokenCode', mfaCode, 6)
    checkDuration(input.DurationSeconds)
  }
  const send: Send = (client) => client.send(new AssumeRoleCommand(input))
  return callSts('AssumeRole', plan.roleArn, source, context, send, mfaCode)
}

/**
 * Assumes a role with a token of another identity provider, as a pod with an IAM role for its service account does.
 * The token is sent as it stands in its file, and the call is not signed.
 *
 * @throws EksTokenError `ERR_CREDENTIALS` for a token file that cannot be read, and all of {@link assumeRole}
 */
export async function assumeRoleWithWebIdentity(plan: WebIdentityPlan, context: LoadContext): Promise<Credentials> {
  context.runtime.trace(`assume role ${plan.roleArn} with the token in ${plan.tokenFile}`)
  const input = {
    RoleArn: plan.roleArn,
    RoleSessionName: plan.sessionName || defaultSessionName(context),
    WebIdentityToken: readWebIdentityToken(plan, context),
  }
  if (context.settings.parameterValidation) {
    checkLength('RoleArn', input.RoleArn, 20)
    checkLength('RoleSessionName', input.RoleSessionName, 2)
    checkLength('WebIdentityToken', input.WebIdentityToken, 4)
  }
  const send: Send = (client) => client.send(new AssumeRoleWithWebIdentityCommand(input))
  return callSts('AssumeRoleWithWebIdentity', plan.roleArn, undefined, context, send, input.WebIdentityToken)
}

type Send = (
  client: STSClient,
) => Promise<{ Credentials?: StsCredentials | undefined; AssumedRoleUser?: AssumedRoleUser | undefined }>

/** One call to the STS of the settings: the region is that of the token, never the source profile's. */
async function callSts(
  operation: string,
  roleArn: string,
  source: Credentials | undefined,
  { settings, runtime }: LoadContext,
  send: Send,
  secret?: string,
): Promise<Credentials> {
  const { url } = settings.sts
  const client = new STSClient({
    ...clientConfig({ region: signingRegionOf(settings.sts), url }, settings, runtime.env),
    ...(source ? { credentials: signingKeys(source) } : UNSIGNED),
  })
  try {
    const { Credentials: keys, AssumedRoleUser: user } = await send(client)
    if (!keys?.AccessKeyId || !keys.SecretAccessKey || !keys.SessionToken) {
      throw new EksTokenError(
        'ERR_CREDENTIALS',
        `STS at ${redactUrl(url)} answered ${operation} for ${roleArn} without keys`,
      )
    }
    return {
      accessKeyId: keys.AccessKeyId,
      secretAccessKey: keys.SecretAccessKey,
      sessionToken: keys.SessionToken,
      expiration: keys.Expiration,
      session: user?.Arn && user.AssumedRoleId ? { arn: user.Arn, id: user.AssumedRoleId } : undefined,
    }
  } catch (error) {
    if (isEksTokenError(error)) throw error
    throw serviceError(error, operation, url, {
      env: runtime.env,
      maxAttempts: settings.network.maxAttempts,
      secrets: [source?.secretAccessKey, source?.sessionToken, secret],
    })
  } finally {
    client.destroy()
  }
}

function signingKeys({ accessKeyId, secretAccessKey, sessionToken }: Credentials) {
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) }
}

/** The name that the AWS CLI gives a session that has none. */
function defaultSessionName({ runtime: { now } }: LoadContext): string {
  return `botocore-session-${Math.floor(now().getTime() / 1000)}`
}

function readWebIdentityToken(plan: WebIdentityPlan, { runtime }: LoadContext): string {
  let token: string | undefined
  try {
    token = runtime.readText(plan.tokenFile)
  } catch {
    token = undefined
  }
  if (token !== undefined) return token
  const home = plan.tokenFile.startsWith('~')
    ? `; "~" is not expanded here: write ${expandPath(plan.tokenFile, runtime)}`
    : ''
  throw new EksTokenError('ERR_CREDENTIALS', `the web identity token file ${plan.tokenFile} cannot be read`, {
    remedy: `${plan.why}: see that the file is there and readable${home}`,
  })
}

/** What STS would refuse in any case is refused here, with exit 252, as the AWS CLI does. */
function checkLength(parameter: string, value: string, minimum: number): void {
  const length = [...value].length
  if (length >= minimum) return
  throw new EksTokenError(
    'ERR_PARAMETER',
    `Invalid length for parameter ${parameter}, value: ${length}, valid min length: ${minimum}`,
  )
}

function checkDuration(seconds: number | undefined): void {
  if (seconds === undefined || seconds >= 900) return
  throw new EksTokenError(
    'ERR_PARAMETER',
    `Invalid value for parameter DurationSeconds, value: ${seconds}, valid min value: 900`,
    { remedy: 'correct --duration-seconds, or duration_seconds in the profile' },
  )
}
