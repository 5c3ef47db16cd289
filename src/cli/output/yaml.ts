import {
  isEmptyObject,
  isList,
  isScalar,
  jsonNumber,
  type OutputObject,
  type OutputValue,
  pythonFloatRepr,
  type Scalar,
  sortedEntries,
} from '../../python/value.ts'
import { isBreak, styleOf } from './yaml-scalar.ts'
import { YamlWriter } from './yaml-writer.ts'

/**
 * YAML as the AWS CLI writes it, which is libyaml's, driven by ruamel.yaml's safe representer: keys sorted, block
 * style, at most 80 columns, and an alias where a query has put one object or list in two places. The npm package
 * yaml quotes and folds by other rules.
 * https://github.com/aws/aws-cli/blob/2.36.7/awscli/formatter.py
 */
export function renderYaml(value: OutputValue): string {
  if (isEmptyObject(value)) return ''
  // A lone scalar is written as JSON, because YAML would end it with a line of three dots.
  return isScalar(value) ? `${scalarAsJson(value)}\n` : yamlDocument(value)
}

export function renderYamlStream(value: OutputValue): string {
  return isEmptyObject(value) ? '' : yamlDocument([value])
}

function scalarAsJson(value: Scalar): string {
  return typeof value === 'number' || typeof value === 'bigint' ? jsonNumber(value) : JSON.stringify(value)
}

function yamlDocument(value: OutputValue): string {
  const writer = new YamlWriter()
  const anchors = anchorsOf(value)
  const written = new Set<OutputValue>()

  function writeNode(node: OutputValue, isBelowKey: boolean): void {
    if (isScalar(node)) {
      writeScalar(node)
      return
    }
    const anchor = anchors.get(node)
    if (anchor !== undefined && written.has(node)) {
      writer.word(`*${anchor}`)
      return
    }
    if (anchor !== undefined) writer.word(`&${anchor}`)
    written.add(node)
    if (isList(node)) writeList(node, isBelowKey)
    else writeObject(node)
  }

  function writeList(list: readonly OutputValue[], isBelowKey: boolean): void {
    if (list.length === 0) writer.word('[]')
    // A list below a key begins right under the key.
    else
      writer.indented(isBelowKey && !writer.isOpening, () => {
        for (const item of list) {
          writer.newLine()
          writer.opening('-')
          writeNode(item, false)
        }
      })
  }

  function writeObject(object: OutputObject): void {
    const members = sortedEntries(object)
    if (members.length === 0) writer.word('{}')
    else
      writer.indented(false, () => {
        for (const [key, value] of members) {
          writer.newLine()
          if (isSimpleKey(key)) {
            writer.scalar(key, styleOf(key), true)
            writer.suffix(':')
          } else {
            writer.opening('?')
            writer.scalar(key, styleOf(key), false)
            writer.newLine()
            writer.opening(':')
          }
          writeNode(value, true)
        }
      })
  }

  function writeScalar(scalar: Scalar): void {
    if (typeof scalar === 'string') writer.scalar(scalar, styleOf(scalar), false)
    else writer.word(typeof scalar === 'number' ? yamlFloat(scalar) : String(scalar))
  }

  writeNode(value, false)
  writer.newLine()
  return writer.text
}

/** libyaml's limit for a key in front of its colon is 128 bytes on one line. */
function isSimpleKey(key: string): boolean {
  return Buffer.byteLength(key) <= 128 && ![...key].some(isBreak)
}

function yamlFloat(value: number): string {
  if (Number.isNaN(value)) return '.nan'
  return Number.isFinite(value) ? pythonFloatRepr(value) : value > 0 ? '.inf' : '-.inf'
}

/** What occurs twice, by identity, gets a name at its second occurrence: id001, id002, … */
function anchorsOf(value: OutputValue): Map<OutputValue, string> {
  const seen = new Set<OutputValue>()
  const anchors = new Map<OutputValue, string>()

  function visit(node: OutputValue): void {
    if (isScalar(node)) return
    if (seen.has(node)) {
      if (!anchors.has(node)) anchors.set(node, `id${String(anchors.size + 1).padStart(3, '0')}`)
      return
    }
    seen.add(node)
    if (isList(node)) node.forEach(visit)
    else for (const [, member] of sortedEntries(node)) visit(member)
  }

  visit(value)
  return anchors
}
