import { compareCodePoints, entriesOf, isList, isScalar, type OutputValue, type Scalar } from '../../../python/value.ts'
import { inapplicable } from './invalid.ts'

/** The values of expressions: JSON, and `&expression`, an argument of functions such as sort_by. */
export type Value = Scalar | readonly Value[] | ValueMap | Reference
export type ValueMap = Map<string, Value>
export type Reference = (value: Value) => Value

export type TypeName = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object' | 'expression'

export function typeOf(value: Value): TypeName {
  if (value === null) return 'null'
  if (typeof value === 'bigint') return 'number'
  if (typeof value === 'function') return 'expression'
  if (typeof value === 'object') return Array.isArray(value) ? 'array' : 'object'
  return typeof value as TypeName
}

export function isArray(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

export function fromJson(value: OutputValue): Value {
  if (isScalar(value)) return value
  if (isList(value)) return value.map(fromJson)
  return new Map(entriesOf(value).map(([key, item]) => [key, fromJson(item)]))
}

/** The same object, not a copy: YAML writes an alias for its second occurrence. */
export function toJson(value: Value): OutputValue {
  assertPrintable(value)
  return value as OutputValue
}

function assertPrintable(value: Value): void {
  if (isArray(value)) value.forEach(assertPrintable)
  else if (value instanceof Map) [...value].flat().forEach(assertPrintable)
  else if (typeof value === 'function') throw inapplicable('the result is an expression reference (&), not a value')
  else if (typeof value === 'string' && /\p{Surrogate}/u.test(value)) {
    throw inapplicable('the result contains an unpaired surrogate, which UTF-8 cannot encode')
  }
}

/** https://jmespath.org/specification.html#or-expressions */
export function isFalse(value: Value): boolean {
  if (isArray(value)) return value.length === 0
  return value instanceof Map ? value.size === 0 : value === '' || value === false || value === null
}

/** Python's `==`, for which True is 1, except at the top level. */
export function isEqual(left: Value, right: Value): boolean {
  return typeOf(left) === typeOf(right) && isEqualInside(left, right)
}

export function isEqualInside(left: Value, right: Value): boolean {
  if (isArray(left) && isArray(right)) {
    return left.length === right.length && left.every((item, index) => isEqualInside(item, right[index] ?? null))
  }
  if (left instanceof Map && right instanceof Map) {
    const sameAt = ([key, item]: [string, Value]) => right.has(key) && isEqualInside(item, right.get(key) ?? null)
    return left.size === right.size && [...left].every(sameAt)
  }
  const [a, b] = [left, right].map((value) => (typeof value === 'boolean' ? BigInt(value) : value))
  // biome-ignore lint/suspicious/noDoubleEquals: 1n == 1.0, as in Python
  return isNumber(a) && isNumber(b) ? a == b : a === b
}

export function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}

/** Negative where `left` comes first. A number and a string have no order. */
export function compare(left: Value, right: Value): number {
  if (typeof left === 'string' && typeof right === 'string') return compareCodePoints(left, right)
  if (isNumber(left) && isNumber(right)) return left < right ? -1 : left > right ? 1 : 0
  throw inapplicable(`cannot compare ${typeOf(left)} with ${typeOf(right)}`)
}
