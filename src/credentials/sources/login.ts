import { EksTokenError } from '../../errors.ts'
import { expandPath } from '../../settings/profiles.ts'
import { readPrivateFile, writeWholeFile } from '../cache-file.ts'
import { lockFile } from '../cached.ts'
import { type Credentials, parseExpiration } from '../credentials.ts'
import { sha256Hex } from '../hash.ts'
import type { LoadContext } from '../load.ts'
import { oneAtATime } from '../lock.ts'
import type { LoginPlan } from '../plan.ts'

/** https://github.com/boto/botocore/blob/develop/botocore/credentials.py (LoginCredentialFetcher) */
const REFRESH_SECONDS = 5 * 60

/** What `aws login` leaves behind. */
interface Login {
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
  const login = readLogin(plan, context)
  if (isFresh(login, context)) return login.credentials
  const file = loginFile(plan, context)
  const recall = (): Credentials | undefined => {
    const now = readLogin(plan, context)
    return isFresh(now, context) ? now.credentials : undefined
  }
  const turn = {
    what: `new credentials of ${plan.session}`,
    recall,
    refresh: () => renew(plan, file, context),
    strict: true,
  }
  return oneAtATime(lockFile(file, context), turn, { ...context, userId: context.system.userId })
}

async function renew(plan: LoginPlan, file: string, context: LoadContext): Promise<Credentials> {
  const login = readLogin(plan, context)
  const { refreshLogin } = await import('./sign-in.ts')
  let content: Record<string, unknown>
  try {
    const renewed = await context.waitFor(`AWS sign-in, for ${plan.session}`, refreshLogin(plan, login, context))
    const expiresAt = new Date(context.now().getTime() + renewed.expiresIn * 1000)
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
    const now = readLogin(plan, context)
    if (now.refreshToken !== login.refreshToken && isFresh(now, context)) return now.credentials
    throw error
  }
  if (!writeWholeFile(file, JSON.stringify(content), context.system.userId)) {
    context.trace(`the renewed login could not be written to ${file}`)
  }
  return parseLogin(content).credentials
}

function readLogin(plan: LoginPlan, context: LoadContext): Login {
  const file = loginFile(plan, context)
  const text = readPrivateFile(file, context.system.userId)
  const remedy = `run: aws login --profile ${plan.profile}`
  if (text === undefined) {
    throw new EksTokenError(
      'ERR_CREDENTIALS',
      `Error loading login session token: Unable to load a existing login session for session ${plan.session} (${file} is no file that can be read and that only you can write)`,
      { remedy },
    )
  }
  try {
    return parseLogin(JSON.parse(text) as Record<string, unknown>)
  } catch (error) {
    const why = error instanceof SyntaxError ? 'it is no JSON' : (error as Error).message
    throw new EksTokenError('ERR_CREDENTIALS', `Error loading login session token: ${file}: ${why}`, { remedy })
  }
}

/** @throws TypeError naming the field that is missing */
function parseLogin(content: Readonly<Record<string, unknown>>): Login {
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

function isFresh({ credentials }: Login, { now }: LoadContext): boolean {
  return credentials.expiration.getTime() - now().getTime() > REFRESH_SECONDS * 1000
}

function loginFile({ session }: LoginPlan, { system }: LoadContext): string {
  const folder = system.env.AWS_LOGIN_CACHE_DIRECTORY || '~/.aws/login/cache'
  return `${expandPath(folder, system)}/${sha256Hex(session)}.json`
}
