import { attempt, EksTokenError } from '../errors.ts'
import { type ConfigValue, parseIni, type Section, type Sections } from '../python/config-parser.ts'
import { shellQuote, shellSplit } from '../python/shlex.ts'
import { strip, stripStart } from '../python/strip.ts'
import { quoteConfigName } from '../redact.ts'
import { withNativeSeparators } from '../shown-path.ts'

/** A section of the config file, by the name that profiles and options refer to. */
export interface ConfigSectionName {
  readonly kind: 'profile' | 'sso-session'
  readonly name: string
}

/**
 * Sets keys of one section in the text of a config file; every other character stays as it is, comments, order and line
 * ends included. A missing key is added below the last one of its section, a missing section at the end of the text.
 *
 * The result is parsed and compared with the requested values, so that a text that this function misunderstands is never
 * written.
 *
 * @param path - for error messages
 * @returns the same text if it contains the values already
 * @throws EksTokenError `ERR_CONFIG_FILE` for a text that the AWS CLI rejects, and for values that it cannot contain
 */
export function setConfigValues(
  text: string,
  section: ConfigSectionName,
  values: Readonly<Record<string, string>>,
  path: string,
): string {
  const before = parseIni(text, path)
  const existing = [...before.keys()].filter((candidate) => isHeaderOf(candidate, section)).at(-1)
  const header = existing ?? newHeader(section)
  const edited = existing === undefined ? appendSection(text, header, values) : editSection(text, header, values)
  const after = attempt(() => parseIni(edited, path))
  if (after && isHeaderOf(header, section) && hasChanged(before, after, header, values)) return edited
  const keys = Object.keys(values).join(', ')
  throw new EksTokenError(
    'ERR_CONFIG_FILE',
    `the new value of ${keys} cannot be written to ${withNativeSeparators(path)}`,
    {
      remedy: `use an editor to add ${keys} to section ${quoteConfigName(header)} of ${withNativeSeparators(path)}`,
    },
  )
}

/** As the AWS CLI finds a section; of several the last one counts. */
function isHeaderOf(header: string, { kind, name }: ConfigSectionName): boolean {
  if (kind === 'profile' && name === 'default' && header === 'default') return true
  const words = header.startsWith(kind) ? shellSplit(header) : undefined
  return words?.length === 2 && words[1] === name
}

function newHeader({ kind, name }: ConfigSectionName): string {
  if (kind === 'profile' && name === 'default') return name
  const plain = `${kind} ${name}`
  const words = shellSplit(plain)
  return words?.length === 2 && words[1] === name ? plain : `${kind} ${shellQuote(name)}`
}

/** A line with its position in the text, without its line end. */
interface Line {
  readonly text: string
  readonly start: number
  /** After the line end. */
  readonly end: number
}

function splitLines(text: string): Line[] {
  const lines = [...text.matchAll(/([^\r\n]*)(\r\n|\r|\n|$)/g)].map(([all, line = ''], index) => ({ all, line, index }))
  let start = 0
  return lines.flatMap(({ all, line }) => {
    const at = start
    start += all.length
    return all === '' ? [] : [{ text: line, start: at, end: start }]
  })
}

interface KeyLines {
  readonly first: Line
  readonly continuation: Line[]
}

interface SectionLines {
  /** The header, or the last line of the last key: new keys follow it. */
  last: Line
  readonly keys: Map<string, KeyLines>
  /** Indentation for a new key. A line that is indented deeper than the key above continues its value. */
  indent: string
}

