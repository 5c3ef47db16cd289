import type { TokenResponse } from '../credentials/sources/sso-oidc.ts'
import { EksTokenError, isEksTokenError } from '../errors.ts'
import { field, textField } from '../json.ts'
import { containsSecret } from '../redact-secrets.ts'
import { presentPage } from './present-page.ts'
import type { ClientRegistration } from './sso-files.ts'
import { exceptionName, invalidResponse, type SsoSignIn } from './sso-grant.ts'
import { expiredError, SIGN_IN_SECONDS, waitForUser } from './wait.ts'

/** https://www.rfc-editor.org/rfc/rfc8628#section-3.5 */
const DEFAULT_INTERVAL_SECONDS = 5
const SLOW_DOWN_SECONDS = 5
/** Whatever the service says. */
const MIN_INTERVAL_SECONDS = 1
const MAX_INTERVAL_SECONDS = 60
/** One request that gets no response is no reason to end the sign-in. */
const MAX_NETWORK_ERRORS = 3

/**
 * The device code grant: the user enters a code on any device.
 *
 * @throws EksTokenError as `signInSso`
 */
export async function authorizeDevice(
  { clientId, clientSecret }: ClientRegistration,
  { portal, browser, client, context }: SsoSignIn,
): Promise<TokenResponse> {
  const response = await context.waitFor(
    'IAM Identity Center to return a device code',
    client.startDeviceAuthorization({ clientId, clientSecret, startUrl: portal.url }),
  )
  const [deviceCode, userCode, url, completeUrl] = [
    'deviceCode',
    'userCode',
    'verificationUri',
    'verificationUriComplete',
  ].map((name) => textField(response, name))
  if (!deviceCode || !userCode || !url) throw invalidResponse('device code')
  // They are printed, and a browser keeps its history.
  const isQuoted = [userCode, url, completeUrl].some((text) => containsSecret(text ?? '', [clientSecret, deviceCode]))
  if (isQuoted) throw invalidResponse('user code')
  const grantType = 'urn:ietf:params:oauth:grant-type:device_code'
  const request = () => client.createToken({ grantType, clientId, clientSecret, deviceCode })
  const interval = positive(field(response, 'interval')) ?? DEFAULT_INTERVAL_SECONDS
  const seconds = positive(field(response, 'expiresIn')) ?? SIGN_IN_SECONDS

  // The user may have approved this client before.
  const first = await context.waitFor('IAM Identity Center to return the access token', attemptToken(request))
  if (typeof first === 'object') return first
  try {
    presentPage({ url, userCode, completeUrl }, browser, context)
  } catch (error) {
    if (error instanceof RangeError) throw invalidResponse('URL for the device code')
    throw error
  }
  const polling = pollForToken(request, first === 'slow-down' ? interval + SLOW_DOWN_SECONDS : interval)
  return waitForUser('the approval of the code', polling.token, context, seconds).finally(polling.stop)
}

type Attempt = TokenResponse | 'pending' | 'slow-down'

async function attemptToken(request: () => Promise<TokenResponse>): Promise<Attempt> {
  try {
    return await request()
  } catch (error) {
    switch (exceptionName(error)) {
      case 'AuthorizationPendingException':
        return 'pending'
      case 'SlowDownException':
        return 'slow-down'
      case 'ExpiredTokenException':
        throw expiredError(error)
      case 'AccessDeniedException':
        throw new EksTokenError('ERR_LOGIN', `the sign-in was denied: ${(error as Error).message}`, { cause: error })
      default:
        throw error
    }
  }
}

/** Requests the token again and again, until there is one, or an error, or until it is stopped. */
function pollForToken(request: () => Promise<TokenResponse>, firstInterval: number) {
  let timer: NodeJS.Timeout | undefined
  let isStopped = false
  const token = new Promise<TokenResponse>((resolve, reject) => {
    let interval = Math.min(Math.max(firstInterval, MIN_INTERVAL_SECONDS), MAX_INTERVAL_SECONDS)
    let networkErrors = 0
    const poll = async (): Promise<void> => {
      try {
        const attempt = await attemptToken(request)
        if (typeof attempt === 'object') return resolve(attempt)
        networkErrors = 0
        if (attempt === 'slow-down') interval += SLOW_DOWN_SECONDS
      } catch (error) {
        const isTransient = isEksTokenError(error) && error.code === 'ERR_NETWORK'
        if (!isTransient || ++networkErrors >= MAX_NETWORK_ERRORS) return reject(error)
      }
      schedule()
    }
    const schedule = (): void => {
      if (!isStopped) timer = setTimeout(poll, interval * 1000)
    }
    schedule()
  })
  const stop = (): void => {
    isStopped = true
    clearTimeout(timer)
  }
  return { token, stop }
}

/** A number of seconds; undefined for anything else. */
function positive(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 ? value : undefined
}
