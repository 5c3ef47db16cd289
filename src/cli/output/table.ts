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
interface Section {
  title: string | undefined
  headers: string[]
  rows: string[][]
  depth: number
  columns: number | undefined
  widths: number[]
}

interface TableOptions {
  title: string
  isColored: boolean
  /** The width of the terminal; undefined where there is none. */
  columns: number | undefined
}

/** The width that the AWS CLI uses without a terminal. */
const DEFAULT_COLUMNS = 80

/**
 * A box for every object: its scalars as a row under their keys, nested values in boxes inside it.
 * https://github.com/aws/aws-cli/blob/2.36.7/awscli/formatter.py (layout)
 * https://github.com/aws/aws-cli/blob/2.36.7/awscli/table.py (drawing)
 */
export function renderTable(value: OutputValue, options: TableOptions): string {
  const { sections, addBox } = sectionBuilder()
  if (!addBox(value, options.title, 0)) return ''
  const isWide = totalWidth(sections) > (options.columns ?? DEFAULT_COLUMNS)
  const drawn = isWide ? sections.map(turned) : sections
  return draw(drawn, totalWidth(drawn), options.isColored)
}

// ---- Layout ----

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

// ---- Drawing ----

/** A box with one row is transposed: key and value side by side. */
function turned(section: Section): Section {
  const [row, ...more] = section.rows
  if (row === undefined || more.length > 0 || section.headers.length === 0) return section
  const upright = newSection(section.title, section.depth)
  section.headers.forEach((header, index) => {
    if (index < row.length) addRow(upright, [header, row[index] ?? ''])
  })
  return upright
}

function totalWidth(sections: readonly Section[]): number {
  return Math.max(
    ...sections.map(({ title, widths, depth }) => {
      const columns = widths.reduce((sum, width) => sum + width + PADDING, 0)
      // The AWS CLI measures a missing title as the word None.
      return Math.max(displayWidth(title ?? 'None'), columns) + 2 + 2 * depth
    }),
  )
}

const PADDING = 4

/** Widths of the columns stretched to the whole box; what rounding leaves is distributed one by one. */
function stretchedWidths(section: Section, boxWidth: number): number[] {
  const widths = section.widths.map((width) => width + PADDING)
  if (widths.length === 0) return []
  const factor = boxWidth / widths.reduce((sum, width) => sum + width, 0)
  const stretched = widths.map((width) => roundHalfToEven(factor * width))
  let excess = stretched.reduce((sum, width) => sum + width, 0) - boxWidth
  while (excess !== 0) {
    const step = Math.sign(excess)
    for (let turn = 0; turn < stretched.length && excess !== 0; turn++) {
      // Too wide: subtracted from the left. Too narrow: added from the right.
      const index = step > 0 ? turn : stretched.length - 1 - turn
      stretched[index] = (stretched[index] ?? 0) - step
      excess -= step
    }
  }
  return stretched
}

/** Python's round(). */
function roundHalfToEven(value: number): number {
  const below = Math.floor(value)
  const rest = value - below
  if (rest !== 0.5) return Math.round(value)
  return below % 2 === 0 ? below : below + 1
}

/**
 * https://github.com/tartley/colorama/blob/0.4.6/colorama/ansi.py The AWS CLI resets the colors
 * after every write, so a line in a box, written in four pieces, has four resets.
 */
const RESET = '\x1b[0m'
const CELL_COLOR = '\x1b[1m\x1b[34m'
const EDGE_COLOR = '\x1b[2m\x1b[33m'

function draw(sections: readonly Section[], width: number, isColored: boolean): string {
  const end = isColored ? RESET : ''
  const edge = isColored ? `${EDGE_COLOR}|${RESET}` : '|'
  const lines = sections.flatMap((section) => {
    const side = edge.repeat(section.depth)
    return boxLines(section, width - 2 * section.depth, isColored).map(
      (line) => `${side}${end}${line}${end}${side}${end}\n${end}`,
    )
  })
  return `${'-'.repeat(width)}\n${end}${lines.join('')}`
}

function boxLines(section: Section, boxWidth: number, isColored: boolean): string[] {
  const { title, headers, rows } = section
  const lines: string[] = []
  if (title) {
    lines.push(centered(title, boxWidth, '|'))
    if (headers.length === 0 && rows.length === 0) lines.push(`+${'-'.repeat(Math.max(0, boxWidth - 2))}+`)
  }
  const widths = stretchedWidths(section, boxWidth)
  const rule = widths.map((width, index) => `${'-'.repeat(Math.max(0, width - (index === 0 ? 2 : 1)))}+`).join('')
  const inColumns = (texts: readonly string[], cell: typeof centered) =>
    texts
      .slice(0, widths.length)
      .map((text, index) => cell(text, widths[index] ?? 0, index === 0 ? '|' : ''))
      .join('')
  if (headers.length > 0) lines.push(`+${rule}`, inColumns(headers, centered))
  if (rows.length > 0 && widths.length > 0) {
    const cell = isColored ? leftAlignedInColor : leftAligned
    lines.push(`+${rule}`, ...rows.map((row) => inColumns(row, cell)), `+${rule}`)
  }
  return lines
}

function centered(text: string, width: number, leftEdge: string): string {
  const textWidth = displayWidth(text)
  const before = Math.floor(width / 2) - Math.floor(textWidth / 2) - 1
  const after = width - 1 - (leftEdge.length + before + textWidth)
  return `${leftEdge}${spaces(before)}${text}${spaces(after)}|`
}

function leftAlignedInColor(text: string, width: number, leftEdge: string): string {
  return leftAligned(text, width, leftEdge, `${CELL_COLOR}${text}${RESET}`)
}

function leftAligned(text: string, width: number, leftEdge: string, shown = text): string {
  const textWidth = displayWidth(text)
  const padding = width >= textWidth + 2 + leftEdge.length + 1 ? 2 : 0
  const after = width - (leftEdge.length + padding + textWidth) - 1
  return `${leftEdge}${spaces(padding)}${shown}${spaces(after)}|`
}

function spaces(count: number): string {
  return ' '.repeat(Math.max(0, count))
}
