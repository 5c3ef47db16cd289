import { quoteWord } from '../../command-line.ts'
import { attempt, EksTokenError } from '../../errors.ts'
import { field } from '../../json.ts'
import { redactValue } from '../../redact.ts'
import type { Runtime } from '../../runtime.ts'
import { withNativeSeparators } from '../../shown-path.ts'
import { sha1Hex, sha256Hex } from '../cache/hash.ts'
import { withLock } from '../cache/lock.ts'
import { lockFile, loginCacheDir, ssoCacheDir } from '../cache/paths.ts'
import { readSharedFile, writeSharedFile } from '../cache/shared-file.ts'
import type { LoadContext } from '../context.ts'

/** The file of `aws login` for a login session, the ARN of its identity. */
export function consoleLoginPath(session: string, runtime: Runtime): string {
  return `${loginCacheDir(runtime)}/${sha256Hex(session)}.json`
}

/** @param name - of the `sso-session`; of a legacy profile its start URL */
export function ssoLoginPath(name: string, { homeDirectory }: Runtime): string {
  return `${ssoCacheDir(homeDirectory() ?? '~')}/${sha1Hex(name)}.json`
}

/** The hint for an error that only a new login resolves; `withLogin` recognizes such an error by it. */
export function loginHint(profile: string, kind: 'sso' | 'console', { processHost }: Runtime): string {
  const name = quoteWord(redactValue(profile), processHost.platform)
  const awsCommand = `aws ${kind === 'sso' ? 'sso ' : ''}login --profile ${name}`
  return `run: ${loginCommand(profile, processHost.platform)} (or: ${awsCommand}; or use --login auto, which signs in when it is needed)`
}

/** Where the region of an SSO login is set, for error messages. */
export function ssoRegionSetting({
  profile,
  session,
}: {
  readonly profile?: string | undefined
  readonly session: string | undefined
}): string {
  return `sso_region of ${session === undefined ? `profile ${redactValue(profile ?? '')}` : `sso-session ${redactValue(session)}`}`
}

export function loginCommand(profile: string, platform: string): string {
  return `eks-get-token login --profile ${quoteWord(redactValue(profile), platform)}`
}

/** The members of a login file. Those that this program does not know are kept when it is rewritten. */
export type LoginContent = Readonly<Record<string, unknown>>

/** A login that the AWS CLI has stored in a file, and that both programs refresh there. */
export interface LoginFile<Login extends { readonly content: LoginContent }> {
  readonly path: string
  /** The start of every error message about the file. */
  readonly errorPrefix: string
  /** The message if the file does not exist. */
  readonly missing: string
  /** The hint for every error but one about permissions. */
  readonly remedy: string
  /** @throws TypeError naming what is missing or invalid */
  readonly parse: (content: LoginContent) => Login
  /** Whether the login needs no refresh. */
  readonly isFresh: (login: Login) => boolean
}

/** @throws EksTokenError `ERR_CREDENTIALS` for a file that is missing, invalid, or writable by every user */
export function readLogin<Login extends { readonly content: LoginContent }>(
  login: LoginFile<Login>,
  { runtime: { userId } }: LoadContext,
): Login {
  const { path, errorPrefix, missing, remedy, parse } = login
  const file = readSharedFile(path, userId)
  if (!('text' in file)) {
    const message = file.problem === 'missing' ? missing : file.message
    throw new EksTokenError('ERR_CREDENTIALS', `${errorPrefix}: ${message}`, { remedy: file.remedy ?? remedy })
  }
  try {
    return parse(JSON.parse(file.text) as LoginContent)
  } catch (cause) {
    const why = cause instanceof SyntaxError ? 'it is not valid JSON' : (cause as Error).message
    throw new EksTokenError('ERR_CREDENTIALS', `${errorPrefix}: ${withNativeSeparators(path)} is invalid: ${why}`, {
      remedy,
    })
  }
}

export interface LoginRefresh<Login> {
  /** What is refreshed, for messages. */
  readonly description: string
  /** The login to use while another process refreshes it; undefined: wait for that process. */
  readonly fallback?: Login | undefined
  /** Requests new credentials. @returns the new content of the file */
  readonly request: (login: Login) => Promise<LoginContent>
}

/**
 * Refreshes a login and stores it in its file, in one process at a time: a refresh token can be used once, and a second use
 * would invalidate the login.
 *
 * @throws EksTokenError as {@link readLogin}, and the errors of `request`
 */
export function refreshLoginFile<Login extends { readonly content: LoginContent }>(
  login: LoginFile<Login>,
  { description, fallback, request }: LoginRefresh<Login>,
  context: LoadContext,
): Promise<Login> {
  const { runtime } = context
  const readFresh = (): Login | undefined => {
    const current = attempt(() => readLogin(login, context))
    return current && login.isFresh(current) ? current : undefined
  }
  const refresh = async (): Promise<Login> => {
    // Another process may have refreshed it meanwhile, if only for a short time.
    const current = readLogin(login, context)
    let content: LoginContent
    try {
      content = await request(current)
    } catch (error) {
      // The AWS CLI may have used the refresh token first, and stored its result.
      const fresh = readFresh()
      if (fresh) return fresh
      throw error
    }
    const refreshed = parseRefreshed(login, content)
    if (!writeSharedFile(login.path, JSON.stringify(content), runtime.userId)) {
      runtime.trace?.(`the refreshed login session could not be written to ${withNativeSeparators(login.path)}`)
    }
    return refreshed
  }
  const task = { description, readCached: readFresh, refresh, exclusive: true, fallback }
  return withLock(lockFile(login.path, runtime), task, context)
}

/** Called before it is stored: a response with values of the wrong types must not replace a good login. */
function parseRefreshed<Login extends { readonly content: LoginContent }>(
  { parse }: LoginFile<Login>,
  content: LoginContent,
): Login {
  try {
    return parse(content)
  } catch (cause) {
    throw new EksTokenError('ERR_CREDENTIALS', `the response to the refresh is invalid: ${(cause as Error).message}`, {
      cause,
      remedy: 'try again; check that no proxy responds in place of AWS',
    })
  }
}

/** A member that must be a non-empty string. @throws TypeError naming it */
export function requiredText(content: unknown, key: string): string {
  const value = field(content, key)
  if (typeof value === 'string' && value) return value
  throw new TypeError(`${key} is missing`)
}

/** The maximum lifetime that is accepted from a response, in seconds. */
const MAX_LIFETIME_SECONDS = 10 * 365 * 86_400

/** The time at which a login expires, in whole seconds, as these files contain it. */
export function expirationText(now: Date, lifetimeSeconds: number): string {
  // The SDK does not check the types of a response.
  const seconds = Math.max(0, Math.min(Number(lifetimeSeconds) || 0, MAX_LIFETIME_SECONDS))
  return `${new Date(now.getTime() + seconds * 1000).toISOString().slice(0, 19)}Z`
}
