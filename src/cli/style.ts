import type { Environment } from '../runtime.ts'
import type { Terminal } from './terminal.ts'

export type Status = 'ok' | 'warn' | 'fail' | 'none'

/** How human-readable text is styled: colors where enabled, and lines of at most `width` columns. */
export interface TextStyle {
  readonly width: number
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly colorize: (status: Status, text: string) => string
}

/** Wider lines are hard to read; in narrower ones columns no longer fit. */
const MAX_WIDTH = 120
const DEFAULT_WIDTH = 80
const MIN_WIDTH = 40

/**
 * @param color - `--color`; `auto`: on a terminal, unless NO_COLOR is set (https://no-color.org) or TERM is `dumb`
 */
export function textStyleFor(color: string | undefined, env: Environment, terminal: Terminal): TextStyle {
  const { isTerminal, columns } = terminal.stdout()
  const isColored = color === 'on' || (color !== 'off' && isTerminal && !env.NO_COLOR && env.TERM !== 'dumb')
  const style = (code: number) => (text: string) => (isColored && text !== '' ? `\x1b[${code}m${text}\x1b[0m` : text)
  const colors: Record<Status, (text: string) => string> = {
    ok: style(32),
    warn: style(33),
    fail: style(31),
    none: style(2),
  }
  return {
    width: Math.max(MIN_WIDTH, Math.min(columns ?? DEFAULT_WIDTH, MAX_WIDTH)),
    bold: style(1),
    dim: style(2),
    colorize: (status, text) => colors[status](text),
  }
}

/** Breaks lines at spaces. A word longer than a line is not broken, so that it can be copied. */
export function wrapText(text: string, width: number): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = ['']
    // A list item continues below its text.
    const indent = paragraph.startsWith('- ') ? '  ' : ''
    for (const word of paragraph.split(' ')) {
      const line = lines.at(-1) ?? ''
      if (line === '') lines[lines.length - 1] = word
      else if (line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`
      else lines.push(indent + word)
    }
    return lines
  })
}

/** A name and a value in two columns; the value continues below itself. */
export function row(name: string, value: string, nameWidth: number, { width, dim }: TextStyle): string {
  const indent = 2 + nameWidth + 2
  const [first = '', ...more] = wrapText(value, width - indent)
  const lines = [`  ${dim(name.padEnd(nameWidth))}  ${first}`, ...more.map((line) => ' '.repeat(indent) + line)]
  return `${lines.join('\n')}\n`
}

export interface StatusRow {
  readonly status: Status
  /** Up to four characters. */
  readonly label: string
  readonly name: string
  readonly text: string
}

/** A status, a name and a text in three columns; the text continues below itself. */
export function statusRow({ status, label, name, text }: StatusRow, nameWidth: number, style: TextStyle): string {
  const indent = 2 + 4 + 2 + nameWidth + 2
  const [first = '', ...more] = wrapText(text, style.width - indent)
  const head = `  ${style.colorize(status, label.padEnd(4))}  ${name.padEnd(nameWidth)}  `
  return `${[head + first, ...more.map((line) => ' '.repeat(indent) + line)].join('\n')}\n`
}
