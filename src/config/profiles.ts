import { EksTokenError, endsRun, isEksTokenError } from '../errors.ts'
import { parseIni, type Section, type Sections } from '../python/config-parser.ts'
import { expandPath } from '../python/expand.ts'
import { shellSplit } from '../python/shlex.ts'
import type { Runtime } from '../runtime.ts'

/** The shared config and credentials files, merged as the AWS CLI does. */
export interface SharedFiles {
  /** The paths, with `~` and variables expanded; the files may not exist. */
  readonly configPath: string
  readonly credentialsPath: string
  /** The merged profiles: keys of the credentials file take precedence. */
  readonly profiles: Sections
  /** The profiles of each single file: static credentials are never combined from both. */
  readonly configProfiles: Sections
  readonly credentialsProfiles: Sections
  readonly ssoSessions: Sections
  readonly services: Sections
}

/**
 * Reads the shared config and credentials files as the AWS CLI does.
 * https://github.com/aws/aws-cli/blob/2.36.7/awscli/botocore/configloader.py
 *
 * @throws EksTokenError `ERR_CONFIG_FILE` for a file that the AWS CLI rejects
 */
export function readSharedFiles(runtime: Runtime): SharedFiles {
  const configPath = expandPath(runtime.env.AWS_CONFIG_FILE ?? '~/.aws/config', runtime)
  const credentialsPath = expandPath(runtime.env.AWS_SHARED_CREDENTIALS_FILE ?? '~/.aws/credentials', runtime)
  const config = readIniFile(configPath, runtime)
  const credentialsProfiles = readIniFile(credentialsPath, runtime)

  const headers = readHeaders(config)
  const configProfiles = named('profile', config, headers)
  return {
    configPath,
    credentialsPath,
    profiles: merged(configProfiles, credentialsProfiles),
    configProfiles,
    credentialsProfiles,
    ssoSessions: named('sso-session', config, headers),
    services: named('services', config, headers),
  }
}

/** How section headers are spelled; a function, as a run with a small file or none does not ask. */
interface Headers {
  /** Whether each one splits into shell words at each space: no quotes, no control characters, no second space. */
  readonly arePlain: () => boolean
  /** Whether a header starts with this word, and continues other than with a space: `[profiles dev]`. */
  readonly haveOtherWord: (word: string) => boolean
}

function readHeaders(config: Sections): Headers {
  let text: string | undefined
  let arePlain: boolean | undefined
  // A space at the end of a header is one of two.
  const all = () => (text ??= `\n${[...config.keys(), ''].join(' \n')}`)
  return {
    arePlain: () => {
      // JSON has two characters for each of these, and for each line end.
      const escaped = () => JSON.stringify(all()).length - all().length - 2
      arePlain ??= !all().includes("'") && !all().includes('  ') && escaped() === [...config.keys()].length + 1
      return arePlain
    },
    haveOtherWord: (word) => all().split(`\n${word}`).length !== all().split(`\n${word} `).length,
  }
}

/**
 * The sections of one kind by the name in their headers: `[profile dev]`. The kind is a prefix; a header with more or fewer
 * than two shell words, or an unclosed quote, is ignored; the last header with a name counts.
 */
function named(kind: 'profile' | 'sso-session' | 'services', config: Sections, headers: Headers): Sections {
  let sorted: Map<string, string> | undefined
  const all = (): Map<string, string> => {
    if (sorted) return sorted
    sorted = new Map()
    for (const header of config.keys()) {
      // Thousands of headers are not split character by character.
      const words = header.startsWith(kind) ? splitHeader(header, headers.arePlain()) : undefined
      if (words?.length === 2) sorted.set(words[1] as string, header)
      else if (kind === 'profile' && header === 'default') sorted.set(header, header)
    }
    return sorted
  }
  let isUnique: boolean | undefined
  /** Thousands of headers are not split to find one of them. */
  const headerOf = (name: string): string | undefined => {
    isUnique ??= headers.arePlain() && !headers.haveOtherWord(kind)
    const header = `${kind} ${name}`
    const isDefault = kind === 'profile' && name === 'default' && config.has(name)
    if (!isUnique || name === '' || name.includes(' ') || (isDefault && config.has(header))) return all().get(name)
    return config.has(header) ? header : isDefault ? name : undefined
  }
  return {
    has: (name) => headerOf(name) !== undefined,
    get: (name) => {
      const header = headerOf(name)
      return header === undefined ? undefined : config.get(header)
    },
    keys: () => all().keys(),
  }
}

function splitHeader(header: string, isPlain: boolean): string[] | undefined {
  return isPlain ? header.split(' ') : shellSplit(header)
}

/** The keys of `preferred` take precedence. */
function merged(base: Sections, preferred: Sections): Sections {
  return {
    has: (name) => base.has(name) || preferred.has(name),
    get: (name) => {
      const section = preferred.get(name)
      return section ? new Map([...(base.get(name) ?? []), ...section]) : base.get(name)
    },
    keys: () => new Set([...base.keys(), ...preferred.keys()]),
  }
}

function readIniFile(path: string, runtime: Runtime): Sections {
  if (path === '') return parseIni('', path)
  let text: string | undefined
  try {
    text = runtime.readText(path)
  } catch (cause) {
    if (endsRun(cause)) throw cause
    throw new EksTokenError('ERR_CONFIG_FILE', `Unable to parse config file: ${(cause as Error).message}`, {
      cause,
      remedy: isEksTokenError(cause) ? cause.remedy : 'correct the file',
    })
  }
  return parseIni(text ?? '', path)
}

/**
 * The value of a key.
 *
 * @throws EksTokenError `ERR_SETTING` for a nested section
 */
export function stringValue(section: Section, key: string, profileName: string): string | undefined {
  const value = section.get(key)
  if (value === undefined || typeof value === 'string') return value
  throw new EksTokenError('ERR_SETTING', `${key} of profile ${profileName} is a nested section: expected a value`, {
    remedy: `write the value on the same line as ${key}`,
  })
}
