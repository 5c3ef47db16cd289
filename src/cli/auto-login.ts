import type { InteractiveLogin, LoginContext, LoginRequest } from '../credentials/interactive-login.ts'
import { loginCommand } from '../credentials/sources/login-file.ts'
import { EksTokenError } from '../errors.ts'
import type { ExecInfo } from '../kubernetes/exec-info.ts'
import { findSession } from '../login/find-login.ts'
import type { Login } from '../login/login.ts'
import { secondsUntilNextLogin, startLoginAttempt } from '../login/login-attempts.ts'
import { signIn } from '../login/sign-in.ts'
import { redactValue, sanitizeLine } from '../redact.ts'
import { identityLine } from './identity-line.ts'
import { createSignInScreen } from './sign-in-screen.ts'
import type { Terminal } from './terminal.ts'

/**
 * What `--login auto` does where a login has expired.
 *
 * @param setting - the value of the option or of EKS_GET_TOKEN_LOGIN
 * @throws EksTokenError `ERR_USAGE` for a value other than `auto`
 */
export function createAutoLogin(setting: string | undefined, execInfo: ExecInfo, terminal: Terminal): InteractiveLogin {
  if (setting !== 'auto') {
    throw new EksTokenError(
      'ERR_USAGE',
      `EKS_GET_TOKEN_LOGIN is '${redactValue(setting ?? '')}': expected never or auto`,
      {
        remedy: 'correct EKS_GET_TOKEN_LOGIN, or unset it',
      },
    )
  }
  return {
    signIn: (request, cause, context) => autoLogin(request, cause, context, execInfo, terminal),
    onWait: (holder) => {
      const what = `${sanitizeLine(holder)}, whose user is signing in or entering an MFA code`
      if (execInfo.isSet && !execInfo.interactive) {
        throw new EksTokenError('ERR_CREDENTIALS', `the credentials depend on ${what}`, {
          remedy: 'try again when that user has finished',
        })
      }
      terminal.err(`Waiting for ${what}.\n`)
    },
  }
}

/**
 * Signs the user in if a prompt is possible: the client says so, or there is no client and stdin is a terminal. After a login
 * that was denied or abandoned, none is started for a minute.
 *
 * @throws EksTokenError where no login is started, and as {@link signIn}
 */
async function autoLogin(
  request: LoginRequest,
  cause: EksTokenError,
  context: LoginContext,
  execInfo: ExecInfo,
  terminal: Terminal,
): Promise<void> {
  const { runtime } = context
  const refuse = (why: string): EksTokenError =>
    new EksTokenError(cause.code, `${cause.message} (${why})`, {
      cause,
      remedy: `run: ${loginCommand(request.profile, runtime.processHost.platform)}`,
    })
  if (execInfo.isSet && !execInfo.interactive) {
    throw refuse('no login was started: the client set interactive: false')
  }
  if (!execInfo.isSet && !terminal.stdin().isTerminal) throw refuse('no login was started: there is no terminal')
  const pause = secondsUntilNextLogin(request.file, runtime)
  if (pause > 0) {
    throw refuse(`no login is started for another ${pause} s: the last one was denied or abandoned`)
  }
  const attempt = startLoginAttempt(request.file, runtime)
  if (!attempt) throw refuse('no login was started: the cache directory of eks-get-token is not writable')
  let hasSignedIn = false
  let hasAskedUser = false
  const pauseWhile: typeof context.pauseWhile = (input) => {
    hasAskedUser = true
    return context.pauseWhile(input)
  }
  try {
    const screen = createSignInScreen(terminal.err, runtime, terminal)
    screen.print(`${sanitizeLine(cause.message)}\n`)
    const options = { noBrowser: false, useDeviceCode: false, remote: false, keepsSession: true }
    const lineFor = (subcommand: string, profile: string) =>
      identityLine(subcommand, { profile }, runtime.processHost.platform)
    const { message } = await signIn(loginOf(request, context), { ...context, pauseWhile, options, screen, lineFor })
    screen.print(message)
    hasSignedIn = true
  } finally {
    // A service that failed before the user was shown a page is no reason for a pause: no tab was opened.
    attempt.end(hasSignedIn || !hasAskedUser)
  }
}

function loginOf(request: LoginRequest, { settings, runtime }: LoginContext): Login {
  if (request.kind === 'console') return request
  const { session, profile } = request
  return session === undefined
    ? { ...request, session, scopes: [] }
    : findSession(session, settings.files, runtime.processHost.platform, profile)
}
