import { jsonNumber } from '../../../python/value.ts'
import { escapeNonAscii } from '../../../redact.ts'
import { inapplicable } from './invalid.ts'
import {
  compare,
  isArray,
  isEqualInside,
  isNumber,
  type Reference,
  type TypeName,
  typeOf,
  type Value,
} from './values.ts'

/** `numbers` and `strings`: arrays of only these. */
type ParameterType = TypeName | 'numbers' | 'strings'
type Parameter = readonly ParameterType[] | 'any'

interface Definition {
  parameters: readonly Parameter[]
  /** The last parameter may be repeated. */
  repeats: boolean
  call: (...values: Value[]) => Value
}

/** `call` may rely on the types of its arguments: callFunction() has checked them. */
function define<T extends readonly Value[]>(
  parameters: readonly Parameter[],
  call: (...values: T) => Value,
  repeats = false,
): Definition {
  return { parameters, repeats, call: call as unknown as Definition['call'] }
}

type NumberValue = number | bigint
type List = readonly Value[]
type Sortable = readonly (NumberValue | string)[]

/**
 * https://jmespath.org/specification.html#built-in-functions; where the specification leaves a choice, as in
 * https://github.com/jmespath/jmespath.py/blob/1.0.1/jmespath/functions.py: integers stay integers.
 */
const FUNCTIONS: ReadonlyMap<string, Definition> = new Map(
  Object.entries({
    abs: define([['number']], (value: NumberValue) => (value < 0 ? -value : value)),
    avg: define([['numbers']], (list: readonly NumberValue[]) =>
      list.length === 0 ? null : Number(sum(list)) / list.length,
    ),
    ceil: define([['number']], (value: NumberValue) => whole(value, Math.ceil)),
    contains: define([['array', 'string'], 'any'], contains),
    ends_with: define([['string'], ['string']], (text: string, end: string) => text.endsWith(end)),
    floor: define([['number']], (value: NumberValue) => whole(value, Math.floor)),
    join: define([['string'], ['strings']], (separator: string, list: readonly string[]) => list.join(separator)),
    keys: define([['object']], (object: Map<string, Value>) => [...object.keys()]),
    length: define([['string', 'array', 'object']], lengthOf),
    map: define([['expression'], ['array']], (each: Reference, list: List) => list.map(each)),
    max: define([['numbers', 'strings']], (list: Sortable) => best(list, list, 1)),
    max_by: define([['array'], ['expression']], (list: List, by: Reference) =>
      best(list, sortKeys('max_by', list, by), 1),
    ),
    merge: define([['object']], merge, true),
    min: define([['numbers', 'strings']], (list: Sortable) => best(list, list, -1)),
    min_by: define([['array'], ['expression']], (list: List, by: Reference) =>
      best(list, sortKeys('min_by', list, by), -1),
    ),
    not_null: define(['any'], (...values: List) => values.find((value) => value !== null) ?? null, true),
    reverse: define([['array', 'string']], (value: List | string) =>
      typeof value === 'string' ? [...value].reverse().join('') : value.toReversed(),
    ),
    sort: define([['strings', 'numbers']], (list: Sortable) => list.toSorted(compare)),
    sort_by: define([['array'], ['expression']], sortBy),
    starts_with: define([['string'], ['string']], (text: string, start: string) => text.startsWith(start)),
    sum: define([['numbers']], sum),
    to_array: define(['any'], (value: Value) => (isArray(value) ? value : [value])),
    to_number: define(['any'], toNumber),
    to_string: define(['any'], (value: Value) => (typeof value === 'string' ? value : compactJson(value))),
    type: define(['any'], (value: Value) => (typeof value === 'function' ? null : typeOf(value))),
    values: define([['object']], (object: Map<string, Value>) => [...object.values()]),
  }),
)

export function callFunction(name: string, values: readonly Value[]): Value {
  const definition = FUNCTIONS.get(name)
  if (definition === undefined) throw inapplicable(`unknown function: ${name}()`)
  const { parameters, repeats, call } = definition
  if (repeats ? values.length < parameters.length : values.length !== parameters.length) {
    const wanted = `${repeats ? 'at least ' : ''}${parameters.length}`
    throw inapplicable(`${name}() takes ${wanted} argument${parameters.length === 1 ? '' : 's'}, not ${values.length}`)
  }
  parameters.forEach((parameter, index) => {
    const value = values[index] ?? null
    if (!isAccepted(value, parameter)) {
      throw inapplicable(`${name}() takes ${[...parameter].join(' or ')}, not ${describe(value)}`)
    }
  })
  return call(...values)
}

