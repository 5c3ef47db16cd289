import { lstatSync, readdirSync, unlinkSync } from 'node:fs'
import { regionalEndpoint } from '../aws/endpoints.ts'
import { readRegularFile } from '../credentials/cache/atomic-write.ts'
import { clearRoleCache } from '../credentials/cache/list.ts'
import { withLock } from '../credentials/cache/lock.ts'
import { awsCacheDir, lockFile, loginCacheDir, ssoCacheDir } from '../credentials/cache/paths.ts'
import { MAX_CACHE_FILE_BYTES } from '../credentials/cache/private-file.ts'
import type { LoadContext } from '../credentials/context.ts'
import { attempt, EksTokenError } from '../errors.ts'
import { field, textField, tryParseJson } from '../json.ts'
import { endpointRoute } from '../net/endpoint-route.ts'
import { INVALID_IN_HEADER, request, targetOf } from '../net/request.ts'
import { redactUrl } from '../redact.ts'
import type { Runtime } from '../runtime.ts'
import { type Login, loginPath } from './login.ts'

type SignOutContext = Pick<LoadContext, 'settings' | 'runtime' | 'waitFor' | 'pauseWhile'>

/**
 * Signs out, and removes what was cached for the login: the credentials of SSO roles in the AWS CLI's cache, and the whole
 * role cache, whose entries do not say which login they are from.
 *
 * @returns whether there was a login
 * @throws EksTokenError `ERR_OUTPUT` if a file cannot be removed
 */
export async function signOut(login: Login, context: SignOutContext): Promise<boolean> {
  const path = loginPath(login, context.runtime)
  const files = path !== undefined && attempt(() => lstatSync(path)) ? [path] : []
  await removeLogins(login.kind, files, context)
  return files.length > 0
}

/**
 * Signs out of everything, also of what is no longer in the config file.
 *
 * @param kinds - of the logins
 * @throws EksTokenError `ERR_OUTPUT` if a file cannot be removed
 */
export async function signOutAll(kinds: readonly Login['kind'][], context: SignOutContext): Promise<void> {
  for (const kind of kinds) await removeLogins(kind, loginFiles(kind, context.runtime), context)
}

/** The directory also has the registrations of this client, which are kept. */
function loginFiles(kind: Login['kind'], runtime: Runtime): string[] {
  const files = filesIn(loginDir(kind, runtime), /\.json$/)
  return files.filter((file) => field(readJson(file), 'accessToken') !== undefined)
}

/** Temporary files of processes that were killed while they stored a login. */
function leftovers(kind: Login['kind'], runtime: Runtime): string[] {
  return filesIn(loginDir(kind, runtime), /^[0-9a-f]{40,64}\.json\.[0-9a-z]{8,13}\.tmp$/)
}

function loginDir(kind: Login['kind'], runtime: Runtime): string | undefined {
  const home = runtime.homeDirectory()
  return kind === 'console' ? loginCacheDir(runtime) : home && ssoCacheDir(home)
}

async function removeLogins(kind: Login['kind'], files: readonly string[], context: SignOutContext): Promise<void> {
  const { runtime } = context
  const logins = kind === 'sso' ? files.map(readJson) : []
  const removed = await Promise.all(files.map((file) => removeLogin(file, context)))
  const entries = kind === 'sso' ? ssoRoleEntries(runtime) : []
  const notRemoved = [
    ...files.filter((_, index) => !removed[index]),
    ...[...entries, ...leftovers(kind, runtime)].filter((file) => !removeFile(file)),
    ...clearRoleCache(runtime).notRemoved,
  ]
  // Last: a portal that does not respond leaves no time for anything else.
  await Promise.all(logins.map((login) => signOutOfPortal(login, context)))
  if (notRemoved.length === 0) return
  throw new EksTokenError('ERR_OUTPUT', `cannot remove ${notRemoved.join(', ')}`, {
    remedy: 'check the owner and permissions of the directory, or remove the files manually',
  })
}

/** Under the lock of the file: a refresh that is under way would bring the login back. */
function removeLogin(file: string, context: SignOutContext): Promise<boolean> {
  const task = {
    description: 'the login',
    readCached: () => undefined,
    refresh: async () => removeFile(file),
    exclusive: true,
    // A login that waits for its user can take minutes, and does not refresh what is removed here.
    ignoresPrompts: true,
  }
  return withLock(lockFile(file, context.runtime), task, context)
}

/** @returns false if the file is still there; of a link, only the link is removed */
function removeFile(file: string): boolean {
  try {
    unlinkSync(file)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
  }
}

/** The credentials of SSO roles in the AWS CLI's cache. */
function ssoRoleEntries(runtime: Runtime): string[] {
  const home = runtime.homeDirectory()
  const files = filesIn(home && awsCacheDir(home), /\.json$/)
  return files.filter((file) => field(readJson(file), 'ProviderType') === 'sso')
}

function filesIn(directory: string | undefined, pattern: RegExp): string[] {
  const names = directory === undefined ? [] : (attempt(() => readdirSync(directory)) ?? [])
  return names.filter((name) => pattern.test(name)).map((name) => `${directory}/${name}`)
}

/** Whoever can write the file: it is going to be removed. */
function readJson(file: string): unknown {
  const content = attempt(() => readRegularFile(file, { maxBytes: MAX_CACHE_FILE_BYTES, followLinks: true }))
  return content && tryParseJson(content.text)
}

/** For each attempt; a portal that cannot be reached is no reason to stay signed in here. */
const LOGOUT_TIMEOUT_SECONDS = 5

/**
 * Ends the session at the AWS access portal. Whether it succeeds makes no difference.
 * https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_Logout.html
 */
async function signOutOfPortal(content: unknown, { settings, runtime, waitFor }: SignOutContext): Promise<void> {
  const [region, accessToken] = ['region', 'accessToken'].map((key) => textField(content, key))
  if (!region || !accessToken || INVALID_IN_HEADER.test(accessToken)) return
  try {
    const url = `${regionalEndpoint('sso', region, settings.endpoints).url.replace(/\/+$/, '')}/logout`
    const limits = {
      connectSeconds: LOGOUT_TIMEOUT_SECONDS,
      readSeconds: LOGOUT_TIMEOUT_SECONDS,
      totalSeconds: LOGOUT_TIMEOUT_SECONDS,
    }
    const headers = { 'x-amz-sso_bearer_token': accessToken, 'content-length': '0' }
    const route = endpointRoute(url, settings.network, runtime)
    const response = request(targetOf(url), { ...route, method: 'POST', headers, limits })
    const { status } = await waitFor('the AWS access portal', response)
    runtime.trace?.(`signed out at ${redactUrl(url)} (status ${status})`)
  } catch (error) {
    runtime.trace?.(`signing out at the portal in ${region} failed: ${(error as Error).name}`)
  }
}
