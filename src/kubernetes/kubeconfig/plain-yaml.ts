import { type PlainLines, scanLines } from './plain-lines.ts'
import { plainRoot } from './plain-nodes.ts'
import { plainKey, scalarOf } from './plain-scalar.ts'
import type { SourceNode } from './source.ts'

/** What {@link parsePlainYaml} has read. */
export interface PlainYaml {
  readonly value: unknown
  /** Where the parts of the value are; computed from the lines on access. */
  readonly root: () => SourceNode
}

/**
 * Parses the YAML that kubectl, the AWS CLI, eksctl and their like write: block maps and lists with one scalar per line, and
 * comments. The library takes 100 times as long, which is seconds for a kubeconfig of 1,000 contexts.
 *
 * @returns what the library would, for every text of this kind; undefined: the text has something else, or is invalid
 */
export function parsePlainYaml(text: string): PlainYaml | undefined {
  const lines = scanLines(text)
  if (!lines) return undefined
  try {
    const value = new PlainParser(lines).parse()
    return { value, root: () => plainRoot(lines) }
  } catch (error) {
    if (error === NOT_PLAIN) return undefined
    throw error
  }
}

const NOT_PLAIN = new Error('not plain')

/**
 * A key, the colon, and the spaces after it. Letters, digits, `_`, `.`, `/` and `-`, or quotes without an escape; a longer key is
 * invalid in some readers. One expression for each line, rather than a loop over its characters: in a program that runs for a
 * tenth of a second, such loops are not compiled yet.
 */
const KEY = /(?:[A-Za-z_][\w./-]{0,1000}|"[^"\\\n]{0,1000}"|'[^'\n]{0,1000}'):(?![^ \r\n]) */y

class PlainParser {
  readonly #lines: PlainLines
  readonly #text: string
  /** By their source: there are a dozen of them in a kubeconfig. */
  readonly #keys = new Map<string, string>()
  /** The number of the line that is read. */
  #line = 0

  constructor(lines: PlainLines) {
    this.#lines = lines
    this.#text = lines.text
  }

  parse(): unknown {
    if (this.#indent !== 0) throw NOT_PLAIN
    const value = this.#block(0)
    if (this.#indent >= 0) throw NOT_PLAIN
    return value
  }

  /** -1 after the last line. */
  get #indent(): number {
    return this.#lines.indents[this.#line] ?? -1
  }

  #block(indent: number): unknown {
    if (this.#lines.isListItem[this.#line]) return this.#list(indent)
    return this.#map(indent, this.#lines.starts[this.#line] as number)
  }

  #list(indent: number): unknown[] {
    const { isListItem, starts, ends } = this.#lines
    const value: unknown[] = []
    while (this.#indent === indent && isListItem[this.#line]) {
      const start = starts[this.#line] as number
      const end = ends[this.#line] as number
      let content = start + 1
      while (content < end && this.#text[content] === ' ') content++
      if (content >= end || this.#text[content] === '#') {
        ends[this.#line] = start + 1
        value.push(this.#nested(indent, false))
      } else if (this.#isKey(content)) value.push(this.#map(indent + content - start, content))
      else if (this.#text[content] === '-' && /[ \r\n]/.test(this.#text[content + 1] ?? ' ')) throw NOT_PLAIN
      else value.push(this.#scalar(content, indent))
    }
    return value
  }

  /** Whether a key begins at an offset; {@link KEY} is then after the spaces that follow it. */
  #isKey(offset: number): boolean {
    KEY.lastIndex = offset
    return KEY.test(this.#text)
  }

  /** @param firstStart - of the first key, which may be after the `- ` of a list */
  #map(indent: number, firstStart: number): Record<string, unknown> {
    const { isListItem, starts, ends, keyEnds } = this.#lines
    const value: Record<string, unknown> = {}
    let start = firstStart
    do {
      if (!this.#isKey(start)) throw NOT_PLAIN
      const content = KEY.lastIndex
      let end = content
      while (this.#text[end - 1] === ' ') end--
      keyEnds[this.#line] = end
      const key = this.#key(this.#text.slice(start, end - 1))
      if (content >= (ends[this.#line] as number) || this.#text[content] === '#') {
        ends[this.#line] = end
        value[key] = this.#nested(indent, true)
      } else value[key] = this.#scalar(content, indent)
      start = starts[this.#line] as number
    } while (this.#indent === indent && !isListItem[this.#line])
    return value
  }

  #key(source: string): string {
    const known = this.#keys.get(source)
    if (known !== undefined) return known
    const key = plainKey(source)
    if (key === undefined) throw NOT_PLAIN
    this.#keys.set(source, key)
    return key
  }

  /** The value on the lines below a key or a `-`. */
  #nested(indent: number, isMapValue: boolean): unknown {
    this.#line++
    if (this.#indent < indent) return null
    const isList = this.#lines.isListItem[this.#line]
    // The list of a key may be at the indentation of the key.
    if (this.#indent === indent) return isMapValue && isList ? this.#list(indent) : null
    return this.#block(this.#indent)
  }

  /** A scalar that ends on its line. */
  #scalar(start: number, indent: number): unknown {
    const { ends, valueStarts } = this.#lines
    const scalar = scalarOf(this.#text.slice(start, ends[this.#line]))
    if (!scalar) throw NOT_PLAIN
    valueStarts[this.#line] = start
    ends[this.#line] = start + scalar.length
    this.#line++
    // Lines with more indentation would continue it.
    if (this.#indent > indent) throw NOT_PLAIN
    return scalar.value
  }
}
