import { readSharedFiles, type SharedFiles } from '../../config/profiles.ts'
import { chooseProfile, type SelectedProfile } from '../../config/selected-profile.ts'
import { computeSettings } from '../../config/settings.ts'
import { explained } from '../../create-token.ts'
import { EksTokenError } from '../../errors.ts'
import { findLogin, findSession } from '../../login/find-login.ts'
import { signOut, signOutAll } from '../../login/sign-out.ts'
import { DEFAULT_TIMEOUT_SECONDS, startDeadline } from '../../net/deadline.ts'
import { redactValue, sanitizeLine } from '../../redact.ts'
import type { Runtime } from '../../runtime.ts'
import { onlySso, SSO_WORD } from '../login-words.ts'
import { defineCommand } from '../subcommand.ts'
import { tokenOptions } from '../token-options.ts'

interface LogoutOptions {
  ssoSession?: string
  all: boolean
}

const own = { level: 'own', origin: 'own' } as const

/** Not the error of other commands, whose hint is to create the profile. */
async function missingProfile(
  { name, source }: Pick<SelectedProfile, 'name' | 'source'>,
  files: SharedFiles,
  runtime: Runtime,
): Promise<EksTokenError> {
  const { meantSection } = await import('../../credentials/explain/missing-name.ts')
  const { fact, remedy } = meantSection({ kind: 'profile', name, setting: source }, files, runtime) ?? {
    remedy: `correct ${source}: 'eks-get-token login --status' lists the logins`,
  }
  const message = `The config profile (${redactValue(name)}) could not be found; it is set by ${source}`
  return new EksTokenError('ERR_PROFILE', fact === undefined ? message : `${message}: ${fact}`, { remedy })
}

/** Signs out of what a profile uses, or of everything. */
export const COMMAND = defineCommand<LogoutOptions>({
  usage: '[options]',
  description:
    'Sign out of IAM Identity Center or the AWS console, whichever the profile uses. This removes the login, which ' +
    "the AWS CLI also uses, the credentials of SSO roles in the AWS CLI's cache, and the cached sessions of --role-arn. " +
    "'sso logout' signs out of all IAM Identity Center sessions, as in the AWS CLI.",
  optionGroups: ['general', 'credentials'],
  own: () => ({ all: false }),
  ownOptions: [
    {
      ...own,
      name: 'sso-session',
      value: 'name',
      help: 'sign out of this sso-session of the config file',
      set: (options, value) => {
        options.ssoSession = value
      },
    },
    {
      ...own,
      name: 'all',
      help: 'sign out of all logins',
      set: (options) => {
        options.all = true
      },
    },
  ],
  maxPositionals: 1,
  choices: [SSO_WORD],
  impliedOptions: ['profile'],
  footer: `
Examples:
  # sign out of the login that profile dev uses
  eks-get-token logout --profile dev
  # remove every login from this machine
  eks-get-token logout --all
`,
  exitCodes: {
    253: 'the profile does not use a login',
    255: 'any other error, such as a file that cannot be removed',
  },
  run: async (call, runtime, terminal) => {
    const only = onlySso(call)
    const files = readSharedFiles(runtime)
    const { token } = call.options
    const { ssoSession, all } = call.own
    const isMissing = ({ name, source }: Pick<SelectedProfile, 'name' | 'source'>) =>
      source !== 'default' && !files.profiles.has(name)
    const { AWS_PROFILE, AWS_DEFAULT_PROFILE, ...withoutProfile } = runtime.env
    // A forgotten variable does not keep the logins on this machine.
    const isIgnored = all && token.profile === undefined && isMissing(chooseProfile(token, runtime.env))
    const env = isIgnored ? withoutProfile : runtime.env
    const chosen = chooseProfile(token, env)
    if (isMissing(chosen)) throw await missingProfile(chosen, files, runtime)
    const settings = await explained(() => computeSettings(token, env, files), files, runtime)
    const { timeoutSeconds = DEFAULT_TIMEOUT_SECONDS } = tokenOptions(call.options, runtime, terminal)
    const deadline = startDeadline(timeoutSeconds, runtime.now)
    const context = { settings, runtime, ...deadline }
    // As 'aws sso logout', a script gets no output, and neither does 'sso logout' at a terminal.
    const confirm = (text: string): void => {
      if (terminal.stdout().isTerminal && !only) terminal.out(`${sanitizeLine(text)}\n`)
    }
    try {
      if (all || (only && ssoSession === undefined)) {
        await signOutAll(only ? ['sso'] : ['sso', 'console'], context)
        confirm('Signed out of all logins. No login is stored on this machine.')
        return 0
      }
      const profile = chosen.name
      const { platform } = runtime.processHost
      const login = await explained(
        () =>
          ssoSession === undefined ? findLogin(profile, files, platform) : findSession(ssoSession, files, platform),
        files,
        runtime,
      )
      const wasSignedIn = await signOut(login, context)
      const what = login.kind === 'sso' ? login.startUrl : `the AWS console (profile ${redactValue(login.profile)})`
      if (wasSignedIn) confirm(`Signed out of ${what}.`)
      else if (login.kind === 'sso') confirm(`No login was stored for ${what}.`)
      else {
        terminal.err(`warning: no login session found for profile '${redactValue(profile)}'\n`)
      }
    } finally {
      deadline.clear()
    }
    return 0
  },
})
