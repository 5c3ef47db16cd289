import { EksTokenError } from '../errors.ts'
import { quoteConfigName } from '../redact.ts'
import { isSpace, strip, stripEnd } from './strip.ts'

/** A value: text, or the keys of a nested section (`services` → `sts` → `endpoint_url`). */
export type ConfigValue = string | ReadonlyMap<string, string>

/** The values of one section by key, in lower case. */
export type Section = ReadonlyMap<string, ConfigValue>

/** The sections of a file by name, in the order of the file. */
export interface Sections {
  readonly has: (name: string) => boolean
  /** Builds the section, unless an earlier call has. */
  readonly get: (name: string) => Section | undefined
  readonly keys: () => Iterable<string>
}

/**
 * Parses an INI file as Python's `RawConfigParser` does, with one level of nested sections.
 * https://docs.python.org/3.11/library/configparser.html#supported-ini-file-structure
 *
 * - the first `=` or `:` separates key and value; keys are lower-cased
 * - `#` and `;` start a comment only at the start of a line; quotes and a later `#` belong to the value
 * - a line indented deeper than its key continues the value
 * - the keys of `[DEFAULT]` apply to every section
 *
 * Large companies have files with thousands of profiles, of which a run needs one or two: all lines are checked, and a
 * section is built when it is read.
 *
 * @param path - for error messages
 * @throws EksTokenError `ERR_CONFIG_FILE` with the line number: text before the first section, a duplicate section or key,
 *   a line that is neither a section header nor a key, a line without `=` in a nested section
 */
export function parseIni(text: string, path: string): Sections {
  const lines = text.split('\r\n').join('\n').split('\r').join('\n').split('\n')
  const found: Headers = { sections: new Map(), defaults: [] }
  const isNestingValid = scanLines(lines, path, 0, found, undefined)
  const defaults = new Map<string, string[]>()
  for (const start of found.defaults) scanLines(lines, path, start, undefined, defaults)

  const built = new Map<string, Section>()
  const build = (name: string, start: number): Section => {
    const values = new Map<string, string[]>()
    scanLines(lines, path, start, undefined, values)
    const section = new Map<string, ConfigValue>()
    for (const [key, parts] of new Map([...defaults, ...values])) section.set(key, joinLines(parts, path, name, key))
    built.set(name, section)
    return section
  }
  // A nested section of [DEFAULT] is only an error where it applies.
  if (!isNestingValid) for (const [name, start] of found.sections) build(name, start)
  return {
    has: (name) => found.sections.has(name),
    get: (name) => {
      const start = found.sections.get(name)
      return start === undefined ? undefined : (built.get(name) ?? build(name, start))
    },
    keys: () => found.sections.keys(),
  }
}

/** The index of the line below each section header. */
interface Headers {
  readonly sections: Map<string, number>
  /** `[DEFAULT]` may occur several times. */
  readonly defaults: number[]
}

const HASH = 0x23
const SEMICOLON = 0x3b
const BRACKET = 0x5b
const BYTE_ORDER_MARK = 0xfeff
const LAST_ASCII = 0x7f

/** What separates the lines of a nested section. https://docs.python.org/3.11/library/stdtypes.html#str.splitlines */
const LINE_BREAKS = '\n\v\f\x1c\x1d\x1e\x85\u2028\u2029'
const LINE_BREAK = new RegExp(`[${LINE_BREAKS}]`)

/**
 * Goes through the lines once: from the first to the last to check them and to find the sections (`headers`), or from the
 * line below a header to the next one to collect the lines of its values (`values`). It does little for each line: an
 * interpreter needs longer for one regular expression than for all the rest.
 *
 * @returns false if a nested section may have a line without `=`
 */