/** The lines of a section, by the rules of {@link parseIni}, which has accepted the text. */
function findSection(lines: readonly Line[], header: string): SectionLines | undefined {
  let found: SectionLines | undefined
  let isInside = false
  let key: KeyLines | undefined
  let indent = 0
  for (const line of lines) {
    const stripped = strip(line.text)
    if (stripped === '' || stripped.startsWith('#') || stripped.startsWith(';')) continue
    const lineIndent = line.text.length - stripStart(line.text).length
    if (key && lineIndent > indent) {
      key.continuation.push(line)
      if (found && isInside) found.last = line
      continue
    }
    indent = lineIndent
    const name = /^\[(.+)\]/.exec(stripped)?.[1]
    if (name !== undefined) {
      key = undefined
      // Without keys, the next header must not become a continuation of the new one.
      if (found && isInside && found.keys.size === 0) found.indent = line.text.slice(0, lineIndent)
      isInside = name === header
      if (isInside) found = { last: line, keys: new Map(), indent: line.text.slice(0, lineIndent) }
      continue
    }
    key = { first: line, continuation: [] }
    if (!found || !isInside) continue
    found.keys.set(strip(stripped.split(/[=:]/, 1)[0] ?? '').toLowerCase(), key)
    found.last = line
    found.indent = line.text.slice(0, lineIndent)
  }
  return found
}

interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

function editSection(text: string, header: string, values: Readonly<Record<string, string>>): string {
  const section = findSection(splitLines(text), header)
  if (!section) return text
  const edits: Edit[] = []
  const added: string[] = []
  for (const [key, value] of Object.entries(values)) {
    const lines = section.keys.get(key)
    if (lines) edits.push(...replaceValue(lines, value))
    else added.push(`${section.indent}${key} = ${value}`)
  }
  if (added.length > 0) edits.push(addLines(text, section.last, added))
  return edits
    .sort((a, b) => b.start - a.start)
    .reduce((result, { start, end, text: piece }) => result.slice(0, start) + piece + result.slice(end), text)
}

function replaceValue({ first, continuation }: KeyLines, value: string): Edit[] {
  const [, before = '', old = ''] = /^([^=:]*[=:]\s*)(.*?)\s*$/.exec(first.text) ?? []
  if (old === value && continuation.length === 0) return []
  const start = first.start + before.length
  const space = old !== '' || /\s$/.test(before) ? '' : ' '
  return [
    { start, end: start + old.length, text: space + value },
    ...continuation.map(({ start: from, end }) => ({ start: from, end, text: '' })),
  ]
}

function addLines(text: string, after: Line, lines: readonly string[]): Edit {
  const lineEnd = lineEndOf(text)
  const hasLineEnd = after.end - after.start > after.text.length
  const added = hasLineEnd ? lines.map((line) => line + lineEnd) : lines.map((line) => lineEnd + line)
  return { start: after.end, end: after.end, text: added.join('') }
}

/** A blank line is put between the new section and what is above it. */
function appendSection(text: string, header: string, values: Readonly<Record<string, string>>): string {
  const lineEnd = lineEndOf(text)
  const lines = [`[${header}]`, ...Object.entries(values).map(([key, value]) => `${key} = ${value}`)]
  const isEmpty = /^\ufeff?$/.test(text)
  const completed = isEmpty || /[\r\n]$/.test(text) ? text : text + lineEnd
  const separator = isEmpty || /(\r\n|\r|\n)[^\S\r\n]*(\r\n|\r|\n)$/.test(completed) ? '' : lineEnd
  return `${completed}${separator}${lines.map((line) => line + lineEnd).join('')}`
}

/** The first line end of the text. */
function lineEndOf(text: string): string {
  return /\r\n|\r|\n/.exec(text)?.[0] ?? '\n'
}

/** Whether exactly these values have changed. */
function hasChanged(
  before: Sections,
  after: Sections,
  header: string,
  values: Readonly<Record<string, string>>,
): boolean {
  const expected = allSections(before)
  const section = after.get(header)
  // The keys of [DEFAULT] also belong to a new section.
  expected.set(header, new Map([...(before.get(header) ?? section ?? []), ...Object.entries(values)]))
  return serialized(allSections(after)) === serialized(expected)
}

function allSections(sections: Sections): Map<string, Section> {
  return new Map([...sections.keys()].map((name) => [name, sections.get(name) ?? new Map<string, ConfigValue>()]))
}

function serialized(sections: ReadonlyMap<string, Section>): string {
  const plain = [...sections].map(([name, section]) => [
    name,
    [...section]
      .map(([key, value]) => [key, typeof value === 'string' ? value : [...value]])
      .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
  ])
  return JSON.stringify(plain.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)))
}
