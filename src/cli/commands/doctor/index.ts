import { accessSync, constants, statSync } from 'node:fs'
import { onlyGroup } from '../../args/options.ts'
import type { OutputValue } from '../../output/index.ts'
import { createReporter } from '../../output-mode.ts'
import { defineCommand, OUTPUT_HELP } from '../../subcommand.ts'
import { CHECKS, type CheckResult, runChecks } from './checks.ts'
import type { CheckArtifacts, DoctorOptions } from './context.ts'
import { headLine, progress, resultRows, summary } from './report.ts'

/** Why a cluster says "Unauthorized": every link of the chain checked, with a remedy for each that is broken. */
export const COMMAND = defineCommand({
  usage: '[--context <context>] [--kubeconfig <file>] [options]',
  description:
    'Check every link between a kubeconfig and its cluster: the exec block, the profile and source of credentials that it ' +
    "leads to, clock, token, STS's answer, the API server's. The command that the kubeconfig names is not started; what " +
    'it would do is done here, with its arguments and its env.',
  optionGroups: ['general', 'output', 'credentials'],
  helpOverrides: OUTPUT_HELP,
  own: (): DoctorOptions => ({ sendToken: false }),
  ownOptions: [
    {
      name: 'context',
      level: 'own',
      origin: 'own',
      value: 'context',
      help: 'context to check (default: the current one)',
      set: (own, value) => {
        own.context = value
      },
    },
    {
      name: 'kubeconfig',
      level: 'own',
      origin: 'own',
      value: 'file',
      help: 'kubeconfig to read (default: KUBECONFIG, then ~/.kube/config)',
      set: (own, value) => {
        own.kubeconfig = value
      },
    },
    {
      name: 'send-token',
      level: 'own',
      origin: 'own',
      help: 'send the token to an API server that is not an EKS endpoint',
      set: (own) => {
        own.sendToken = true
      },
    },
  ],
  maxPositionals: 0,
  footer: `
--profile and --region take the place of what the kubeconfig says.

Examples:
  # the current context
  eks-get-token doctor
  # another one, for a program
  eks-get-token doctor --context demo --output json

Exit codes: 0 nothing fails, 1 something does, 252 command line
`,
  run: async (call, runtime, terminal) => {
    const answer = await createReporter('doctor', call.options, runtime, terminal)
    const { isHumanReadable, style } = answer
    const bar = progress(isHumanReadable && terminal.stderr().isTerminal, terminal.err)
    const context = {
      runtime,
      options: { ...call.own, overrides: onlyGroup('credentials', call.values) },
      isExecutable,
      terminal,
      clearProgress: bar.clear,
    }
    let isFirst = true
    const { results, skipped, found } = await runChecks(CHECKS, context, {
      onStart: bar.show,
      onResult: (result) => {
        bar.clear()
        if (!isHumanReadable) return
        if (isFirst) terminal.out(headLine(style))
        isFirst = false
        terminal.out(resultRows(result, style))
      },
    })
    bar.clear()
    await answer.print(doctorValue(found, results, skipped), () => summary(results, skipped, style))
    return results.some(({ status }) => status === 'fail') ? 1 : 0
  },
})

function doctorValue(
  found: Partial<CheckArtifacts>,
  results: readonly CheckResult[],
  skipped: readonly string[],
): { [key: string]: OutputValue } {
  const worst = (['fail', 'warn'] as const).find((status) => results.some((result) => result.status === status))
  return {
    context: found.kubeContext?.name ?? null,
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

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
