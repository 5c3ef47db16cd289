import { EksTokenError } from '../errors.ts'
import { quoteConfigName } from '../redact.ts'
import { withNativeSeparators } from '../shown-path.ts'
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
 * Large companies have files with thousands of sections, most of them alike, of which a run needs one or two: all are
 * checked, those that are alike by one regular expression for each ({@link createTemplate}), and a section is built when it
 * is read.
 *
 * @param path - for error messages
 * @throws EksTokenError `ERR_CONFIG_FILE` with the line number: text before the first section, a duplicate section or key,
 *   a line that is neither a section header nor a key, a line without `=` in a nested section
 */
export function parseIni(text: string, path: string): Sections {
  const file = newFile(text, path)
  scanSections(file)
  if (file.hasCarriageReturns) return parseIni(text.replaceAll('\r\n', '\n').replaceAll('\r', '\n'), path)
  if (file.firstInvalidLine) throw file.firstInvalidLine

  const { sections, defaults } = file
  const built = new Map<string, Section>()
  const build = (name: string, found: Lines | number): Section => {
    const section = new Map<string, ConfigValue>()
    const values = typeof found === 'number' ? linesAt(file, found) : found
    for (const [key, parts] of new Map([...defaults, ...values])) section.set(key, joinLines(parts, path, name, key))
    built.set(name, section)
    return section
  }
  // A nested section of [DEFAULT] is only an error where it applies.
  if (!file.isNestingValid) for (const [name, found] of sections) build(name, found)
  return {
    has: (name) => sections.has(name),
    get: (name) => {
      const found = sections.get(name)
      return found === undefined ? undefined : (built.get(name) ?? build(name, found))
    },
    keys: () => sections.keys(),
  }
}

/** The lines of each value of a section by its key. */
type Lines = Map<string, string[]>

interface IniFile {
  readonly text: string
  readonly path: string
  /** The values of each section, or where its header starts in the text. */
  readonly sections: Map<string, Lines | number>
  /** Of [DEFAULT], which may occur several times. */
  readonly defaults: Lines
  /**
   * True: the text has to be read again, with line feeds in their place. They are noticed on the way, since an interpreter
   * would search a text for longer than it takes to check it.
   */
  hasCarriageReturns: boolean
  /** False: a nested section may have a line without `=`. */
  isNestingValid: boolean
  /** Python continues, and reports a duplicate section or key in favor of this line. */
  firstInvalidLine: EksTokenError | undefined
}

function newFile(text: string, path: string): IniFile {
  return {
    text,
    path,
    sections: new Map(),
    defaults: new Map(),
    hasCarriageReturns: false,
    isNestingValid: true,
    firstInvalidLine: undefined,
  }
}

const HASH = 0x23
const SEMICOLON = 0x3b
const BRACKET = 0x5b
const BYTE_ORDER_MARK = 0xfeff
const LAST_ASCII = 0x7f

/** What separates the lines of a nested section, with `\r` replaced by `\n`. https://docs.python.org/3.11/library/stdtypes.html#str.splitlines */
const LINE_BREAKS = '\n\v\f\x1c\x1d\x1e\x85\u2028\u2029'
export const LINE_BREAK = new RegExp(`[${LINE_BREAKS}]`)

/** In less text a template costs more than it saves. */
const MIN_TEMPLATE_TEXT = 8192
const MAX_TEMPLATES = 8

/** Checks all lines, and finds the sections. */
function scanSections(file: IniFile): void {
  const { text, sections } = file
  const templates: RegExp[] = []
  const seenKeys = new Set<string>()
  let at = scanLines(file, 0, undefined)
  while (at < text.length && !file.hasCarriageReturns) {
    const next = endByTemplate(templates, text, at)
    if (next > 0) {
      const header = text.slice(at + 1, text.indexOf(']', at))
      if (sections.has(header)) throw duplicateSection(file, at, header)
      sections.set(header, at)
      at = next
      continue
    }
    const header = headerAt(file, at)
    if (file.hasCarriageReturns) return
    if (sections.has(header)) throw duplicateSection(file, at, header)
    const lines = header === 'DEFAULT' ? file.defaults : new Map<string, string[]>()
    if (header !== 'DEFAULT') sections.set(header, lines)
    at = scanLines(file, lineEnd(text, at) + 1, lines)
    if (text.length - at < MIN_TEMPLATE_TEXT || templates.length === MAX_TEMPLATES) continue
    const keys = [...lines.keys()].join()
    if (seenKeys.has(keys)) templates.unshift(createTemplate(lines.keys()))
    seenKeys.add(keys)
  }
}

