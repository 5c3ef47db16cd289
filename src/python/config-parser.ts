import { EksTokenError } from '../errors.ts'
import { quoteConfigName } from '../redact.ts'
import { strip, stripEnd, stripStart } from './strip.ts'

/** A value: text, or the keys of a nested section (`services` → `sts` → `endpoint_url`). */
export type ConfigValue = string | ReadonlyMap<string, string>

/** The values of one section by key, in lower case. */
export type Section = ReadonlyMap<string, ConfigValue>

/**
 * Parses an INI file as Python's `RawConfigParser` does, with one level of nested sections.
 * https://docs.python.org/3.11/library/configparser.html#supported-ini-file-structure
 *
 * - the first `=` or `:` separates key and value; keys are lower-cased
 * - `#` and `;` start a comment only at the start of a line; quotes and a later `#` belong to the value
 * - a line indented deeper than its key continues the value
 * - the keys of `[DEFAULT]` apply to every section
 *
 * @param path - for error messages
 * @throws EksTokenError `ERR_CONFIG_FILE` with the line number: text before the first section, a duplicate section or key,
 *   a line that is neither a section header nor a key, a line without `=` in a nested section
 */
export function parseIni(text: string, path: string): ReadonlyMap<string, Section> {
  const sections = new Map<string, Map<string, string[]>>()
  const defaults = new Map<string, string[]>()
  let section: Map<string, string[]> | undefined
  let value: string[] | undefined
  let indent = 0
  let firstInvalidLine: EksTokenError | undefined
  const lines = text.split(/\r\n|\r|\n/)
  // A newline at the end of the file does not start another line.
  if (lines.at(-1) === '') lines.pop()
  lines.forEach((line, index) => {
    const parseError = (why: string) => configFileError(path, `line ${index + 1}: ${why}`)
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
    const header = /^\[(.+)\]/.exec(stripped)?.[1]
    if (header !== undefined) {
      value = undefined
      if (header === 'DEFAULT') {
        section = defaults
      } else {
        if (sections.has(header)) throw parseError(`duplicate section ${quoteConfigName(header)}`)
        section = new Map()
        sections.set(header, section)
      }
      return
    }
    if (!section) {
      throw parseError(
        stripped.startsWith('[') ? 'a section header is missing its closing ]' : 'text before the first [section]',
      )
    }
    const delimiter = stripped.search(/[=:]/)
    if (delimiter <= 0) {
      // Python continues, and reports a duplicate section or key in favor of this line.
      firstInvalidLine ??= parseError('neither a [section] nor "key = value"')
      // An empty key is stored nevertheless, so lines indented below it continue its value.
      if (delimiter < 0) return
    }
    const key = strip(stripped.slice(0, delimiter)).toLowerCase()
    if (section.has(key)) throw parseError(`duplicate key ${quoteConfigName(key)}`)
    value = [strip(stripped.slice(delimiter + 1))]
    section.set(key, value)
  })
  if (firstInvalidLine) throw firstInvalidLine
  const result = new Map<string, Section>()
  for (const [name, keys] of sections) {
    const values = new Map<string, ConfigValue>()
    for (const [key, lines] of new Map([...defaults, ...keys])) values.set(key, joinLines(lines, path, name, key))
    result.set(name, values)
  }
  return result
}

/** A value that starts on the line below its key is a nested section. */
function joinLines(lines: readonly string[], path: string, section: string, key: string): ConfigValue {
  const text = stripEnd(lines.join('\n'))
  if (!text.startsWith('\n')) return text
  const nested = new Map<string, string>()
  for (const line of text.split('\n').map(strip)) {
    if (line === '') continue
    const equals = line.indexOf('=')
    if (equals < 0) {
      throw configFileError(
        path,
        `section ${quoteConfigName(section)}, key ${quoteConfigName(key)}: a line of the nested section has no "="`,
      )
    }
    nested.set(strip(line.slice(0, equals)), strip(line.slice(equals + 1)))
  }
  return nested
}

function configFileError(path: string, why: string): EksTokenError {
  return new EksTokenError('ERR_CONFIG_FILE', `Unable to parse config file: ${path}: ${why}`, {
    remedy: 'correct the file, or set AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE to a different file',
  })
}
