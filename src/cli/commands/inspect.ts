import type { Inspection } from '../../token/verify/inspection.ts'
import { inspectToken } from '../../token/verify/inspection.ts'
import { createReporter } from '../output-mode.ts'
import { type TextStyle, wrapText } from '../style.ts'
import { defineCommand, OUTPUT_HELP } from '../subcommand.ts'
import { resolveTokenInput } from '../token-input.ts'
import { renderChecks, renderSummary, toInspectionJson } from './inspection-report.ts'

/** What a token says about itself, and which rule of the server it breaks. Nobody is asked. */
export const COMMAND = defineCommand({
  usage: '[TOKEN] [options]',
  description:
    'Show what a token says about itself, and check it by the rules of the API server. Nobody is asked about it.\n\n' +
    "TOKEN is a token, a whole ExecCredential or an 'Authorization: Bearer …' line; without it stdin is read ('-', or " +
    'a pipe or file that ends within 2 s), and else a fresh token is made for --cluster-name.',
  optionGroups: ['general', 'output', 'credentials', 'cluster'],
  helpOverrides: OUTPUT_HELP,
  own: () => ({}),
  ownOptions: [],
  maxPositionals: 1,
  footer: `
Examples:
  # the token that a client gets
  eks-get-token inspect --cluster-name demo
  # a token from elsewhere
  aws eks get-token --cluster-name demo | eks-get-token inspect

Exit codes: 0 every rule holds, 1 one does not, 252 command line; others as of get-token
`,
  run: async (call, runtime, terminal) => {
    const answer = await createReporter('inspect', call.options, runtime, terminal)
    const { token, from } = await resolveTokenInput(call, runtime, terminal)
    const inspection = inspectToken(token, runtime.now())
    await answer.print(toInspectionJson(inspection), (style) => picture(inspection, from, style))
    return inspection.passes ? 0 : 1
  },
})

function picture(inspection: Inspection, from: string, style: TextStyle): string {
  const failed = inspection.rules.filter(({ status }) => status === 'fail')
  const refuser = failed.some(({ enforcedBy }) => enforcedBy === 'server')
    ? 'the API server refuses this token'
    : 'STS will refuse it'
  const verdict = inspection.passes
    ? `${style.colorize('ok', 'Every rule holds.')} Whose it is and for which cluster, only STS can tell:\neks-get-token verify --cluster-name NAME\n`
    : `${style.colorize('fail', failed.length === 1 ? 'One rule does not hold:' : `${failed.length} rules do not hold:`)} ${refuser}.\n`
  const note = wrapText(
    'The name of the cluster is not in a token: it is signed, and each server puts in its own.',
    style.width,
  )
  return (
    `${style.bold('Token')} (${from})\n\n${renderSummary(inspection, style)}\n${style.dim(note.join('\n'))}\n\n` +
    `${style.bold('Rules')}\n\n${renderChecks(inspection.rules, style)}\n${verdict}`
  )
}
