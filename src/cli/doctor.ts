import { accessSync, constants, statSync } from 'node:fs'
import { answering } from './answer.ts'
import type { OwnCommand } from './commands.ts'
import type { Chain } from './doctor/chain.ts'
import { CHECKS, type CheckResult, runChecks } from './doctor/checks.ts'
import { headLine, progress, resultRows, summary } from './doctor/screen.ts'
import type { Json } from './output.ts'

/** Why a cluster says "Unauthorized": every link of the chain checked, with a remedy for each that is broken. */
export const COMMAND: OwnCommand = {
  usage: '[--context <context>] [--kubeconfig <file>] [options]',
  description:
    'Check every link between a kubeconfig and its cluster: the exec block, the profile and source of credentials that it ' +
    "leads to, clock, token, STS's answer, the API server's. The command that the kubeconfig names is not started; what " +
    'it would do is done here, with its arguments and its env.',
  shares: [],
  options: [
    {
      name: 'context',
      level: 'own',
      origin: 'own',
      value: 'context',
      help: 'context to check (default: the current one)',
    },
    {
      name: 'kubeconfig',
      level: 'own',
      origin: 'own',
      value: 'file',
      help: 'kubeconfig to read (default: KUBECONFIG, then ~/.kube/config)',
    },
    {
      name: 'send-token',
      level: 'own',
      origin: 'own',
      help: 'send the token to an API server whose host is not of EKS; its certificate must hold',
    },
  ],
  maxWords: 0,
  footer: `
--profile and --region take the place of what the kubeconfig says.

Examples:
  # the current context
  eks-get-token doctor
  # another one, for a program
  eks-get-token doctor --context demo --output json

Exit codes: 0 nothing fails, 1 something does, 252 command line
`,
  run: async (call, host, terminal) => {
    const { values } = call
    const answer = await answering('doctor', call, host, terminal)
    const text = (name: string): string | undefined => values.get(name) as string | undefined
    const ours = ['context', 'kubeconfig', 'send-token', 'output', 'query', 'color', 'debug']
    const { isPicture, screen } = answer
    const bar = progress(isPicture && terminal.stderr().isTerminal, terminal.err)
    const chain: Chain = {
      host,
      shell: host.env,
      options: {
        context: text('context'),
        kubeconfig: text('kubeconfig'),
        sendToken: values.has('send-token'),
        values: new Map([...values].filter(([name]) => !ours.includes(name))),
      },
      found: {},
      isExecutable,
      terminal,
      clearTheLine: bar.clear,
    }
    let isFirst = true
    const { results, left } = await runChecks(CHECKS, chain, {
      waits: bar.show,
      done: (result) => {
        bar.clear()
        if (!isPicture) return
        if (isFirst) terminal.out(headLine(screen))
        isFirst = false
        terminal.out(resultRows(result, screen))
      },
    })
    bar.clear()
    await answer.print(doctorValue(chain, results, left), () => summary(results, left, screen))
    return results.some(({ status }) => status === 'fail') ? 1 : 0
  },
}

function doctorValue(chain: Chain, results: readonly CheckResult[], left: readonly string[]): { [key: string]: Json } {
  const worst = (['fail', 'warn'] as const).find((status) => results.some((result) => result.status === status))
  return {
    context: chain.found.context?.name ?? null,
    status: worst ?? 'ok',
    checks: results.map((result) => ({ ...result, remedy: result.remedy ?? null })),
    notChecked: left,
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
