import { DEFAULT_TIMEOUT_SECONDS, startDeadline } from '../../net/deadline.ts'
import type { Inspection } from '../../token/verify/inspection.ts'
import { inspectToken } from '../../token/verify/inspection.ts'
import { identityLine } from '../identity-line.ts'
import { createReporter } from '../output-mode.ts'
import { type TextStyle, wrapText } from '../style.ts'
import { CREDENTIAL_EXIT_CODES, defineCommand, OUTPUT_HELP } from '../subcommand.ts'
import { noteSilence, resolveTokenInput } from '../token-input.ts'
import { tokenOptions } from '../token-options.ts'
import { createWaitingLine } from '../waiting-line.ts'
import { renderChecks, renderSummary, toInspectionJson } from './inspection-report.ts'

/** Shows what a token contains and which checks it fails. Uses no network, except to generate a token. */
export const COMMAND = defineCommand({
  usage: '[TOKEN] [options]',
  description:
    'Show what a token contains, and check it as an API server does. The token is not sent anywhere.\n\n' +
    "TOKEN is a token, an ExecCredential or an 'Authorization: Bearer …' line. Without it, the token is read from stdin " +
    "('-', or a pipe or file that ends within 2 seconds), or a new one is generated for --cluster-name.",
  optionGroups: ['general', 'output', 'credentials', 'cluster'],
  helpOverrides: OUTPUT_HELP,
  maxPositionals: 1,
  footer: `
Examples:
  # inspect a new token
  eks-get-token inspect --cluster-name demo
  # inspect a token from another program
  aws eks get-token --cluster-name demo | eks-get-token inspect
`,
  exitCodes: { ...CREDENTIAL_EXIT_CODES, 0: 'all checks passed', 1: 'a check failed' },
  run: async (call, runtime, terminal) => {
    const reporter = await createReporter('inspect', call.options, runtime, terminal)
    const { timeoutSeconds = DEFAULT_TIMEOUT_SECONDS } = tokenOptions(call.options, runtime, terminal)
    const waitingLine = call.options.debug ? undefined : createWaitingLine(terminal, runtime.processHost)
    const deadline = startDeadline(timeoutSeconds, runtime.now, waitingLine)
    const input = await resolveTokenInput(call, runtime, terminal, deadline).finally(() => {
      waitingLine?.close()
      deadline.clear()
    })
    noteSilence(input, reporter, terminal)
    const { token, from, plan } = input
    const inspection = inspectToken(token, runtime.now())
    // Of the command line: a given token cannot be compared with its cluster name here.
    const verifyLine = identityLine('verify', call.options.token, runtime.processHost.platform)
    const report: TokenReport = { inspection, from, isNew: plan !== undefined, verifyLine }
    await reporter.print(toInspectionJson(inspection), (style) => renderReport(report, style))
    return inspection.passes ? 0 : 1
  },
})

interface TokenReport {
  readonly inspection: Inspection
  /** Where the token comes from, in words. */
  readonly from: string
  readonly isNew: boolean
  /** The command that verifies the token. */
  readonly verifyLine: string
}

function renderReport(report: TokenReport, style: TextStyle): string {
  const { inspection, from } = report
  const note =
    'The cluster name is covered by the signature but is not part of the token: each API server supplies its own name.'
  return (
    `${style.bold('Token')} (${from})\n\n${renderSummary(inspection, style)}\n` +
    `${style.dim(wrapText(note, style.width).join('\n'))}\n\n` +
    `${style.bold('Checks')}\n\n${renderChecks(inspection.rules, style)}\n${renderVerdict(report, style)}`
  )
}

function renderVerdict({ inspection: { passes, rules }, isNew, verifyLine }: TokenReport, style: TextStyle): string {
  if (passes) {
    // Of a token that was just generated, the name is the one that it was generated for.
    const what = isNew ? 'the signature' : 'the signature and the cluster name'
    const next = `Only STS can verify ${what}:\n${verifyLine}`
    return `${style.colorize('ok', 'All checks passed.')} ${next}\n`
  }
  const failed = rules.filter(({ status }) => status === 'fail')
  const count = `${failed.length} ${failed.length === 1 ? 'check' : 'checks'} failed:`
  const rejectedBy = failed.some(({ enforcedBy }) => enforcedBy === 'server') ? 'API servers reject' : 'STS rejects'
  return `${style.colorize('fail', count)} ${rejectedBy} this token.\n`
}
