import { closestMatch } from '../closest-match.ts'
import { quoteWord } from '../command-line.ts'
import type { SharedFiles } from '../config/profiles.ts'
import { stringValue } from '../config/profiles.ts'
import { EksTokenError } from '../errors.ts'
import type { Section } from '../python/config-parser.ts'
import { redactValue } from '../redact.ts'
import { shownPath } from '../shown-path.ts'
import type { Login, SsoLogin } from './login.ts'

/**
 * The login that a profile uses, also as the source of a role: `source_profile` is followed. A profile without credentials,
 * or one that does not exist, uses the console. No other setting than those of the profile counts, as in the AWS CLI: not
 * the environment.
 *
 * @param platform - of the user, for hints
 * @param only - IAM Identity Center only (`sso login`)
 * @throws EksTokenError `ERR_LOGIN_SETTING` for incomplete settings, and for a profile that signs with something else
 */
export function findLogin(profile: string, files: SharedFiles, platform: string, only?: 'sso'): Login {
  const base = findBase(profile, files)
  const section = files.profiles.get(base)
  if (section && usesSso(section)) return profileSsoLogin(base, section, files, platform)
  if (only === 'sso') throw missingSettings(REQUIRED, undefined, base, files, platform)
  if (!section) return { kind: 'console', profile: base, session: undefined }
  const session = stringValue(section, 'login_session', base)
  const other = otherSource(base, section, files, session !== undefined)
  // An empty value names no session that a new login could replace.
  if (other === undefined) return { kind: 'console', profile: base, session: session || undefined }
  const chain = base === profile ? '' : `, the source of profile ${redactValue(profile)},`
  throw new EksTokenError(
    'ERR_LOGIN_SETTING',
    `profile ${redactValue(base)}${chain} uses ${other} and does not require a login`,
    { remedy: 'use --profile to select a profile that uses IAM Identity Center or a console login' },
  )
}

/** @throws EksTokenError `ERR_LOGIN_SETTING` if the session does not exist, or is incomplete */
export function findSession(session: string, files: SharedFiles, platform: string, profile?: string): SsoLogin {
  const section = files.ssoSessions.get(session)
  if (!section) {
    const known = [...files.ssoSessions.keys()].map(redactValue)
    const setting = profile === undefined ? '--sso-session' : `sso_session in profile ${redactValue(profile)}`
    throw new EksTokenError(
      'ERR_LOGIN_SETTING',
      `The specified sso-session does not exist: "${redactValue(session)}"`,
      {
        remedy:
          known.length > 0
            ? `use one of: ${known.join(', ')}`
            : `add [sso-session ${redactValue(session)}] with sso_start_url and sso_region to ${shownPath(files.configPath)}`,
        missing: { kind: 'sso-session', name: session, setting },
      },
    )
  }
  const missing = REQUIRED.filter((key) => !section.has(key))
  if (missing.length > 0) throw missingSettings(missing, session, profile, files, platform)
  const get = (key: string): string => stringValue(section, key, `sso-session ${session}`) ?? ''
  const scopes = get('sso_registration_scopes').split(',')
  return {
    kind: 'sso',
    session,
    profile,
    startUrl: get('sso_start_url'),
    region: get('sso_region'),
    scopes: scopes.map((scope) => scope.trim()).filter((scope) => scope !== ''),
  }
}

const REQUIRED = ['sso_start_url', 'sso_region'] as const

function profileSsoLogin(profile: string, section: Section, files: SharedFiles, platform: string): SsoLogin {
  const session = stringValue(section, 'sso_session', profile)
  if (session) return findSession(session, files, platform, profile)
  const missing = REQUIRED.filter((key) => !section.has(key))
  if (missing.length > 0) throw missingSettings(missing, undefined, profile, files, platform)
  const get = (key: string): string => stringValue(section, key, profile) ?? ''
  return {
    kind: 'sso',
    session: undefined,
    profile,
    startUrl: get('sso_start_url'),
    region: get('sso_region'),
    scopes: [],
  }
}

