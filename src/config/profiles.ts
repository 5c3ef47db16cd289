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

  const headers = sortHeaders(config)
  const configProfiles = named(headers.profiles, config)
  return {
    configPath,
    credentialsPath,
    profiles: merged(configProfiles, credentialsProfiles),
    configProfiles,
    credentialsProfiles,
    ssoSessions: named(headers.ssoSessions, config),
    services: named(headers.services, config),
  }
}

/** The section headers of the config file by what they name. The last header with a name counts. */
function sortHeaders(config: Sections) {
  const profiles = new Map<string, string>()
  const ssoSessions = new Map<string, string>()
  const services = new Map<string, string>()
  // A space at the end of any header is one of two.
  const all = [...config.keys(), ''].join(' ')
  const isPlain = SHELL_SYNTAX.every((text) => all.split(text).length === 1)
  for (const header of config.keys()) {
    if (header.startsWith('profile')) addNamed(profiles, header, isPlain)
    else if (header.startsWith('sso-session')) addNamed(ssoSessions, header, isPlain)
    else if (header.startsWith('services')) addNamed(services, header, isPlain)
    else if (header === 'default') profiles.set(header, header)
  }
  return { profiles, ssoSessions, services }
}

/** With none of these a text splits into shell words at each space. */
const SHELL_SYNTAX = ["'", '"', '\\', '\t', '  ']

/** Adds `[profile dev]`; a header with more or fewer than two shell words, or an unclosed quote, is ignored. */
function addNamed(names: Map<string, string>, header: string, isPlain: boolean): void {
  // Thousands of headers are not split character by character.
  const words = isPlain ? header.split(' ') : shellSplit(header)
  if (words?.length === 2) names.set(words[1] as string, header)
}

function named(headers: ReadonlyMap<string, string>, config: Sections): Sections {
  return {
    has: (name) => headers.has(name),
    get: (name) => {
      const header = headers.get(name)
      return header === undefined ? undefined : config.get(header)
    },
    keys: () => headers.keys(),
  }
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
