/**
 * A value that can be printed. Whole numbers are bigints and every number is a Python float, because the AWS CLI
 * prints 1 and 1.0 apart; both come only from a query. So do maps: unlike an object they keep "1" after "b".
 */
export type OutputValue = Scalar | readonly OutputValue[] | OutputObject
export type Scalar = null | boolean | number | bigint | string
export type OutputObject = Map<string, OutputValue> | { readonly [key: string]: OutputValue }

export function isList(value: unknown): value is readonly OutputValue[] {
  return Array.isArray(value)
}

export function isObject(value: OutputValue): value is OutputObject {
  return !isScalar(value) && !isList(value)
}

export function isScalar(value: OutputValue): value is Scalar {
  return typeof value !== 'object' || value === null
}

export function entriesOf(object: OutputObject): [string, OutputValue][] {
  return object instanceof Map ? [...object] : Object.entries(object)
}

/** Text, table and YAML sort the keys; JSON keeps the order of the object. */
export function sortedEntries(object: OutputObject): [string, OutputValue][] {
  return entriesOf(object).sort(([a], [b]) => compareCodePoints(a, b))
}

export function isEmptyObject(value: OutputValue): boolean {
  return isObject(value) && entriesOf(value).length === 0
}

/** Python's order of strings: by code point, where JavaScript's `<` goes by UTF-16 unit. */
export function compareCodePoints(a: string, b: string): number {
  const left = [...a]
  const right = [...b]
  for (let index = 0; index < left.length && index < right.length; index++) {
    const difference = (left[index]?.codePointAt(0) ?? 0) - (right[index]?.codePointAt(0) ?? 0)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

/**
 * Python's repr() of a float: the shortest digits, as in JavaScript, but always with a point or an exponent, and
 * an exponent from 1e16 up and below 1e-4.
 * https://docs.python.org/3/library/string.html#format-specification-mini-language
 */
export function pythonFloatRepr(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  if (Object.is(value, -0)) return '-0.0'
  const [digits = '', power = '0'] = value.toExponential().split('e')
  const exponent = Number(power)
  if (value !== 0 && (exponent >= 16 || exponent < -4)) {
    return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
  }
  return Number.isInteger(value) ? `${value}.0` : String(value)
}

/** Python's json module has names of its own for the floats that JSON cannot say. */
export function jsonNumber(value: number | bigint): string {
  if (typeof value === 'bigint') return String(value)
  return Number.isFinite(value) ? pythonFloatRepr(value) : String(value)
}