function isAccepted(value: Value, parameter: Parameter): boolean {
  if (parameter === 'any') return true
  return parameter.some((type) => {
    if (type === 'numbers') return isArray(value) && value.every(isNumber)
    if (type === 'strings') return isArray(value) && value.every((item) => typeof item === 'string')
    return typeOf(value) === type
  })
}

function describe(value: Value): string {
  return isArray(value) ? `an array of ${[...new Set(value.map(typeOf))].join(', ')}` : typeOf(value)
}

function sum(list: readonly NumberValue[]): NumberValue {
  return list.reduce((total, value) => {
    return typeof total === 'bigint' && typeof value === 'bigint' ? total + value : Number(total) + Number(value)
  }, 0n)
}

function whole(value: NumberValue, round: (value: number) => number): bigint {
  if (typeof value === 'bigint') return value
  if (!Number.isFinite(value)) throw inapplicable(`${value} cannot be rounded`)
  return BigInt(round(value))
}

function contains(subject: List | string, wanted: Value): boolean {
  if (typeof subject !== 'string') return subject.some((item) => isEqualInside(item, wanted))
  if (typeof wanted === 'string') return subject.includes(wanted)
  throw inapplicable(`contains() on a string takes a string, not ${typeOf(wanted)}`)
}

/** The length of a string is its number of code points. */
function lengthOf(value: string | List | Map<string, Value>): bigint {
  return BigInt(value instanceof Map ? value.size : [...value].length)
}

/** Only the first argument has been checked, as in jmespath.py, where an empty list or string adds nothing. */
function merge(...objects: List): Value {
  return new Map(
    objects.flatMap((object) => {
      if (object instanceof Map) return [...object]
      if (object === '' || (isArray(object) && object.length === 0)) return []
      throw inapplicable(`merge() takes objects, not ${typeOf(object)}`)
    }),
  )
}

/** The first maximum (`direction` 1) or minimum (-1). */
function best(list: List, keys: List, direction: 1 | -1): Value {
  let chosen = 0
  keys.forEach((key, index) => {
    if (index > 0 && compare(key, keys[chosen] ?? null) * direction > 0) chosen = index
  })
  return list[chosen] ?? null
}

function sortBy(list: List, by: Reference): Value {
  const keys = sortKeys('sort_by', list, by)
  if (new Set(keys.map(typeOf)).size > 1) throw inapplicable('sort_by() cannot compare numbers with strings')
  // The list itself, not a copy: YAML writes an alias for the second occurrence of a list.
  if (list.length === 0) return list
  const order = keys.map((key, index) => ({ key, index })).sort((a, b) => compare(a.key, b.key))
  return order.map(({ index }) => list[index] ?? null)
}

function sortKeys(name: string, list: List, by: Reference): List {
  const keys = list.map(by)
  const wrong = keys.find((key) => !isNumber(key) && typeof key !== 'string')
  if (wrong !== undefined)
    throw inapplicable(`the expression of ${name}() must return numbers or strings, not ${typeOf(wrong)}`)
  return keys
}

/** What Python's int() and float() accept: https://docs.python.org/3/library/functions.html#float */
function toNumber(value: Value): Value {
  if (isNumber(value)) return value
  if (typeof value !== 'string') return null
  const text = value.trim()
  const digits = text.replace(/(?<=[0-9])_(?=[0-9])/g, '')
  if (/^[+-]?[0-9]+$/.test(digits))
    return digits.startsWith('-') ? -BigInt(digits.slice(1)) : BigInt(digits.replace('+', ''))
  if (/^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/.test(digits)) return Number(digits)
  const [, sign, word] = /^([+-]?)(inf(?:inity)?|nan)$/i.exec(text) ?? []
  if (word === undefined) return null
  return word.toLowerCase() === 'nan' ? Number.NaN : Number(`${sign}Infinity`)
}

/** Python's `json.dumps(value, separators=(',', ':'))`, which escapes everything beyond ASCII. */
function compactJson(value: Value): string {
  if (typeof value === 'string') return asciiJson(value)
  if (isNumber(value)) return jsonNumber(value)
  if (isArray(value)) return `[${value.map(compactJson).join(',')}]`
  if (value instanceof Map) {
    return `{${[...value].map(([key, item]) => `${asciiJson(key)}:${compactJson(item)}`).join(',')}}`
  }
  if (typeof value === 'function') throw inapplicable('to_string() does not accept an expression reference (&)')
  return String(value)
}

function asciiJson(text: string): string {
  return escapeNonAscii(JSON.stringify(text))
}
