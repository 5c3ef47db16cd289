import { markedRow, type Screen, wrapped } from '../screen.ts'
import type { CheckResult } from './checks.ts'

const NAME_WIDTH = 11
const INDENT = 2 + 4 + 2 + NAME_WIDTH + 2

export function headLine({ bold }: Screen): string {
  return `${bold('From the kubeconfig to the cluster')}\n\n`
}

/** A line, and under it the next step where there is one. */
export function resultRows({ id, status, finding, remedy }: CheckResult, screen: Screen): string {
  const word = status === 'fail' ? 'FAIL' : status
  const line = markedRow(status, word, id, finding, NAME_WIDTH, screen)
  if (remedy === undefined) return line
  const [first = '', ...more] = wrapped(remedy, screen.width - INDENT - 6)
  const indent = ' '.repeat(INDENT)
  const steps = [`${indent}${screen.bold('next:')} ${first}`, ...more.map((text) => `${indent}      ${text}`)]
  return `${line}${steps.join('\n')}\n`
}

export function summary(results: readonly CheckResult[], left: readonly string[], screen: Screen): string {
  const count = (status: CheckResult['status']) => results.filter((result) => result.status === status).length
  const first = results.find(({ status }) => status !== 'ok')
  const rest =
    left.length > 0
      ? `${wrapped(`Not checked, because of what is above: ${left.join(', ')}.`, screen.width).join('\n')}\n`
      : ''
  if (!first) return `\n${rest}${screen.paint('ok', left.length > 0 ? 'Nothing wrong so far.' : 'All is well.')}\n`
  const fails = count('fail')
  const numbers = [fails > 0 ? `${fails} failed` : '', count('warn') > 0 ? `${count('warn')} to look at` : '']
  const verdict = `${numbers.filter((text) => text !== '').join(', ')}; begin with ${first.id}.`
  return `\n${rest}${screen.paint(fails > 0 ? 'fail' : 'warn', verdict)}\n`
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
