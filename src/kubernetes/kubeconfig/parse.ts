import {
  type CST,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import { EksTokenError } from '../../errors.ts'
import { type KubeconfigRules, syntaxError } from './file-errors.ts'
import { parsePlainYaml } from './plain-yaml.ts'
import {
  nodesOf,
  type SourceDocument,
  type SourceItem,
  type SourceMap,
  type SourceNode,
  type SourceRange,
  type SourceScalar,
  type SourceSeq,
} from './source.ts'
import { yamlProblem } from './yaml-problem.ts'

/** A node of a YAML text, with nothing resolved: what a scalar means differs between readers. */
export type YamlNode = (
  | { readonly kind: 'scalar'; readonly text: string; readonly isPlain: boolean }
  | { readonly kind: 'alias'; readonly target: string }
  | { readonly kind: 'map'; readonly items: readonly (readonly [key: YamlNode, value: YamlNode])[] }
  | { readonly kind: 'seq'; readonly items: readonly YamlNode[] }
) & {
  readonly anchor: string | undefined
  /** As `tag:yaml.org,2002:int`, or `!name`. */
  readonly tag: string | undefined
  readonly offset: number
}

/**
 * Parses the first document of a text.
 *
 * @returns undefined: the text has no content
 * @throws YamlSyntaxError
 */
export function parseNodes(text: string): YamlNode | undefined {
  const document = parseDocument(text, {
    prettyErrors: false,
    uniqueKeys: false,
    schema: 'failsafe',
    resolveKnownTags: false,
    logLevel: 'error',
  })
  const error = document.errors.find(({ code }) => code !== 'MULTIPLE_DOCS')
  if (error) throw new YamlSyntaxError(yamlProblem(error.code), error.pos[0])
  const directive = /^(?:(?:#.*)?\r?\n)*%(?!YAML 1\.1\s|TAG\s)/.exec(text)
  if (directive) throw new YamlSyntaxError('a directive for another version of YAML', directive[0].length - 1)
  return document.contents ? toYamlNode(document.contents) : undefined
}

export class YamlSyntaxError extends Error {
  readonly offset: number

  /** @param reason - nothing from the text */
  constructor(reason: string, offset: number) {
    super(reason)
    this.offset = offset
  }
}

const EMPTY = { kind: 'scalar', text: '', isPlain: true, anchor: undefined, tag: undefined } as const

function toYamlNode(node: unknown, near = 0): YamlNode {
  if (!isNode(node)) return { ...EMPTY, offset: near }
  const offset = (node as ParsedNode).range?.[0] ?? near
  if (isAlias(node)) return { kind: 'alias', target: node.source, anchor: undefined, tag: undefined, offset }
  const shared = { anchor: (node as { anchor?: string }).anchor, tag: node.tag, offset }
  if (isMap(node)) {
    const items = node.items.map(({ key, value }) => [toYamlNode(key, offset), toYamlNode(value, offset)] as const)
    return { kind: 'map', items, ...shared }
  }
  if (isSeq(node)) {
    // A pair in a sequence is a map with one item.
    const items = node.items.map((item) =>
      isPair(item)
        ? { ...EMPTY, kind: 'map' as const, items: [[toYamlNode(item.key), toYamlNode(item.value)] as const], offset }
        : toYamlNode(item, offset),
    )
    return { kind: 'seq', items, ...shared }
  }
  const { type, source, value } = node as Scalar
  const isPlain = type === 'PLAIN' || type === undefined
  return { kind: 'scalar', text: (isPlain ? source : undefined) ?? String(value ?? ''), isPlain, ...shared }
}

/**
 * Parses one YAML document with the places of its nodes.
 *
 * @param path - of the file, for errors
 * @param rules - of several documents kubectl reads the first; for the AWS CLI they are an error
 * @throws EksTokenError `ERR_KUBECONFIG` with line and column; nothing from the file is quoted
 */
export function parseSource(text: string, path: string, rules: KubeconfigRules = 'aws-cli'): SourceDocument {
  const plain = PRINTABLE_ASCII.test(text) || !NOT_PRINTABLE.test(text) ? parsePlainYaml(text) : undefined
  if (!plain) return parseAnyYaml(text, path, rules)
  return { text, value: plain.value, root: plain.root(), hasAliases: false, hasMore: false }
}

/** {@link parseSource} by the library: it reads all of YAML, and takes 100 times as long. */
export function parseAnyYaml(text: string, path: string, rules: KubeconfigRules = 'aws-cli'): SourceDocument {
  const lineCounter = new LineCounter()
  const fail = (offset: number, why: string): EksTokenError => {
    const { line, col } = lineCounter.linePos(offset)
    return syntaxError(`line ${line}, column ${col}`, why, path, rules)
  }
  const options = { prettyErrors: false, uniqueKeys: false, merge: true, keepSourceTokens: true, lineCounter } as const
  const document = parseDocument(text, options)
  const error = document.errors.find(({ code }) => rules === 'aws-cli' || code !== 'MULTIPLE_DOCS')
  if (error) throw fail(error.pos[0], yamlProblem(error.code))
  const control = NOT_PRINTABLE.exec(text)
  if (control) throw fail(control.index, 'a control character')
  const root = sourceNode(document.contents, document)
  const alias = root && undefinedAlias(root, new Set())
  if (alias) throw fail(alias.start, 'an undefined alias')
  const value = toValue(document, path, rules)
  const hasMore = document.errors.length > 0
  const hasAliases = root !== undefined && nodesOf(root).some(({ kind }) => kind === 'alias')
  return { text, value, root: value === null ? undefined : root, hasAliases, hasMore }
}

/**
 * The plain data of a text, as {@link parseSource} reads it.
 *
 * @returns undefined for invalid YAML
 */
export function parseValue(text: string): unknown {
  const plain = parsePlainYaml(text)
  if (plain) return plain.value
  const document = parseDocument(text, { prettyErrors: false, uniqueKeys: false, merge: true })
  return document.errors.some(({ code }) => code !== 'MULTIPLE_DOCS')
    ? undefined
    : toValue(document, 'the kubeconfig', 'kubectl')
}

/** The first alias in the text without an anchor before it. */
function undefinedAlias(node: SourceNode, anchors: Set<string>): SourceNode | undefined {
  if (node.kind === 'alias') return anchors.has(node.target) ? undefined : node
  if (node.anchor !== undefined) anchors.add(node.anchor)
  if (node.kind === 'scalar') return undefined
  for (const item of node.items) {
    const found = item.node && undefinedAlias(item.node, anchors)
    if (found) return found
  }
  return undefined
}

function toValue(document: Document, path: string, rules: KubeconfigRules): unknown {
  try {
    return document.toJS()
  } catch (cause) {
    const where = rules === 'aws-cli' ? 'YamlError while loading kubeconfig' : path
    throw new EksTokenError('ERR_KUBECONFIG', `${where}: excessive YAML aliases`, {
      cause,
      remedy: 'replace the aliases with the values that they refer to',
    })
  }
}

/** https://yaml.org/spec/1.1/#c-printable, which the readers of kubectl and the AWS CLI hold to; a BOM may be first only. */
export const NOT_PRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it matches
  /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

/** Most kubeconfigs, for which {@link NOT_PRINTABLE} takes ten times as long. */
const PRINTABLE_ASCII = /^[\t\n\r\x20-\x7e]*$/

function sourceNode(node: Node | null | undefined, document: Document): SourceNode | undefined {
  const range = (node as ParsedNode | null | undefined)?.range
  if (!node || !range) return undefined
  const { srcToken: token } = node as { srcToken?: CST.Token }
  const shared = {
    start: range[0],
    end: range[1],
    outerEnd: range[1],
    anchor: isAlias(node) ? undefined : (node as { anchor?: string }).anchor,
    hasTag: !isAlias(node) && (node as { tag?: string }).tag !== undefined,
    value: () => (node as { toJS: (document: Document) => unknown }).toJS(document),
  }
  if (isAlias(node)) return { kind: 'alias', target: node.source, ...shared }
  if (isCollection(node) && token) return collection(node as YAMLMap | YAMLSeq, token, shared, document)
  if (!isScalar(node) || range[0] === range[1]) return undefined
  const style = SCALAR_STYLES[String(node.type)] ?? 'plain'
  const end = style === 'block' ? endOfBlockScalar(token as CST.BlockScalar, range[1]) : range[1]
  return { kind: 'scalar', style, ...shared, end }
}

const SCALAR_STYLES: Readonly<Record<string, SourceScalar['style']>> = {
  QUOTE_SINGLE: 'single',
  QUOTE_DOUBLE: 'double',
  BLOCK_LITERAL: 'block',
  BLOCK_FOLDED: 'block',
}

/** Without the line breaks at its end. */
function endOfBlockScalar(token: CST.BlockScalar, end: number): number {
  return end - (/[\r\n ]*$/.exec(token.source)?.[0].length ?? 0)
}

function collection(
  node: YAMLMap | YAMLSeq,
  token: CST.Token,
  shared: SourceRange,
  document: Document,
): SourceMap | SourceSeq {
  const flow = token.type === 'flow-collection'
  const tokens = 'items' in token ? (token.items as CollectionItem[]) : []
  const items = isMap(node)
    ? node.items.map((pair) => {
        const item = (pair as { srcToken?: CollectionItem }).srcToken ?? {}
        const key = pair.key as Node | null
        return sourceItem(item, keyOf(key), {
          start: offsetOf(item.start, 'explicit-key-ind') ?? (key as ParsedNode | null)?.range?.[0],
          node: sourceNode(pair.value as Node | null, document),
        })
      })
    : listTokens(tokens, flow).map((item, index) => {
        const child = node.items[index]
        const value = isPair(child) ? undefined : sourceNode(child as Node, document)
        return sourceItem(item, undefined, { start: offsetOf(item.start, 'seq-item-ind') ?? value?.start, node: value })
      })
  const last = items.at(-1)
  const ends = flow || !last ? {} : { end: last.end, outerEnd: last.outerEnd }
  const trailingComma = flow && last ? commaAfter(tokens, last) : undefined
  if (isSeq(node)) return { kind: 'seq', flow, trailingComma, items, ...shared, ...ends }
  const hasMergeKey = items.some(({ key }) => key === '<<')
  return { kind: 'map', flow, trailingComma, hasMergeKey, items, ...shared, ...ends }
}

/** The library reads a merge key as a symbol. */
function keyOf(key: Node | null): string | undefined {
  if (!isScalar(key)) return undefined
  if (typeof key.value === 'symbol') return key.source
  return typeof key.value === 'string' ? key.value : undefined
}

interface CollectionItem {
  start?: CST.SourceToken[]
  key?: CST.Token | null
  sep?: CST.SourceToken[]
  value?: CST.Token
}

/** The tokens of the items of a sequence; others have only comments or a comma. */
function listTokens(tokens: readonly CollectionItem[], flow: boolean): CollectionItem[] {
  return flow
    ? tokens.filter(({ key, sep, value }) => key || sep || value)
    : tokens.filter(({ start }) => offsetOf(start, 'seq-item-ind') !== undefined)
}

function sourceItem(
  { start, sep }: CollectionItem,
  key: string | undefined,
  { start: offset = 0, node }: { start: number | undefined; node: SourceNode | undefined },
): SourceItem {
  const indicator = offsetOf(sep, 'map-value-ind') ?? offsetOf(start, 'seq-item-ind')
  const valueStart = indicator === undefined ? offset : indicator + 1
  return {
    key,
    start: offset,
    valueStart,
    end: node?.end ?? valueStart,
    outerEnd: node?.outerEnd ?? valueStart,
    node,
  }
}

/** The comma after an item is among the first tokens of the next one, which may have nothing else. */
function commaAfter(tokens: readonly CollectionItem[], { end }: SourceItem): number | undefined {
  const commas = tokens.slice(-2).map(({ start }) => offsetOf(start, 'comma'))
  const comma = commas.find((offset) => offset !== undefined && offset >= end)
  return comma === undefined ? undefined : comma + 1
}

function offsetOf(tokens: readonly CST.SourceToken[] | undefined, type: string): number | undefined {
  return tokens?.find((token) => token.type === type)?.offset
}
