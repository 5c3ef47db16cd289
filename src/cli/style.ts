import type { Environment } from '../config/settings.ts'
import type { Terminal } from './terminal.ts'

export type Status = 'ok' | 'warn' | 'fail' | 'none'

/** Pictures for people: colour where it is wanted, lines of at most `width` columns. */
export interface TextStyle {
  readonly width: number
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly colorize: (mark: Status, text: string) => string
}

/** Wider lines are hard to read; narrower than this nothing is aligned any more. */
const MAX_WIDTH = 80
const MIN_WIDTH = 40

/**
 * @param color - `--color`; `auto`: on a terminal, unless NO_COLOR is set (https://no-color.org) or it is a dumb one
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
    width: Math.max(MIN_WIDTH, Math.min(columns ?? MAX_WIDTH, MAX_WIDTH)),
    bold: style(1),
    dim: style(2),
    colorize: (mark, text) => colors[mark](text),
  }
}

/** Breaks at blanks; a word that is longer than a line stays whole, to be copied. */
export function wrapText(text: string, width: number): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = ['']
    // An item of a list goes on under its own text.
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

/** Name and value side by side; the value goes on under itself. */
export function row(name: string, value: string, nameWidth: number, { width, dim }: TextStyle): string {
  const indent = 2 + nameWidth + 2
  const [first = '', ...more] = wrapText(value, width - indent)
  const lines = [`  ${dim(name.padEnd(nameWidth))}  ${first}`, ...more.map((line) => ' '.repeat(indent) + line)]
  return `${lines.join('\n')}\n`
}

/** A mark, a name and a finding. */
export function statusRow(
  mark: Status,
  word: string,
  name: string,
  finding: string,
  nameWidth: number,
  style: TextStyle,
) {
  const indent = 2 + 4 + 2 + nameWidth + 2
  const [first = '', ...more] = wrapText(finding, style.width - indent)
  const head = `  ${style.colorize(mark, word.padEnd(4))}  ${name.padEnd(nameWidth)}  `
  return `${[head + first, ...more.map((line) => ' '.repeat(indent) + line)].join('\n')}\n`
}
