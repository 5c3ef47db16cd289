import { signingRegionOf } from '../../aws/endpoints.ts'
import { redactValue } from '../../redact.ts'
import { withNativeSeparators } from '../../shown-path.ts'
import type { LoadContext } from '../context.ts'
import { type Credentials, parseExpiration } from '../credentials.ts'
import {
  consoleLoginPath,
  expirationText,
  type LoginContent,
  type LoginFile,
  loginHint,
  readLogin,
  refreshLoginFile,
  requiredText,
} from './login-file.ts'
import { withLogin } from './with-login.ts'

export interface LoginPlan {
  readonly kind: 'login'
  readonly why: string
  readonly profile: string
  /** The login session of `aws login`: the ARN of its identity. */
  readonly session: string
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
  const { profile, session } = plan
  const request = { kind: 'console', profile, session, file: file.path } as const
  return withLogin(request, () => load(plan, file, context), context)
}

async function load(plan: LoginPlan, file: LoginFile<ConsoleLogin>, context: LoadContext): Promise<Credentials> {
  const { settings, runtime } = context
  const login = readLogin(file, context)
  if (file.isFresh(login)) return login.credentials
  const session = redactValue(plan.session)
  const request = async (current: ConsoleLogin): Promise<LoginContent> => {
    const { createOAuth2Token } = await import('./oauth2-token.ts')
    const { clientId, refreshToken: previous, dpopKey } = current
    const region = settings.region?.value ?? signingRegionOf({ url: 'AWS Sign-In', signingRegion: undefined })
    const response = createOAuth2Token(
      { clientId, grantType: 'refresh_token', refreshToken: previous },
      { settings, runtime, region, dpopKey, remedy: file.remedy },
    )
    const { accessKeyId, secretAccessKey, sessionToken, expiresIn, refreshToken } = await context.waitFor(
      `AWS Sign-In to refresh login session ${session}`,
      response,
    )
    const expiresAt = expirationText(runtime.now(), expiresIn)
    const keys = { accessKeyId, secretAccessKey, sessionToken, expiresAt }
    const accessToken = { ...(current.content.accessToken as object), ...keys }
    return { ...current.content, accessToken, refreshToken }
  }
  const refreshed = await refreshLoginFile(file, { description: `login session ${session}`, request }, context)
  return refreshed.credentials
}

function consoleLoginFile({ session, profile }: LoginPlan, { runtime }: LoadContext): LoginFile<ConsoleLogin> {
  const path = consoleLoginPath(session, runtime)
  return {
    path,
    errorPrefix: 'Error loading login session token',
    missing: `Unable to load a existing login session for session ${redactValue(session)}: ${withNativeSeparators(path)} does not exist`,
    remedy: loginHint(profile, 'console', runtime),
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