/** The profile at the end of the chain of source profiles. */
function findBase(profile: string, files: SharedFiles): string {
  const visited = [profile]
  for (;;) {
    const name = visited.at(-1) as string
    const section = files.profiles.get(name)
    const source = section && isRole(section) ? stringValue(section, 'source_profile', name) : undefined
    // A profile with static credentials may be its own source.
    if (source === undefined || source === name) return name
    if (visited.includes(source)) {
      throw new EksTokenError(
        'ERR_LOGIN_SETTING',
        `the source profiles form a loop: ${visited.join(', ')}, ${source}`,
        {
          remedy: `correct source_profile in profile ${name}`,
        },
      )
    }
    if (!files.profiles.has(source)) {
      throw new EksTokenError(
        'ERR_LOGIN_SETTING',
        `The source_profile "${redactValue(source)}" referenced in the profile "${redactValue(name)}" does not exist.`,
        {
          remedy: `correct source_profile in profile ${redactValue(name)}`,
          missing: {
            kind: 'profile',
            name: source,
            setting: `source_profile in profile ${redactValue(name)}`,
            except: name,
          },
        },
      )
    }
    visited.push(source)
  }
}

function isRole(section: Section): boolean {
  return section.has('role_arn') && !section.has('web_identity_token_file')
}

function usesSso(section: Section): boolean {
  return ['sso_session', 'sso_start_url', 'sso_account_id', 'sso_role_name'].some((key) => section.has(key))
}

/** What a profile signs with, if not with a login; in the order in which the credential sources are chosen. */
function otherSource(
  profile: string,
  section: Section,
  { credentialsProfiles }: SharedFiles,
  hasLogin: boolean,
): string | undefined {
  if (section.has('web_identity_token_file')) return 'a web identity token'
  if (section.has('credential_source')) return 'credential_source'
  if (credentialsProfiles.get(profile)?.has('aws_access_key_id')) return 'static credentials'
  if (hasLogin) return undefined
  if (section.has('credential_process')) return 'a credential_process'
  if (section.has('aws_access_key_id')) return 'static credentials'
  if (section.has('role_arn')) return 'a role without source_profile'
  return undefined
}

function missingSettings(
  keys: readonly string[],
  session: string | undefined,
  profile: string | undefined,
  files: SharedFiles,
  platform: string,
): EksTokenError {
  const { configPath, profiles } = files
  const isMissing = session === undefined && profile !== undefined && !profiles.has(profile)
  const others = session === undefined ? otherLogins(profile, files) : ''
  const meant = isMissing ? closestMatch(profile, ssoProfiles(files)) : undefined
  const place =
    session === undefined ? `profile ${redactValue(profile ?? '')}` : `[sso-session ${redactValue(session)}]`
  return new EksTokenError(
    'ERR_LOGIN_SETTING',
    `Missing the following required SSO configuration values: ${keys.join(', ')} (${place}${isMissing ? ' does not exist' : ''})`,
    {
      remedy:
        meant === undefined
          ? `${others === '' ? '' : `use ${others}, or `}add ${keys.join(' and ')} to ${place} in ${shownPath(configPath)}`
          : `did you mean --profile ${quoteWord(redactValue(meant), platform)}?`,
      ...(isMissing && others === ''
        ? { missing: { kind: 'profile', name: profile, setting: '--profile or AWS_PROFILE' } as const }
        : {}),
    },
  )
}

/** The options that select another login of IAM Identity Center; empty without any. */
function otherLogins(profile: string | undefined, files: SharedFiles): string {
  const names = ssoProfiles(files).filter((name) => name !== profile)
  const options = [
    ['--profile', names],
    ['--sso-session', [...files.ssoSessions.keys()]],
  ] as const
  return options
    .filter(([, values]) => values.length > 0)
    .map(([option, values]) => `${option} ${values.slice(0, MAX_NAMES).map(redactValue).join(' | ')}`)
    .join(' or ')
}

function ssoProfiles({ profiles }: SharedFiles): string[] {
  return [...profiles.keys()].filter((name) => usesSso(profiles.get(name) ?? new Map()))
}

/** More would hide the rest of the hint. */
const MAX_NAMES = 8
