import { Alias, Document, type Node, Pair, Scalar as ScalarNode, YAMLMap, YAMLSeq } from 'yaml'
import {
  isEmptyObject,
  isList,
  isScalar,
  jsonNumber,
  type OutputValue,
  pythonFloatRepr,
  type Scalar,
  sortedEntries,
} from '../../python/value.ts'
import { escapeUnprintable, styleOf } from './yaml-scalar.ts'

/**
 * YAML as the AWS CLI writes it: keys sorted by code point, block style, lists below a key not indented, and an alias
 * where a query returns one object or list in two places. Known differences are in docs/differences.md.
 * https://github.com/aws/aws-cli/blob/2.36.7/awscli/formatter.py
 */
export function renderYaml(value: OutputValue): string {
  if (isEmptyObject(value)) return ''
  // A single scalar is written as JSON, because YAML would end it with a line of three dots.
  return isScalar(value) ? `${scalarAsJson(value)}\n` : yamlDocument(value)
}

export function renderYamlStream(value: OutputValue): string {
  return isEmptyObject(value) ? '' : yamlDocument([value])
}

function scalarAsJson(value: Scalar): string {
  return typeof value === 'number' || typeof value === 'bigint' ? jsonNumber(value) : JSON.stringify(value)
}

function yamlDocument(value: OutputValue): string {
  // Every scalar has its text and style already. With the failsafe schema the package does not quote `1.0` again.
  const document = new Document(nodeTree(value), { schema: 'failsafe' })
  const text = document.toString({
    indentSeq: false,
    // The package breaks lines before column 80, the AWS CLI at the first space after it.
    lineWidth: 0,
    doubleQuotedMinMultiLineLength: Number.POSITIVE_INFINITY,
  })
  return escapeUnprintable(text)
}

function nodeTree(root: OutputValue): Node {
  const nodes = new Map<OutputValue, YAMLMap | YAMLSeq>()
  let anchors = 0

  function nodeOf(value: OutputValue): Node {
    if (typeof value === 'string') return stringNode(value)
    if (isScalar(value)) return plainNode(typeof value === 'number' ? yamlFloat(value) : String(value))
    const first = nodes.get(value)
    if (first !== undefined) {
      // id001, id002, … in the order in which the second occurrences are found.
      first.anchor ??= `id${String(++anchors).padStart(3, '0')}`
      return new Alias(first.anchor)
    }
    const node = isList(value) ? new YAMLSeq() : new YAMLMap()
    nodes.set(value, node)
    node.items = isList(value)
      ? value.map(nodeOf)
      : sortedEntries(value).map(([key, member]) => new Pair(stringNode(key), nodeOf(member)))
    return node
  }

  return nodeOf(root)
}

function stringNode(text: string): ScalarNode {
  const node = new ScalarNode(text)
  node.type = styleOf(text)
  return node
}

function plainNode(text: string): ScalarNode {
  const node = new ScalarNode(text)
  node.type = 'PLAIN'
  return node
}

function yamlFloat(value: number): string {
  if (Number.isNaN(value)) return '.nan'
  return Number.isFinite(value) ? pythonFloatRepr(value) : value > 0 ? '.inf' : '-.inf'
}
