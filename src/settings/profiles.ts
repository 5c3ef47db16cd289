import { EksTokenError } from '../errors.ts'
import { strip, stripEnd, stripStart } from './white-space.ts'
import { splitWords } from './words.ts'

/** A value of the files: text, or the keys of an indented block (`services` → `sts` → `endpoint_url`). */
export type Value = string | ReadonlyMap<string, string>

/** The keys of one section, lower case. */
export type Section = ReadonlyMap<string, Value>

/** What the two shared files say, as the AWS CLI puts them together. */
export interface SharedFiles {
  /** Both paths as used, `~` and variables expanded; the files need not exist. */
  readonly configPath: string
  readonly credentialsPath: string
  /** Both files merged, profile by profile: a key of the credentials file wins. */
  readonly profiles: ReadonlyMap<string, Section>
  /** The same profiles as each file alone has them: static keys are never mixed from two files. */
  readonly configProfiles: ReadonlyMap<string, Section>
  readonly credentialsProfiles: ReadonlyMap<string, Section>
  readonly ssoSessions: ReadonlyMap<string, Section>
  readonly services: ReadonlyMap<string, Section>
  /** Headings of the config file that are nothing known: most often a profile without the word. */
  readonly otherHeadings: readonly string[]
}

/** What reading the files takes from outside. */
export interface FileSystem {
  readonly env: Readonly<Record<string, string | undefined>>
  /** undefined: HOME is not set, and the system does not know the user. */
  readonly homeDirectory: () => string | undefined
  /** Our own id; undefined where there are none (Windows). */
  readonly userId: number | undefined
  /** The text of a file, undefined when there is none (or a folder). Bytes that are not UTF-8 are an error. */
  readonly readText: (path: string) => string | undefined
}

/**
 * Reads the shared config and credentials files as the AWS CLI does.
 * https://github.com/boto/botocore/blob/develop/botocore/configloader.py
 *
 * @throws EksTokenError `ERR_CONFIG_FILE` for a file that the AWS CLI refuses
 */
export function readSharedFiles(system: FileSystem): SharedFiles {
  const configPath = expandPath(system.env.AWS_CONFIG_FILE ?? '~/.aws/config', system)
  const credentialsPath = expandPath(system.env.AWS_SHARED_CREDENTIALS_FILE ?? '~/.aws/credentials', system)
  const config = readIniFile(configPath, system)
  const credentialsProfiles = readIniFile(credentialsPath, system)

  const configProfiles = new Map<string, Section>()
  const ssoSessions = new Map<string, Section>()
  const services = new Map<string, Section>()
  const otherHeadings: string[] = []
  for (const [name, section] of config) {
    if (name.startsWith('profile')) addNamed(configProfiles, name, section)
    else if (name.startsWith('sso-session')) addNamed(ssoSessions, name, section)
    else if (name.startsWith('services')) addNamed(services, name, section)
    else if (name === 'default') configProfiles.set(name, section)
    else otherHeadings.push(name)
  }
  const profiles = new Map<string, Section>(configProfiles)
  for (const [name, section] of credentialsProfiles) {
    profiles.set(name, new Map([...(profiles.get(name) ?? []), ...section]))
  }
  return {
    configPath,
    credentialsPath,
    profiles,
    configProfiles,
    credentialsProfiles,
    ssoSessions,
    services,
    otherHeadings,
  }
}

/** `[profile dev]`: two shell words. Any other number of words, or an open quote, is no section of this kind. */
function addNamed(sections: Map<string, Section>, heading: string, section: Section): void {
  const words = splitWords(heading)
  if (words?.length === 2) sections.set(words[1] as string, section)
}

/**
 * Expands `$NAME`, `${NAME}` and a leading `~` as Python's expandvars and expanduser do: an unknown variable and
 * another user's `~name` stay as they are.
 */
export function expandPath(path: string, system: Pick<FileSystem, 'env' | 'homeDirectory'>): string {
  // A brace that is not closed takes the rest with it, so that the rest is not looked through again.
  const expanded = path.replace(/\$(\w+|\{[^}]*\}?)/g, (whole, word: string) => {
    const name = word.startsWith('{') ? word.slice(1, -1) : word
    const isVariable = !word.startsWith('{') || word.endsWith('}')
    return isVariable && Object.hasOwn(system.env, name) ? (system.env[name] ?? whole) : whole
  })
  if (expanded !== '~' && !expanded.startsWith('~/')) return expanded
  const home = system.homeDirectory()
  if (home === undefined) return expanded
  return home.replace(/\/+$/, '') + expanded.slice(1) || '/'
}

