import { EksTokenError } from '../../errors.ts'
import { isRecord } from '../../json.ts'
import {
  parseValue,
  type SourceDocument,
  type SourceItem,
  type SourceMap,
  type SourceNode,
  type SourceSeq,
} from './parse.ts'
import { isFilled, type Layout, renderBlock, renderFlow, renderItem, renderPair, renderScalar } from './render.ts'

/**
 * Changes a YAML text so that it has another value. Only the text of what differs is changed: comments, order, quotes,
 * style, line breaks, anchors and every other entry stay byte for byte. The result is parsed again and compared.
 *
 * @param target - built from `document.value`; parts that are the same object are not looked at
 * @throws EksTokenError `ERR_KUBECONFIG` for a text that cannot be changed in this way
 */
export function editSource(document: SourceDocument, target: object): string {
  if (!document.root) return withContent(document.text, target)
  return applyEdits(document.text, sourceEdits(document, target))
}

/** A range of a text, and the text that replaces it. */
export interface Edit {
  readonly from: number
  readonly to: number
  readonly text: string
}

/**
 * The edits of {@link editSource}, in order and without overlap.
 *
 * @param document - not empty
 * @throws EksTokenError as {@link editSource}
 */
export function sourceEdits(document: SourceDocument, target: object): readonly Edit[] {
  const { text, value, root } = document
  if (!root) throw new Error('an empty document has nothing to edit')
  const edits = new Edits(document, target)
  edits.change(root, value, target, {
    from: root.start,
    to: root.end,
    block: !isFlow(root) || !isFilled(value),
    indent: '',
    kind: 'root',
  })
  const ordered = edits.ordered()
  if (ordered === undefined || !sameValue(parseValue(applyEdits(text, ordered)), target)) {
    throw new EksTokenError('ERR_KUBECONFIG', 'the kubeconfig has a form that cannot be edited without loss', {
      remedy: 'write to another file with --kubeconfig FILE, or rewrite this one in plain YAML',
    })
  }
  return ordered
}

/** @param edits - in order and without overlap */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let position = 0
  const parts: string[] = []
  for (const { from, to, text: replacement } of edits) {
    parts.push(text.slice(position, from), replacement)
    position = to
  }
  return [...parts, text.slice(position)].join('')
}

