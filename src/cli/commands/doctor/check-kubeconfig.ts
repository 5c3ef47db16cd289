import { findContext } from '../../../kubernetes/context.ts'
import type { ExecBlock } from '../../../kubernetes/exec-block.ts'
import { kubeconfigPaths, readKubeconfig } from '../../../kubernetes/kubeconfig/read.ts'
import { commandCandidates, isPath } from '../../../kubernetes/look-path.ts'
import { pluginPolicy } from '../../../kubernetes/plugin-policy.ts'
import { mergeEnvironment } from '../../../runtime.ts'
import { defineCheck, type Finding, fail, ok, warn } from './context.ts'

const UPDATE_REMEDY = 'regenerate the kubeconfig entry: aws eks update-kubeconfig --name NAME'

export const kubeconfigCheck = defineCheck({
  id: 'kubeconfig',
  needs: [],
  remedy: UPDATE_REMEDY,
  run: (_, { options, runtime }) => {
    const paths = kubeconfigPaths(options.kubeconfig, runtime)
    const config = readKubeconfig(paths, runtime.readText)
    const kubeContext = findContext(config, options.context, runtime.processHost.platform)
    const files = config.files.join(', ')
    const artifacts = { kubeContext }
    if (!kubeContext.cluster.server)
      return fail(`${files}: cluster "${kubeContext.clusterEntry}" has no server`, { artifacts })
    return ok(`${files}, context ${kubeContext.name}`, artifacts)
  },
})

export const execCheck = defineCheck({
  id: 'exec',
  needs: ['kubeContext'],
  remedy: UPDATE_REMEDY,
  run: ({ kubeContext: { exec, otherCredentials, userEntry } }, { runtime }) => {
    if (!exec) {
      const method =
        otherCredentials.length > 0 ? `it authenticates with ${otherCredentials.join(', ')}` : 'it has no credentials'
      return fail(`user "${userEntry}" has no exec block: ${method}`)
    }
    const env = mergeEnvironment(runtime.env, exec.env, runtime.processHost.platform)
    const artifacts = { exec, pluginRuntime: { ...runtime, env } }
    const problem = invalidApiVersion(exec) ?? invalidInteractiveMode(exec)
    if (problem) return { ...problem, artifacts }
    if (otherCredentials.length > 0) {
      return warn(`the user has other credentials in addition to the exec block: ${otherCredentials.join(', ')}`, {
        remedy: 'keep only one type of credentials for the user in the kubeconfig',
        artifacts,
      })
    }
    const { interactiveMode } = exec
    return ok(
      `${versionOf(exec)}${interactiveMode === undefined ? '' : `, interactiveMode ${interactiveMode}`}`,
      artifacts,
    )
  },
})

function versionOf({ apiVersion }: ExecBlock): string | undefined {
  return /^client\.authentication\.k8s\.io\/(v1|v1beta1)$/.exec(apiVersion ?? '')?.[1]
}

function invalidApiVersion(exec: ExecBlock): Finding | undefined {
  if (versionOf(exec) !== undefined) return undefined
  const remedy = 'set apiVersion: client.authentication.k8s.io/v1beta1 in the exec block'
  if (exec.apiVersion === undefined) return fail('the exec block has no apiVersion', { remedy })
  return fail(`kubectl does not support apiVersion ${exec.apiVersion} of the exec block`, { remedy })
}

/** https://kubernetes.io/docs/reference/access-authn-authz/authentication/#configuration (interactiveMode) */
function invalidInteractiveMode(exec: ExecBlock): Finding | undefined {
  const { interactiveMode } = exec
  if (interactiveMode === undefined) {
    if (versionOf(exec) !== 'v1') return undefined
    const remedy = 'add interactiveMode: IfAvailable to the exec block'
    return fail('interactiveMode is missing; client.authentication.k8s.io/v1 requires it', { remedy })
  }
  if (['Never', 'IfAvailable', 'Always'].includes(interactiveMode)) return undefined
  return fail(`invalid interactiveMode: ${interactiveMode}`, { remedy: 'use one of: Never, IfAvailable, Always' })
}

export const commandCheck = defineCheck({
  id: 'command',
  needs: ['exec'],
  remedy: 'install it, or set command: in the exec block to its absolute path',
  run: ({ exec: { command } }, { runtime, isExecutable }) => {
    const { env, processHost } = runtime
    const path = commandCandidates(command, env, processHost.platform).find(isExecutable)
    if (path !== undefined) return ok(path, { commandPath: path })
    return fail(
      isPath(command, processHost.platform)
        ? `${command} is not an executable file`
        : `${command} was not found on PATH`,
    )
  },
})

export const policyCheck = defineCheck({
  id: 'kuberc',
  needs: ['exec'],
  remedy: 'add the command to credentialPluginAllowlist in the kuberc file',
  run: ({ exec, commandPath }, { runtime }) => {
    const { allowed, reason } = pluginPolicy(exec.command, commandPath, runtime)
    return allowed ? ok(reason) : fail(reason)
  },
})
