import { isFilled, renderBlock, renderFlow, renderItem, renderScalar } from './render.ts'
import { isFlow, type SourceNode, type SourceScalar } from './source.ts'
import type { SourceText } from './source-text.ts'
import type { Edit } from './text-edit.ts'

/** Where a value is written when it is replaced as a whole. */
export interface Place {
  readonly kind: 'root' | 'pair' | 'item'
  readonly from: number
  readonly to: number
  /** False: within a flow collection. */
  readonly block: boolean
  /** Of the lines of the surrounding collection. */
  readonly indent: string
}

/** Another scalar in the style of the one before. */
export function replaceScalar(node: SourceScalar, after: unknown, { block, indent }: Place, source: SourceText): Edit {
  const style = node.style === 'block' ? 'plain' : node.style
  const text =
    typeof after === 'string' && block
      ? renderScalar(after, style)
      : renderFlow(after, source.layout(indent), undefined)
  return { from: node.start, to: node.end, text }
}

/** Another value as a whole; anchor and tag go with the one before. */
export function replaceValue(
  node: SourceNode | undefined,
  after: unknown,
  place: Place,
  source: SourceText,
): readonly Edit[] {
  const { kind, from, to, block, indent } = place
  const replaceBy = (text: string): readonly Edit[] => [{ from, to, text }]
  if (!block) {
    const unit = source.text.slice(from, to).includes('\n') ? source.flowUnit : undefined
    return replaceBy(
      `${kind === 'pair' ? ' ' : ''}${renderFlow(after, source.layout(source.contentIndent(from)), unit)}`,
    )
  }
  if (kind === 'root') return replaceBy(renderBlock(after as object, source.layout('')))
  if (kind === 'item') return replaceBy(` ${renderItem(after, source.layout(`${indent}  `))}`)
  if (isFilled(after)) return replaceByBlock(node, after, place, source)
  return replaceBy(
    ` ${typeof after === 'string' ? renderScalar(after) : renderFlow(after, source.layout(''), undefined)}`,
  )
}

/** The value of a pair becomes a block collection, on lines below the key and a comment that follows it. */
function replaceByBlock(
  node: SourceNode | undefined,
  after: object,
  { from, to, indent }: Place,
  source: SourceText,
): readonly Edit[] {
  const inner = Array.isArray(after) ? indent : `${indent}  `
  const lines = `${inner}${renderBlock(after, source.layout(inner))}`
  const isBlock = node !== undefined && !isFlow(node) && node.kind !== 'scalar' && node.kind !== 'alias'
  if (isBlock || source.text.slice(to, source.nextLine(to)).trim() === '') {
    return [{ from, to, text: `${source.lineBreak}${lines}` }]
  }
  const position = source.nextLine(to)
  const text = source.endsLine(position) ? `${lines}${source.lineBreak}` : `${source.lineBreak}${lines}`
  return [
    { from, to, text: '' },
    { from: position, to: position, text },
  ]
}