/**
 * Matches sections that have exactly these keys, and nothing that would need a closer look: values of one line, comments,
 * blank lines; below them the header of the next section. V8 compiles it, and an interpreter runs it natively.
 */
function createTemplate(keys: Iterable<string>): RegExp {
  const ignored = '(?:[ \\t]*(?:[#;].*)?\\n)*'
  const values = [...keys].map((key) => (/^[\w-]+$/.test(key) ? `${key}[ \\t]*=.*\\n${ignored}` : '(?!)'))
  return new RegExp(`\\[(?!DEFAULT\\])[^\\]\\r\\n]+\\]\\n${ignored}${values.join('')}(?=\\[.+\\])`, 'y')
}

/** @returns the end of the section, 0 if no template matches */
function endByTemplate(templates: RegExp[], text: string, start: number): number {
  for (let index = 0; index < templates.length; index++) {
    const template = templates[index] as RegExp
    template.lastIndex = start
    if (!template.test(text)) continue
    // Most likely it is the same the next time.
    if (index > 0) templates.unshift(...templates.splice(index, 1))
    return template.lastIndex
  }
  return 0
}

function lineEnd(text: string, start: number): number {
  const end = text.indexOf('\n', start)
  return end < 0 ? text.length : end
}

function lineAt(file: IniFile, start: number, end: number): string {
  const line = file.text.slice(start, end)
  if (line.includes('\r')) file.hasCarriageReturns = true
  return line
}

function headerAt(file: IniFile, start: number): string {
  const line = lineAt(file, start, lineEnd(file.text, start))
  return line.slice(line.indexOf('[') + 1, line.lastIndexOf(']'))
}

function linesAt(file: IniFile, start: number): Lines {
  const lines: Lines = new Map()
  scanLines(file, lineEnd(file.text, start) + 1, lines)
  return lines
}

/**
 * Goes through the lines below a section header, to the next header.
 *
 * @param values - receives the values; undefined: above the first section
 * @returns where the next header starts; at the end of the text its length, or more
 */
function scanLines(file: IniFile, start: number, values: Lines | undefined): number {
  const { text } = file
  let indent = 0
  // What an indented line continues.
  let value: string[] | undefined
  let end = start
  for (let at = start; at < text.length; at = end + 1) {
    end = lineEnd(text, at)
    const line = lineAt(file, at, end)
    if (file.hasCarriageReturns) break
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
    if (value && first > indent) {
      const continuation = strip(line)
      value.push(continuation)
      const isNested = value[0] === ''
      if (isNested && (!continuation.includes('=') || LINE_BREAK.test(continuation))) file.isNestingValid = false
      continue
    }
    indent = first
    if (char === BRACKET && line.lastIndexOf(']') > first + 1) return at
    if (!values) {
      throw parseError(
        file,
        at,
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
      file.firstInvalidLine ??= parseError(file, at, 'neither a [section] nor "key = value"')
      if (delimiter < 0) continue
    }
    const key = strip(line.slice(first, delimiter)).toLowerCase()
    if (values.has(key)) throw parseError(file, at, `duplicate key ${quoteConfigName(key)}`)
    const lines = [strip(line.slice(delimiter + 1))]
    values.set(key, lines)
    // Lines below an empty key do not continue its value.
    value = delimiter === first ? undefined : lines
  }
  return end + 1
}

function duplicateSection(file: IniFile, at: number, header: string): EksTokenError {
  return parseError(file, at, `duplicate section ${quoteConfigName(header)}`)
}

/** @param at - in the line that the error is about */
function parseError({ text, path }: IniFile, at: number, why: string): EksTokenError {
  // UTF-16 without a byte order mark.
  if (/^\0?([ -~]\0){4}/.test(text)) return configFileError(path, 'the file is UTF-16 text: save it as UTF-8')
  return configFileError(path, `line ${text.slice(0, at).split('\n').length}: ${why}`)
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
  return new EksTokenError('ERR_CONFIG_FILE', `Unable to parse config file: ${withNativeSeparators(path)}: ${why}`, {
    remedy: 'correct the file, or set AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE to a different file',
  })
}