/** An empty document: its comments stay above the content. */
function withContent(text: string, target: object): string {
  const lineBreak = lineBreakOf(text)
  const content = `${renderBlock(target, { indent: '', lineBreak })}${lineBreak}`
  const comments = text.split(/\r?\n/).filter((line) => /^\ufeff?\s*#/.test(line))
  return [...comments.map((line) => `${line}${lineBreak}`), content].join('')
}

/** The line break of most lines. */
function lineBreakOf(text: string): string {
  const lines = text.split('\n').slice(0, -1)
  return lines.filter((line) => line.endsWith('\r')).length * 2 > lines.length ? '\r\n' : '\n'
}

/** Where a value is written when it is replaced as a whole. */
interface Place {
  readonly kind: 'root' | 'pair' | 'item'
  readonly from: number
  readonly to: number
  /** False: within a flow collection. */
  readonly block: boolean
  /** Of the lines of the surrounding collection. */
  readonly indent: string
}

class Edits {
  readonly #text: string
  readonly #lineBreak: string
  readonly #edits: Edit[] = []
  readonly #aliases: SourceNode[] = []
  /** What each node is to become, as far as its collections keep their form. */
  readonly #targets = new Map<SourceNode, unknown>()
  readonly #flowUnit: string

  constructor(document: SourceDocument, target: object) {
    this.#text = document.text
    this.#lineBreak = lineBreakOf(document.text)
    collectAliases(document.root, this.#aliases)
    collectTargets(document.root, target, this.#targets)
    const first = itemsOf(document.root)[0]
    this.#flowUnit = (first && this.#indentOf(first.start)) || '  '
  }

  /** undefined: two edits overlap. */
  ordered(): readonly Edit[] | undefined {
    const edits = [...this.#edits].sort((a, b) => a.from - b.from || a.to - b.to)
    const overlaps = edits.some(({ from }, index) => from < (edits[index - 1]?.to ?? 0))
    return overlaps ? undefined : edits
  }

  change(node: SourceNode | undefined, before: unknown, after: unknown, place: Place): void {
    if (before === after || (node && sameValue(before, after))) return
    if (node && this.#changesWithAnchor(node)) return
    if (node && !this.#isShared(node)) {
      if (node.kind === 'map' && isRecord(before) && isRecord(after)) {
        if (this.#changeMap(node, before, after, place)) return
      } else if (node.kind === 'seq' && Array.isArray(before) && Array.isArray(after)) {
        if (this.#changeSeq(node, before, after, place)) return
      } else if (node.kind === 'scalar' && !isFilled(after) && !node.anchor && !node.hasTag) {
        this.#replaceScalar(node, after, place)
        return
      }
    }
    this.#replace(node, after, place)
  }

  #replaceScalar(node: SourceNode & { kind: 'scalar' }, after: unknown, { block, indent }: Place): void {
    const style = node.style === 'block' ? 'plain' : node.style
    const text =
      typeof after === 'string' && block
        ? renderScalar(after, style)
        : renderFlow(after, this.#layout(indent), undefined)
    this.#edits.push({ from: node.start, to: node.end, text })
  }

  /** @returns false: the map has to be replaced as a whole */
  #changeMap(node: SourceMap, before: Values, after: Values, place: Place): boolean {
    const isMerge = ({ key }: SourceItem): boolean => node.hasMergeKey && key === '<<'
    const has = (key: string): boolean => node.items.some((item) => item.key === key)
    if (node.hasMergeKey && Object.keys(before).some((key) => !(key in after) && !has(key))) return false
    const removed = node.items.filter((item) => !isMerge(item) && (item.key === undefined || !(item.key in after)))
    // A merged value stays where it is until it differs.
    const added = Object.keys(after).filter(
      (key) => !has(key) && !(node.hasMergeKey && sameValue(before[key], after[key])),
    )
    if (removed.length === node.items.length || (node.flow && removed.length > 0)) return false
    if (removed.some((item) => !this.#startsLine(item.start))) return false
    const indent = node.flow ? place.indent : this.#columnOf(node.items[0])
    for (const key of Object.keys(after)) {
      // Of two equal keys the last one counts, for kubectl, too.
      const item = node.items.findLast((candidate) => candidate.key === key)
      if (item) this.change(item.node, before[key], after[key], this.#placeOf(item, 'pair', node.flow, indent))
    }
    for (const { start, outerEnd } of removed)
      this.#edits.push({ from: this.#lineStart(start), to: this.#nextLine(outerEnd), text: '' })
    if (node.flow) {
      const unit = this.#unitOf(node)
      const layout = this.#layout(this.#indentOf(node.items.at(-1)?.start ?? 0) ?? place.indent)
      this.#addToFlow(
        node,
        added.map((key) => `${renderScalar(key, 'double')}: ${renderFlow(after[key], layout, unit)}`),
      )
    } else {
      this.#addLines(
        node,
        indent,
        added.map((key) => renderPair(key, after[key], this.#layout(indent))),
      )
    }
    return true
  }

  /** @returns false: the sequence has to be replaced as a whole */
  #changeSeq(node: SourceSeq, before: readonly unknown[], after: readonly unknown[], place: Place): boolean {
    if (node.items.length !== before.length || after.length < before.length || before.length === 0) return false
    const indent = node.flow ? place.indent : this.#columnOf(node.items[0])
    node.items.forEach((item, index) => {
      this.change(item.node, before[index], after[index], this.#placeOf(item, 'item', node.flow, indent))
    })
    const added = after.slice(before.length)
    if (node.flow) {
      const unit = this.#unitOf(node)
      const layout = this.#layout(this.#indentOf(node.items.at(-1)?.start ?? 0) ?? place.indent)
      this.#addToFlow(
        node,
        added.map((item) => renderFlow(item, layout, unit)),
      )
    } else {
      this.#addLines(
        node,
        indent,
        added.map((item) => `- ${renderItem(item, this.#layout(`${indent}  `))}`),
      )
    }
    return true
  }

  #placeOf(item: SourceItem, kind: Place['kind'], flow: boolean, indent: string): Place {
    return { kind, from: item.valueStart, to: item.end, block: !flow, indent }
  }

  #addLines(node: SourceNode, indent: string, rendered: readonly string[]): void {
    if (rendered.length === 0) return
    const position = this.#nextLine(node.outerEnd)
    const text = rendered.map((lines) => `${indent}${lines}`).join(this.#lineBreak)
    const endsLine = position === 0 || this.#text[position - 1] === '\n'
    this.#edits.push({
      from: position,
      to: position,
      text: endsLine ? `${text}${this.#lineBreak}` : `${this.#lineBreak}${text}`,
    })
  }

  /** On lines of their own where the last item has one, so that a comment after it stays with it. */
  #addToFlow(node: SourceMap | SourceSeq, rendered: readonly string[]): void {
    const last = node.items.at(-1)
    if (!last || rendered.length === 0) return
    const indent = this.#indentOf(last.start)
    const position = this.#nextLine(node.trailingComma ?? last.end)
    if (indent !== undefined && position <= node.end - 1) {
      const text = rendered.map((lines) => `${indent}${lines}`).join(`,${this.#lineBreak}`)
      if (node.trailingComma === undefined) this.#edits.push({ from: last.end, to: last.end, text: ',' })
      const comma = node.trailingComma === undefined ? '' : ','
      this.#edits.push({ from: position, to: position, text: `${text}${comma}${this.#lineBreak}` })
      return
    }
    this.#edits.push({ from: last.end, to: last.end, text: rendered.map((item) => `, ${item}`).join('') })
  }

  /** Replaces a value as a whole, anchor and tag included. */
  #replace(node: SourceNode | undefined, after: unknown, place: Place): void {
    this.#moveAnchors(node)
    const { kind, from, to, block, indent } = place
    if (!block) {
      const unit = this.#text.slice(from, to).includes('\n') ? this.#flowUnit : undefined
      this.#edits.push({
        from,
        to,
        text: `${kind === 'pair' ? ' ' : ''}${renderFlow(after, this.#layout(indent), unit)}`,
      })
    } else if (kind === 'root') {
      this.#edits.push({ from, to, text: renderBlock(after as object, this.#layout('')) })
    } else if (kind === 'item') {
      this.#edits.push({ from, to, text: ` ${renderItem(after, this.#layout(`${indent}  `))}` })
    } else if (!isFilled(after)) {
      this.#edits.push({
        from,
        to,
        text: ` ${typeof after === 'string' ? renderScalar(after) : renderFlow(after, this.#layout(''), undefined)}`,
      })
    } else {
      this.#replaceByBlock(node, after, place)
    }
  }

  /** The value of a pair becomes a block collection, on lines below the key and a comment that follows it. */
  #replaceByBlock(node: SourceNode | undefined, after: object, { from, to, indent }: Place): void {
    const inner = Array.isArray(after) ? indent : `${indent}  `
    const lines = `${inner}${renderBlock(after, this.#layout(inner))}`
    const isBlock = node !== undefined && !isFlow(node) && node.kind !== 'scalar' && node.kind !== 'alias'
    if (isBlock || this.#text.slice(to, this.#nextLine(to)).trim() === '') {
      this.#edits.push({ from, to, text: `${this.#lineBreak}${lines}` })
      return
    }
    const position = this.#nextLine(to)
    const endsLine = this.#text[position - 1] === '\n'
    this.#edits.push({ from, to, text: '' })
    this.#edits.push({
      from: position,
      to: position,
      text: endsLine ? `${lines}${this.#lineBreak}` : `${this.#lineBreak}${lines}`,
    })
  }

  /** The first alias outside a replaced value gets the anchor and the value that it refers to. */
  #moveAnchors(node: SourceNode | undefined): void {
    if (!node) return
    for (const { anchor, value, start } of nodesOf(node)) {
      if (anchor === undefined) continue
      const alias = this.#aliases.find(
        (other) => other.kind === 'alias' && other.target === anchor && other.start > start && !contains(node, other),
      )
      if (!alias) continue
      const text = `&${anchor} ${renderFlow(value(), this.#layout(''), undefined)}`
      this.#edits.push({ from: alias.start, to: alias.end, text })
    }
  }

  /** Whether an alias refers to the node, and is to have another value. */
  #isShared(node: SourceNode): boolean {
    const { anchor } = node
    if (anchor === undefined) return false
    return this.#aliases.some(
      (alias) => alias.kind === 'alias' && alias.target === anchor && !this.#haveSameTarget(alias, node),
    )
  }

  /** Whether an alias changes with the node that it refers to. */
  #changesWithAnchor(alias: SourceNode): boolean {
    if (alias.kind !== 'alias') return false
    const anchored = [...this.#targets.keys()]
      .filter((node) => node.anchor === alias.target && node.start < alias.start)
      .at(-1)
    return anchored !== undefined && !this.#isShared(anchored) && this.#haveSameTarget(alias, anchored)
  }

  #haveSameTarget(a: SourceNode, b: SourceNode): boolean {
    return this.#targets.has(a) && this.#targets.has(b) && sameValue(this.#targets.get(a), this.#targets.get(b))
  }

  #unitOf(node: SourceMap | SourceSeq): string | undefined {
    const last = node.items.at(-1)
    return last && this.#text.slice(last.start, last.end).includes('\n') ? this.#flowUnit : undefined
  }

  #layout(indent: string): Layout {
    return { indent, lineBreak: this.#lineBreak }
  }

  #lineStart(offset: number): number {
    const start = this.#text.lastIndexOf('\n', offset - 1) + 1
    return start === 0 && this.#text.startsWith('\ufeff') ? 1 : start
  }

  /** The start of the next line; `offset` itself at the start of a line, after a block scalar. */
  #nextLine(offset: number): number {
    if (offset > 0 && this.#text[offset - 1] === '\n') return offset
    const end = this.#text.indexOf('\n', offset)
    return end < 0 ? this.#text.length : end + 1
  }

  /** The white space before the first character of a line; undefined: something else is before it. */
  #indentOf(offset: number): string | undefined {
    const prefix = this.#text.slice(this.#lineStart(offset), offset)
    return /^[ \t]*$/.test(prefix) ? prefix : undefined
  }

  #startsLine(offset: number): boolean {
    return this.#indentOf(offset) !== undefined
  }

  #columnOf(item: SourceItem | undefined): string {
    return item ? ' '.repeat(item.start - this.#lineStart(item.start)) : ''
  }
}

