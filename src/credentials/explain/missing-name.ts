import { regionMeantBy } from '../../aws/regions.ts'
import { closestMatch } from '../../closest-match.ts'
import { quoteWord } from '../../command-line.ts'
import type { SharedFiles } from '../../config/profiles.ts'
import { EksTokenError, type MissingName } from '../../errors.ts'
import { redactValue } from '../../redact.ts'
import type { Runtime } from '../../runtime.ts'
import { shownPath } from '../../shown-path.ts'
import { credentialSourceClue } from './credential-source.ts'
import { describeFiles, missingFile } from './missing-file.ts'
import { profileClues } from './profile-clues.ts'
import {
  correctHeader,
  headerProblem,
  hiddenHeaders,
  isRead,
  meantName,
  plainText,
  type SectionKind,
  sectionHeaders,
} from './section-headers.ts'

/**
 * The error for a name in a setting that does not exist, or has no credentials, with the reason where there is one: a header
 * that the AWS CLI does not read, a similar name, a misspelled key, or a file that is missing.
 */
export function explainMissingName(
  error: EksTokenError,
  missing: MissingName,
  files: SharedFiles,
  runtime: Runtime,
): EksTokenError {
  const { fact, remedy = error.remedy } = explain(missing, files, runtime)
  const message = fact === undefined ? error.message : `${error.message.replace(/\.$/, '')}: ${fact}`
  return new EksTokenError(error.code, message, { remedy })
}

/**
 * What was meant by the name of a section that does not exist: a section whose header the AWS CLI does not read, or another
 * name. undefined: nothing is similar.
 */
export function meantSection(missing: MissingSection, files: SharedFiles, runtime: Runtime): Explanation | undefined {
  return (
    droppedHeader(missing, files, runtime) ??
    hiddenHeader(missing, files, runtime) ??
    nameOfSession(missing, files) ??
    similarName(missing, files)
  )
}

interface MissingSection extends MissingName {
  readonly kind: SectionKind
}

function explain(missing: MissingName, files: SharedFiles, runtime: Runtime): Partial<Explanation> {
  const { kind, name, setting } = missing
  switch (kind) {
    case 'region':
      return correctRegion(missing)
    case 'credentials':
      return profileClues({ profile: { name, section: files.profiles.get(name) ?? new Map() }, files })[0] ?? {}
    case 'credential-source':
      return credentialSourceClue(name, setting, runtime)
    default:
      return explainSection({ ...missing, kind }, files, runtime)
  }
}

function correctRegion({ name, setting }: MissingName): Partial<Explanation> {
  const meant = regionMeantBy(name)
  return meant ? { remedy: `did you mean ${meant}? Correct ${setting}` } : {}
}

interface Explanation {
  /** Completes the message; undefined: nothing to add. */
  readonly fact?: string
  readonly remedy: string
}

function explainSection(missing: MissingSection, files: SharedFiles, runtime: Runtime): Explanation {
  const { kind, name } = missing
  if (name.trim() === '') return { fact: 'the name is empty', remedy: emptyName(missing, files, runtime) }
  return (
    meantSection(missing, files, runtime) ??
    missingFile(files, runtime) ??
    (kind === 'profile'
      ? {
          ...(namesOf(missing, files).length === 0 && { fact: describeFiles(files, runtime) }),
          remedy: otherProfiles(files, missing, runtime),
        }
      : {
          remedy: `add ${correctHeader(kind, name)}${kind === 'services' ? '' : ' with sso_start_url and sso_region'} to ${shownPath(files.configPath)}${orOthers(missing, files)}`,
        })
  )
}

function emptyName(missing: MissingSection, files: SharedFiles, runtime: Runtime): string {
  const { kind, setting } = missing
  if (kind !== 'profile') return `remove ${setting}`
  return `${setting.startsWith('AWS_') ? 'unset' : 'remove'} ${setting}, or ${otherProfiles(files, missing, runtime)}`
}

