import { expirationText, ssoLoginPath, ssoRegionSetting } from '../credentials/sources/login-file.ts'
import type { TokenResponse } from '../credentials/sources/sso-oidc.ts'
import { field, textField } from '../json.ts'
import { redactValue } from '../redact.ts'
import { planBrowser } from './browser.ts'
import { updateConfigFile } from './config-file.ts'
import type { SignedIn, SignInContext, SsoLogin } from './login.ts'
import { checkLoginFile, storeLogin } from './login-store.ts'
import { authorizeInBrowser } from './sso-browser.ts'
import { authorizeDevice } from './sso-device.ts'
import { type ClientRegistration, readRegistration, registrationFile } from './sso-files.ts'
import { describeStartUrl, exceptionName, invalidResponse, type SsoSignIn } from './sso-grant.ts'
import { resolveStartUrl, type StartUrl } from './start-url.ts'

/**
 * Signs in to IAM Identity Center, as `aws sso login`: a session with the authorization code grant where the browser can
 * reach this machine, everything else with the device code grant.
 *
 * @throws EksTokenError `ERR_LOGIN`, `ERR_LOGIN_SETTING`, `ERR_SERVICE`, `ERR_NETWORK`, `ERR_TIMEOUT`
 */
export async function signInSso(login: SsoLogin, context: SignInContext): Promise<SignedIn> {
  const { runtime, options, waitFor } = context
  const portal = await waitFor('the start URL to redirect', resolveStartUrl(login, context))
  const file = ssoLoginPath(login.session ?? login.startUrl, runtime)
  checkLoginFile(file, runtime)
  const browser = planBrowser(options, runtime)
  const needsDeviceCode = login.session === undefined || options.useDeviceCode || options.remote
  const grantType = needsDeviceCode || !browser.reachesLoopback ? 'device_code' : 'authorization_code'
  const { createSsoOidc } = await import('../credentials/sources/sso-oidc.ts')
  const client = createSsoOidc({ value: portal.region, source: ssoRegionSetting(login) }, context)
  const input = { login, portal, browser, client, context }
  const store = (registration: ClientRegistration, token: TokenResponse): void =>
    storeLogin(file, loginContent(login, portal, registration, token, runtime.now()), runtime)

  await withRegistration(input, grantType, async (registration) => {
    if (grantType === 'authorization_code') {
      await authorizeInBrowser(registration, (token) => store(registration, token), input)
    } else store(registration, await authorizeDevice(registration, input))
  })
  const corrected = await correctRegion(login, portal, context)
  return { message: `Successfully logged into Start URL: ${describeStartUrl(login)}\n${corrected}` }
}

/** The registration of this client, from the cache or new. One that the service no longer knows is replaced once. */
async function withRegistration(
  input: SsoSignIn,
  grantType: 'authorization_code' | 'device_code',
  authorize: (registration: ClientRegistration) => Promise<void>,
): Promise<void> {
  const { login, portal, context } = input
  const file = registrationFile({ ...login, region: portal.region }, context.runtime)
  const cached = readRegistration(file, grantType, context.runtime)
  if (cached) {
    try {
      return await authorize(cached)
    } catch (error) {
      if (exceptionName(error) !== 'InvalidClientException') throw error
      context.runtime.trace?.('the service does not know the registered client: registering a new one')
    }
  }
  const registration = await register(input, grantType)
  storeLogin(file, registration, context.runtime)
  await authorize(registration)
}

/** The name of the client, and the scope without which an authorization code gives no access to accounts, are the AWS CLI's. */
async function register(
  { login, portal, client, context }: SsoSignIn,
  grantType: 'authorization_code' | 'device_code',
): Promise<ClientRegistration> {
  const { now } = context.runtime
  const isForCode = grantType === 'authorization_code'
  const scopes = login.scopes.length === 0 && isForCode ? ['sso:account:access'] : [...login.scopes]
  const grantTypes = ['authorization_code', 'refresh_token']
  const metadata = {
    clientName: `botocore-client-${login.session ?? Math.floor(now().getTime() / 1000)}`,
    clientType: 'public' as const,
    ...(scopes.length === 0 ? {} : { scopes }),
    ...(isForCode ? { grantTypes, redirectUris: ['http://127.0.0.1/oauth/callback'], issuerUrl: portal.url } : {}),
  }
  const response = await context.waitFor('IAM Identity Center to register this client', client.registerClient(metadata))
  const [clientId, clientSecret] = ['clientId', 'clientSecret'].map((key) => textField(response, key))
  const expiresAt = field(response, 'clientSecretExpiresAt')
  if (!clientId || !clientSecret || typeof expiresAt !== 'number') throw invalidResponse('client')
  return {
    clientId,
    clientSecret,
    expiresAt: expirationText(now(), expiresAt - now().getTime() / 1000),
    ...(scopes.length === 0 ? {} : { scopes }),
    ...(isForCode ? { grantTypes } : {}),
  }
}

/** The content of the login file, in the AWS CLI's order. */
function loginContent(
  { startUrl }: SsoLogin,
  { region }: StartUrl,
  { clientId, clientSecret, expiresAt }: ClientRegistration,
  { accessToken, expiresIn, refreshToken }: TokenResponse,
  now: Date,
): object {
  // The SDK does not check types.
  if (typeof accessToken !== 'string' || !accessToken || typeof expiresIn !== 'number')
    throw invalidResponse('access token')
  return {
    startUrl,
    region,
    accessToken,
    expiresAt: expirationText(now, expiresIn),
    clientId,
    clientSecret,
    registrationExpiresAt: expiresAt,
    ...(typeof refreshToken === 'string' && refreshToken ? { refreshToken } : {}),
  }
}

/** A start URL of an organization can lead to another region than the configured one, which is then corrected. */
async function correctRegion(login: SsoLogin, { region }: StartUrl, context: SignInContext): Promise<string> {
  if (region === login.region) return ''
  const section =
    login.session === undefined
      ? ({ kind: 'profile', name: login.profile ?? 'default' } as const)
      : ({ kind: 'sso-session', name: login.session } as const)
  await updateConfigFile(context.settings.files.configPath, section, { sso_region: region }, context)
  return `SSO region updated to ${redactValue(region)}\n`
}
