import { regionMeantBy } from '../../aws/regions.ts'
import { closestMatch } from '../../closest-match.ts'
import type { SharedFiles } from '../../config/profiles.ts'
import { EksTokenError, type MissingName } from '../../errors.ts'
import { describeFile } from '../../file-problem.ts'
import { shellQuote } from '../../python/shlex.ts'
import { redactValue } from '../../redact.ts'
import type { Runtime } from '../../runtime.ts'
import {
  correctHeader,
  headerProblem,
  isRead,
  meantName,
  plainText,
  type SectionKind,
  sectionHeaders,
} from './section-headers.ts'

/**
 * The error for a name in a setting that does not exist, with the reason where there is one: a header that the AWS CLI does
 * not read, a similar name, or a file that is missing.
 */
export function explainMissingName(
  error: EksTokenError,
  missing: MissingName,
  files: SharedFiles,
  runtime: Runtime,
): EksTokenError {
  const { fact, remedy } = isSection(missing)
    ? explainSection(missing, files, runtime)
    : { fact: undefined, remedy: correctRegion(missing) ?? error.remedy }
  const message = fact === undefined ? error.message : `${error.message.replace(/\.$/, '')}: ${fact}`
  return new EksTokenError(error.code, message, { remedy })
}

interface MissingSection extends MissingName {
  readonly kind: SectionKind
}

function isSection(missing: MissingName): missing is MissingSection {
  return missing.kind !== 'region'
}

function correctRegion({ name, setting }: MissingName): string | undefined {
  const meant = regionMeantBy(name)
  return meant && `did you mean ${meant}? Correct ${setting}`
}

interface Explanation {
  /** Completes the message; undefined: nothing to add. */
  readonly fact?: string
  readonly remedy: string
}

function explainSection(missing: MissingSection, files: SharedFiles, runtime: Runtime): Explanation {
  const { kind, name } = missing
  if (name.trim() === '') return { fact: 'the name is empty', remedy: emptyName(missing, files) }
  return (
    droppedHeader(missing, files, runtime) ??
    similarName(missing, files) ??
    missingFile(files, runtime) ??
    (kind === 'profile'
      ? { ...noProfiles(missing, files, runtime), remedy: otherProfiles(files, missing) }
      : {
          remedy: `add ${correctHeader(kind, name)}${kind === 'services' ? '' : ' with sso_start_url and sso_region'} to ${files.configPath}${orOthers(missing, files)}`,
        })
  )
}

function emptyName(missing: MissingSection, files: SharedFiles): string {
  const { kind, setting } = missing
  return kind === 'profile' ? `unset ${setting}, or ${otherProfiles(files, missing)}` : `remove ${setting}`
}

/** A header that was meant for the section, and that the AWS CLI reads as another or does not read. */
function droppedHeader({ kind, name }: MissingSection, files: SharedFiles, runtime: Runtime): Explanation | undefined {
  const { configPath, credentialsPath } = files
  const isMeant = (text: string): boolean => isSame(meantName(text, kind) ?? '', name)
  const headers = sectionHeaders(configPath, runtime).filter(({ text }) => !isRead(text, kind))
  const dropped = headers.find(({ text }) => isMeant(text)) ?? headers.find(({ text }) => isSame(text, name))
  if (dropped) {
    const header = `[${redactValue(dropped.text)}] in ${redactValue(configPath)}, line ${dropped.line},`
    return {
      fact: `the heading ${header} ${headerProblem(dropped.text, kind)}`,
      remedy: `change the heading to ${correctHeader(kind, name)}`,
    }
  }
  if (kind !== 'profile') return undefined
  const inCredentials = sectionHeaders(credentialsPath, runtime).find(({ text }) => isMeant(text))
  if (!inCredentials) return undefined
  return {
    fact: `the heading [${redactValue(inCredentials.text)}] in ${redactValue(credentialsPath)}, line ${inCredentials.line}, is in the form of the config file`,
    remedy: `change [${redactValue(inCredentials.text)}] to [${redactValue(name)}]`,
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

/** The files, and the variables that move them. */
function namedFiles({ configPath, credentialsPath }: SharedFiles) {
  return [
    ['AWS_CONFIG_FILE', configPath],
    ['AWS_SHARED_CREDENTIALS_FILE', credentialsPath],
  ] as const
}

/** A path with the variable that it is from. */
function nameFile(variable: string, path: string, { env }: Runtime): string {
  if (env[variable] === undefined) return redactValue(path)
  return path === '' ? `the file in ${variable}, which is empty,` : `${redactValue(path)} (${variable})`
}

/** A file that a variable names and that cannot be read is the reason for all that is not in it. */
function missingFile(files: SharedFiles, runtime: Runtime): Explanation | undefined {
  for (const [variable, path] of namedFiles(files)) {
    const problem = describeFile(path, runtime)
    if (problem === undefined || (problem === 'does not exist' && runtime.env[variable] === undefined)) continue
    return {
      fact: `${nameFile(variable, path, runtime)} ${problem}`,
      remedy:
        problem === 'does not exist'
          ? `correct ${variable}, or unset it`
          : `make ${redactValue(path)} a file that you can read`,
    }
  }
  return undefined
}

/** Where profiles were looked for, if there are none. */
function noProfiles(missing: MissingSection, files: SharedFiles, runtime: Runtime): Pick<Explanation, 'fact'> {
  if (namesOf(missing, files).length > 0) return {}
  const states = namedFiles(files).map(([variable, path]) => ({
    file: nameFile(variable, path, runtime),
    problem: describeFile(path, runtime) ?? 'contains no profiles',
  }))
  const isMissing = states.every(({ problem }) => problem === 'does not exist')
  return {
    fact: isMissing
      ? `neither ${states.map(({ file }) => file).join(' nor ')} exists`
      : states.map(({ file, problem }) => `${file} ${problem}`).join(', and '),
  }
}

function orOthers(missing: MissingSection, files: SharedFiles): string {
  const names = listNames(missing, files)
  return names === '' ? '' : `, or set ${missing.setting} to one of: ${names}`
}

const MAX_NAMES = 12

function listNames(missing: MissingSection, files: SharedFiles): string {
  const known = namesOf(missing, files).map(redactValue)
  return `${known.slice(0, MAX_NAMES).join(', ')}${known.length > MAX_NAMES ? ', …' : ''}`
}

function otherProfiles(files: SharedFiles, missing: MissingSection): string {
  const { name, setting } = missing
  const names = listNames(missing, files)
  if (names !== '') return `set ${setting} to one of: ${names}`
  if (name.trim() === '') return "create a profile with 'aws configure'"
  const quoted = shellQuote(redactValue(name))
  return (
    `create it: run 'eks-get-token login --profile ${quoted}' to sign in with the AWS console, ` +
    `'aws configure sso --profile ${quoted}' for IAM Identity Center, or 'aws configure --profile ${quoted}' for access keys`
  )
}
