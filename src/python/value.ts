/**
 * A value to print. A bigint is a Python `int` and a number a Python `float`, because the AWS CLI prints 1 and 1.0
 * differently; both occur only in the result of a query. So do maps, which unlike objects preserve the order of numeric keys.
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

/** Entries in the order of the text, table and YAML formats; JSON preserves the order of the object. */
export function sortedEntries(object: OutputObject): [string, OutputValue][] {
  return entriesOf(object).sort(([a], [b]) => compareCodePoints(a, b))
}

export function isEmptyObject(value: OutputValue): boolean {
  return isObject(value) && entriesOf(value).length === 0
}

/** Compares strings by code point as Python does; JavaScript's `<` compares UTF-16 units. */
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
 * Python's `repr()` of a float: the shortest digits, as in JavaScript, but always with a decimal point or an exponent; an
 * exponent is used from 1e16 and below 1e-4.
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

/** A number as Python's json module prints it; NaN and infinities, which JSON lacks, by their JavaScript names. */
export function jsonNumber(value: number | bigint): string {
  if (typeof value === 'bigint') return String(value)
  return Number.isFinite(value) ? pythonFloatRepr(value) : String(value)
}