function readIniFile(path: string, system: FileSystem): ReadonlyMap<string, Section> {
  if (path === '') return new Map()
  let text: string | undefined
  try {
    text = system.readText(path)
  } catch (cause) {
    throw new EksTokenError('ERR_CONFIG_FILE', `Unable to parse config file: ${(cause as Error).message}`, { cause })
  }
  return text === undefined ? new Map() : parseIni(text, path)
}

/**
 * Reads an INI text as Python's RawConfigParser does, with one level of indented blocks.
 * https://docs.python.org/3.11/library/configparser.html#supported-ini-file-structure
 *
 * - `=` or `:` between key and value, the first of them counts; keys in lower case
 * - `#` and `;` begin a comment only where a line begins; quotes and later `#` belong to the value
 * - a line indented deeper than its key goes on with the value
 * - `[DEFAULT]` gives its keys to every section
 *
 * @param path - for the message only
 * @throws EksTokenError `ERR_CONFIG_FILE`, naming the line: text before the first section, a section or key twice,
 *   a line that is neither, an indented block with a line without `=`
 */
export function parseIni(text: string, path: string): ReadonlyMap<string, Section> {
  const sections = new Map<string, Map<string, string[]>>()
  const defaults = new Map<string, string[]>()
  let section: Map<string, string[]> | undefined
  let value: string[] | undefined
  let indent = 0
  let stray: EksTokenError | undefined
  const lines = text.split(/\r\n|\r|\n/)
  // The end of the last line is no line of its own.
  if (lines.at(-1) === '') lines.pop()
  lines.forEach((line, index) => {
    const fail = (why: string) => unparsable(path, index + 1, why)
    const stripped = strip(line)
    if (stripped.startsWith('#') || stripped.startsWith(';')) return
    if (stripped === '') {
      value?.push('')
      return
    }
    const lineIndent = line.length - stripStart(line).length
    if (section && value && lineIndent > indent) {
      value.push(stripped)
      return
    }
    indent = lineIndent
    const heading = /^\[(.+)\]/.exec(stripped)?.[1]
    if (heading !== undefined) {
      value = undefined
      if (heading === 'DEFAULT') {
        section = defaults
      } else {
        if (sections.has(heading)) throw fail(`the section ${shownName(heading)} is there twice`)
        section = new Map()
        sections.set(heading, section)
      }
      return
    }
    if (!section) {
      throw fail(
        stripped.startsWith('[')
          ? 'a section begins with [ and does not end with ]'
          : 'there is text before the first [section]',
      )
    }
    const delimiter = stripped.search(/[=:]/)
    if (delimiter <= 0) {
      // Python reads on, and a section or key that is there twice is reported before the stray line.
      stray ??= fail('this line is neither a [section] nor "key = value"')
      // A key that is empty is stored all the same, so lines indented below it are its value.
      if (delimiter < 0) return
    }
    const key = strip(stripped.slice(0, delimiter)).toLowerCase()
    if (section.has(key)) throw fail(`the key ${shownName(key)} is there twice in its section`)
    value = [strip(stripped.slice(delimiter + 1))]
    section.set(key, value)
  })
  if (stray) throw stray
  const result = new Map<string, Section>()
  for (const [name, own] of sections) {
    const keys = new Map<string, Value>()
    for (const [key, parts] of new Map([...defaults, ...own])) keys.set(key, joined(parts, path, name, key))
    result.set(name, keys)
  }
  return result
}

/** A value whose text begins on the line below its key is a block of keys of its own. */
function joined(parts: readonly string[], path: string, section: string, key: string): Value {
  const text = stripEnd(parts.join('\n'))
  if (!text.startsWith('\n')) return text
  const block = new Map<string, string>()
  for (const line of text.split('\n').map(strip)) {
    if (line === '') continue
    const equals = line.indexOf('=')
    if (equals < 0) {
      throw new EksTokenError(
        'ERR_CONFIG_FILE',
        `Unable to parse config file: ${path}: section ${shownName(section)}, key ${shownName(key)}: a line indented below it has no "="`,
        { remedy: 'correct the file, or name another with AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE' },
      )
    }
    block.set(strip(line.slice(0, equals)), strip(line.slice(equals + 1)))
  }
  return block
}

/** Text of a file goes into a message only where it looks like a name: a line in the wrong place may be a secret. */
function shownName(name: string): string {
  return /^(profile |sso-session |services )?[\w.@-]{1,40}$/.test(name)
    ? `"${name}"`
    : '(not shown: it does not look like a name)'
}

function unparsable(path: string, line: number, why: string): EksTokenError {
  return new EksTokenError('ERR_CONFIG_FILE', `Unable to parse config file: ${path}: line ${line}: ${why}`, {
    remedy: 'correct the file, or name another with AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE',
  })
}
