import { EksTokenError } from '../../errors.ts'
import { isRecord, sameValue, type Values } from '../../json.ts'
import { alignItems } from './align.ts'
import { Anchors } from './anchors.ts'
import { parseValue } from './parse.ts'
import { isFilled, type Layout, renderBlock, renderFlow, renderItem, renderPair, renderScalar } from './render.ts'
import { type Place, replaceScalar, replaceValue } from './replace.ts'
import {
  isFlow,
  type SourceDocument,
  type SourceItem,
  type SourceMap,
  type SourceNode,
  type SourceSeq,
} from './source.ts'
import { lineBreakOf, SourceText } from './source-text.ts'
import { applyEdits, type Edit } from './text-edit.ts'

/**
 * Changes a YAML text so that it has another value. Only the text of what differs is changed: comments, order, quotes,
 * style, line breaks, anchors and every other entry stay byte for byte. The result is parsed again and compared.
 *
 * @param target - built from `document.value`; parts that are the same object are not compared
 * @throws EksTokenError `ERR_KUBECONFIG` for a text that cannot be changed in this way
 */
export function editSource(document: SourceDocument, target: object): string {
  if (!document.root) return withContent(document.text, target)
  return applyEdits(document.text, sourceEdits(document, target))
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
    throw new EksTokenError('ERR_KUBECONFIG', 'the kubeconfig cannot be edited without losing part of its content', {
      remedy: 'write to another file with --kubeconfig FILE, or rewrite this one in plain YAML',
    })
  }
  return ordered
}

