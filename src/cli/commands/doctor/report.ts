import { redactValue, replaceControls } from '../../../redact.ts'
import type { Snippets } from '../../../token/verify/snippets.ts'
import type { OutputValue } from '../../output/index.ts'
import { indentLines, statusRow, type TextStyle, wrapText } from '../../style.ts'
import { textWidth } from '../../text-width.ts'
import type { CheckResult, CheckRun } from './run-checks.ts'

const NAME_WIDTH = 11
const INDENT = 2 + 4 + 2 + NAME_WIDTH + 2
const HINT = 'hint:'

/** @param program - which program checks, of those that an installation may have */
export function renderHeading({ bold }: TextStyle, hasKubeconfig: boolean, program: string): string {
  const heading = hasKubeconfig ? 'From the kubeconfig to the cluster' : 'From the command line to the cluster'
  return `${bold(heading)}, by ${program}\n\n`
}

/** One result, and below it the next step if there is one. */
export function renderResult({ id, status, message, remedy }: CheckResult, style: TextStyle): string {
  const label = status === 'fail' ? 'FAIL' : status
  const result = statusRow({ status, label, name: id, text: message }, NAME_WIDTH, style)
  if (remedy === undefined) return result
  const hintIndent = INDENT + HINT.length + 1
  const [first = '', ...more] = wrapText(remedy, style.width - hintIndent)
  const lines = [`${' '.repeat(INDENT)}${style.bold(HINT)} ${first}`, ...indentLines(more, hintIndent, style.width)]
  return `${result}${lines.join('\n')}\n`
}

/** The names of more, where nothing could be checked, say nothing. */
const MAX_SKIPPED = 12

export function renderSummary({ results, skipped, artifacts }: CheckRun, style: TextStyle): string {
  const what = skipped.length > MAX_SKIPPED ? `the other ${skipped.length} checks` : skipped.join(', ')
  const skippedText = `Skipped because of the results above: ${what}.`
  const lines = skipped.length > 0 ? `${wrapText(skippedText, style.width).join('\n')}\n` : ''
  return `\n${renderMapping(artifacts.snippets, style)}${lines}${renderVerdict(results, style)}\n`
}

/** Lines to be copied are neither indented nor broken. */
function renderMapping(snippets: Snippets | undefined, { bold, dim }: TextStyle): string {
  if (!snippets?.accessEntry || !snippets.awsAuth) return ''
  return (
    `${bold('To grant access')}, a cluster admin can apply one of:\n\n` +
    `${dim('# access entry')}\n${replaceControls(snippets.accessEntry)}\n\n` +
    `${dim('# aws-auth ConfigMap in namespace kube-system')}\n${replaceControls(snippets.awsAuth)}\n\n`
  )
}

function renderVerdict(results: readonly CheckResult[], { colorize }: TextStyle): string {
  const first = firstProblem(results)
  if (!first) return colorize('ok', 'All checks passed.')
  const count = (status: CheckResult['status']): number => results.filter((result) => result.status === status).length
  const [failed, warnings] = [count('fail'), count('warn')]
  const counts = [
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(warnings > 0 ? [`${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`] : []),
  ]
  return colorize(failed > 0 ? 'fail' : 'warn', `${counts.join(', ')}; start with ${first.id}.`)
}

/** The first failure; without one the first warning. */
function firstProblem(results: readonly CheckResult[]): CheckResult | undefined {
  return results.find(({ status }) => status === 'fail') ?? results.find(({ status }) => status === 'warn')
}

export function worstStatus(results: readonly CheckResult[]): CheckResult['status'] {
  return firstProblem(results)?.status ?? 'ok'
}

export function toDoctorJson({ results, skipped, artifacts }: CheckRun): { [key: string]: OutputValue } {
  const { kubeContext, snippets } = artifacts
  return {
    context: kubeContext ? redactValue(kubeContext.name) : null,
    status: worstStatus(results),
    checks: results.map(({ id, status, message, remedy }) => ({
      id,
      status,
      finding: message,
      remedy: remedy ?? null,
    })),
    notChecked: skipped,
    snippets: snippets ? { awsAuth: snippets.awsAuth ?? null, accessEntry: snippets.accessEntry ?? null } : null,
  }
}

/** The run of one of several contexts. */
export interface ContextRun extends CheckRun {
  readonly context: string
}

/** A row per context, with the check to start with. */
export function renderTable(runs: readonly ContextRun[], style: TextStyle): string {
  // Half of the line is for the text.
  const widest = Math.floor(style.width * 0.4)
  const widths = runs.map(({ context }) => textWidth(replaceControls(context))).filter((width) => width <= widest)
  const width = Math.max('context'.length, ...widths)
  const rows = runs.map(({ context, results }) => {
    const first = firstProblem(results)
    const text = first ? `${first.id}: ${first.message.replaceAll('\n', ' ')}` : 'all checks passed'
    const status = worstStatus(results)
    const label = status === 'fail' ? 'FAIL' : status
    return statusRow({ status, label, name: replaceControls(context), text }, width, style)
  })
  const failed = runs.filter(({ results }) => worstStatus(results) === 'fail').length
  const warned = runs.filter(({ results }) => worstStatus(results) === 'warn').length
  const summary = `${runs.length} ${runs.length === 1 ? 'context' : 'contexts'}: ${runs.length - failed - warned} ok, ${warned} with warnings, ${failed} failed.`
  const verdict = style.colorize(failed > 0 ? 'fail' : warned > 0 ? 'warn' : 'ok', summary)
  const more =
    failed + warned > 0 ? 'For the checks and hints of one context, run: eks-get-token doctor --context CONTEXT\n' : ''
  return `${style.bold('EKS contexts in the kubeconfig')}\n\n${rows.join('')}\n${more}${verdict}\n`
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
