import { regionalEndpoint } from '../aws/endpoints.ts'
import { consoleLoginPath, expirationText } from '../credentials/sources/login-file.ts'
import { EksTokenError } from '../errors.ts'
import { redactValue } from '../redact.ts'
import { planBrowser } from './browser.ts'
import { startCallbackServer } from './callback-server.ts'
import { checkConfigFile, updateConfigFile } from './config-file.ts'
import {
  authorizationUrl,
  CLIENT_IDS,
  confirmationUrl,
  type NewConsoleLogin,
  newConsoleLogin,
  parsePastedCode,
} from './console-protocol.ts'
import type { ConsoleLogin, SignedIn, SignInContext } from './login.ts'
import { checkLoginFile, storeLogin } from './login-store.ts'
import { createAuthorizationSecrets } from './pkce.ts'
import { presentPage } from './present-page.ts'
import { SIGN_IN_SECONDS, waitForUser } from './wait.ts'

/** The region that the AWS CLI suggests. */
const SUGGESTED_REGION = 'us-east-1'

/**
 * Signs in with the AWS console, as `aws login`: the login is stored, and the profile refers to it. A profile that does not
 * exist is created.
 *
 * @throws EksTokenError `ERR_LOGIN`, `ERR_NO_REGION`, `ERR_REGION`, `ERR_CONFIG_FILE`, `ERR_CREDENTIALS`, `ERR_SERVICE`,
 *   `ERR_NETWORK`, `ERR_TIMEOUT`
 */
export async function signInConsole(login: ConsoleLogin, context: SignInContext): Promise<SignedIn> {
  const { settings, runtime, options } = context
  const region = settings.region?.value ?? (await askRegion(context))
  const more = settings.region ? {} : { region }
  const endpoint = regionalEndpoint('signin', region, settings.endpoints).url
  checkStorage(login, more, context)
  const { createDpopKey, createOAuth2Token } = await import('../credentials/sources/oauth2-token.ts')
  const dpopKey = createDpopKey()
  const redeem = async (grant: CodeGrant): Promise<NewConsoleLogin> => {
    const input = { ...grant, grantType: 'authorization_code' } as const
    const remedy = 'run the command again'
    const token = await context.waitFor(
      'AWS Sign-In to return the credentials',
      createOAuth2Token(input, { settings, runtime, region, dpopKey, remedy }),
    )
    const expiresAt = expirationText(runtime.now(), token.expiresIn)
    return newConsoleLogin(token, { clientId: grant.clientId, expiresAt, dpopKey })
  }
  const store = (newLogin: NewConsoleLogin): Promise<string> => storeSession(login, newLogin, more, context)
  const browser = planBrowser(options, runtime)
  const flow = { endpoint, browser, redeem, store, context }
  const message = await (browser.reachesLoopback ? signInHere(flow) : signInElsewhere(flow))
  return { message }
}

interface CodeGrant {
  readonly clientId: string
  readonly code: string
  readonly codeVerifier: string
  readonly redirectUri: string
}

interface Flow {
  readonly endpoint: string
  readonly browser: ReturnType<typeof planBrowser>
  readonly redeem: (grant: CodeGrant) => Promise<NewConsoleLogin>
  /** @returns the message for the user */
  readonly store: (login: NewConsoleLogin) => Promise<string>
  readonly context: SignInContext
}

/** The browser delivers the code to this machine, and shows how the sign-in has ended. */
async function signInHere({ endpoint, browser, redeem, store, context }: Flow): Promise<string> {
  const clientId = CLIENT_IDS.local
  const { state, codeVerifier, codeChallenge } = createAuthorizationSecrets()
  const server = await startCallbackServer({ state })
  try {
    const { redirectUri } = server
    presentPage({ url: authorizationUrl(endpoint, { clientId, redirectUri, state, codeChallenge }) }, browser, context)
    const code = await waitForUser('the sign-in in the browser', server.code, context)
    const login = await redeem({ clientId, code, codeVerifier, redirectUri })
    const message = await store(login)
    await server.finish({ signedIn: `as ${redactValue(login.session)}` })
    return message
  } catch (error) {
    await server.finish({ failure: (error as Error).message })
    throw error
  } finally {
    server.close()
  }
}

