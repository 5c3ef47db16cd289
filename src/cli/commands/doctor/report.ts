import { redactValue } from '../../../redact.ts'
import type { OutputValue } from '../../output/index.ts'
import { statusRow, type TextStyle, wrapText } from '../../style.ts'
import type { CheckResult, CheckRun } from './run-checks.ts'

const NAME_WIDTH = 11
const INDENT = 2 + 4 + 2 + NAME_WIDTH + 2
const HINT = 'hint:'

export function renderHeading({ bold }: TextStyle): string {
  return `${bold('From the kubeconfig to the cluster')}\n\n`
}

/** One result, and below it the next step if there is one. */
export function renderResult({ id, status, message, remedy }: CheckResult, style: TextStyle): string {
  const label = status === 'fail' ? 'FAIL' : status
  const result = statusRow({ status, label, name: id, text: message }, NAME_WIDTH, style)
  if (remedy === undefined) return result
  const hintIndent = INDENT + HINT.length + 1
  const [first = '', ...more] = wrapText(remedy, style.width - hintIndent)
  const lines = [
    `${' '.repeat(INDENT)}${style.bold(HINT)} ${first}`,
    ...more.map((line) => ' '.repeat(hintIndent) + line),
  ]
  return `${result}${lines.join('\n')}\n`
}

export function renderSummary({ results, skipped }: CheckRun, style: TextStyle): string {
  const skippedText = `Skipped because of the results above: ${skipped.join(', ')}.`
  const lines = skipped.length > 0 ? `${wrapText(skippedText, style.width).join('\n')}\n` : ''
  return `\n${lines}${renderVerdict(results, style)}\n`
}

function renderVerdict(results: readonly CheckResult[], { colorize }: TextStyle): string {
  const first = results.find(({ status }) => status !== 'ok')
  if (!first) return colorize('ok', 'All checks passed.')
  const count = (status: CheckResult['status']): number => results.filter((result) => result.status === status).length
  const [failed, warnings] = [count('fail'), count('warn')]
  const counts = [
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(warnings > 0 ? [`${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`] : []),
  ]
  return colorize(failed > 0 ? 'fail' : 'warn', `${counts.join(', ')}; start with ${first.id}.`)
}

export function toDoctorJson({ results, skipped, found }: CheckRun): { [key: string]: OutputValue } {
  const worst = (['fail', 'warn'] as const).find((status) => results.some((result) => result.status === status))
  return {
    context: found.kubeContext ? redactValue(found.kubeContext.name) : null,
    status: worst ?? 'ok',
    checks: results.map(({ id, status, message, remedy }) => ({
      id,
      status,
      finding: message,
      remedy: remedy ?? null,
    })),
    notChecked: skipped,
  }
}

/** A line on stderr, on a terminal only, that says what doctor waits for. */
export function createProgress(isEnabled: boolean, err: (text: string) => void) {
  let isShown = false
  const clear = (): void => {
    if (isShown) err('\r\x1b[K')
    isShown = false
  }
  const show = (waitsFor: string): void => {
    if (!isEnabled) return
    clear()
    err(`  …     waiting for ${waitsFor}`)
    isShown = true
  }
  return { show, clear }
}
