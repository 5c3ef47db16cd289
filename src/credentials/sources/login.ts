import { redactValue } from '../../redact.ts'
import { sha256Hex } from '../cache/hash.ts'
import { loginCacheDir } from '../cache/paths.ts'
import type { LoadContext } from '../context.ts'
import { type Credentials, parseExpiration } from '../credentials.ts'
import {
  expirationText,
  type LoginContent,
  type LoginFile,
  readLogin,
  refreshLoginFile,
  requiredText,
} from './login-file.ts'
import type { LoginSession } from './login-refresh.ts'

export interface LoginPlan extends LoginSession {
  readonly kind: 'login'
  readonly why: string
}

/**
 * A login is refreshed when it is valid for no longer than this, in seconds.
 * https://github.com/aws/aws-cli/blob/2.36.7/awscli/botocore/credentials.py (LoginCredentialFetcher)
 */
const LOGIN_REFRESH_SECONDS = 5 * 60

/** The login of `aws login`. */
interface ConsoleLogin {
  readonly credentials: Credentials & { readonly expiration: Date }
  readonly refreshToken: string
  readonly clientId: string
  /** PEM text of the private key that the refresh token is bound to. */
  readonly dpopKey: string
  readonly content: LoginContent
}

/**
 * The credentials of `aws login`, refreshed when they are valid for 5 minutes or less. `fromLoginCredentials` of the SDK
 * writes the file in place and without a lock, so that two refreshes at the same time invalidate the login.
 * https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sign-in.html
 *
 * @throws EksTokenError `ERR_CREDENTIALS` for a login that is missing, invalid or can no longer be refreshed;
 *   `ERR_NO_REGION`, `ERR_SERVICE`, `ERR_NETWORK`
 */
export async function loginCredentials(plan: LoginPlan, context: LoadContext): Promise<Credentials> {
  const file = consoleLoginFile(plan, context)
  const login = readLogin(file, context)
  if (file.isFresh(login)) return login.credentials
  const session = redactValue(plan.session)
  const request = async (current: ConsoleLogin): Promise<LoginContent> => {
    const { refreshLogin } = await import('./login-refresh.ts')
    const response = refreshLogin(plan, current, context)
    const { expiresIn, refreshToken, ...keys } = await context.waitFor(
      `AWS Sign-In to refresh login session ${session}`,
      response,
    )
    const expiresAt = expirationText(context.runtime.now(), expiresIn)
    const accessToken = { ...(current.content.accessToken as object), ...keys, expiresAt }
    return { ...current.content, accessToken, refreshToken }
  }
  const refreshed = await refreshLoginFile(file, { description: `login session ${session}`, request }, context)
  return refreshed.credentials
}

function consoleLoginFile({ session, profile }: LoginPlan, { runtime }: LoadContext): LoginFile<ConsoleLogin> {
  const path = `${loginCacheDir(runtime)}/${sha256Hex(session)}.json`
  return {
    path,
    errorPrefix: 'Error loading login session token',
    missing: `Unable to load a existing login session for session ${redactValue(session)} (${path})`,
    remedy: `run: aws login --profile ${profile}`,
    parse: parseConsoleLogin,
    isFresh: ({ credentials }) =>
      credentials.expiration.getTime() - runtime.now().getTime() > LOGIN_REFRESH_SECONDS * 1000,
  }
}

function parseConsoleLogin(content: LoginContent): ConsoleLogin {
  const { accessToken } = content ?? {}
  const expiration = parseExpiration(requiredText(accessToken, 'expiresAt'))
  if (!expiration) throw new TypeError('expiresAt is not a timestamp with a time zone')
  return {
    credentials: {
      accessKeyId: requiredText(accessToken, 'accessKeyId'),
      secretAccessKey: requiredText(accessToken, 'secretAccessKey'),
      sessionToken: requiredText(accessToken, 'sessionToken'),
      expiration,
    },
    refreshToken: requiredText(content, 'refreshToken'),
    clientId: requiredText(content, 'clientId'),
    dpopKey: requiredText(content, 'dpopKey'),
    content,
  }
}
