import { readSharedFiles, type SharedFiles } from '../../config/profiles.ts'
import { chooseProfile, selectProfile } from '../../config/selected-profile.ts'
import { computeSettings, type Settings } from '../../config/settings.ts'
import { explained } from '../../create-token.ts'
import { withLock } from '../../credentials/cache/lock.ts'
import { lockFile } from '../../credentials/cache/paths.ts'
import type { WhilePrompting } from '../../credentials/context.ts'
import { findLogin, findSession } from '../../login/find-login.ts'
import { type Login, loginPath, type SignInOptions } from '../../login/login.ts'
import { signIn } from '../../login/sign-in.ts'
import { DEFAULT_TIMEOUT_SECONDS, startDeadline } from '../../net/deadline.ts'
import type { Runtime } from '../../runtime.ts'
import { type CliOptions, setsFlag, setsText } from '../args/option.ts'
import { OPTIONS } from '../args/options.ts'
import { givenLine, identityLine } from '../identity-line.ts'
import { onlySso, SSO_WORD } from '../login-words.ts'
import { createSignInScreen } from '../sign-in-screen.ts'
import { defineCommand, OUTPUT_HELP, type OwnOption } from '../subcommand.ts'
import { tokenOptions } from '../token-options.ts'
import { printLoginStatus } from './login-status.ts'
import { newProfileNotice } from './new-profile.ts'

interface LoginOptions {
  ssoSession?: string
  noBrowser: boolean
  useDeviceCode: boolean
  remote: boolean
  status: boolean
}

const own = { level: 'own', origin: 'own' } as const

const OWN_OPTIONS: readonly OwnOption<LoginOptions>[] = [
  {
    ...own,
    name: 'sso-session',
    value: 'name',
    help: 'sign in to this sso-session of the config file',
    ...setsText('ssoSession'),
  },
  {
    ...own,
    name: 'no-browser',
    help: 'show the URL instead of opening a browser',
    ...setsFlag('noBrowser'),
  },
  {
    ...own,
    name: 'use-device-code',
    help: 'IAM Identity Center: sign in with a code, on any device',
    ...setsFlag('useDeviceCode'),
  },
  {
    ...own,
    name: 'remote',
    help: 'the browser is on another machine: sign in with a code',
    ...setsFlag('remote'),
  },
  {
    ...own,
    name: 'status',
    help: 'show which logins are valid and when they expire: all, or the one for --profile',
    ...setsFlag('status'),
  },
]

/** Signs in to what a profile uses. */
export const COMMAND = defineCommand<LoginOptions>({
  usage: '[options]',
  description:
    "Sign in with the browser, to IAM Identity Center (as 'aws sso login') or to the AWS console (as 'aws login'), " +
    'whichever the profile uses. The login is stored where the AWS CLI stores it, so both programs can use it.',
  optionGroups: ['general', 'output', 'credentials'],
  helpOverrides: {
    ...OUTPUT_HELP,
    timeout: 'timeout for the whole run, except the wait for the user; 0: no limit (default: 60)',
  },
  own: () => ({ noBrowser: false, useDeviceCode: false, remote: false, status: false }),
  ownOptions: OWN_OPTIONS,
  maxPositionals: 1,
  choices: [SSO_WORD],
  impliedOptions: ['profile'],
  footer: `
Examples:
  # sign in as profile dev
  eks-get-token login --profile dev
  # sign in where no browser can be opened, for example over SSH
  eks-get-token login --profile dev --use-device-code
  # show which logins are valid
  eks-get-token login --status
`,
  exitCodes: {
    1: '--status: none of the logins shown is valid',
    253: 'login settings are missing, or the profile does not use a login',
    254: 'service error',
  },
  run: async (call, runtime, terminal) => {
    const only = onlySso(call)
    const files = readSharedFiles(runtime)
    if (call.own.status) {
      const selected = await explained(() => selectLogin(call.options, call.own, files, only, runtime), files, runtime)
      const isSignedIn = await printLoginStatus({ selected, only }, files, call.options, runtime, terminal)
      return isSignedIn ? 0 : 1
    }
    const login = await explained(() => chooseLogin(call.options, call.own, files, only, runtime), files, runtime)
    const selected = chooseProfile(call.options.token, runtime.env)
    const notice = await newProfileNotice(login, selected, files, terminal.stderr().isTerminal, runtime)
    if (notice !== undefined) terminal.err(notice)
    const settings = await explained(() => loginSettings(call.options, login, files, runtime), files, runtime)
    const { timeoutSeconds = DEFAULT_TIMEOUT_SECONDS } = tokenOptions(call.options, runtime, terminal)
    const deadline = startDeadline(timeoutSeconds, runtime.now)
    try {
      const screen = createSignInScreen(terminal.out, runtime, terminal)
      const { platform } = runtime.processHost
      const lineFor = (subcommand: '' | 'login', profile: string) =>
        subcommand === 'login'
          ? givenLine(
              subcommand,
              [...OPTIONS, ...OWN_OPTIONS],
              new Map([...call.values, ['profile', profile]]),
              platform,
            )
          : identityLine(subcommand, { ...call.options.token, profile }, platform)
      const context = { settings, runtime, ...deadline, options: call.own satisfies SignInOptions, screen, lineFor }
      const task = {
        description: 'the login',
        // A new login is made also where there is one.
        readCached: () => undefined,
        refresh: (pauseWhile: WhilePrompting) => signIn(login, { ...context, pauseWhile }),
        exclusive: true,
        // `--login auto` may wait for the user, who signs in here instead.
        ignoresPrompts: true,
      }
      const path = loginPath(login, runtime)
      const lock = path === undefined ? undefined : lockFile(path, runtime)
      const { message } = await explained(() => withLock(lock, task, context), files, runtime)
      terminal.out(message)
    } finally {
      deadline.clear()
    }
    return 0
  },
})

/** The login that the command line names; undefined: it names none, and AWS_PROFILE does not hide the others. */
function selectLogin(
  { token }: Pick<CliOptions, 'token'>,
  { ssoSession }: LoginOptions,
  files: SharedFiles,
  only: 'sso' | undefined,
  runtime: Runtime,
): Login | undefined {
  if (ssoSession !== undefined) return findSession(ssoSession, files, runtime.processHost.platform)
  if (!token.profile) return undefined
  return findLogin(selectProfile(token, runtime.env, files).name, files, runtime.processHost.platform, only)
}

function chooseLogin(
  { token }: Pick<CliOptions, 'token'>,
  { ssoSession }: LoginOptions,
  files: SharedFiles,
  only: 'sso' | undefined,
  runtime: Runtime,
): Login {
  return ssoSession === undefined
    ? findLogin(chooseProfile(token, runtime.env).name, files, runtime.processHost.platform, only)
    : findSession(ssoSession, files, runtime.processHost.platform)
}

/** The settings of the profile, which the login may be going to create. */
function loginSettings({ token }: CliOptions, login: Login, files: SharedFiles, runtime: Runtime): Settings {
  if (login.kind === 'sso' || files.profiles.has(login.profile)) return computeSettings(token, runtime.env, files)
  const { has, get, keys } = files.profiles
  const created = new Map()
  const profiles = {
    has: (name: string) => name === login.profile || has(name),
    get: (name: string) => (name === login.profile ? created : get(name)),
    keys,
  }
  return computeSettings(token, runtime.env, { ...files, profiles })
}
