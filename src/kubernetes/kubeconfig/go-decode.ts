import { isRecord } from '../../json.ts'
import { goBase64 } from './go-scalar.ts'

export type Path = readonly (string | number)[]
export type Decode<T> = (value: unknown, path: Path) => T

export class TypeMismatch extends Error {
  readonly path: Path
  readonly remedy: string | undefined

  constructor(path: Path, message: string, remedy?: string) {
    super(message)
    this.path = path
    this.remedy = remedy
  }
}

export const text: Decode<string> = (value, path) => {
  if (typeof value === 'string') return value
  if (value === null || value === undefined) return ''
  throw new TypeMismatch(
    path,
    `is ${kindOf(value)}, but kubectl requires a string`,
    isScalar(value) ? 'put the value in quotes' : undefined,
  )
}

export const flag: Decode<boolean> = (value, path) => {
  if (typeof value === 'boolean') return value
  if (value === null || value === undefined) return false
  throw new TypeMismatch(
    path,
    `is ${kindOf(value)}, but kubectl requires true or false`,
    'write true or false, without quotes',
  )
}

/** Go reads bytes from base64, and from a list of their numbers, in which null is 0. */
export const bytes: Decode<Buffer> = (value, path) => {
  if (Array.isArray(value)) return Buffer.from(value.map((item, index) => byte(item, [...path, index])))
  const decoded = goBase64(text(value, path))
  if (decoded) return decoded
  throw new TypeMismatch(path, 'is not valid base64')
}

const byte: Decode<number> = (value, path) => {
  if (value === null) return 0
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 255) return value
  throw new TypeMismatch(path, 'is not a byte (a number from 0 to 255)')
}

export const anything: Decode<unknown> = (value) => value ?? null

export function list<T>(item: Decode<T>): Decode<readonly T[]> {
  return (value, path) => {
    if (value === null || value === undefined) return []
    if (!Array.isArray(value)) throw new TypeMismatch(path, `is ${kindOf(value)}, but kubectl requires a list`)
    return value.map((element, index) => item(element, [...path, index]))
  }
}

function object(value: unknown, path: Path): Readonly<Record<string, unknown>> {
  if (value === null || value === undefined) return {}
  if (isRecord(value)) return value
  throw new TypeMismatch(path, `is ${kindOf(value)}, but kubectl requires a map`)
}

export function struct<T>(
  fields: { readonly [Key in keyof T]-?: readonly [key: string, decode: Decode<T[Key]>] },
): Decode<T> {
  return (value, path) => {
    const values = object(value, path)
    const entries = Object.entries<readonly [string, Decode<unknown>]>(fields).map(([name, [key, decode]]) => [
      name,
      decode(Object.hasOwn(values, key) ? values[key] : undefined, [...path, key]),
    ])
    return Object.fromEntries(entries) as T
  }
}

export function optional<T>(decode: Decode<T>): Decode<T | undefined> {
  return (value, path) => (value === null || value === undefined ? undefined : decode(value, path))
}

export function record<T>(decode: Decode<T>): Decode<Readonly<Record<string, T>>> {
  return (value, path) =>
    Object.fromEntries(Object.entries(object(value, path)).map(([key, item]) => [key, decode(item, [...path, key])]))
}

/** A list of entries with names, which must differ. */
export function named<T>(key: string, decode: Decode<T>): Decode<ReadonlyMap<string, T>> {
  const entries = list(struct<{ name: string; value: T }>({ name: ['name', text], value: [key, decode] }))
  return (value, path) => {
    const map = new Map<string, T>()
    for (const [index, entry] of entries(value, path).entries()) {
      // As kubectl does: an entry without a value can be repeated.
      if (map.has(entry.name) && map.get(entry.name) !== null) {
        throw new TypeMismatch(
          [...path, index],
          `has the same name as an earlier ${key}, which kubectl rejects`,
          'remove or rename one of them',
        )
      }
      map.set(entry.name, entry.value)
    }
    return map
  }
}

function isScalar(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'boolean'
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a map'
  return typeof value === 'boolean' ? 'true or false' : `a ${typeof value}`
}
