import { EksTokenError } from '../../errors.ts'
import { expandPath } from '../../python/expand.ts'
import { sha256Hex } from '../cache/hash.ts'
import { withLock } from '../cache/lock.ts'
import { lockFile } from '../cache/paths.ts'
import { readPrivateFile, writeFileAtomic } from '../cache/private-file.ts'
import type { LoadContext } from '../context.ts'
import { type Credentials, parseExpiration } from '../credentials.ts'
import type { LoginPlan } from '../plan/types.ts'

/** https://github.com/aws/aws-cli/blob/2.36.7/awscli/botocore/credentials.py (LoginCredentialFetcher) */
const REFRESH_SECONDS = 5 * 60

/** What `aws login` leaves behind. */
interface ConsoleLogin {
  readonly credentials: Credentials & { readonly expiration: Date }
  readonly refreshToken: string
  readonly clientId: string
  /** PEM text of the private key that the refresh token is bound to. */
  readonly dpopKey: string
  /** All of the file. */
  readonly content: Readonly<Record<string, unknown>>
}

/**
 * The credentials of `aws login`, from its file; renewed there when 5 minutes or less are left. `fromLoginCredentials`
 * of the SDK writes the file in place and knows no lock, and two who renew at a time lose the login.
 * https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sign-in.html
 *
 * @throws EksTokenError `ERR_CREDENTIALS`: no login, or one that is not renewed any more; `ERR_NO_REGION`,
 *   `ERR_SERVICE`, `ERR_NETWORK`
 */
export async function loginCredentials(plan: LoginPlan, context: LoadContext): Promise<Credentials> {
  const login = readConsoleLogin(plan, context)
  if (isFresh(login, context)) return login.credentials
  const file = loginFile(plan, context)
  const readCached = (): Credentials | undefined => {
    const now = readConsoleLogin(plan, context)
    return isFresh(now, context) ? now.credentials : undefined
  }
  const task = {
    description: `new credentials of ${plan.session}`,
    readCached,
    refresh: () => renew(plan, file, context),
    exclusive: true,
  }
  return withLock(lockFile(file, context.runtime), task, context)
}

async function renew(plan: LoginPlan, file: string, context: LoadContext): Promise<Credentials> {
  const login = readConsoleLogin(plan, context)
  const { refreshLogin } = await import('./login-refresh.ts')
  let content: Record<string, unknown>
  try {
    const renewed = await context.waitFor(`AWS sign-in, for ${plan.session}`, refreshLogin(plan, login, context))
    const expiresAt = new Date(context.runtime.now().getTime() + renewed.expiresIn * 1000)
    const { accessKeyId, secretAccessKey, sessionToken, refreshToken } = renewed
    content = {
      ...login.content,
      accessToken: {
        ...(login.content.accessToken as object),
        accessKeyId,
        secretAccessKey,
        sessionToken,
        expiresAt: `${expiresAt.toISOString().slice(0, 19)}Z`,
      },
      refreshToken,
    }
  } catch (error) {
    // Another program may have been faster, which made this refresh token worthless: what it got is in the file.
    const now = readConsoleLogin(plan, context)
    if (now.refreshToken !== login.refreshToken && isFresh(now, context)) return now.credentials
    throw error
  }
  if (!writeFileAtomic(file, JSON.stringify(content), context.runtime.userId)) {
    context.runtime.trace(`the renewed login could not be written to ${file}`)
  }
  return parseConsoleLogin(content).credentials
}

function readConsoleLogin(plan: LoginPlan, context: LoadContext): ConsoleLogin {
  const file = loginFile(plan, context)
  const text = readPrivateFile(file, context.runtime.userId)
  const remedy = `run: aws login --profile ${plan.profile}`
  if (text === undefined) {
    throw new EksTokenError(
      'ERR_CREDENTIALS',
      `Error loading login session token: Unable to load a existing login session for session ${plan.session} (${file} is no file that can be read and that only you can write)`,
      { remedy },
    )
  }
  try {
    return parseConsoleLogin(JSON.parse(text) as Record<string, unknown>)
  } catch (error) {
    const why = error instanceof SyntaxError ? 'it is no JSON' : (error as Error).message
    throw new EksTokenError('ERR_CREDENTIALS', `Error loading login session token: ${file}: ${why}`, { remedy })
  }
}

/** @throws TypeError naming the field that is missing */
function parseConsoleLogin(content: Readonly<Record<string, unknown>>): ConsoleLogin {
  const text = (from: unknown, key: string): string => {
    const value = typeof from === 'object' && from !== null ? (from as Record<string, unknown>)[key] : undefined
    if (typeof value === 'string' && value) return value
    throw new TypeError(`${key} is missing in it`)
  }
  const expiration = parseExpiration(text(content?.accessToken, 'expiresAt'))
  if (!expiration) throw new TypeError('expiresAt in it is no time with a zone')
  return {
    credentials: {
      accessKeyId: text(content.accessToken, 'accessKeyId'),
      secretAccessKey: text(content.accessToken, 'secretAccessKey'),
      sessionToken: text(content.accessToken, 'sessionToken'),
      expiration,
    },
    refreshToken: text(content, 'refreshToken'),
    clientId: text(content, 'clientId'),
    dpopKey: text(content, 'dpopKey'),
    content,
  }
}

function isFresh({ credentials }: ConsoleLogin, { runtime: { now } }: LoadContext): boolean {
  return credentials.expiration.getTime() - now().getTime() > REFRESH_SECONDS * 1000
}

function loginFile({ session }: LoginPlan, { runtime }: LoadContext): string {
  const folder = runtime.env.AWS_LOGIN_CACHE_DIRECTORY || '~/.aws/login/cache'
  return `${expandPath(folder, runtime)}/${sha256Hex(session)}.json`
}
