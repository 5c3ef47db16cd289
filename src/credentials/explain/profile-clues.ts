import { closestMatch } from '../../closest-match.ts'
import type { Settings } from '../../config/settings.ts'
import type { Section } from '../../python/config-parser.ts'
import { redactValue } from '../../redact.ts'
import type { Runtime } from '../../runtime.ts'
import { shownPath } from '../../shown-path.ts'
import { CREDENTIAL_KEYS } from '../plan/profile.ts'
import { loginCommand } from '../sources/login-file.ts'
import type { Clue } from './clue.ts'

/** The keys that a profile gets credentials from. */
const KEYS = [
  ...CREDENTIAL_KEYS,
  'aws_secret_access_key',
  'aws_session_token',
  'source_profile',
  'credential_source',
  'sso_session',
  'sso_start_url',
]
/** Settings for other purposes, whose names are as similar as those of a typing error. */
const SIMILAR_KEYS = ['sso_region', 'aws_account_id', 'aws_security_token']

/** What the profile has of a credential source that is not complete. */
export function profileClues({
  profile,
  files,
}: {
  readonly profile: Pick<Settings['profile'], 'name' | 'section'>
  readonly files: Settings['files']
}): Clue[] {
  const { name, section } = profile
  const has = (key: string): boolean => section.has(key)
  const shown = `profile ${redactValue(name)}`
  const clues: Clue[] = misspelledKeys(section).map(([key, meant]) => ({
    fact: `${shown} has ${redactValue(key)}, which is not a known setting`,
    remedy: `did you mean ${meant}? Correct it in ${pathOf(key, name, files)}`,
  }))
  const incomplete = (fact: string, missing: string): void => {
    clues.push({ fact: `${shown} has ${fact}`, remedy: `add ${missing} to ${shown}` })
  }
  const secret = ['aws_secret_access_key', 'aws_session_token'].find(has)
  if (secret !== undefined && !has('aws_access_key_id')) {
    clues.push({
      fact: `${shown} has ${secret}, but no aws_access_key_id`,
      remedy: `add aws_access_key_id to the same section in ${pathOf(secret, name, files)}`,
    })
  }
  const source = ['source_profile', 'credential_source'].find(has)
  if (source !== undefined && !has('role_arn')) incomplete(`${source}, but no role_arn`, 'role_arn')
  const sso = ['sso_session', 'sso_start_url'].find(has)
  if (sso !== undefined) {
    incomplete(`${sso}, but neither sso_account_id nor sso_role_name`, 'sso_account_id and sso_role_name')
  }
  if (section.get('web_identity_token_file') === '') {
    incomplete('an empty web_identity_token_file', 'the path of the token')
  }
  return clues
}

function misspelledKeys(section: Section): [key: string, meant: string][] {
  return [...section.keys()].flatMap((key): [string, string][] => {
    if (KEYS.includes(key) || SIMILAR_KEYS.includes(key)) return []
    // `export AWS_ACCESS_KEY_ID=…` is a line for a shell.
    const plain = key.replace(/^(export|set)\s+/, '').replaceAll('-', '_')
    const meant = KEYS.find((known) => known === plain) ?? closestKey(plain)
    return meant === undefined || section.has(meant) ? [] : [[key, meant]]
  })
}

/** Only typing errors: settings of other purposes have similar names. */
function closestKey(key: string): string | undefined {
  const match = closestMatch(key, KEYS)
  return match !== undefined && Math.abs(match.length - key.length) <= 2 ? match : undefined
}

function pathOf(
  key: string,
  profile: string,
  { configProfiles, configPath, credentialsPath }: Settings['files'],
): string {
  return shownPath(configProfiles.get(profile)?.has(key) ? configPath : credentialsPath)
}

/** The command that signs a profile in; without a profile it creates the default one. */
export function selectedLoginCommand(
  { name, source }: Pick<Settings['profile'], 'name' | 'source'>,
  { processHost }: Runtime,
): string {
  return source === 'default' ? 'eks-get-token login' : loginCommand(name, processHost.platform)
}

const MAX_NAMES = 12

/** Without a selected profile: the profiles that exist. Of a selected one: that it has nothing to sign with. */
export function otherProfileClues({ profile, files }: Settings, runtime: Runtime): Clue[] {
  const { name, source, section } = profile
  const { profiles } = files
  const others = [...profiles.keys()].filter(
    (other) => other !== name && KEYS.some((key) => profiles.get(other)?.has(key)),
  )
  const names = others.map(redactValue).sort()
  const list = `${names.slice(0, MAX_NAMES).join(', ')}${names.length > MAX_NAMES ? ', …' : ''}`
  if (source === 'default' && section.size === 0 && names.length > 0) {
    return [
      {
        fact: 'no profile is selected (AWS_PROFILE is not set), and there is no default profile',
        remedy: `use ${names.length === 1 ? `--profile ${list}` : `--profile with one of: ${list}`}`,
      },
    ]
  }
  if (source === 'default' || KEYS.some((key) => section.has(key))) return []
  const keys = [...section.keys()].map(redactValue)
  return [
    {
      fact: `profile ${redactValue(name)} (${source}) has ${keys.length === 0 ? 'no settings' : `only ${keys.join(', ')}`}`,
      remedy:
        names.length > 0
          ? `sign in to the AWS console with '${selectedLoginCommand(profile, runtime)}', use another profile (${list}), or add credentials, a role or an SSO configuration to this one`
          : `sign in to the AWS console with '${selectedLoginCommand(profile, runtime)}', or add credentials, a role or an SSO configuration to profile ${redactValue(name)}`,
    },
  ]
}
