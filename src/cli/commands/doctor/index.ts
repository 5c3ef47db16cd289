import { accessSync, constants, statSync } from 'node:fs'
import { createReporter } from '../../output-mode.ts'
import type { OwnCommand } from '../index.ts'
import { CHECKS } from './checks.ts'
import { createProgress, renderHeading, renderResult, renderSummary, toDoctorJson } from './report.ts'
import { runChecks } from './run-checks.ts'

/** Explains why a cluster responds "Unauthorized": checks every step, with a hint for each problem. */
export const COMMAND: OwnCommand = {
  usage: '[--context <context>] [--kubeconfig <file>] [options]',
  description:
    'Check every step between a kubeconfig and its cluster: the exec block, the profile and credential source that it ' +
    'selects, the clock, the token, and the responses of STS and the API server. The command in the exec block is not ' +
    'run; its arguments and environment variables are evaluated instead. A credential_process is run, after it is named.',
  shares: [],
  options: [
    {
      name: 'context',
      level: 'own',
      origin: 'own',
      value: 'context',
      help: 'context to check (default: current-context)',
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
      help: 'send the token even if the API server is not an EKS endpoint; its certificate must be valid',
    },
  ],
  maxWords: 0,
  footer: `
--profile and --region take precedence over the kubeconfig.

Examples:
  # check the current context
  eks-get-token doctor
  # check another context, and print the result as JSON
  eks-get-token doctor --context demo --output json

Exit codes: 0 no check failed, 1 a check failed, 252 usage error
`,
  run: async (call, runtime, terminal) => {
    const { values } = call
    const reporter = await createReporter('doctor', call, runtime, terminal)
    const { isHumanReadable, style } = reporter
    const text = (name: string): string | undefined => values.get(name) as string | undefined
    const progress = createProgress(isHumanReadable && terminal.stderr().isTerminal, terminal.err)
    const context = {
      runtime,
      options: {
        context: text('context'),
        kubeconfig: text('kubeconfig'),
        sendToken: values.has('send-token'),
        values: new Map([...values].filter(([name]) => !DOCTOR_OPTIONS.includes(name))),
      },
      isExecutable,
      terminal,
      clearProgress: progress.clear,
    }
    let hasHeading = false
    const checkRun = await runChecks(CHECKS, context, {
      onStart: progress.show,
      onResult: (result) => {
        progress.clear()
        if (!isHumanReadable) return
        if (!hasHeading) terminal.out(renderHeading(style))
        hasHeading = true
        terminal.out(renderResult(result, style))
      },
    })
    progress.clear()
    await reporter.print(toDoctorJson(checkRun), () => renderSummary(checkRun, style))
    return checkRun.results.some(({ status }) => status === 'fail') ? 1 : 0
  },
}

/** The options for doctor itself; the others are for the token. */
const DOCTOR_OPTIONS = ['context', 'kubeconfig', 'send-token', 'output', 'query', 'color', 'debug']

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
