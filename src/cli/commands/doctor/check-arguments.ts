import { parseClusterEntry } from '../../../kubernetes/context.ts'
import { withExecCluster } from '../../../kubernetes/exec-cluster.ts'
import { redactArgument, redactValue } from '../../../redact.ts'
import { applyOptions } from '../../args/apply-options.ts'
import { tokenOptions } from '../../token-options.ts'
import { defineCheck, fail, ok, warn } from './context.ts'
import { parsePluginInvocation } from './plugin-invocation.ts'

export const argumentsCheck = defineCheck({
  id: 'arguments',
  needs: ['exec', 'pluginRuntime', 'kubeContext'],
  remedy: 'correct args: in the exec block',
  run: ({ exec, pluginRuntime, kubeContext }, context) => {
    const invocation = parsePluginInvocation(exec, pluginRuntime.processHost.platform)
    if (!invocation) {
      return fail(`${redactValue(exec.command)} is not a recognized EKS plugin, and was not run`, {
        remedy:
          'set command: to eks-get-token, aws or aws-iam-authenticator; to select a profile, use --profile in args: or AWS_PROFILE in env: instead of a wrapper',
      })
    }
    const { plugin, ignored } = invocation
    const values = new Map([...invocation.values, ...context.options.overrides])
    const args = tokenOptions(applyOptions(values, pluginRuntime), pluginRuntime, context.terminal)
    const { server, execConfig: config } = kubeContext.cluster
    const isPassed = plugin === 'eks-get-token' && exec.provideClusterInfo
    const options = isPassed ? withExecCluster(args, { server, config }) : args
    const id = options.clusterName || options.clusterId
    if (!id)
      return fail('no cluster name in the arguments', { remedy: 'add --cluster-name NAME to args: in the exec block' })
    const artifacts = { tokenOptions: options }
    const named = parseClusterEntry(kubeContext.clusterEntry)
    if (named && options.clusterName !== undefined && named.name !== options.clusterName) {
      return fail(
        `wrong cluster name: the token is for "${redactValue(id)}", the kubeconfig entry for "${named.name}"`,
        {
          remedy: `set --cluster-name to ${named.name} in args: of the exec block; the API server rejects tokens for another cluster`,
          artifacts,
        },
      )
    }
    if (ignored.length > 0) {
      return warn(`options of ${plugin} that doctor does not evaluate: ${ignored.map(redactArgument).join(', ')}`, {
        remedy: 'check whether these options select a different identity',
        artifacts,
      })
    }
    return ok(
      `${plugin}, cluster ${redactValue(id)}${options.roleArn ? `, role ${redactValue(options.roleArn)}` : ''}`,
      artifacts,
    )
  },
})
