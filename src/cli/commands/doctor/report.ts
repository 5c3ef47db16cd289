import { statusRow, type TextStyle, wrapText } from '../../style.ts'
import type { CheckResult } from './checks.ts'

const NAME_WIDTH = 11
const INDENT = 2 + 4 + 2 + NAME_WIDTH + 2

export function headLine({ bold }: TextStyle): string {
  return `${bold('From the kubeconfig to the cluster')}\n\n`
}

/** A line, and under it the next step where there is one. */
export function resultRows({ id, status, message, remedy }: CheckResult, style: TextStyle): string {
  const word = status === 'fail' ? 'FAIL' : status
  const line = statusRow(status, word, id, message, NAME_WIDTH, style)
  if (remedy === undefined) return line
  const [first = '', ...more] = wrapText(remedy, style.width - INDENT - 6)
  const indent = ' '.repeat(INDENT)
  const steps = [`${indent}${style.bold('next:')} ${first}`, ...more.map((text) => `${indent}      ${text}`)]
  return `${line}${steps.join('\n')}\n`
}

export function summary(results: readonly CheckResult[], left: readonly string[], style: TextStyle): string {
  const count = (status: CheckResult['status']) => results.filter((result) => result.status === status).length
  const first = results.find(({ status }) => status !== 'ok')
  const rest =
    left.length > 0
      ? `${wrapText(`Not checked, because of what is above: ${left.join(', ')}.`, style.width).join('\n')}\n`
      : ''
  if (!first) return `\n${rest}${style.colorize('ok', left.length > 0 ? 'Nothing wrong so far.' : 'All is well.')}\n`
  const fails = count('fail')
  const numbers = [fails > 0 ? `${fails} failed` : '', count('warn') > 0 ? `${count('warn')} to look at` : '']
  const verdict = `${numbers.filter((text) => text !== '').join(', ')}; begin with ${first.id}.`
  return `\n${rest}${style.colorize(fails > 0 ? 'fail' : 'warn', verdict)}\n`
}

/** One line on stderr that comes and goes; nothing where nobody watches. */
export function progress(isShown: boolean, err: (text: string) => void) {
  let isThere = false
  const clear = (): void => {
    if (isThere) err('\r\x1b[K')
    isThere = false
  }
  const show = (forWhom: string): void => {
    if (!isShown) return
    clear()
    err(`  …     waiting for ${forWhom}`)
    isThere = true
  }
  return { show, clear }
}
