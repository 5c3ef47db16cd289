import type { OutputValue } from '../../python/value.ts'
import { displayWidth } from './east-asian-width.ts'
import { layOut, type Section, transposed } from './table-layout.ts'

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
 * https://github.com/aws/aws-cli/blob/2.36.7/awscli/table.py
 */
export function renderTable(value: OutputValue, options: TableOptions): string {
  const sections = layOut(value, options.title)
  if (!sections) return ''
  const isWide = totalWidth(sections) > (options.columns ?? DEFAULT_COLUMNS)
  const drawn = isWide ? sections.map(transposed) : sections
  return draw(drawn, totalWidth(drawn), options.isColored)
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
