import { EksTokenError } from '../../errors.ts'
import { goScalar } from './go-scalar.ts'
import { NOT_PRINTABLE, parseNodes, type YamlNode, YamlSyntaxError } from './parse.ts'

/** A YAML file as kubectl reads it. */
export interface GoYaml {
  /** JSON data: kubectl converts YAML to JSON first. null for an empty file. */
  readonly value: unknown
  /** ` line 12:` for the value at a path of keys and indexes; empty where it is unknown. */
  readonly lineOf: (path: readonly (string | number)[]) => string
}

/**
 * Reads the first document of a YAML file by the rules of kubectl's YAML library: YAML 1.1 (`no` is a boolean, `010` is 8),
 * merge keys in their order, the last of duplicate keys, UTF-8 or UTF-16 by the byte order mark.
 * https://github.com/kubernetes-sigs/yaml/blob/v1.4.0/yaml.go (YAMLToJSON), https://github.com/go-yaml/yaml/blob/v2.4.0/decode.go
 *
 * @throws EksTokenError `ERR_KUBECONFIG`; the message quotes no value from the file, which may contain keys and tokens
 */
export function readGoYaml(bytes: Uint8Array, file: string): GoYaml {
  const text = decodeText(bytes, file)
  const lineAt = (offset: number): number => text.slice(0, offset).split(/\r\n?|\n/).length
  try {
    const control = NOT_PRINTABLE.exec(text)
    if (control) throw new YamlSyntaxError('a control character', control.index)
    const root = parseNodes(text)
    const value = root ? toJson(root) : null
    return {
      value,
      lineOf: (path) => {
        const node = root && nodeAt(root, path)
        return node ? ` line ${lineAt(node.offset)}:` : ''
      },
    }
  } catch (error) {
    if (!(error instanceof YamlSyntaxError)) throw error
    throw new EksTokenError(
      'ERR_KUBECONFIG',
      `${file} is not valid YAML: line ${lineAt(error.offset)} (${error.message})`,
      {
        cause: error,
        remedy: 'correct the syntax of the file',
      },
    )
  }
}

function decodeText(bytes: Uint8Array, file: string): string {
  const encoding = encodingOf(bytes)
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new EksTokenError('ERR_KUBECONFIG', `${file} is not valid YAML: it is not ${encoding.toUpperCase()} text`, {
      cause,
      remedy: 'save the file with UTF-8 encoding',
    })
  }
}

function encodingOf([first, second]: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8'
}

function toJson(root: YamlNode): unknown {
  const anchors = new Map<string, YamlNode>()
  const open = new Set<YamlNode>()
  const counts = { decoded: 0, throughAliases: 0, aliasDepth: 0 }

  const convert = (node: YamlNode): unknown => {
    counts.decoded++
    if (counts.aliasDepth > 0) counts.throughAliases++
    if (
      counts.throughAliases > 100 &&
      counts.decoded > 1000 &&
      counts.throughAliases > counts.decoded * allowedShare()
    ) {
      throw new YamlSyntaxError('excessive aliases', node.offset)
    }
    if (node.kind === 'alias') return through(node, convert)
    if (node.anchor !== undefined) anchors.set(node.anchor, node)
    open.add(node)
    try {
      if (node.kind === 'scalar') return goScalar(node)
      if (node.kind === 'seq') return node.items.map(convert)
      const object: Record<string, unknown> = {}
      for (const [key, value] of node.items) {
        if (isMergeKey(key)) merge(value, object)
        else define(object, keyText(key, convert(key)), convert(value))
      }
      return object
    } finally {
      open.delete(node)
    }
  }

  const through = <T>(alias: YamlNode & { kind: 'alias' }, use: (node: YamlNode) => T): T => {
    const target = anchors.get(alias.target)
    if (!target) throw new YamlSyntaxError('an undefined alias', alias.offset)
    if (open.has(target)) throw new YamlSyntaxError('an alias that contains itself', alias.offset)
    counts.aliasDepth++
    try {
      return use(target)
    } finally {
      counts.aliasDepth--
    }
  }

  /** In the order of the text: keys before the merge key are replaced by those that it brings. */
  const merge = (node: YamlNode, object: Record<string, unknown>): void => {
    if (node.kind === 'seq') {
      // Earlier maps take precedence.
      for (const item of [...node.items].reverse()) mergeMap(item, object)
    } else mergeMap(node, object)
  }
  const mergeMap = (node: YamlNode, object: Record<string, unknown>): void => {
    const isMap = node.kind === 'map' || (node.kind === 'alias' && through(node, ({ kind }) => kind === 'map'))
    if (!isMap) throw new YamlSyntaxError('a merge key without a map', node.offset)
    for (const [key, value] of Object.entries(convert(node) as object)) define(object, key, value)
  }

  /** https://github.com/go-yaml/yaml/blob/v2.4.0/decode.go (allowedAliasRatio) */
  const allowedShare = (): number => {
    if (counts.decoded <= 400_000) return 0.99
    if (counts.decoded >= 4_000_000) return 0.1
    return 0.99 - (0.89 * (counts.decoded - 400_000)) / 3_600_000
  }
  return convert(root)
}

function isMergeKey(node: YamlNode): boolean {
  if (node.kind !== 'scalar' || node.text !== '<<') return false
  return node.tag === undefined ? node.isPlain : node.tag === 'tag:yaml.org,2002:merge'
}

/** JSON has only strings as keys. */
function keyText({ offset }: YamlNode, key: unknown): string {
  if (key === null || typeof key === 'object') throw new YamlSyntaxError('a key that is not a string', offset)
  return String(key)
}

/** Also for `__proto__`. */
function define(object: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true })
}

/** Not through aliases: the value is elsewhere. */
function nodeAt(node: YamlNode, path: readonly (string | number)[]): YamlNode | undefined {
  const [first, ...rest] = path
  if (first === undefined) return node
  if (node.kind === 'seq') {
    const item = node.items[Number(first)]
    return item && nodeAt(item, rest)
  }
  if (node.kind !== 'map') return undefined
  const item = node.items.findLast(([key]) => key.kind === 'scalar' && key.text === first)
  return item && nodeAt(item[1], rest)
}
