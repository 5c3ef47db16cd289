import { attempt, EksTokenError, isEksTokenError, isTimeout } from '../../errors.ts'
import { redactUrl, redactValue } from '../../redact.ts'
import { withNativeSeparators } from '../../shown-path.ts'
import { formatTime } from '../../time-format.ts'
import type { LoadContext } from '../context.ts'
import { parseExpiration } from '../credentials.ts'
import {
  expirationText,
  type LoginContent,
  type LoginFile,
  loginHint,
  readLogin,
  refreshLoginFile,
  requiredText,
  ssoLoginPath,
  ssoRegionSetting,
} from './login-file.ts'

/**
 * The access token of an SSO session is refreshed when it is valid for less than this, in seconds.
 * https://github.com/aws/aws-cli/blob/2.36.7/awscli/botocore/tokens.py (_REFRESH_WINDOW)
 */
const SSO_REFRESH_SECONDS = 15 * 60

/** The settings of a profile that identify its login. */
export interface SsoSettings {
  readonly profile: string
  /** Name of the `sso-session` section; undefined for a legacy profile, which has all SSO settings itself. */
  readonly session: string | undefined
  readonly startUrl: string
  /** The region of IAM Identity Center, not of the token. */
  readonly region: string
}

/** The login of `aws sso login`. */
interface SsoLogin {
  readonly accessToken: string
  readonly expiresAt: Date
  readonly content: LoginContent
}

/**
 * The access token of an SSO login. That of an `sso-session` is refreshed when it is valid for less than 15 minutes; if
 * that fails, it is used as long as it is valid. That of a legacy SSO profile cannot be refreshed.
 *
 * @throws EksTokenError `ERR_CREDENTIALS` for a login that is missing, invalid or expired
 */
export async function ssoAccessToken(plan: SsoSettings, context: LoadContext): Promise<string> {
  const file = ssoLoginFile(plan, context)
  const stored = readLogin(file, context)
  if (file.isFresh(stored)) return stored.accessToken
  const login = plan.session === undefined ? stored : await refreshIfPossible(plan, file, stored, context)
  if (secondsLeft(login, context) > 0) return login.accessToken
  const expiry = formatTime(login.expiresAt, context.runtime.now())
  throw new EksTokenError(
    'ERR_CREDENTIALS',
    plan.session === undefined
      ? `The SSO session associated with profile ${plan.profile} expired at ${expiry}.`
      : `The SSO login for session '${redactValue(plan.session)}' expired at ${expiry}, and could not be refreshed.`,
    { remedy: file.remedy },
  )
}

async function refreshIfPossible(
  plan: SsoSettings,
  file: LoginFile<SsoLogin>,
  stored: SsoLogin,
  context: LoadContext,
): Promise<SsoLogin> {
  const refresh = {
    description: `the SSO login for session ${redactValue(plan.session ?? '')}`,
    fallback: secondsLeft(stored, context) > 0 ? stored : undefined,
    request: (current: SsoLogin) => requestAccessToken(plan, current, context),
  }
  try {
    return await refreshLoginFile(file, refresh, context)
  } catch (error) {
    if (isTimeout(error) || !isEksTokenError(error)) throw error
    context.runtime.trace?.(`the SSO login was not refreshed: ${error.message}`)
    return attempt(() => readLogin(file, context)) ?? stored
  }
}

/** These errors are only traced: the login is used while it is valid. */
const SIGN_IN = 'sign in again'

/** @returns the new content of the login file */
async function requestAccessToken(
  plan: SsoSettings,
  { content }: SsoLogin,
  context: LoadContext,
): Promise<LoginContent> {
  const { clientId, clientSecret, refreshToken, registrationExpiresAt } = content
  if (typeof clientId !== 'string' || typeof clientSecret !== 'string' || typeof refreshToken !== 'string') {
    throw new EksTokenError('ERR_CREDENTIALS', 'it has no refresh token', { remedy: SIGN_IN })
  }
  const { now } = context.runtime
  const registration = typeof registrationExpiresAt === 'string' ? parseExpiration(registrationExpiresAt) : undefined
  if (!registration || registration.getTime() <= now().getTime()) {
    throw new EksTokenError('ERR_CREDENTIALS', 'its client registration has expired', { remedy: SIGN_IN })
  }
  const { createSsoOidc } = await import('./sso-oidc.ts')
  const response = await context.waitFor(
    `IAM Identity Center to refresh the login for session ${redactValue(plan.session ?? '')}`,
    createSsoOidc({ value: plan.region, source: ssoRegionSetting(plan) }, context).createToken({
      grantType: 'refresh_token',
      clientId,
      clientSecret,
      refreshToken,
    }),
  )
  if (!response.accessToken || response.expiresIn === undefined) {
    throw new EksTokenError('ERR_CREDENTIALS', 'the response from IAM Identity Center has no access token', {
      remedy: SIGN_IN,
    })
  }
  return {
    startUrl: plan.startUrl,
    region: plan.region,
    accessToken: response.accessToken,
    expiresAt: expirationText(now(), response.expiresIn),
    clientId,
    clientSecret,
    registrationExpiresAt,
    // If the response has no refresh token, the previous one remains valid (RFC 6749, section 6).
    refreshToken: typeof response.refreshToken === 'string' ? response.refreshToken : refreshToken,
  }
}

/** The file name is the SHA-1 hash of the session name, or of the start URL of a legacy profile. */
function ssoLoginFile({ session, startUrl, profile }: SsoSettings, context: LoadContext): LoginFile<SsoLogin> {
  const name = session === undefined ? redactUrl(startUrl) : redactValue(session)
  const path = ssoLoginPath(session ?? startUrl, context.runtime)
  return {
    path,
    errorPrefix: 'Error loading SSO Token',
    missing: `Token for ${name} does not exist (${withNativeSeparators(path)})`,
    remedy: loginHint(profile, 'sso', context.runtime),
    parse: parseSsoLogin,
    isFresh: (login) => secondsLeft(login, context) >= SSO_REFRESH_SECONDS,
  }
}

function parseSsoLogin(content: LoginContent): SsoLogin {
  const expiresAt = parseExpiration(requiredText(content, 'expiresAt'))
  if (!expiresAt) throw new TypeError('expiresAt is not a timestamp with a time zone')
  return { accessToken: requiredText(content, 'accessToken'), expiresAt, content }
}

function secondsLeft({ expiresAt }: SsoLogin, { runtime: { now } }: LoadContext): number {
  return (expiresAt.getTime() - now().getTime()) / 1000
}