type Values = Readonly<Record<string, unknown>>

function isFlow(node: SourceNode): boolean {
  return (node.kind === 'map' || node.kind === 'seq') && node.flow
}

function itemsOf(node: SourceNode | undefined): readonly SourceItem[] {
  return node?.kind === 'map' || node?.kind === 'seq' ? node.items : []
}

function nodesOf(node: SourceNode): SourceNode[] {
  return [node, ...itemsOf(node).flatMap((item) => (item.node ? nodesOf(item.node) : []))]
}

function collectAliases(node: SourceNode | undefined, aliases: SourceNode[]): void {
  if (node?.kind === 'alias') aliases.push(node)
  for (const item of itemsOf(node)) collectAliases(item.node, aliases)
}

function collectTargets(node: SourceNode | undefined, target: unknown, targets: Map<SourceNode, unknown>): void {
  if (!node) return
  targets.set(node, target)
  if (node.kind === 'map' && isRecord(target)) {
    for (const { key, node: child } of node.items)
      if (key !== undefined && key in target) collectTargets(child, target[key], targets)
  } else if (node.kind === 'seq' && Array.isArray(target)) {
    node.items.forEach((item, index) => {
      collectTargets(item.node, target[index], targets)
    })
  }
}

function contains(outer: SourceNode, inner: SourceNode): boolean {
  return inner.start >= outer.start && inner.end <= outer.end
}

/** Deep equality of plain data, whatever the order of keys. */
function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every((key) => Object.hasOwn(b, key) && sameValue((a as Values)[key], (b as Values)[key]))
}
