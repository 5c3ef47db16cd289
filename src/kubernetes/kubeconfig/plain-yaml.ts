import type { SourceItem, SourceNode, SourceScalar } from './source.ts'

/** What {@link parsePlainYaml} has read: the value, and where its parts are. */
export interface PlainYaml {
  readonly value: unknown
  readonly root: SourceNode | undefined
}

/**
 * Parses the YAML that kubectl, the AWS CLI, eksctl and their like write: block maps and lists with one scalar per line, and
 * comments. The library takes 100 times as long, which is seconds for a kubeconfig of 1,000 contexts.
 *
 * @returns what the library would, for every text of this kind; undefined: the text has something else, or is invalid
 */
export function parsePlainYaml(text: string): PlainYaml | undefined {
  return parse(text, true)
}

/** {@link parsePlainYaml} without the places, in half of the time. */
export function parsePlainValue(text: string): { readonly value: unknown } | undefined {
  return parse(text, false)
}

function parse(text: string, withNodes: boolean): PlainYaml | undefined {
  try {
    return new PlainParser(text, withNodes).parse()
  } catch (error) {
    if (error === NOT_PLAIN) return undefined
    throw error
  }
}

const NOT_PLAIN = new Error('not plain')

/** The lines that are not blank and not a comment, by their number. */
interface Lines {
  readonly indents: readonly number[]
  readonly starts: readonly number[]
  /** Without white space at the end; a comment is part of it. */
  readonly ends: readonly number[]
}

interface Parsed {
  readonly node: SourceNode | undefined
  readonly value: unknown
}

const EMPTY: Parsed = { node: undefined, value: null }

class PlainParser {
  readonly #text: string
  readonly #lines: Lines
  /** The number of the line that is read. */
  #line = 0

  readonly #withNodes: boolean

  constructor(text: string, withNodes: boolean) {
    this.#text = text
    this.#withNodes = withNodes
    this.#lines = contentLines(text)
  }

  parse(): PlainYaml {
    if (this.#indent !== 0) throw NOT_PLAIN
    const { node, value } = this.#block(0)
    if (this.#indent >= 0) throw NOT_PLAIN
    return { value, root: node }
  }

  /** -1 after the last line. */
  get #indent(): number {
    return this.#lines.indents[this.#line] ?? -1
  }

  get #start(): number {
    return this.#lines.starts[this.#line] ?? this.#text.length
  }

