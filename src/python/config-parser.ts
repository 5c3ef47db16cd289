import { EksTokenError } from '../errors.ts'
import { quoteConfigName } from '../redact.ts'
import { strip, stripEnd, stripStart } from './strip.ts'

/** A value of the files: text, or the keys of an indented block (`services` → `sts` → `endpoint_url`). */
export type Value = string | ReadonlyMap<string, string>

/** The keys of one section, lower case. */
export type Section = ReadonlyMap<string, Value>

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
        if (sections.has(heading)) throw fail(`the section ${quoteConfigName(heading)} is there twice`)
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
    if (section.has(key)) throw fail(`the key ${quoteConfigName(key)} is there twice in its section`)
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
        `Unable to parse config file: ${path}: section ${quoteConfigName(section)}, key ${quoteConfigName(key)}: a line indented below it has no "="`,
        { remedy: 'correct the file, or name another with AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE' },
      )
    }
    block.set(strip(line.slice(0, equals)), strip(line.slice(equals + 1)))
  }
  return block
}

function unparsable(path: string, line: number, why: string): EksTokenError {
  return new EksTokenError('ERR_CONFIG_FILE', `Unable to parse config file: ${path}: line ${line}: ${why}`, {
    remedy: 'correct the file, or name another with AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE',
  })
}
