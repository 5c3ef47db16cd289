import type { Inspection } from '../token/verify/inspection.ts'
import { inspectToken } from '../token/verify/inspection.ts'
import { answering } from './answer.ts'
import type { OwnCommand } from './commands.ts'
import { givenToken } from './given-token.ts'
import { factRows, inspectionValue, ruleRows } from './inspection-screen.ts'
import { type Screen, wrapped } from './screen.ts'
import { SHARED_OPTIONS } from './token-options.ts'

/** What a token says about itself, and which rule of the server it breaks. Nobody is asked. */
export const COMMAND: OwnCommand = {
  usage: '[TOKEN] [options]',
  description:
    'Show what a token says about itself, and check it by the rules of the API server. Nobody is asked about it.\n\n' +
    "TOKEN is a token, a whole ExecCredential or an 'Authorization: Bearer …' line; without it stdin is read ('-', or " +
    'a pipe or file that ends within 2 s), and else a fresh token is made for --cluster-name.',
  shares: SHARED_OPTIONS,
  options: [],
  maxWords: 1,
  footer: `
Examples:
  # the token that a client gets
  eks-get-token inspect --cluster-name demo
  # a token from elsewhere
  aws eks get-token --cluster-name demo | eks-get-token inspect

Exit codes: 0 every rule holds, 1 one does not, 252 command line; others as of get-token
`,
  run: async (call, host, terminal) => {
    const answer = await answering('inspect', call, host, terminal)
    const { token, from } = await givenToken(call, host, terminal)
    const inspection = inspectToken(token, host.now())
    await answer.print(inspectionValue(inspection), (screen) => picture(inspection, from, screen))
    return inspection.passes ? 0 : 1
  },
}

function picture(inspection: Inspection, from: string, screen: Screen): string {
  const failed = inspection.rules.filter(({ status }) => status === 'fail')
  const refuser = failed.some(({ of }) => of === 'server') ? 'the API server refuses this token' : 'STS will refuse it'
  const verdict = inspection.passes
    ? `${screen.paint('ok', 'Every rule holds.')} Whose it is and for which cluster, only STS can tell:\neks-get-token verify --cluster-name NAME\n`
    : `${screen.paint('fail', failed.length === 1 ? 'One rule does not hold:' : `${failed.length} rules do not hold:`)} ${refuser}.\n`
  const note = wrapped(
    'The name of the cluster is not in a token: it is signed, and each server puts in its own.',
    screen.width,
  )
  return (
    `${screen.bold('Token')} (${from})\n\n${factRows(inspection, screen)}\n${screen.dim(note.join('\n'))}\n\n` +
    `${screen.bold('Rules')}\n\n${ruleRows(inspection.rules, screen)}\n${verdict}`
  )
}
