import { closestMatch } from '../../closest-match.ts'
import type { SharedFiles } from '../../config/profiles.ts'
import { EksTokenError, type MissingSection } from '../../errors.ts'
import { describeFile } from '../../file-problem.ts'
import { redactValue } from '../../redact.ts'
import type { Runtime } from '../../runtime.ts'
import { correctHeader, headerProblem, isRead, meantName, plainText, sectionHeaders } from './section-headers.ts'

/**
 * The error for a section that a setting names and that does not exist, with the reason where there is one: a header that
 * the AWS CLI does not read, a similar name, or a file that is missing.
 */
export function explainMissingSection(
  error: EksTokenError,
  missing: MissingSection,
  files: SharedFiles,
  runtime: Runtime,
): EksTokenError {
  const { fact, remedy } = explain(missing, files, runtime)
  const message = fact === undefined ? error.message : `${error.message.replace(/\.$/, '')}: ${fact}`
  return new EksTokenError(error.code, message, { remedy })
}

interface Explanation {
  /** Completes the message; undefined: nothing to add. */
  readonly fact?: string
  readonly remedy: string
}

function explain(missing: MissingSection, files: SharedFiles, runtime: Runtime): Explanation {
  const { kind, name } = missing
  if (name.trim() === '') return { fact: 'the name is empty', remedy: emptyName(missing, files) }
  return (
    droppedHeader(missing, files, runtime) ??
    similarName(missing, files) ??
    missingFile(files, runtime) ?? {
      remedy:
        kind === 'profile' ? otherProfiles(files, missing) : `add ${correctHeader(kind, name)} to ${files.configPath}`,
    }
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

/** A file that a variable names and that cannot be read is the reason for all that is not in it. */
function missingFile({ configPath, credentialsPath }: SharedFiles, runtime: Runtime): Explanation | undefined {
  for (const [variable, path] of [
    ['AWS_CONFIG_FILE', configPath],
    ['AWS_SHARED_CREDENTIALS_FILE', credentialsPath],
  ] as const) {
    const problem = describeFile(path, runtime)
    if (problem === undefined || (problem === 'does not exist' && runtime.env[variable] === undefined)) continue
    const source = runtime.env[variable] === undefined ? '' : ` (${variable})`
    return {
      fact: `${redactValue(path)}${source} ${problem}`,
      remedy:
        problem === 'does not exist'
          ? `correct ${variable}, or unset it`
          : `make ${redactValue(path)} a file that you can read`,
    }
  }
  return undefined
}

const MAX_NAMES = 12

function otherProfiles(files: SharedFiles, missing: MissingSection): string {
  const { setting } = missing
  const known = namesOf(missing, files).map(redactValue)
  if (known.length === 0) {
    return `create it with 'aws configure': ${files.configPath} and ${files.credentialsPath} contain no profiles`
  }
  return `set ${setting} to one of: ${known.slice(0, MAX_NAMES).join(', ')}${known.length > MAX_NAMES ? ', …' : ''}`
}
