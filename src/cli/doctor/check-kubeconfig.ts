import { delimiter, join } from 'node:path'
import { findContext, readClusterEntry } from '../../kubernetes/context.ts'
import { kubeconfigPaths, readKubeconfig } from '../../kubernetes/kubeconfig.ts'
import { pluginPolicy } from '../../kubernetes/plugin-policy.ts'
import { tokenOptions } from '../token-options.ts'
import { type Chain, type Check, type Finding, fail, need, ok, warn } from './chain.ts'
import { readPluginLine } from './plugin-line.ts'

const UPDATE = 'write the entry anew: aws eks update-kubeconfig --name NAME'

export const KUBECONFIG_CHECKS: readonly Check[] = [
  { id: 'kubeconfig', needs: [], run: checkKubeconfig, remedy: UPDATE },
  { id: 'exec', needs: ['context'], run: checkExec, remedy: UPDATE },
  {
    id: 'command',
    needs: ['exec'],
    run: checkCommand,
    remedy: 'install it, or write its absolute path into command: in the kubeconfig',
  },
  { id: 'kuberc', needs: ['exec'], run: checkPolicy, remedy: 'add the command to credentialPluginAllowlist there' },
  { id: 'arguments', needs: ['exec'], run: checkArguments, remedy: 'correct args: in the exec block' },
]

function checkKubeconfig(chain: Chain): Finding {
  const { options, host } = chain
  const paths = kubeconfigPaths(options.kubeconfig, chain.shell, host.homeDirectory())
  const config = readKubeconfig(paths, host.readText)
  const context = findContext(config, options.context)
  chain.found.context = context
  const files = config.files.join(', ')
  if (!context.cluster.server) return fail(`${files}: cluster "${context.clusterEntry}" has no server`)
  return ok(`${files}, context ${context.name}`)
}

function checkExec(chain: Chain): Finding {
  const { exec, otherCredentials, userEntry } = need(chain, 'context')
  if (!exec) {
    const has =
      otherCredentials.length > 0 ? `it signs in with ${otherCredentials.join(', ')}` : 'it has no credentials'
    return fail(`user "${userEntry}" has no exec block: ${has}`)
  }
  chain.found.exec = exec
  chain.host = { ...chain.host, env: { ...chain.shell, ...exec.env } }
  const version = /^client\.authentication\.k8s\.io\/(v1|v1beta1)$/.exec(exec.apiVersion ?? '')?.[1]
  if (!version) {
    const is = exec.apiVersion === undefined ? 'is missing' : `is ${exec.apiVersion}, which clients no longer know`
    return fail(`apiVersion of the exec block ${is}`, 'set it to client.authentication.k8s.io/v1beta1')
  }
  const mode = exec.interactiveMode
  if (mode === undefined && version === 'v1') {
    return fail('interactiveMode is missing, and v1 wants it', 'add interactiveMode: IfAvailable to the exec block')
  }
  if (mode !== undefined && !['Never', 'IfAvailable', 'Always'].includes(mode)) {
    return fail(`interactiveMode is ${mode}`, 'use one of Never, IfAvailable, Always')
  }
  if (otherCredentials.length > 0) {
    return warn(
      `beside its exec block the user has ${otherCredentials.join(', ')}`,
      'keep one of them in the kubeconfig',
    )
  }
  return ok(`${version}${mode === undefined ? '' : `, interactiveMode ${mode}`}`)
}

function checkCommand(chain: Chain): Finding {
  const { command } = need(chain, 'exec')
  // kubectl looks on its own PATH: that of the exec block's env is the plugin's.
  const folders = (chain.shell.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  const endings = ['', ...(chain.shell.PATHEXT ?? '').split(';').filter((ending) => ending !== '')]
  const names = /[\\/]/.test(command) ? [command] : folders.map((folder) => join(folder, command))
  const path = names.flatMap((name) => endings.map((ending) => name + ending)).find(chain.isExecutable)
  if (path === undefined) {
    return fail(/[\\/]/.test(command) ? `${command} is no program` : `${command} is not on the PATH`)
  }
  chain.found.commandPath = path
  return ok(path)
}

function checkPolicy(chain: Chain): Finding {
  const { command } = need(chain, 'exec')
  const { shell, host, found } = chain
  const policy = pluginPolicy(command, found.commandPath, shell, host.homeDirectory(), host.readText)
  return policy.allowed ? ok(policy.why) : fail(policy.why)
}

function checkArguments(chain: Chain): Finding {
  const exec = need(chain, 'exec')
  const line = readPluginLine(exec)
  if (!line) {
    return fail(
      `${exec.command} is no plugin of EKS that is known here; what it does cannot be seen, and it is not started`,
      'known are eks-get-token, aws and aws-iam-authenticator; a wrapper can be replaced with --profile or env',
    )
  }
  const values = new Map([...line.values, ...chain.options.values])
  const options = tokenOptions(values, chain.host, chain.terminal)
  const id = options.clusterName || options.clusterId
  if (!id) return fail('they name no cluster', 'add --cluster-name NAME to args')
  chain.found.tokenOptions = options
  const named = readClusterEntry(need(chain, 'context').clusterEntry)
  if (named && options.clusterName !== undefined && named.name !== options.clusterName) {
    return fail(
      `wrong cluster name: the token is for "${id}", and the entry is of cluster "${named.name}"`,
      `set --cluster-name to ${named.name} in args: the server refuses a token for another name`,
    )
  }
  if (line.ignored.length > 0) return warn(`${line.ignored.join(', ')} of ${line.plugin} cannot be followed here`)
  return ok(`${line.plugin}, cluster ${id}${options.roleArn ? `, role ${options.roleArn}` : ''}`)
}
