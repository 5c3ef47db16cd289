import { EksTokenError } from '../../../errors.ts'
import { UPDATE_COMMAND } from '../../../kubernetes/kubeconfig/read.ts'
import { DEFAULT_TIMEOUT_SECONDS, startDeadline } from '../../../net/deadline.ts'
import { redactValue, sanitizeLine } from '../../../redact.ts'
import { onlyGroup } from '../../args/apply-options.ts'
import { setsFlag, setsText } from '../../args/option.ts'
import { createReporter } from '../../output-mode.ts'
import { defineCommand, OUTPUT_HELP, type ParsedCommand } from '../../subcommand.ts'
import { tokenOptions } from '../../token-options.ts'
import { versionText } from '../../version.ts'
import { checkAllContexts } from './all-contexts.ts'
import { loadKubeconfig } from './check-kubeconfig.ts'
import { CHECKS, CLUSTER_CHECKS } from './checks.ts'
import type { DoctorContext, DoctorOptions } from './context.ts'
import { hostFiles } from './files.ts'
import {
  createProgress,
  renderHeading,
  renderResult,
  renderSummary,
  renderTable,
  toDoctorJson,
  worstStatus,
} from './report.ts'
import { runChecks } from './run-checks.ts'

/** Explains why a cluster responds "Unauthorized": checks every step, with a hint for each problem. */
export const COMMAND = defineCommand({
  usage: '[--context <context>] [options]',
  description:
    'Check every step between a kubeconfig and its cluster: the exec block, the profile and credential source that it ' +
    'selects, the clock, the token, and the responses of STS and the API server. The command in the exec block is not ' +
    'run; its arguments and environment variables are evaluated instead. A credential_process is run, after its name is printed to stderr.',
  optionGroups: ['general', 'output', 'credentials', 'cluster'],
  helpOverrides: {
    ...OUTPUT_HELP,
    'cluster-name': 'check this cluster, without a kubeconfig; its endpoint is requested from EKS',
    'role-arn': 'with --cluster-name: IAM role to assume',
    'cluster-id': 'id of a local cluster on AWS Outposts, instead of --cluster-name',
  },
  own: (): DoctorOptions => ({ sendToken: false, all: false }),
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
      name: 'all',
      level: 'own',
      origin: 'own',
      help: 'check every EKS context in the kubeconfig, and print a table',
      ...setsFlag('all'),
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
      help: 'send the token even if the API server is not an EKS endpoint or is behind the proxy-url of the kubeconfig (its certificate must be valid), and load credentials through a proxy or endpoint that only the kubeconfig names',
      ...setsFlag('sendToken'),
    },
  ],
  maxPositionals: 0,
  impliedOptions: ['context', 'cluster-name'],
  footer: `
--profile and --region take precedence over the kubeconfig.

Examples:
  # check the current context
  eks-get-token doctor
  # check another context, and print the result as JSON
  eks-get-token doctor --context demo --output json
  # check all EKS contexts
  eks-get-token doctor --all
  # check a cluster without a kubeconfig, for example in CI
  eks-get-token doctor --cluster-name demo --region us-west-2
`,
  exitCodes: { 0: 'no check failed', 1: 'a check failed', 255: 'any other error, such as no kubeconfig for --all' },
  run: async (call, runtime, terminal) => {
    checkCombination(call)
    const reporter = await createReporter('doctor', call.options, runtime, terminal)
    const { isHumanReadable, style } = reporter
    const progress = createProgress(isHumanReadable && terminal.stderr().isTerminal, terminal.err)
    const { timeoutSeconds = DEFAULT_TIMEOUT_SECONDS } = tokenOptions(call.options, runtime, terminal)
    const deadline = startDeadline(timeoutSeconds, runtime.now)
    const isCluster = namesCluster(call)
    const groups = isCluster ? (['credentials', 'cluster'] as const) : (['credentials'] as const)
    const overrides = new Map(groups.flatMap((group) => [...onlyGroup(group, call.values)]))
    const context: DoctorContext = {
      runtime,
      hasKubeconfig: !isCluster,
      files: hostFiles(runtime),
      timeoutSeconds,
      deadline,
      options: { ...call.own, overrides },
      terminal,
      clearProgress: progress.clear,
      announceProcess: (program: string, profile: string) => {
        progress.clear()
        terminal.err(
          `${sanitizeLine(`running ${program}, the credential_process of profile ${redactValue(profile)}`)}\n`,
        )
      },
    }
    if (call.own.all) {
      const runs = await checkAllContexts(loadKubeconfig(context), context, progress.show)
      deadline.clear()
      progress.clear()
      if (runs.length === 0) throw noEksContext()
      const worst = worstStatus(runs.flatMap(({ results }) => results))
      const json = {
        program: versionText(runtime),
        status: worst,
        contexts: runs.map((run) => ({ ...toDoctorJson(run), context: redactValue(run.context) })),
      }
      await reporter.print(json, () => renderTable(runs, style))
      return worst === 'fail' ? 1 : 0
    }
    let hasHeading = false
    const checkRun = await runChecks(isCluster ? CLUSTER_CHECKS : CHECKS, context, {
      onStart: progress.show,
      onResult: (result) => {
        progress.clear()
        if (!isHumanReadable) return
        if (!hasHeading) terminal.out(renderHeading(style, !isCluster, versionText(runtime)))
        hasHeading = true
        terminal.out(renderResult(result, style))
      },
    })
    deadline.clear()
    progress.clear()
    const json = { ...toDoctorJson(checkRun), program: versionText(runtime) }
    await reporter.print(json, () => renderSummary(checkRun, style))
    return worstStatus(checkRun.results) === 'fail' ? 1 : 0
  },
})

function namesCluster({ values }: ParsedCommand): boolean {
  return values.has('cluster-name') || values.has('cluster-id')
}

/** @throws EksTokenError `ERR_USAGE` */
function checkCombination(call: ParsedCommand & { readonly own: DoctorOptions }): void {
  const { all, context, kubeconfig } = call.own
  const fail = (message: string): never => {
    throw new EksTokenError('ERR_USAGE', message, { remedy: "run 'eks-get-token doctor --help' for the options" })
  }
  if (all && context !== undefined) fail('--all cannot be combined with --context')
  if (!namesCluster(call)) {
    const [option] = onlyGroup('cluster', call.values).keys()
    if (option !== undefined)
      fail(`--${option} requires --cluster-name: without it, the kubeconfig provides this setting`)
    return
  }
  if (all || context !== undefined || kubeconfig !== undefined) {
    fail('--cluster-name cannot be combined with --all, --context or --kubeconfig')
  }
}

/** Nothing was checked: a pipeline must not take that for success. */
function noEksContext(): EksTokenError {
  return new EksTokenError('ERR_KUBECONFIG', 'no context in the kubeconfig uses an EKS plugin', {
    remedy: `add a cluster with ${UPDATE_COMMAND}, or select another kubeconfig with --kubeconfig FILE`,
  })
}
