import type { Environment } from '../runtime.ts'
import type { Terminal } from './terminal.ts'
import { padToWidth, textWidth, truncateMiddle } from './text-width.ts'

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

/**
 * Breaks lines at spaces. A word longer than a line is not broken, and neither is a command, so that they can be copied: one
 * that does not fit gets a line of its own.
 */
export function wrapText(text: string, width: number): string[] {
  return wrap(text, width, splitWords)
}

/** Breaks lines at every space: help is read, and has to fit into narrow terminals. */
export function wrapHelp(text: string, width: number): string[] {
  return wrap(text, width, (paragraph) => paragraph.split(' '))
}

function wrap(text: string, width: number, split: (paragraph: string) => readonly string[]): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = ['']
    // A list item continues below its text.
    const indent = paragraph.startsWith('- ') ? '  ' : ''
    for (const word of split(paragraph)) {
      const line = lines.at(-1) ?? ''
      if (line === '') lines[lines.length - 1] = word
      else if (textWidth(line) + 1 + textWidth(word) <= width) lines[lines.length - 1] = `${line} ${word}`
      else lines.push(indent + word)
    }
    return lines
  })
}

/**
 * A command in a hint: in quotes, or after a colon such as that of `run: eks-get-token …`, up to a remark about it. Variables
 * may precede the name of its program. `x: kubectl` begins a sentence about kubectl.
 */
const COMMAND =
  /(?<=^|[ (])'(?:[A-Z_]+=\S+ )*(?:eks-get-token|aws|aws-vault|kubectl|chmod|export|unset) .*?'(?=[ .,;:?)]|$)|(?<=: )(?:[A-Z_]+=(?:'[^']*'|\S)* )*(?:eks-get-token|aws|aws-vault|(?<=run: )kubectl) (?:'[^']*'|"[^"]*"|[^'"])*?(?=$| \(|[;)])/g

function splitWords(paragraph: string): readonly string[] {
  const joined = paragraph.replace(COMMAND, (command) => command.replaceAll(' ', '\0'))
  return joined.split(' ').map((word) => word.replaceAll('\0', ' '))
}

/** Indents lines, less where a line would be too wide: a command or an ARN stays on one line. */
export function indentLines(lines: readonly string[], indent: number, width: number): string[] {
  return lines.map((line) => ' '.repeat(Math.max(2, Math.min(indent, width - textWidth(line)))) + line)
}

/** A name and a value in two columns; the value continues below itself. */
export function row(name: string, value: string, nameWidth: number, { width, dim }: TextStyle): string {
  const indent = 2 + nameWidth + 2
  const [first = '', ...more] = wrapText(value, width - indent)
  const lines = [`  ${dim(name.padEnd(nameWidth))}  ${first}`, ...indentLines(more, indent, width)]
  return `${lines.join('\n')}\n`
}

export interface StatusRow {
  readonly status: Status
  /** Up to four characters. */
  readonly label: string
  readonly name: string
  readonly text: string
}

/**
 * A status, a name and a text in three columns; the text continues below itself. A name that is wider than its column has the
 * line for itself; the middle of one that is wider than the line is left out.
 */
export function statusRow({ status, label, name, text }: StatusRow, nameWidth: number, style: TextStyle): string {
  const nameIndent = 2 + 4 + 2
  const indent = nameIndent + nameWidth + 2
  const lines = wrapText(text, style.width - indent)
  const head = `  ${style.colorize(status, label.padEnd(4))}  `
  if (textWidth(name) > nameWidth) {
    const shown = truncateMiddle(name, style.width - nameIndent)
    return `${[head + shown, ...indentLines(lines, indent, style.width)].join('\n')}\n`
  }
  const [first = '', ...more] = lines
  const rest = indentLines(more, indent, style.width)
  return `${[`${head}${padToWidth(name, nameWidth)}  ${first}`, ...rest].join('\n')}\n`
}