  get #end(): number {
    return this.#lines.ends[this.#line] ?? this.#text.length
  }

  #block(indent: number): Parsed {
    return this.#isListItem(this.#start) ? this.#list(indent) : this.#map(indent, this.#start)
  }

  #isListItem(offset: number): boolean {
    if (this.#text[offset] !== '-') return false
    const after = this.#text[offset + 1]
    return after === ' ' || after === '\n' || after === '\r' || after === undefined
  }

  #list(indent: number): Parsed {
    const items: SourceItem[] = []
    const value: unknown[] = []
    while (this.#indent === indent && this.#isListItem(this.#start)) {
      const start = this.#start
      const content = skipSpaces(this.#text, start + 1, this.#end)
      const parsed = this.#isEmpty(content, start + 1)
        ? this.#nested(indent, false)
        : this.#item(content, indent, start)
      if (this.#withNodes) items.push(itemOf(undefined, start, start + 1, parsed.node))
      value.push(parsed.value)
    }
    return { node: this.#withNodes ? block('seq', items, value) : undefined, value }
  }

  /** What follows a `- `: a map, whose other keys are below it, or a scalar. */
  #item(content: number, indent: number, start: number): Parsed {
    if (this.#isListItem(content)) throw NOT_PLAIN
    return endOfKey(this.#text, content) > 0
      ? this.#map(indent + content - start, content)
      : this.#scalar(content, indent)
  }

  /** @param firstStart - of the first key, which may be after the `- ` of a list */
  #map(indent: number, firstStart: number): Parsed {
    const items: SourceItem[] = []
    const value: Record<string, unknown> = {}
    for (let start = firstStart; ; start = this.#start) {
      const end = endOfKey(this.#text, start)
      const key = keyOf(this.#text, start, end)
      const content = skipSpaces(this.#text, end, this.#end)
      const parsed = this.#isEmpty(content, end) ? this.#nested(indent, true) : this.#scalar(content, indent)
      if (this.#withNodes) items.push(itemOf(key, start, end, parsed.node))
      value[key] = parsed.value
      if (this.#indent !== indent || this.#isListItem(this.#start))
        return { node: this.#withNodes ? block('map', items, value) : undefined, value }
    }
  }

  #isEmpty(content: number, from: number): boolean {
    return content >= this.#end || (this.#text[content] === '#' && content > from)
  }

  /** The value on the lines below a key or a `-`. */
  #nested(indent: number, isMapValue: boolean): Parsed {
    this.#line++
    if (this.#indent < indent) return EMPTY
    const isList = this.#isListItem(this.#start)
    // The list of a key may be at the indentation of the key.
    if (this.#indent === indent) return isMapValue && isList ? this.#list(indent) : EMPTY
    return this.#block(this.#indent)
  }

  /** A scalar that ends on its line. */
  #scalar(start: number, indent: number): Parsed {
    const content = this.#text.slice(start, this.#end)
    this.#line++
    // Lines with more indentation would continue it.
    if (this.#indent > indent) throw NOT_PLAIN
    return parseScalar(content, start, this.#withNodes)
  }
}

/**
 * The offset after the colon of a key without escapes; 0: there is no key, or one of another form, which is left to the library.
 */
function endOfKey(text: string, start: number): number {
  const first = text[start]
  let end = start
  if (first === '"' || first === "'") end = text.indexOf(first, start + 1) + 1
  else while (isKeyCharacter(text.charCodeAt(end))) end++
  if (end <= start || text[end] !== ':') return 0
  const after = text[end + 1]
  return after === ' ' || after === '\n' || after === '\r' || after === undefined ? end + 1 : 0
}

/** Letters, digits, `_`, `.`, `/` and `-`. */
function isKeyCharacter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 45 && code <= 57) || code === 95
}

function keyOf(text: string, start: number, end: number): string {
  if (end === 0) throw NOT_PLAIN
  const source = text.slice(start, end - 1)
  const isQuoted = source[0] === '"' || source[0] === "'"
  const key = isQuoted ? source.slice(1, -1) : source
  if (isQuoted ? /[\\\n]/.test(key) : !/^[A-Za-z_]/.test(key) || isWord(key)) throw NOT_PLAIN
  if (key === '<<' || key === '__proto__') throw NOT_PLAIN
  return key
}

/** Whether plain text is not text in YAML 1.2, or in the library. */
function isWord(text: string): boolean {
  return text.length <= 5 && /^(?:true|false|null)$/i.test(text)
}

const DOUBLE = /^"([^"\\]*)"(?: +#.*)?$/
const SINGLE = /^'((?:[^']|'')*)'(?: +#.*)?$/
const WORD = /^(true|false|null|\{\}|\[\]|0|[1-9]\d{0,14})(?: +#.*)?$/

function parseScalar(content: string, start: number, withNode: boolean): Parsed {
  const leaf = (style: SourceScalar['style'], value: unknown, length: number): Parsed => ({
    node: withNode ? new PlainScalar(style, start, start + length, value) : undefined,
    value,
  })
  const plain = plainText(content)
  if (plain !== undefined) return leaf('plain', plain, plain.length)
  const double = DOUBLE.exec(content)?.[1]
  if (double !== undefined) return leaf('double', double, double.length + 2)
  const single = SINGLE.exec(content)?.[1]
  if (single !== undefined) return leaf('single', single.replaceAll("''", "'"), single.length + 2)
  const word = WORD.exec(content)?.[1]
  if (word === undefined) throw NOT_PLAIN
  const value: unknown = JSON.parse(word)
  if (typeof value !== 'object' || value === null) return leaf('plain', value, word.length)
  const kind = Array.isArray(value) ? 'seq' : 'map'
  return { node: withNode ? collection(kind, true, [], start, start + 2, value) : undefined, value }
}

/** A plain scalar that is text for every reader: it begins like a word, an option or a path. */
function plainText(content: string): string | undefined {
  if (!/^(?:--?)?[A-Za-z/_]/.test(content)) return undefined
  const comment = content.indexOf(' #')
  const text = comment < 0 ? content : content.slice(0, comment).trimEnd()
  return text.includes(': ') || text.endsWith(':') || isWord(text) ? undefined : text
}

/** There are ten thousands of them in a large kubeconfig: a closure for each of their values would double the memory. */
class PlainScalar implements SourceScalar {
  readonly kind = 'scalar'
  readonly anchor = undefined
  readonly hasTag = false
  readonly style: SourceScalar['style']
  readonly start: number
  readonly end: number
  readonly #value: unknown

  constructor(style: SourceScalar['style'], start: number, end: number, value: unknown) {
    this.style = style
    this.start = start
    this.end = end
    this.#value = value
  }

  get outerEnd(): number {
    return this.end
  }

  value(): unknown {
    return this.#value
  }
}

function block(kind: 'map' | 'seq', items: readonly SourceItem[], value: unknown): SourceNode {
  const end = items[items.length - 1]?.end ?? 0
  return collection(kind, false, items, items[0]?.start ?? end, end, value)
}

function collection(
  kind: 'map' | 'seq',
  flow: boolean,
  items: readonly SourceItem[],
  start: number,
  end: number,
  value: unknown,
): SourceNode {
  const node = {
    flow,
    trailingComma: undefined,
    items,
    start,
    end,
    outerEnd: end,
    anchor: undefined,
    hasTag: false,
    value: () => value,
  }
  return kind === 'map' ? Object.assign(node, { kind, hasMergeKey: false }) : Object.assign(node, { kind })
}

function itemOf(key: string | undefined, start: number, valueStart: number, node: SourceNode | undefined): SourceItem {
  const end = node === undefined ? valueStart : node.end
  return { key, start, valueStart, end, outerEnd: end, node }
}

/** @throws NOT_PLAIN for white space other than spaces and line breaks, directives, and more than one document */
function contentLines(text: string): Lines {
  if (/[\t\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/.test(text)) throw NOT_PLAIN
  if (text.includes('\r') && /\r(?!\n)/.test(text)) throw NOT_PLAIN
  const [indents, starts, ends]: [number[], number[], number[]] = [[], [], []]
  let isStarted = false
  for (let position = text.startsWith('\ufeff') ? 1 : 0; position < text.length; ) {
    const lineBreak = text.indexOf('\n', position)
    const next = lineBreak < 0 ? text.length : lineBreak
    let end = next
    while (end > position && isSpace(text[end - 1])) end--
    const start = skipSpaces(text, position, end)
    if (
      start === position &&
      MARKERS.includes(text[start] ?? '') &&
      /^(?:---|\.\.\.|%)/.test(text.slice(start, start + 3))
    ) {
      if (isStarted || text.slice(start, end) !== '---') throw NOT_PLAIN
      isStarted = true
    } else if (start < end && text[start] !== '#') {
      indents.push(start - position)
      starts.push(start)
      ends.push(end)
      isStarted = true
    }
    position = next + 1
  }
  return { indents, starts, ends }
}

/** The first characters of directives and of lines that begin or end a document. */
const MARKERS = ['-', '.', '%']

function isSpace(character: string | undefined): boolean {
  return character === ' ' || character === '\r'
}

function skipSpaces(text: string, from: number, to: number): number {
  let position = from
  while (position < to && text[position] === ' ') position++
  return position
}
