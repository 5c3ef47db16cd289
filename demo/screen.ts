import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

/** Color for a terminal only, and not where NO_COLOR is set. https://no-color.org */
const isColored = process.stdout.isTTY && !process.env.NO_COLOR

const paint = (style: Style) => (text: string) => (isColored ? styleText(style, text) : text)
export const bold = paint('bold')
export const dim = paint('dim')
export const red = paint('red')
export const green = paint('green')

/** Text from a program or a file, set in. No token in it is shown whole. */
export function show(text: string): void {
  process.stdout.write(`${masked(text.trimEnd()).replace(/^(?=.)/gm, '   ')}\n`)
}

let step = 0

export function heading(text: string): void {
  step += 1
  process.stdout.write(`\n${bold(`${step}. ${text}`)}\n\n`)
}

/** In two columns, so that all of it stays on one screen. */
export function columns(cells: string[], width: number): string {
  const height = Math.ceil(cells.length / 2)
  return cells
    .slice(0, height)
    .map((left, row) => left.padEnd(width) + (cells[row + height] ?? ''))
    .join('\n')
}

/** A token is as good as a password for a quarter of an hour. */
function masked(text: string): string {
  return text.replace(/k8s-aws-v1\.[\w-]+/g, (token) => {
    return `${token.slice(0, 32)}…(${token.length - 36} characters)…${token.slice(-4)}`
  })
}