/** The browser is on another machine: it shows a code, which the user enters here. */
async function signInElsewhere({ endpoint, browser, redeem, store, context }: Flow): Promise<string> {
  const clientId = CLIENT_IDS.remote
  const { state, codeVerifier, codeChallenge } = createAuthorizationSecrets()
  const redirectUri = confirmationUrl(endpoint)
  const url = authorizationUrl(endpoint, { clientId, redirectUri, state, codeChallenge })
  presentPage({ url }, { ...browser, opens: false }, context)
  const question = 'Enter the authorization code displayed in your browser: '
  const text = await context.pauseWhile(context.screen.ask(question, SIGN_IN_SECONDS))
  if (!text) {
    throw new EksTokenError('ERR_LOGIN', 'no authorization code was entered', {
      remedy: 'run the command in a terminal, or pass the code on stdin',
    })
  }
  return store(await redeem({ clientId, code: parsePastedCode(text, state), codeVerifier, redirectUri }))
}

/** @throws EksTokenError `ERR_NO_REGION` if the prompt is not answered */
async function askRegion({ screen, pauseWhile }: SignInContext): Promise<string> {
  screen.print('No AWS region is configured. Use the region of your resources, or the one closest to you.\n')
  const answer = await pauseWhile(screen.ask(`AWS Region [${SUGGESTED_REGION}]: `))
  if (answer !== undefined) return answer.trim() || SUGGESTED_REGION
  throw new EksTokenError('ERR_NO_REGION', 'no region is configured; AWS Sign-In requires one')
}

/** Checks that the login can be stored, so that no sign-in is in vain. */
function checkStorage(login: ConsoleLogin, more: Readonly<Record<string, string>>, context: SignInContext): void {
  const { settings, runtime } = context
  checkLoginFile(consoleLoginPath(login.session ?? EXAMPLE_SESSION, runtime), runtime)
  // A config file that refers to the session already may be read-only.
  if (login.session !== undefined && Object.keys(more).length === 0) return
  const section = { kind: 'profile', name: login.profile } as const
  checkConfigFile(settings.files.configPath, section, { login_session: EXAMPLE_SESSION, ...more }, runtime)
}

const EXAMPLE_SESSION = 'arn:aws:iam::123456789012:user/example'

/**
 * Stores the login and refers to it in the profile. A session of another identity is replaced only if the user agrees.
 *
 * @returns the message for the user
 * @throws EksTokenError `ERR_LOGIN` if the prompt is not answered, or the login cannot be stored; `ERR_CONFIG_FILE`
 */
async function storeSession(
  login: ConsoleLogin,
  { session, content }: NewConsoleLogin,
  more: Readonly<Record<string, string>>,
  context: SignInContext,
): Promise<string> {
  const profile = redactValue(login.profile)
  if (login.session !== undefined && login.session !== session && !(await agreesToReplace(login, session, context))) {
    return `Profile ${profile} is unchanged, and the new login was not stored.\n`
  }
  storeLogin(consoleLoginPath(session, context.runtime), content, context.runtime)
  const section = { kind: 'profile', name: login.profile } as const
  await updateConfigFile(context.settings.files.configPath, section, { login_session: session, ...more }, context)
  const example = context.lineFor('', login.profile)
  const use = `Use "--profile ${profile}" to use the new credentials, such as "${example}"\n`
  return `Updated profile ${profile} to use ${redactValue(session)} credentials.\n${login.profile === 'default' ? '' : use}`
}

async function agreesToReplace(login: ConsoleLogin, session: string, context: SignInContext): Promise<boolean> {
  const [profile, old, replacement] = [login.profile, login.session ?? '', session].map(redactValue)
  const cause = `Profile ${profile} is already configured to use session ${old}`
  for (;;) {
    const question = `${cause}. Do you want to overwrite it to use ${replacement} instead? (y/n): `
    const answer = context.options.keepsSession ? undefined : await context.pauseWhile(context.screen.ask(question))
    if (answer === undefined) {
      throw new EksTokenError('ERR_LOGIN', `${cause}, and you have signed in as ${replacement}`, {
        remedy: `sign in as ${old}, or run in a terminal: ${context.lineFor('login', login.profile)}`,
      })
    }
    if (/^(y|yes)$/i.test(answer.trim())) return true
    if (/^(n|no)$/i.test(answer.trim())) return false
  }
}
