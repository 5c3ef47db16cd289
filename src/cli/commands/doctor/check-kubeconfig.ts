import { delimiter, join } from 'node:path'
import { findContext, parseClusterEntry } from '../../../kubernetes/context.ts'
import { kubeconfigPaths, readKubeconfig } from '../../../kubernetes/kubeconfig.ts'
import { pluginPolicy } from '../../../kubernetes/plugin-policy.ts'
import { applyOptions } from '../../args/options.ts'
import { tokenOptions } from '../../token-options.ts'
import { type Check, type DoctorContext, type Finding, fail, ok, requireArtifact, warn } from './context.ts'
import { parsePluginInvocation } from './plugin-invocation.ts'

const UPDATE = 'write the entry anew: aws eks update-kubeconfig --name NAME'

export const KUBECONFIG_CHECKS: readonly Check[] = [
  { id: 'kubeconfig', needs: [], run: checkKubeconfig, remedy: UPDATE },
  { id: 'exec', needs: ['kubeContext'], run: checkExec, remedy: UPDATE },
  {
    id: 'command',
    needs: ['exec'],
    run: checkCommand,
    remedy: 'install it, or write its absolute path into command: in the kubeconfig',
  },
  { id: 'kuberc', needs: ['exec'], run: checkPolicy, remedy: 'add the command to credentialPluginAllowlist there' },
  { id: 'arguments', needs: ['exec'], run: checkArguments, remedy: 'correct args: in the exec block' },
]

function checkKubeconfig({ options, runtime }: DoctorContext): Finding {
  const paths = kubeconfigPaths(options.kubeconfig, runtime.env, runtime.homeDirectory())
  const config = readKubeconfig(paths, runtime.readText)
  const kubeContext = findContext(config, options.context)
  const files = config.files.join(', ')
  const found = { kubeContext }
  if (!kubeContext.cluster.server) {
    return fail(`${files}: cluster "${kubeContext.clusterEntry}" has no server`, undefined, found)
  }
  return ok(`${files}, context ${kubeContext.name}`, found)
}

function checkExec(context: DoctorContext): Finding {
  const { exec, otherCredentials, userEntry } = requireArtifact(context, 'kubeContext')
  if (!exec) {
    const has =
      otherCredentials.length > 0 ? `it signs in with ${otherCredentials.join(', ')}` : 'it has no credentials'
    return fail(`user "${userEntry}" has no exec block: ${has}`)
  }
  const { runtime } = context
  const found = { exec, pluginRuntime: { ...runtime, env: { ...runtime.env, ...exec.env } } }
  const version = /^client\.authentication\.k8s\.io\/(v1|v1beta1)$/.exec(exec.apiVersion ?? '')?.[1]
  if (!version) {
    const is = exec.apiVersion === undefined ? 'is missing' : `is ${exec.apiVersion}, which clients no longer know`
    return fail(`apiVersion of the exec block ${is}`, 'set it to client.authentication.k8s.io/v1beta1', found)
  }
  const mode = exec.interactiveMode
  if (mode === undefined && version === 'v1') {
    return fail(
      'interactiveMode is missing, and v1 wants it',
      'add interactiveMode: IfAvailable to the exec block',
      found,
    )
  }
  if (mode !== undefined && !['Never', 'IfAvailable', 'Always'].includes(mode)) {
    return fail(`interactiveMode is ${mode}`, 'use one of Never, IfAvailable, Always', found)
  }
  if (otherCredentials.length > 0) {
    return warn(
      `beside its exec block the user has ${otherCredentials.join(', ')}`,
      'keep one of them in the kubeconfig',
      found,
    )
  }
  return ok(`${version}${mode === undefined ? '' : `, interactiveMode ${mode}`}`, found)
}

function checkCommand(context: DoctorContext): Finding {
  const { command } = requireArtifact(context, 'exec')
  // kubectl looks on its own PATH: that of the exec block's env is the plugin's.
  const folders = (context.runtime.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  const endings = ['', ...(context.runtime.env.PATHEXT ?? '').split(';').filter((ending) => ending !== '')]
  const names = /[\\/]/.test(command) ? [command] : folders.map((folder) => join(folder, command))
  const path = names.flatMap((name) => endings.map((ending) => name + ending)).find(context.isExecutable)
  if (path === undefined) {
    return fail(/[\\/]/.test(command) ? `${command} is no program` : `${command} is not on the PATH`)
  }
  return ok(path, { commandPath: path })
}

function checkPolicy(context: DoctorContext): Finding {
  const { command } = requireArtifact(context, 'exec')
  const { runtime, found } = context
  const policy = pluginPolicy(command, found.commandPath, runtime.env, runtime.homeDirectory(), runtime.readText)
  return policy.allowed ? ok(policy.why) : fail(policy.why)
}

function checkArguments(context: DoctorContext): Finding {
  const exec = requireArtifact(context, 'exec')
  const line = parsePluginInvocation(exec)
  if (!line) {
    return fail(
      `${exec.command} is no plugin of EKS that is known here; what it does cannot be seen, and it is not started`,
      'known are eks-get-token, aws and aws-iam-authenticator; a wrapper can be replaced with --profile or env',
    )
  }
  const runtime = requireArtifact(context, 'pluginRuntime')
  const values = new Map([...line.values, ...context.options.overrides])
  const options = tokenOptions(applyOptions(values, runtime), runtime, context.terminal)
  const id = options.clusterName || options.clusterId
  if (!id) return fail('they name no cluster', 'add --cluster-name NAME to args')
  const found = { tokenOptions: options }
  const named = parseClusterEntry(requireArtifact(context, 'kubeContext').clusterEntry)
  if (named && options.clusterName !== undefined && named.name !== options.clusterName) {
    return fail(
      `wrong cluster name: the token is for "${id}", and the entry is of cluster "${named.name}"`,
      `set --cluster-name to ${named.name} in args: the server refuses a token for another name`,
      found,
    )
  }
  if (line.ignored.length > 0)
    return warn(`${line.ignored.join(', ')} of ${line.plugin} cannot be followed here`, undefined, found)
  return ok(`${line.plugin}, cluster ${id}${options.roleArn ? `, role ${options.roleArn}` : ''}`, found)
}
