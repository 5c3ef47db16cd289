import { GetRoleCredentialsCommand, SSOClient } from '@aws-sdk/client-sso'
import { signInEndpoint } from '../../aws/endpoints.ts'
import { EksTokenError, isEksTokenError } from '../../errors.ts'
import { clientConfig, serviceError, UNSIGNED } from '../../net/sdk-handler.ts'
import type { LoadContext } from '../context.ts'
import type { Credentials } from '../credentials.ts'
import type { SsoPlan } from '../plan/types.ts'
import { ssoAccessToken } from './sso-token.ts'

/**
 * The credentials of a role from IAM Identity Center, for the login that `aws sso login` has made. The region is that
 * of the profile's SSO settings, not the one that the token is for. `fromSSO` of the SDK reads the profile again by
 * its own rules, and takes another region.
 *
 * @throws EksTokenError `ERR_CREDENTIALS` where there is no login or it has expired, `ERR_SERVICE`, `ERR_NETWORK`
 */
export async function ssoCredentials(plan: SsoPlan, context: LoadContext): Promise<Credentials> {
  const accessToken = await ssoAccessToken(plan, context)
  const asked = getRoleCredentials(plan, accessToken, context)
  return context.waitFor(`IAM Identity Center, for the role ${plan.roleName}`, asked)
}

async function getRoleCredentials(plan: SsoPlan, accessToken: string, context: LoadContext): Promise<Credentials> {
  const { settings, runtime } = context
  const endpoint = signInEndpoint('sso', plan.region, settings.endpoints)
  runtime.trace(`ask ${endpoint.url} for role ${plan.roleName} in account ${plan.accountId}`)
  const client = new SSOClient({ ...clientConfig(endpoint, settings, runtime.env), ...UNSIGNED })
  try {
    const { roleName, accountId } = plan
    const answer = await client.send(new GetRoleCredentialsCommand({ roleName, accountId, accessToken }))
    const keys = answer.roleCredentials
    if (!keys?.accessKeyId || !keys.secretAccessKey || !keys.sessionToken || !keys.expiration) {
      throw new EksTokenError('ERR_CREDENTIALS', `IAM Identity Center answered for role ${roleName} without keys`)
    }
    return {
      accessKeyId: keys.accessKeyId,
      secretAccessKey: keys.secretAccessKey,
      sessionToken: keys.sessionToken,
      // Whole seconds, as they go into the cache.
      expiration: new Date(Math.floor(keys.expiration / 1000) * 1000),
    }
  } catch (error) {
    if (isEksTokenError(error)) throw error
    if ((error as Error).name === 'UnauthorizedException') {
      throw new EksTokenError(
        'ERR_CREDENTIALS',
        `The SSO session associated with profile ${plan.profile} has expired or is otherwise invalid.`,
        { cause: error, remedy: `run: aws sso login --profile ${plan.profile}` },
      )
    }
    throw serviceError(error, 'GetRoleCredentials', endpoint.url, {
      env: runtime.env,
      maxAttempts: settings.network.maxAttempts,
      secrets: [accessToken],
    })
  } finally {
    client.destroy()
  }
}
