/** A YAML text with the place of each node, for edits that leave the rest of the text as it is. */
export interface SourceDocument {
  readonly text: string
  /** Plain data; null for an empty document. */
  readonly value: unknown
  /** undefined: the document is empty. */
  readonly root: SourceNode | undefined
  readonly hasAliases: boolean
  /** Whether other documents follow. */
  readonly hasMore: boolean
}

/** Offsets into the text. */
export interface SourceRange {
  /** Of the value, after its anchor and tag. */
  readonly start: number
  /** After the last character of the content: a comment and a line break that follow are not part of it. */
  readonly end: number
  /** As `end`, but after the line breaks that belong to a block scalar. */
  readonly outerEnd: number
  readonly anchor: string | undefined
  readonly hasTag: boolean
  value(): unknown
}

export interface SourceScalar extends SourceRange {
  readonly kind: 'scalar'
  readonly style: 'plain' | 'single' | 'double' | 'block'
}

interface SourceAlias extends SourceRange {
  readonly kind: 'alias'
  readonly target: string
}

export interface SourceMap extends SourceRange {
  readonly kind: 'map'
  readonly flow: boolean
  /** After the comma that follows the last item of a flow collection; undefined: none follows. */
  readonly trailingComma: number | undefined
  readonly hasMergeKey: boolean
  readonly items: readonly SourceItem[]
}

export interface SourceSeq extends SourceRange {
  readonly kind: 'seq'
  readonly flow: boolean
  readonly trailingComma: number | undefined
  readonly items: readonly SourceItem[]
}

export type SourceNode = SourceScalar | SourceAlias | SourceMap | SourceSeq

/** A pair of a map or an item of a sequence. */
export interface SourceItem {
  /** undefined in a sequence, and for a key that is not a string. */
  readonly key: string | undefined
  /** Of the key, of the `-`, or of the value in a flow sequence. */
  readonly start: number
  /** After the `:` or the `-`; equal to `start` in a flow sequence. */
  readonly valueStart: number
  readonly end: number
  readonly outerEnd: number
  /** undefined: the value is empty. */
  readonly node: SourceNode | undefined
}

export function isFlow(node: SourceNode): boolean {
  return (node.kind === 'map' || node.kind === 'seq') && node.flow
}

/** The pairs of a map or the items of a sequence; none for a scalar. */
export function itemsOf(node: SourceNode | undefined): readonly SourceItem[] {
  return node?.kind === 'map' || node?.kind === 'seq' ? node.items : []
}

/** A node and everything in it. */
export function nodesOf(node: SourceNode): SourceNode[] {
  return [node, ...itemsOf(node).flatMap((item) => (item.node ? nodesOf(item.node) : []))]
}
