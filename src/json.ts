/** Reading of JSON and YAML data that comes from outside: nothing about its shape is known. */
import { attempt } from './errors.ts'

/** An object from outside: which properties it has, and of which types, is not known. */
export type Values = Readonly<Record<string, unknown>>

/** The value of a JSON text, or undefined when the text is invalid. */
export function tryParseJson(text: string, parse: (text: string) => unknown = JSON.parse): unknown {
  return attempt(() => parse(text))
}

/** An own property of an object; undefined when the value is not an object or does not have it. */
export function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined
}

/** A property that is a string; undefined for any other type. */
export function textField(value: unknown, key: string): string | undefined {
  const text = field(value, key)
  return typeof text === 'string' ? text : undefined
}

/** The first entry of a list with this name, as kubeconfigs have them. */
export function findNamed(entries: readonly unknown[], name: string): unknown {
  return entries.find((entry) => textField(entry, 'name') === name)
}

/** The value if it is an array, else an empty array. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Whether a value is an object, and no array. */
export function isRecord(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value if it is an object, else an object without properties. */
export function asRecord(value: unknown): Values {
  return isRecord(value) ? value : {}
}

/** Deep equality of plain data, whatever the order of keys. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every((key) => Object.hasOwn(b, key) && sameValue(field(a, key), field(b, key)))
}