/** A header that was meant for the section, and that the AWS CLI reads as another or does not read. */
function droppedHeader({ kind, name }: MissingSection, files: SharedFiles, runtime: Runtime): Explanation | undefined {
  const { configPath, credentialsPath } = files
  const isMeant = (text: string): boolean => isSame(meantName(text, kind) ?? '', name)
  const headers = sectionHeaders(configPath, runtime).filter(({ text }) => !isRead(text, kind))
  const dropped = headers.find(({ text }) => isMeant(text)) ?? headers.find(({ text }) => isSame(text, name))
  if (dropped) {
    const header = `[${redactValue(dropped.text)}] in ${shownPath(configPath)}, line ${dropped.line},`
    return {
      fact: `the section header ${header} ${headerProblem(dropped.text, kind)}`,
      remedy: `change the section header to ${correctHeader(kind, name)}`,
    }
  }
  if (kind !== 'profile') return undefined
  const isPlain = name === plainText(name)
  const inCredentials = sectionHeaders(credentialsPath, runtime).find(
    ({ text }) => isMeant(text) || (isPlain && isSame(text, name)),
  )
  if (!inCredentials) return undefined
  const isConfigForm = isMeant(inCredentials.text)
  return {
    fact: `the section header [${redactValue(inCredentials.text)}] in ${shownPath(credentialsPath)}, line ${inCredentials.line}, ${isConfigForm ? 'uses the syntax of the config file' : 'has spaces, quotes or invisible characters around the name'}`,
    remedy: `change [${redactValue(inCredentials.text)}] to [${redactValue(name)}]`,
  }
}

/** A header that is indented, and so part of the value above it, or a comment. */
function hiddenHeader({ kind, name }: MissingSection, files: SharedFiles, runtime: Runtime): Explanation | undefined {
  const { configPath, credentialsPath } = files
  for (const path of kind === 'profile' ? [configPath, credentialsPath] : [configPath]) {
    const header = hiddenHeaders(path, runtime).find(({ text }) =>
      path === configPath ? meantName(text, kind) === name : text === name,
    )
    if (!header) continue
    return {
      fact: `the section header [${redactValue(header.text)}] in ${shownPath(path)}, line ${header.line}, is ${header.isComment ? 'a comment' : 'indented, so it continues the value above it'}`,
      remedy: header.isComment
        ? `remove the comment character in line ${header.line}`
        : `remove the spaces at the beginning of line ${header.line}`,
    }
  }
  return undefined
}

/** The name of an sso-session in place of that of a profile. */
function nameOfSession({ kind, name, setting }: MissingSection, files: SharedFiles): Explanation | undefined {
  if (kind !== 'profile' || !files.ssoSessions.has(name)) return undefined
  const users = [...files.profiles.keys()].filter((profile) => files.profiles.get(profile)?.get('sso_session') === name)
  const shown = redactValue(name)
  return {
    fact: `${shown} is the name of an sso-session`,
    remedy:
      users.length > 0
        ? `set ${setting} to a profile of this session: ${shortList(users)}`
        : `add [profile ${shown}] with sso_session = ${shown}, sso_account_id and sso_role_name to ${shownPath(files.configPath)}`,
  }
}

/** Equal but for spaces and quotes. */
function isSame(text: string, name: string): boolean {
  return plainText(text) === plainText(name) && plainText(name) !== ''
}

function similarName(missing: MissingSection, files: SharedFiles): Explanation | undefined {
  const { name, setting } = missing
  const names = namesOf(missing, files)
  const exact = names.find((candidate) => isSame(candidate, name))
  if (exact !== undefined) {
    return {
      fact: 'there are spaces or quotes around the name',
      remedy: `remove them from ${setting}: ${redactValue(exact)}`,
    }
  }
  const match = closestMatch(name, names)
  return match === undefined ? undefined : { remedy: `did you mean ${redactValue(match)}? Correct ${setting}` }
}

function namesOf(
  { kind, except }: MissingSection,
  { profiles, ssoSessions, services }: SharedFiles,
): readonly string[] {
  const sections = kind === 'profile' ? profiles : kind === 'sso-session' ? ssoSessions : services
  return [...sections.keys()].filter((name) => name !== except)
}

function orOthers(missing: MissingSection, files: SharedFiles): string {
  const names = listNames(missing, files)
  return names === '' ? '' : `, or set ${missing.setting} to one of: ${names}`
}

const MAX_NAMES = 12

function listNames(missing: MissingSection, files: SharedFiles): string {
  return shortList(namesOf(missing, files))
}

function shortList(names: readonly string[]): string {
  return `${names.slice(0, MAX_NAMES).map(redactValue).join(', ')}${names.length > MAX_NAMES ? ', …' : ''}`
}

function otherProfiles(files: SharedFiles, missing: MissingSection, { processHost }: Runtime): string {
  const { name, setting } = missing
  const names = listNames(missing, files)
  if (names !== '') return `set ${setting} to one of: ${names}`
  if (name.trim() === '') return `set ${setting} to the name of a profile; 'eks-get-token login' creates one`
  const quoted = quoteWord(redactValue(name), processHost.platform)
  return (
    `create it with one of: eks-get-token login --profile ${quoted} (AWS console), ` +
    `aws configure sso --profile ${quoted} (IAM Identity Center), aws configure --profile ${quoted} (access keys)`
  )
}
