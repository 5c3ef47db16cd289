import { commandLine } from '../../../command-line.ts'
import { textField } from '../../../json.ts'
import { parseClusterEntry } from '../../../kubernetes/context.ts'
import type { ExecBlock } from '../../../kubernetes/exec-block.ts'
import { withExecCluster } from '../../../kubernetes/exec-cluster.ts'
import { findCommand } from '../../../kubernetes/look-path.ts'
import { collapseWhitespace } from '../../../python/strip.ts'
import { redactArgument, redactValue } from '../../../redact.ts'
import { mergeEnvironment, type Runtime } from '../../../runtime.ts'
import { applyOptions } from '../../args/apply-options.ts'
import { requireClusterName } from '../../cluster-arn.ts'
import { OUTPUT_FORMATS, type OutputFormat } from '../../output/formats.ts'
import { tokenOptions } from '../../token-options.ts'
import { type DoctorContext, defineCheck, fail, ok, warn } from './context.ts'
import { type PluginInvocation, parsePluginInvocation } from './plugin-invocation.ts'
import { isReadableByKubectl } from './readable-output.ts'

const REMEDY = 'correct args: in the exec block'

export const argumentsCheck = defineCheck({
  id: 'arguments',
  needs: ['exec', 'pluginRuntime', 'kubeContext'],
  remedy: REMEDY,
  run: async (artifacts, context) => {
    const { exec, kubeContext } = artifacts
    const invocation = parsePluginInvocation(exec, context.runtime.processHost.platform, artifacts.pluginRuntime.env)
    const pluginRuntime = runtimeOf(invocation, artifacts.pluginRuntime)
    const named = parseClusterEntry(kubeContext.clusterEntry)
    const { plugin, ignored, line } = invocation
    if (line.runsNothing) {
      return fail(
        `${redactValue(line.wrappers.join(', '))} does not run a command with these arguments, so it prints no token`,
        {
          remedy: 'add the plugin and its arguments to args: in the exec block, or set command: to the plugin itself',
        },
      )
    }
    const known = plugin === undefined && named ? { 'cluster-name': named.name, region: named.region } : {}
    const values = new Map([...Object.entries(known), ...invocation.values, ...context.options.overrides])
    const cliOptions = applyOptions(values, pluginRuntime)
    const given = tokenOptions(cliOptions, pluginRuntime, context.terminal)
    const { server, execConfig: config } = kubeContext.cluster
    const isPassed = plugin === 'eks-get-token' && exec.provideClusterInfo
    const options = isPassed ? withExecCluster(given, { server, config }) : given
    const id = options.clusterName || options.clusterId
    const isAssumed = line.isUnknown || line.suppliesCredentials
    const found = {
      invocation,
      pluginRuntime,
      ...(isAssumed ? { isAssumed } : {}),
      ...(id ? { tokenOptions: options } : {}),
    }
    if (plugin === undefined) {
      return warn(
        `unknown wrapper: ${redactValue(line.wrappers.join(', '))} was not run, and the command that it runs is unknown`,
        {
          remedy:
            'compare the identity below with the one that the wrapper selects, or select a profile with --profile in args: or AWS_PROFILE in env: instead of a wrapper',
          artifacts: found,
        },
      )
    }
    if (!id && plugin === 'aws' && clusterNameOf(config)) {
      return fail("no cluster name in the arguments: it is in the cluster's extension, which aws does not read", {
        remedy:
          "run 'eks-get-token convert-kubeconfig' to set command: in the exec block to eks-get-token, which reads it",
      })
    }
    if (!id)
      return fail('no cluster name in the arguments', { remedy: 'add --cluster-name NAME to args: in the exec block' })
    requireClusterName(options)
    const { format = 'json', query } = cliOptions.output
    if (!(await isReadableByKubectl(format, query, exec.apiVersion))) {
      const what =
        query === undefined ? `--output ${format}` : `--query${format === 'json' ? '' : ` and --output ${format}`}`
      return fail(`kubectl cannot read the output of ${plugin} with ${what}`, {
        remedy: `remove ${what} from args: in the exec block`,
      })
    }
    const missing = missingProgram(invocation, pluginRuntime, context)
    if (missing !== undefined)
      return fail(`${missing}, which ${line.wrappers.at(-1)} runs, was not found on PATH`, {
        remedy:
          plugin === 'aws'
            ? `replace ${missing} with eks-get-token in args: of the exec block, or install ${missing}`
            : 'install it, or use its absolute path',
      })
    if (named && options.clusterName !== undefined && named.name !== collapseWhitespace(options.clusterName)) {
      return fail(
        `wrong cluster name: the token is for "${redactValue(id)}", the kubeconfig entry for "${named.name}"`,
        {
          remedy: `set --cluster-name to ${named.name} in args: of the exec block; the API server rejects tokens for another cluster`,
          artifacts: found,
        },
      )
    }
    const through = line.wrappers.length > 0 ? ` (through ${redactValue(line.wrappers.join(', '))})` : ''
    const description = `${plugin}${through}, cluster ${redactValue(id)}${options.roleArn ? `, role ${redactValue(options.roleArn)}` : ''}`
    if (isAssumed) {
      const wrapper = redactValue(line.wrappers.join(', '))
      const problem = line.isUnknown
        ? `unknown wrapper: ${wrapper} was not run`
        : `${wrapper} supplies the credentials and was not run`
      return warn(`${description}; ${problem}; the checks below use the credentials of this shell`, {
        remedy: `run doctor inside the wrapper${exampleOf(exec, invocation, context.runtime.processHost.platform)}`,
        artifacts: found,
      })
    }
    if (ignored.length > 0) {
      return warn(`options of ${plugin} that doctor does not evaluate: ${ignored.map(redactArgument).join(', ')}`, {
        remedy: 'check whether these options select a different identity',
        artifacts: found,
      })
    }
    return ok(description, found)
  },
})