function scanLines(
  lines: readonly string[],
  path: string,
  start: number,
  headers: Headers | undefined,
  values: Map<string, string[]> | undefined,
): boolean {
  const parseError = (why: string) => configFileError(path, `line ${index + 1}: ${why}`)
  // Each key has a number, and the section in which it was last seen. [DEFAULT] is section 0; key 0 is a header.
  const keyNumbers = new Map<string, number>()
  const lastSections = [-1]
  const defaultKeys = new Set<number>()
  const addKey = (spelling: string): number => {
    const canonical = canonicalKey(spelling)
    const number = keyNumbers.get(canonical) ?? lastSections.push(-1) - 1
    keyNumbers.set(canonical, number).set(spelling, number)
    return number
  }
  // Sections are alike. So the key after each key is expected to be the one that followed it last time.
  const expectedKeys: number[] = []
  const expectedTexts: string[] = []
  let key = 0
  let sectionNumber = values ? 0 : -1
  let sectionCount = 0
  let indent = 0
  // The value that an indented line continues; `nested` is undefined until there is such a line.
  let value: string[] | undefined
  let valueLine: string | undefined
  let valueStart = 0
  let nested: boolean | undefined
  let isNestingValid = true
  let firstInvalidLine: EksTokenError | undefined
  let index = start
  for (; index < lines.length; index++) {
    const line = lines[index] as string
    const expected = expectedTexts[key]
    const expectedKey = expectedKeys[key] as number
    if (sectionNumber > 0 && expected && lastSections[expectedKey] !== sectionNumber && line.startsWith(expected)) {
      key = expectedKey
      lastSections[key] = sectionNumber
      indent = 0
      valueLine = line
      valueStart = expected.length
      nested = undefined
      continue
    }
    let first = 0
    let char = line.charCodeAt(0)
    // No other character is white space.
    if (!(char > 0x20 && char <= LAST_ASCII)) {
      while (first < line.length && isSpace(line.charAt(first))) first++
      if (first === line.length) {
        value?.push('')
        continue
      }
      char = line.charCodeAt(first)
    }
    if (char === HASH || char === SEMICOLON) continue
    if (valueLine !== undefined && first > indent) {
      const text = strip(line)
      value?.push(text)
      nested ??= strip(valueLine.slice(valueStart)) === ''
      if (nested && (!text.includes('=') || LINE_BREAK.test(text))) isNestingValid = false
      continue
    }
    indent = first
    if (char === BRACKET) {
      const close = line.lastIndexOf(']')
      if (close > first + 1) {
        if (!headers) return isNestingValid
        valueLine = undefined
        key = 0
        const header = line.slice(first + 1, close)
        if (header === 'DEFAULT') {
          sectionNumber = 0
          headers.defaults.push(index + 1)
        } else {
          if (headers.sections.has(header)) throw parseError(`duplicate section ${quoteConfigName(header)}`)
          sectionNumber = ++sectionCount
          headers.sections.set(header, index + 1)
        }
        continue
      }
    }
    if (sectionNumber < 0) {
      throw parseError(
        char === BYTE_ORDER_MARK
          ? 'the file begins with a byte order mark: save it as UTF-8 without BOM'
          : char === BRACKET
            ? 'a section header is missing its closing ]'
            : 'text before the first [section]',
      )
    }
    const equals = line.indexOf('=')
    const colon = line.indexOf(':')
    const delimiter = colon < 0 || (equals >= 0 && equals < colon) ? equals : colon
    if (delimiter <= first) {
      // Python continues, and reports a duplicate section or key in favor of this line.
      firstInvalidLine ??= parseError('neither a [section] nor "key = value"')
      if (delimiter < 0) continue
    }
    const spelling = line.slice(first, delimiter)
    // Lines below an empty key do not continue its value.
    valueLine = delimiter === first ? undefined : line
    valueStart = delimiter + 1
    nested = undefined
    if (values) {
      value = [strip(line.slice(valueStart))]
      values.set(canonicalKey(spelling), value)
      continue
    }
    const previous = key
    key = keyNumbers.get(spelling) ?? addKey(spelling)
    if (sectionNumber === 0 ? defaultKeys.has(key) : lastSections[key] === sectionNumber) {
      throw parseError(`duplicate key ${quoteConfigName(canonicalKey(spelling))}`)
    }
    if (sectionNumber === 0) {
      defaultKeys.add(key)
    } else {
      lastSections[key] = sectionNumber
      // A line that starts with a bracket may be a header next time.
      if (first === 0 && char !== BRACKET && valueLine) {
        expectedKeys[previous] = key
        expectedTexts[previous] = line.slice(0, valueStart)
      }
    }
  }
  if (firstInvalidLine) throw firstInvalidLine
  return isNestingValid
}

function canonicalKey(spelling: string): string {
  return strip(spelling).toLowerCase()
}

/** A value that starts on the line below its key is a nested section. */
function joinLines(lines: readonly string[], path: string, section: string, key: string): ConfigValue {
  const text = stripEnd(lines.join('\n'))
  if (!text.startsWith('\n')) return text
  const nested = new Map<string, string>()
  for (const line of text.split(LINE_BREAK).map(strip)) {
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
