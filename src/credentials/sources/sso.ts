import { GetRoleCredentialsCommand, SSOClient } from '@aws-sdk/client-sso'
import { regionalEndpoint } from '../../aws/endpoints.ts'
import { EksTokenError, isEksTokenError } from '../../errors.ts'
import { createServiceClient } from '../../net/service-client.ts'
import { serviceError } from '../../net/service-error.ts'
import { redactUrl, redactValue } from '../../redact.ts'
import type { LoadContext, LoadStep } from '../context.ts'
import type { Credentials } from '../credentials.ts'
import { loginHint, ssoLoginPath, ssoRegionSetting } from './login-file.ts'
import { type SsoSettings, ssoAccessToken } from './sso-token.ts'
import { withLogin } from './with-login.ts'

export interface SsoPlan extends SsoSettings {
  readonly kind: 'sso'
  readonly why: string
  readonly accountId: string
  readonly roleName: string
}

/**
 * The credentials of a role from IAM Identity Center, for the login of `aws sso login`. The region is that of the profile's
 * SSO settings, not that of the token. `fromSSO` of the SDK parses the profile by its own rules, and uses another region.
 *
 * @throws EksTokenError `ERR_CREDENTIALS` for a missing or expired login, `ERR_SERVICE`, `ERR_NETWORK`
 */
export async function loadSso(
  plan: SsoPlan,
  outer: LoadContext,
  { whilePrompting }: Pick<LoadStep<unknown>, 'whilePrompting'>,
): Promise<Credentials> {
  const context = { ...outer, pauseWhile: whilePrompting }
  const { profile, session, startUrl, region } = plan
  const file = ssoLoginPath(session ?? startUrl, context.runtime)
  const load = async (): Promise<Credentials> => {
    const accessToken = await ssoAccessToken(plan, context)
    const response = getRoleCredentials(plan, accessToken, context)
    return context.waitFor(`IAM Identity Center to return credentials for role ${redactValue(plan.roleName)}`, response)
  }
  return withLogin({ kind: 'sso', profile, session, startUrl, region, file }, load, context)
}

async function getRoleCredentials(plan: SsoPlan, accessToken: string, context: LoadContext): Promise<Credentials> {
  const { settings, runtime } = context
  const endpoint = regionalEndpoint('sso', plan.region, settings.endpoints, ssoRegionSetting(plan))
  const role = `role ${redactValue(plan.roleName)} in account ${redactValue(plan.accountId)}`
  runtime.trace?.(`requesting credentials for ${role} from ${redactUrl(endpoint.url)}`)
  const client = createServiceClient(SSOClient, endpoint, context)
  try {
    const { roleName, accountId } = plan
    const response = await client.send(new GetRoleCredentialsCommand({ roleName, accountId, accessToken }))
    const credentials = response.roleCredentials
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = credentials ?? {}
    if (!accessKeyId || !secretAccessKey || !sessionToken || !expiration) {
      throw new EksTokenError(
        'ERR_CREDENTIALS',
        `the response from IAM Identity Center for ${role} has no credentials`,
        {
          remedy: 'check sso_region and sso_start_url, and that no proxy responds in place of AWS',
        },
      )
    }
    return {
      accessKeyId,
      secretAccessKey,
      sessionToken,
      // In whole seconds, as in the cache.
      expiration: new Date(Math.floor(expiration / 1000) * 1000),
    }
  } catch (error) {
    if (isEksTokenError(error)) throw error
    if ((error as Error).name === 'UnauthorizedException') {
      throw new EksTokenError(
        'ERR_CREDENTIALS',
        `The SSO session associated with profile ${plan.profile} has expired or is otherwise invalid.`,
        { cause: error, remedy: loginHint(plan.profile, 'sso', runtime) },
      )
    }
    throw serviceError(error, 'GetRoleCredentials', endpoint.url, {
      runtime,
      maxAttempts: settings.network.maxAttempts,
      caBundle: settings.network.caBundle,
      secrets: [accessToken],
    })
  } finally {
    client.destroy()
  }
}
