import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { EksTokenError, isEksTokenError } from '../../errors.ts'
import { shownUrl } from '../../settings/shown-url.ts'
import type { Credentials } from '../credentials.ts'
import type { LoadContext } from '../load.ts'
import type { AssumeRolePlan } from '../plan.ts'
import { requestHandler, serviceError } from '../transport.ts'

/**
 * Assumes the role with the credentials of its source (undefined: unsigned). `fromTemporaryCredentials` would send a duration and a
 * session name of its own, which the AWS CLI does not; so the client is called.
 *
 * @throws EksTokenError `ERR_SERVICE` when STS says no, `ERR_NETWORK`, and all of the source
 */
export async function assumeRole(
  plan: AssumeRolePlan,
  source: Credentials | undefined,
  context: LoadContext,
): Promise<Credentials> {
  const { settings, trace } = context
  const { url, signingRegion } = settings.sts
  trace(`assume role ${plan.roleArn} as ${source?.accessKeyId ?? 'nobody (unsigned)'} at ${shownUrl(url)}`)
  const client = new STSClient({
    region: signingRegion,
    endpoint: url,
    requestHandler: requestHandler(url, settings.network, context.system.env),
    maxAttempts: settings.network.maxAttempts,
    retryMode: settings.network.retryMode,
    ...(source ? { credentials: signingKeys(source) } : UNSIGNED),
  })
  try {
    const { Credentials: keys } = await client.send(
      new AssumeRoleCommand({
        RoleArn: plan.roleArn,
        RoleSessionName: plan.sessionName,
        ExternalId: plan.externalId,
        DurationSeconds: plan.durationSeconds,
      }),
    )
    if (!keys?.AccessKeyId || !keys.SecretAccessKey || !keys.SessionToken) {
      throw new EksTokenError('ERR_CREDENTIALS', `STS answered AssumeRole for ${plan.roleArn} without credentials`)
    }
    return {
      accessKeyId: keys.AccessKeyId,
      secretAccessKey: keys.SecretAccessKey,
      sessionToken: keys.SessionToken,
      expiration: keys.Expiration,
    }
  } catch (error) {
    if (isEksTokenError(error)) throw error
    throw serviceError(error, 'AssumeRole', url, { env: context.system.env, maxAttempts: settings.network.maxAttempts })
  } finally {
    client.destroy()
  }
}

function signingKeys({ accessKeyId, secretAccessKey, sessionToken }: Credentials) {
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) }
}

/** A signer that leaves the request as it is: what `--no-sign-request` asks for. */
const UNSIGNED = {
  credentials: { accessKeyId: '', secretAccessKey: '' },
  signer: { sign: async <T>(request: T): Promise<T> => request },
}
