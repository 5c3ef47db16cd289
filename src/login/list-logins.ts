import type { SharedFiles } from '../config/profiles.ts'
import { readSharedFile } from '../credentials/cache/shared-file.ts'
import { parseExpiration } from '../credentials/credentials.ts'
import { attempt } from '../errors.ts'
import { field, textField, tryParseJson } from '../json.ts'
import type { Runtime } from '../runtime.ts'
import { findLogin, findSession } from './find-login.ts'
import { type Login, loginPath } from './login.ts'

/** A login of the config file, and what its file says. */
export interface LoginState {
  readonly login: Login
  /** The profiles that use it, also as the source of a role. */
  readonly profiles: readonly string[]
  readonly file: string
  /**
   * - `valid`: the user is signed in
   * - `renewable`: expired, and refreshed when it is used
   * - `expired`, `none`: the user has to sign in
   */
  readonly status: 'valid' | 'renewable' | 'expired' | 'none'
  readonly expires: Date | undefined
  /** How long the login can be refreshed, as far as its file says; undefined: not at all, or unknown. */
  readonly renewableUntil: Date | undefined
}

/** Every login that a profile or an `sso-session` of the config file can use. Those with incomplete settings are left out. */
export function listLogins(files: SharedFiles, runtime: Runtime): readonly LoginState[] {
  const { platform } = runtime.processHost
  const found = new Map<string, { readonly login: Login; readonly profiles: string[] }>()
  const add = (login: Login | undefined, profile?: string): void => {
    const file = login && loginPath(login, runtime)
    if (!login || file === undefined) return
    const entry = found.get(file) ?? { login, profiles: [] }
    if (profile !== undefined) entry.profiles.push(profile)
    found.set(file, entry)
  }
  for (const session of files.ssoSessions.keys()) add(attempt(() => findSession(session, files, platform)))
  for (const profile of files.profiles.keys()) {
    add(
      attempt(() => findLogin(profile, files, platform)),
      profile,
    )
  }
  return [...found].map(([file, entry]) => ({ ...entry, file, ...readState(entry.login, file, runtime) }))
}

function readState({ kind }: Login, file: string, { userId, now }: Runtime) {
  const shared = readSharedFile(file, userId)
  const content = 'text' in shared ? tryParseJson(shared.text) : undefined
  const token = kind === 'sso' ? content : field(content, 'accessToken')
  const expires = parseExpiration(textField(token, 'expiresAt') ?? '')
  // get-token rejects a login without its token, whatever its expiration.
  const secret = textField(token, kind === 'sso' ? 'accessToken' : 'secretAccessKey')
  if (!expires || !secret) return { status: 'none', expires: undefined, renewableUntil: undefined } as const
  const hasRefreshToken = textField(content, 'refreshToken') !== undefined
  const registration = parseExpiration(textField(content, 'registrationExpiresAt') ?? '')
  const renewableUntil = hasRefreshToken && kind === 'sso' ? registration : undefined
  const isRenewable = hasRefreshToken && (kind === 'console' || (registration && registration > now()))
  const status = expires > now() ? 'valid' : isRenewable ? 'renewable' : 'expired'
  return { status, expires, renewableUntil } as const
}