/** An empty document: its comments stay above the content. */
function withContent(text: string, target: object): string {
  const lineBreak = lineBreakOf(text)
  const content = `${renderBlock(target, { indent: '', lineBreak })}${lineBreak}`
  const comments = text.split(/\r?\n/).filter((line) => /^\ufeff?\s*#/.test(line))
  return [...comments.map((line) => `${line}${lineBreak}`), content].join('')
}

/** How an entry or an item is written in each style. */
interface Rendering<T> {
  readonly inFlow: (item: T, layout: Layout, unit: string | undefined) => string
  readonly inBlock: (item: T) => string
}

class Edits {
  readonly #source: SourceText
  readonly #anchors: Anchors
  readonly #edits: Edit[] = []

  constructor(document: SourceDocument, target: object) {
    this.#source = new SourceText(document)
    this.#anchors = new Anchors(document, target)
  }

  /** undefined: two edits overlap. */
  ordered(): readonly Edit[] | undefined {
    const edits = [...this.#edits].sort((a, b) => a.from - b.from || a.to - b.to)
    const overlaps = edits.some(({ from }, index) => from < (edits[index - 1]?.to ?? 0))
    return overlaps ? undefined : edits
  }

  change(node: SourceNode | undefined, before: unknown, after: unknown, place: Place): void {
    if (before === after || (node && sameValue(before, after))) return
    if (node && this.#anchors.changesWithAnchor(node)) return
    if (node && !this.#anchors.isShared(node)) {
      if (node.kind === 'map' && isRecord(before) && isRecord(after)) {
        if (this.#changeMap(node, before, after, place)) return
      } else if (node.kind === 'seq' && Array.isArray(before) && Array.isArray(after)) {
        if (this.#changeSeq(node, before, after, place)) return
      } else if (node.kind === 'scalar' && !isFilled(after) && !node.anchor && !node.hasTag) {
        this.#edits.push(replaceScalar(node, after, place, this.#source))
        return
      }
    }
    this.#moveAnchors(node)
    this.#edits.push(...replaceValue(node, after, place, this.#source))
  }

  #moveAnchors(node: SourceNode | undefined): void {
    this.#edits.push(...this.#anchors.moveOutOf(node, this.#source.lineBreak))
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
    if (removed.length === node.items.length || !this.#canRemove(node, removed, added.length > 0)) return false
    const indent = node.flow ? place.indent : this.#source.columnOf(node.items[0])
    for (const key of Object.keys(after)) {
      // Of two equal keys the last one counts, as for kubectl.
      const item = node.items.findLast((candidate) => candidate.key === key)
      if (item) this.change(item.node, before[key], after[key], this.#placeOf(item, 'pair', node.flow, indent))
    }
    this.#remove(node, removed)
    this.#add(node, indent, added, {
      inFlow: (key, layout, unit) => `${renderScalar(key, 'double')}: ${renderFlow(after[key], layout, unit)}`,
      inBlock: (key) => renderPair(key, after[key], this.#source.layout(indent)),
    })
    return true
  }

  /** @returns false: the sequence has to be replaced as a whole */
  #changeSeq(node: SourceSeq, before: readonly unknown[], after: readonly unknown[], place: Place): boolean {
    if (node.items.length !== before.length || before.length === 0) return false
    const places = alignItems(before, after)
    if (!places || after.length === 0) return false
    const removed = node.items.filter((_, index) => places[index] === undefined)
    const added = after.slice(before.length - removed.length)
    if (!this.#canRemove(node, removed, added.length > 0)) return false
    const indent = node.flow ? place.indent : this.#source.columnOf(node.items[0])
    node.items.forEach((item, index) => {
      const target = places[index]
      if (target === undefined) this.#moveAnchors(item.node)
      else this.change(item.node, before[index], after[target], this.#placeOf(item, 'item', node.flow, indent))
    })
    this.#remove(node, removed)
    this.#add(node, indent, added, {
      inFlow: renderFlow,
      inBlock: (item) => `- ${renderItem(item, this.#source.layout(`${indent}  `))}`,
    })
    return true
  }

  /** In block style whole lines are removed, in flow style what is between two items that stay. */
  #canRemove(node: SourceMap | SourceSeq, removed: readonly SourceItem[], isGrowing: boolean): boolean {
    if (removed.length === 0) return true
    if (node.flow) return !isGrowing && removed.length < node.items.length
    return removed.every((item) => this.#source.indentOf(item.start) !== undefined)
  }

  #remove(node: SourceMap | SourceSeq, removed: readonly SourceItem[]): void {
    const last = node.items.findLast((item) => !removed.includes(item))
    for (const item of removed) {
      const { start, end, outerEnd } = item
      if (!node.flow)
        this.#edits.push({ from: this.#source.lineStart(start), to: this.#source.nextLine(outerEnd), text: '' })
      else if (last && last.end <= start) this.#edits.push({ from: previousEnd(node, item), to: end, text: '' })
      else this.#edits.push({ from: start, to: node.items[node.items.indexOf(item) + 1]?.start ?? end, text: '' })
    }
  }

  #placeOf(item: SourceItem, kind: Place['kind'], flow: boolean, indent: string): Place {
    return { kind, from: item.valueStart, to: item.end, block: !flow, indent }
  }

  /** Adds to the end of a map or a sequence, in its style. */
  #add<T>(node: SourceMap | SourceSeq, indent: string, added: readonly T[], rendered: Rendering<T>): void {
    if (node.flow) {
      const unit = this.#unitOf(node)
      const layout = this.#source.layout(this.#source.indentOf(node.items.at(-1)?.start ?? 0) ?? indent)
      this.#addToFlow(
        node,
        added.map((item) => rendered.inFlow(item, layout, unit)),
      )
    } else this.#addLines(node, indent, added.map(rendered.inBlock))
  }

  #addLines(node: SourceNode, indent: string, rendered: readonly string[]): void {
    if (rendered.length === 0) return
    const position = this.#source.nextLine(node.outerEnd)
    const text = rendered.map((lines) => `${indent}${lines}`).join(this.#source.lineBreak)
    const endsLine = position === 0 || this.#source.endsLine(position)
    this.#edits.push({
      from: position,
      to: position,
      text: endsLine ? `${text}${this.#source.lineBreak}` : `${this.#source.lineBreak}${text}`,
    })
  }

  /** On lines of their own where the last item has one, so that a comment after it stays with it. */
  #addToFlow(node: SourceMap | SourceSeq, rendered: readonly string[]): void {
    const last = node.items.at(-1)
    if (!last || rendered.length === 0) return
    const indent = this.#source.indentOf(last.start)
    const position = this.#source.nextLine(node.trailingComma ?? last.end)
    if (indent !== undefined && position <= node.end - 1) {
      const text = rendered.map((lines) => `${indent}${lines}`).join(`,${this.#source.lineBreak}`)
      if (node.trailingComma === undefined) this.#edits.push({ from: last.end, to: last.end, text: ',' })
      const comma = node.trailingComma === undefined ? '' : ','
      this.#edits.push({ from: position, to: position, text: `${text}${comma}${this.#source.lineBreak}` })
      return
    }
    this.#edits.push({ from: last.end, to: last.end, text: rendered.map((item) => `, ${item}`).join('') })
  }

  #unitOf(node: SourceMap | SourceSeq): string | undefined {
    const last = node.items.at(-1)
    return last && this.#source.text.slice(last.start, last.end).includes('\n') ? this.#source.flowUnit : undefined
  }
}

/** The end of the item before, or the start of the first one. */
function previousEnd({ items }: SourceMap | SourceSeq, item: SourceItem): number {
  return items[items.indexOf(item) - 1]?.end ?? item.start
}
