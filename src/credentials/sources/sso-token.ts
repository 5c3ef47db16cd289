import { EksTokenError, isEksTokenError } from '../../errors.ts'
import { redactUrl } from '../../redact.ts'
import { sha1Hex } from '../cache/hash.ts'
import { withLock } from '../cache/lock.ts'
import { lockFile } from '../cache/paths.ts'
import { readPrivateFile, writeFileAtomic } from '../cache/private-file.ts'
import type { LoadContext } from '../context.ts'
import { parseExpiration } from '../credentials.ts'
import type { SsoPlan } from '../plan/types.ts'

/** https://github.com/aws/aws-cli/blob/2.36.7/awscli/botocore/tokens.py (_REFRESH_WINDOW) */
const REFRESH_SECONDS = 15 * 60

/** What `aws sso login` leaves behind, as far as it counts here. */
interface SsoLogin {
  readonly accessToken: string
  readonly expiresAt: Date
  /** All of the file. */
  readonly content: Readonly<Record<string, unknown>>
}

/**
 * The access token of an SSO login. That of an `sso-session` is renewed when less than 15 minutes are left; where
 * that fails it is used as long as it is valid. That of the older kind of profile cannot be renewed.
 *
 * @throws EksTokenError `ERR_CREDENTIALS`: no login, a file that is none, or a login that has expired
 */
export async function ssoAccessToken(plan: SsoPlan, context: LoadContext): Promise<string> {
  const login = readSsoLogin(plan, context)
  if (secondsLeft(login, context) >= REFRESH_SECONDS) return login.accessToken
  const renewed = plan.session === undefined ? undefined : await renew(plan, login, context)
  const best = renewed ?? login
  if (secondsLeft(best, context) > 0) return best.accessToken
  throw new EksTokenError(
    'ERR_CREDENTIALS',
    plan.session === undefined
      ? `The SSO session associated with profile ${plan.profile} has expired: it ended at ${best.expiresAt.toISOString()}.`
      : `The SSO login of session '${plan.session}' has expired, and could not be renewed: it ended at ${best.expiresAt.toISOString()}.`,
    { remedy: `run: aws sso login --profile ${plan.profile}` },
  )
}

/**
 * Renews a login, one process at a time: a refresh token is good for one use, and a second user would lose the login.
 *
 * @returns undefined where it could not be renewed
 */
async function renew(plan: SsoPlan, known: SsoLogin, context: LoadContext): Promise<SsoLogin | undefined> {
  const file = tokenFile(plan, context)
  const readCached = (): SsoLogin | undefined => {
    const login = quietly(() => readSsoLogin(plan, context))
    return login && secondsLeft(login, context) >= REFRESH_SECONDS ? login : undefined
  }
  const refresh = async (): Promise<SsoLogin | undefined> => {
    // What it says now: another process may have renewed it, if only for a short time.
    const login = quietly(() => readSsoLogin(plan, context)) ?? known
    const asked = refreshToken(plan, login, context)
    const content = await context.waitFor(`IAM Identity Center, to renew the login of ${plan.session}`, asked)
    // Another program may have been faster, which made this refresh token worthless: what it got is in the file.
    if (content === undefined) return quietly(() => readSsoLogin(plan, context))
    if (!writeFileAtomic(file, JSON.stringify(content), context.runtime.userId)) {
      context.runtime.trace(`the renewed login could not be written to ${file}`)
    }
    return parseSsoLogin(content)
  }
  const isValid = secondsLeft(known, context) > 0
  const task = {
    description: `a new SSO login for ${plan.session}`,
    readCached,
    refresh,
    exclusive: true,
    fallback: isValid ? known : undefined,
  }
  return withLock<SsoLogin | undefined>(lockFile(file, context.runtime), task, context)
}

/** @returns the new text of the file, undefined where nothing was renewed */
async function refreshToken(
  plan: SsoPlan,
  { content }: SsoLogin,
  context: LoadContext,
): Promise<Record<string, unknown> | undefined> {
  const { clientId, clientSecret, refreshToken, registrationExpiresAt } = content
  if (typeof clientId !== 'string' || typeof clientSecret !== 'string' || typeof refreshToken !== 'string') {
    context.runtime.trace('the SSO login has no refresh token')
    return undefined
  }
  const registration = typeof registrationExpiresAt === 'string' ? parseExpiration(registrationExpiresAt) : undefined
  if (!registration || registration.getTime() <= context.runtime.now().getTime()) {
    context.runtime.trace('the registration of the SSO login has expired')
    return undefined
  }
  try {
    const { refreshAccessToken } = await import('./sso-refresh.ts')
    const answer = await refreshAccessToken(plan, { clientId, clientSecret, refreshToken }, context)
    if (!answer.accessToken || answer.expiresIn === undefined) return undefined
    const expiresAt = new Date(context.runtime.now().getTime() + answer.expiresIn * 1000)
    return {
      startUrl: plan.startUrl,
      region: plan.region,
      accessToken: answer.accessToken,
      expiresAt: `${expiresAt.toISOString().slice(0, 19)}Z`,
      clientId,
      clientSecret,
      registrationExpiresAt,
      // Without a new one the old one stays good (RFC 6749, section 6).
      refreshToken: answer.refreshToken ?? refreshToken,
    }
  } catch (error) {
    if (!isEksTokenError(error)) throw error
    context.runtime.trace(`the SSO login was not renewed: ${error.message}`)
    return undefined
  }
}

function readSsoLogin(plan: SsoPlan, context: LoadContext): SsoLogin {
  const file = tokenFile(plan, context)
  const text = readPrivateFile(file, context.runtime.userId)
  const remedy = `run: aws sso login --profile ${plan.profile}`
  if (text === undefined) {
    throw new EksTokenError(
      'ERR_CREDENTIALS',
      `Error loading SSO Token: Token for ${plan.session ?? redactUrl(plan.startUrl)} does not exist (${file} is no file that can be read and that only you can write)`,
      { remedy },
    )
  }
  const login = quietly(() => parseSsoLogin(JSON.parse(text) as Record<string, unknown>))
  if (login) return login
  throw new EksTokenError('ERR_CREDENTIALS', `Error loading SSO Token: ${file} has no login in it`, { remedy })
}

function parseSsoLogin(content: Readonly<Record<string, unknown>>): SsoLogin | undefined {
  const { accessToken, expiresAt } = content
  const expiration = typeof expiresAt === 'string' ? parseExpiration(expiresAt) : undefined
  if (typeof accessToken !== 'string' || !accessToken || !expiration) return undefined
  return { accessToken, expiresAt: expiration, content }
}

/** The AWS CLI's: the name is a hash of the session's name, or of the URL of a profile that names no session. */
function tokenFile({ session, startUrl }: SsoPlan, { runtime }: LoadContext): string {
  return `${runtime.homeDirectory() ?? '~'}/.aws/sso/cache/${sha1Hex(session ?? startUrl)}.json`
}

function secondsLeft({ expiresAt }: SsoLogin, { runtime: { now } }: LoadContext): number {
  return (expiresAt.getTime() - now().getTime()) / 1000
}

function quietly<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
