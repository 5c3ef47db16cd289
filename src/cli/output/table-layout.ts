import { EksTokenError } from '../../errors.ts'
import { pythonText } from '../../python/repr.ts'
import {
  compareCodePoints,
  entriesOf,
  isList,
  isObject,
  isScalar,
  type OutputObject,
  type OutputValue,
} from '../../python/value.ts'
import { displayWidth } from './east-asian-width.ts'

/** One box of the table, with the widths of its columns. `title` is undefined for a list inside a list. */
export interface Section {
  title: string | undefined
  headers: string[]
  rows: string[][]
  depth: number
  columns: number | undefined
  widths: number[]
}

/**
 * The boxes of a value: its scalars as a row under their keys, nested values in boxes of their own.
 * https://github.com/aws/aws-cli/blob/2.36.7/awscli/formatter.py
 *
 * @returns undefined where there is nothing to show
 */
export function layOut(value: OutputValue, title: string): readonly Section[] | undefined {
  const { sections, addBox } = sectionBuilder()
  return addBox(value, title, 0) ? sections : undefined
}

function sectionBuilder() {
  const sections: Section[] = []
  let current: Section = newSection(undefined, 0)

  function openSection(title: string | undefined, depth: number): void {
    current = newSection(title, depth)
    sections.push(current)
  }

  /** False where there is nothing to show. A list in a list has no box of its own: `title` is undefined. */
  function addBox(value: OutputValue, title: string | undefined, depth: number): boolean {
    if (isNothing(value)) return false
    if (title !== undefined) openSection(title, depth)
    if (isList(value)) {
      const [first = null] = value
      if (isObject(first)) addObjects(value, title, depth)
      else value.forEach(addItem)
    } else if (isObject(value)) {
      addObject(value, depth)
    }
    return true
  }

  function addItem(item: OutputValue): void {
    if (isScalar(item)) addRow(current, [pythonText(item)])
    else if (isObject(item)) addRow(current, keysOf(item))
    else if (isList(item) && item.every(isScalar)) addRow(current, item.map(pythonText))
    else addBox(item, undefined, 0)
  }

  function addObject(object: OutputObject, depth: number): void {
    const members = new Map(entriesOf(object))
    const keys = [...members.keys()].sort(compareCodePoints)
    const [scalar = [], nested = []] = partition(keys, (key) => isScalar(members.get(key) ?? null))
    const cells = scalar.map((key) => pythonText(members.get(key) ?? null))
    if (scalar.length === 1) {
      addRow(current, [...scalar, ...cells])
    } else if (scalar.length > 1) {
      addHeaders(current, scalar)
      addRow(current, cells)
    }
    for (const key of nested) addBox(members.get(key) ?? null, key, depth + 1)
  }

  /** One row each, or one box each under the same title when any of them contains a nested value. */
  function addObjects(list: readonly OutputValue[], title: string | undefined, depth: number): void {
    const objects = list.map(objectOf)
    const members = objects.flatMap(entriesOf)
    const headers = sortedKeys(members.filter(([, value]) => isScalar(value)))
    const nested = sortedKeys(members.filter(([, value]) => !isScalar(value)))
    if (headers.length > 0 && !list.every(isObject)) throw unlike()
    addHeaders(current, headers)
    objects.forEach((object, index) => {
      if (index > 0 && nested.length > 0) {
        openSection(title, depth)
        addHeaders(current, headers)
      }
      const values = new Map(entriesOf(object))
      addRow(
        current,
        headers.map((key) => pythonText(values.has(key) ? (values.get(key) ?? null) : '')),
      )
      for (const key of nested) if (values.has(key)) addBox(values.get(key) ?? null, key, depth + 1)
    })
  }

  return { sections, addBox }
}

/** An empty list or string among objects has no keys and is skipped; anything else breaks the AWS CLI's table. */
function objectOf(value: OutputValue): OutputObject {
  if (isObject(value)) return value
  if (value === '' || (isList(value) && value.length === 0)) return {}
  throw unlike()
}

/** Python's truth value testing. */
function isNothing(value: OutputValue): boolean {
  if (isList(value)) return value.length === 0
  return isObject(value) ? keysOf(value).length === 0 : !value && !Number.isNaN(value)
}

function keysOf(object: OutputObject): string[] {
  return entriesOf(object).map(([key]) => key)
}

function sortedKeys(members: readonly [string, OutputValue][]): string[] {
  return [...new Set(members.map(([key]) => key))].sort(compareCodePoints)
}

function partition<T>(items: readonly T[], belongs: (item: T) => boolean): [T[], T[]] {
  return [items.filter(belongs), items.filter((item) => !belongs(item))]
}

function newSection(title: string | undefined, depth: number): Section {
  return { title, headers: [], rows: [], depth, columns: undefined, widths: [] }
}

function addHeaders(section: Section, headers: string[]): void {
  widen(section, headers)
  section.columns ??= headers.length
  section.headers = headers
}

function addRow(section: Section, row: string[]): void {
  section.columns ??= row.length
  if (row.length !== section.columns) throw unlike()
  section.rows.push(row)
  widen(section, row)
}

function widen(section: Section, cells: readonly string[]): void {
  const widths = cells.map(displayWidth)
  if (section.widths.length === 0) section.widths = widths
  else if (widths.length > section.widths.length) throw unlike()
  else section.widths = section.widths.map((width, index) => Math.max(width, widths[index] ?? 0))
}

function unlike(): EksTokenError {
  return new EksTokenError(
    'ERR_OUTPUT',
    'table output does not support a list with items of different types or lengths',
    {
      remedy: 'use --output json or a different --query',
    },
  )
}

/** A box with one row is transposed: key and value side by side. */
export function transposed(section: Section): Section {
  const [row, ...more] = section.rows
  if (row === undefined || more.length > 0 || section.headers.length === 0) return section
  const upright = newSection(section.title, section.depth)
  section.headers.forEach((header, index) => {
    if (index < row.length) addRow(upright, [header, row[index] ?? ''])
  })
  return upright
}
