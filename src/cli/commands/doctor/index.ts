import { accessSync, constants, statSync } from 'node:fs'
import { DEFAULT_TIMEOUT_SECONDS, startDeadline } from '../../../net/deadline.ts'
import { redactValue, sanitizeLine } from '../../../redact.ts'
import { onlyGroup } from '../../args/apply-options.ts'
import { setsFlag, setsText } from '../../args/option.ts'
import { createReporter } from '../../output-mode.ts'
import { defineCommand, OUTPUT_HELP } from '../../subcommand.ts'
import { tokenOptions } from '../../token-options.ts'
import { CHECKS } from './checks.ts'
import type { DoctorOptions } from './context.ts'
import { createProgress, renderHeading, renderResult, renderSummary, toDoctorJson } from './report.ts'
import { runChecks } from './run-checks.ts'

/** Explains why a cluster responds "Unauthorized": checks every step, with a hint for each problem. */
export const COMMAND = defineCommand({
  usage: '[--context <context>] [options]',
  description:
    'Check every step between a kubeconfig and its cluster: the exec block, the profile and credential source that it ' +
    'selects, the clock, the token, and the responses of STS and the API server. The command in the exec block is not ' +
    'run; its arguments and environment variables are evaluated instead. A credential_process is run, after its name is printed to stderr.',
  optionGroups: ['general', 'output', 'credentials'],
  helpOverrides: OUTPUT_HELP,
  own: (): DoctorOptions => ({ sendToken: false }),
  ownOptions: [
    {
      name: 'context',
      level: 'own',
      origin: 'own',
      value: 'context',
      help: 'context to check (default: current-context)',
      ...setsText('context'),
    },
    {
      name: 'kubeconfig',
      level: 'own',
      origin: 'own',
      value: 'file',
      help: 'kubeconfig to read (default: KUBECONFIG, then ~/.kube/config)',
      ...setsText('kubeconfig'),
    },
    {
      name: 'send-token',
      level: 'own',
      origin: 'own',
      help: 'send the token even if the API server is not an EKS endpoint, or is behind the proxy-url of the kubeconfig; its certificate must be valid',
      ...setsFlag('sendToken'),
    },
  ],
  maxPositionals: 0,
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
    const reporter = await createReporter('doctor', call.options, runtime, terminal)
    const { isHumanReadable, style } = reporter
    const progress = createProgress(isHumanReadable && terminal.stderr().isTerminal, terminal.err)
    const { timeoutSeconds = DEFAULT_TIMEOUT_SECONDS } = tokenOptions(call.options, runtime, terminal)
    const deadline = startDeadline(timeoutSeconds, runtime.now)
    const context = {
      // The pipes that a kubeconfig names are subject to the time limit too.
      runtime: { ...runtime, readText: (path: string) => runtime.readText(path, timeoutSeconds) },
      deadline,
      options: { ...call.own, overrides: onlyGroup('credentials', call.values) },
      isExecutable,
      terminal,
      clearProgress: progress.clear,
      announceProcess: (program: string, profile: string) => {
        progress.clear()
        terminal.err(
          `${sanitizeLine(`running ${program}, the credential_process of profile ${redactValue(profile)}`)}\n`,
        )
      },
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
    deadline.clear()
    progress.clear()
    await reporter.print(toDoctorJson(checkRun), () => renderSummary(checkRun, style))
    return checkRun.results.some(({ status }) => status === 'fail') ? 1 : 0
  },
})

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
