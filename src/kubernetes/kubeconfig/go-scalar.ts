import { type YamlNode, YamlSyntaxError } from './parse.ts'

const PREFIX = 'tag:yaml.org,2002:'

/**
 * The value of a scalar in Go's YAML library, as JSON data. Timestamps stay strings.
 * https://github.com/go-yaml/yaml/blob/v2.4.0/resolve.go
 *
 * @throws YamlSyntaxError for a text that does not have the type of its tag
 */
export function goScalar(node: YamlNode & { readonly kind: 'scalar' }): unknown {
  const { text, isPlain, tag, offset } = node
  const type = tag?.startsWith(PREFIX) ? tag.slice(PREFIX.length) : undefined
  if (type === 'binary') return decodeBase64(node)
  const isText = type === 'str' || (tag !== undefined && !(type !== undefined && TYPES.includes(type)))
  if (isText || (tag === undefined && !isPlain)) return text
  const value = plainValue(text)
  if (typeof value === 'number' && !Number.isFinite(value)) throw new YamlSyntaxError('not a JSON number', offset)
  if (type === undefined || isOfType(value, type)) return value
  throw new YamlSyntaxError(`a value that does not match its tag !!${type}`, offset)
}

const TYPES = ['int', 'float', 'bool', 'null', 'timestamp', 'merge']

function isOfType(value: unknown, type: string): boolean {
  if (type === 'null') return value === null
  if (type === 'bool') return typeof value === 'boolean'
  if (type === 'int') return Number.isInteger(value)
  return type === 'float' ? typeof value === 'number' : typeof value === 'string'
}

const TRUE = /^(y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON)$/
const FALSE = /^(n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$/
const NULL = /^(|~|null|Null|NULL)$/
const NOT_FINITE = /^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$/

function plainValue(text: string): string | number | boolean | null {
  if (NULL.test(text)) return null
  if (TRUE.test(text)) return true
  if (FALSE.test(text)) return false
  if (NOT_FINITE.test(text)) return Number.NaN
  if (text.startsWith('.')) return /^\.\d+(e[-+]?\d+)?$/i.test(text) ? Number(text) : text
  if (!/^[-+0-9]/.test(text)) return text
  return number(text.replaceAll('_', '')) ?? text
}

/** Underscores separate digits; a leading 0 is octal, unless a digit of it is not: then it is a float. */
function number(text: string): number | undefined {
  const [, sign, digits = ''] = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/.exec(text) ?? []
  if (digits !== '') {
    const value = Number(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits)
    return sign === '-' ? -value : value
  }
  const float = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/.test(text) ? Number(text) : undefined
  return Number.isFinite(float) ? float : undefined
}

function decodeBase64({ text, offset }: YamlNode & { readonly kind: 'scalar' }): string {
  const bytes = goBase64(text)
  if (!bytes) throw new YamlSyntaxError('invalid base64 in a !!binary value', offset)
  return bytes.toString('utf8')
}

/** The bytes of a base64 text by Go's rules: with padding, line breaks are ignored. undefined: invalid. */
export function goBase64(text: string): Buffer | undefined {
  const compact = text.replace(/[\r\n]/g, '')
  const isValid = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(compact)
  return isValid ? Buffer.from(compact, 'base64') : undefined
}
