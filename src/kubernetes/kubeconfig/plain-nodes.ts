import type { PlainLines } from './plain-lines.ts'
import { plainKey, scalarOf } from './plain-scalar.ts'
import type { SourceItem, SourceMap, SourceNode, SourceScalar, SourceSeq } from './source.ts'

/** The node of a text that was parsed. Collections list their items on access. */
export function plainRoot(lines: PlainLines): SourceNode {
  return blockAt(lines, 0, lines.starts.length)
}

/** @param to - line after the last one */
function blockAt(lines: PlainLines, from: number, to: number): SourceNode {
  const start = lines.starts[from] as number
  return lines.isListItem[from] ? new PlainSeq(lines, from, to, start) : new PlainMap(lines, from, to, start)
}

abstract class PlainRange {
  readonly anchor = undefined
  readonly hasTag = false
  readonly start: number
  readonly end: number

  constructor(start: number, end: number) {
    this.start = start
    this.end = end
  }

  get outerEnd(): number {
    return this.end
  }
}

abstract class PlainCollection extends PlainRange {
  readonly flow = false
  readonly trailingComma = undefined
  readonly hasMergeKey = false
  protected readonly lines: PlainLines
  readonly #from: number
  readonly #to: number
  #items: readonly PlainItem[] | undefined

  constructor(lines: PlainLines, from: number, to: number, start: number) {
    super(start, lines.ends[to - 1] as number)
    this.lines = lines
    this.#from = from
    this.#to = to
  }

  get items(): readonly PlainItem[] {
    this.#items ??= this.#listItems()
    return this.#items
  }

  #listItems(): PlainItem[] {
    const { starts, indents, isListItem } = this.lines
    const isList = this.isList()
    const first = this.#from
    const indent = (indents[first] as number) + this.start - (starts[first] as number)
    const items: PlainItem[] = []
    let from = first
    for (let line = first + 1; line <= this.#to; line++) {
      // The list of a key may be at the indentation of the key.
      if (line < this.#to && (indents[line] !== indent || isListItem[line] !== isList)) continue
      items.push(this.item(from, line, from === first ? this.start : (starts[from] as number)))
      from = line
    }
    return items
  }

  protected abstract isList(): boolean
  protected abstract item(from: number, to: number, start: number): PlainItem
}

class PlainMap extends PlainCollection implements SourceMap {
  readonly kind = 'map'

  protected isList(): boolean {
    return false
  }

  protected item(from: number, to: number, start: number): PlainItem {
    const valueStart = this.lines.keyEnds[from] as number
    return new PlainItem(
      this.lines,
      from,
      to,
      plainKey(this.lines.text.slice(start, valueStart - 1)),
      start,
      valueStart,
    )
  }

  value(): unknown {
    return Object.fromEntries(this.items.map(({ key, node }) => [key, node ? node.value() : null]))
  }
}

class PlainSeq extends PlainCollection implements SourceSeq {
  readonly kind = 'seq'

  protected isList(): boolean {
    return true
  }

  protected item(from: number, to: number, start: number): PlainItem {
    return new PlainItem(this.lines, from, to, undefined, start, start + 1)
  }

  value(): unknown {
    return this.items.map(({ node }) => (node ? node.value() : null))
  }
}

/** On one line or more. */
class PlainItem implements SourceItem {
  readonly key: string | undefined
  readonly start: number
  readonly valueStart: number
  readonly end: number
  readonly #lines: PlainLines
  readonly #from: number
  readonly #to: number
  #node: SourceNode | null | undefined

  constructor(lines: PlainLines, from: number, to: number, key: string | undefined, start: number, valueStart: number) {
    this.#lines = lines
    this.#from = from
    this.#to = to
    this.key = key
    this.start = start
    this.valueStart = valueStart
    this.end = lines.ends[to - 1] as number
  }

  get outerEnd(): number {
    return this.end
  }

  get node(): SourceNode | undefined {
    if (this.#node === undefined) this.#node = this.#createNode() ?? null
    return this.#node ?? undefined
  }

  #createNode(): SourceNode | undefined {
    const lines = this.#lines
    const from = this.#from
    const keyEnd = lines.keyEnds[from] as number
    if (keyEnd > this.valueStart) {
      // A map that begins after the `- ` of a list.
      const start = this.valueStart + (/^ */.exec(lines.text.slice(this.valueStart, keyEnd))?.[0].length ?? 0)
      return new PlainMap(lines, from, this.#to, start)
    }
    const start = lines.valueStarts[from] as number
    if (start > 0) return leafAt(lines.text, start, lines.ends[from] as number)
    return from + 1 < this.#to ? blockAt(lines, from + 1, this.#to) : undefined
  }
}

function leafAt(text: string, start: number, end: number): SourceNode {
  const value = scalarOf(text.slice(start, end))?.value
  if (typeof value !== 'object' || value === null) return new PlainLeaf(text[start], start, end, value)
  const empty = { anchor: undefined, hasTag: false, start, end, outerEnd: end, flow: true, trailingComma: undefined }
  const node = { ...empty, items: [], value: () => value }
  return Array.isArray(value) ? { kind: 'seq', ...node } : { kind: 'map', hasMergeKey: false, ...node }
}

class PlainLeaf extends PlainRange implements SourceScalar {
  readonly kind = 'scalar'
  readonly style: SourceScalar['style']
  readonly #value: unknown

  constructor(first: string | undefined, start: number, end: number, value: unknown) {
    super(start, end)
    this.style = first === '"' ? 'double' : first === "'" ? 'single' : 'plain'
    this.#value = value
  }

  value(): unknown {
    return this.#value
  }
}