/** What a client passes to a plugin that reads it. */
function clusterNameOf(config: unknown): string | undefined {
  return textField(config, 'clusterName') || textField(config, 'clusterId')
}

/** The exec block with doctor in place of the plugin, where the plugin is an argument of its own. */
function exampleOf({ command, args }: ExecBlock, { line }: PluginInvocation, platform: string): string {
  const start = args.length - line.args.length - 1
  const words = [command, ...args.slice(0, start)]
  const isArgument = start >= 0 && args[start] === line.command && !line.wrappers.includes('node')
  if (!isArgument || words.some((word) => redactValue(word) !== word)) return ''
  const example = commandLine([...words, 'eks-get-token', 'doctor'], platform)
  return example === undefined ? '' : `, for example: ${example}`
}

/** The variables that wrappers set. */
function runtimeOf({ line }: PluginInvocation, runtime: Runtime): Runtime {
  const { env, clearsEnvironment } = line
  if (Object.keys(env).length === 0 && !clearsEnvironment) return runtime
  const base = clearsEnvironment ? {} : runtime.env
  return { ...runtime, env: mergeEnvironment(base, env, runtime.processHost.platform) }
}

/** A program inside of a wrapper that is run on this machine, and does not exist. */
function missingProgram(
  { line }: PluginInvocation,
  { env, processHost }: Runtime,
  { files }: DoctorContext,
): string | undefined {
  const { wrappers, command, suppliesCredentials } = line
  const isHere =
    wrappers.length > 0 && wrappers[0] !== 'node' && wrappers[0] !== 'npx' && !suppliesCredentials && !line.isUnknown
  // The C library's default, where a wrapper has removed PATH.
  const search = { ...env, PATH: env.PATH ?? '/bin:/usr/bin' }
  if (!isHere || findCommand(command, search, processHost.platform, files.isExecutable)) return undefined
  return redactValue(command)
}

/** The AWS CLI prints in the format of the environment or the profile; this program does not when kubectl runs it. */
export const outputCheck = defineCheck({
  id: 'output',
  needs: ['settings', 'invocation', 'exec'],
  remedy: 'add --output json to args: in the exec block',
  run: async ({ settings, invocation, exec }) => {
    const { output } = settings
    const format = invocation.values.get('output')
    if (invocation.plugin !== 'aws' || format !== undefined || !output) {
      return ok(`${format === undefined ? 'json' : redactValue(String(format))}, which kubectl can read`)
    }
    const shown = `${redactValue(output.value)} (${output.source})`
    if (!OUTPUT_FORMATS.includes(output.value as OutputFormat)) return fail(`unknown output format: ${shown}`)
    const query = invocation.values.get('query')
    const isReadable = await isReadableByKubectl(
      output.value as OutputFormat,
      query === true ? '' : query,
      exec.apiVersion,
    )
    return isReadable
      ? ok(`${shown}, which kubectl can read`)
      : fail(`kubectl cannot read the output of aws in the format ${shown}`)
  },
})
