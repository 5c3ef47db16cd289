import type { Service } from './exchange.ts'
import { json, jsonBody } from './exchange.ts'
import { accessKeyIdFor, secretFor } from './temporary-credentials.ts'

/** The portal: logout, and role credentials for an access token; an error for "revoked" in the token and "forbidden" in the role name. */
export const ssoPortal: Service = ({ method, url, headers }) => {
  if (url.pathname === '/logout') {
    const call = { service: 'sso', op: 'Logout', bearer: headers['x-amz-sso_bearer_token']?.toString() } as const
    return { call, response: method === 'POST' ? json(200, {}) : json(405, {}) }
  }
  if (url.pathname !== '/federation/credentials') return undefined
  const role = url.searchParams.get('role_name')
  const bearer = headers['x-amz-sso_bearer_token']?.toString()
  const call = {
    service: 'sso',
    op: 'GetRoleCredentials',
    params: { role_name: role, account_id: url.searchParams.get('account_id') },
    bearer,
  } as const

  if (bearer?.includes('revoked')) {
    const error = { message: 'Session token not found or invalid', __type: 'UnauthorizedException' }
    return { call, response: json(401, error, 'UnauthorizedException') }
  }
  if (role?.includes('forbidden')) return { call, response: json(403, { message: 'No access' }, 'ForbiddenException') }
  const accessKeyId = accessKeyIdFor(`sso${role}`)
  const roleCredentials = {
    accessKeyId,
    secretAccessKey: secretFor(accessKeyId),
    sessionToken: 'SSOTOKEN/+=',
    // In milliseconds, rounded to whole seconds.
    expiration: Math.floor(Date.now() / 1000 + 3600) * 1000,
  }
  return { call, response: json(200, { roleCredentials }) }
}

/** The OIDC service: an access token for a refresh token; an error for one that contains "bad". */
export const ssoOidc: Service = (request) => {
  if (request.url.pathname !== '/token') return undefined
  const params = jsonBody(request)
  const call = { service: 'sso-oidc', op: 'CreateToken', params } as const
  if (String(params.refreshToken).includes('bad')) {
    const error = { error: 'invalid_grant', error_description: 'Invalid refresh token provided' }
    return { call, response: json(400, error, 'InvalidGrantException') }
  }
  const refreshed = {
    accessToken: 'refreshed-access-token',
    expiresIn: 28800,
    refreshToken: 'rotated-refresh-token',
    tokenType: 'Bearer',
  }
  return { call, response: json(200, refreshed) }
}
