import { regionalEndpoint } from '../../../aws/endpoints.ts'
import { quoteWord } from '../../../command-line.ts'
import { resolveCredentials } from '../../../create-token.ts'
import type { Context } from '../../../kubernetes/context.ts'
import type { ClusterDescription } from '../../../kubernetes/describe-cluster.ts'
import { redactValue } from '../../../redact.ts'
import { applyOptions } from '../../args/apply-options.ts'
import { requireClusterName } from '../../cluster-arn.ts'
import { identityLine } from '../../identity-line.ts'
import { tokenOptions } from '../../token-options.ts'
import { withoutProgress } from './check-token.ts'
import { defineCheck, ok, warn } from './context.ts'

export const commandLineCheck = defineCheck({
  id: 'arguments',
  needs: [],
  remedy: "run 'eks-get-token doctor --help' for the options",
  run: (_, { options, runtime, terminal }) => {
    const { token } = applyOptions(options.overrides, runtime)
    const found = tokenOptions({ token }, runtime, terminal)
    requireClusterName(found)
    const id = found.clusterName || found.clusterId || ''
    const role = found.roleArn ? `, role ${redactValue(found.roleArn)}` : ''
    return ok(`cluster ${redactValue(id)}${role}`, { tokenOptions: found, pluginRuntime: runtime })
  },
})

/** Where there is no kubeconfig, EKS knows the endpoint and the certificate authority of the cluster. */
export const clusterCheck = defineCheck({
  id: 'cluster',
  waitsFor: 'DescribeCluster',
  needs: ['settings', 'token', 'tokenOptions', 'pluginRuntime'],
  remedy: 'allow eks:DescribeCluster, or check the kubeconfig of the cluster',
  run: async ({ settings, tokenOptions: options, pluginRuntime: runtime, verdict }, context) => {
    const { clusterName, clusterId: _, ...credentialOptions } = options
    if (!clusterName) return warn('not described: a local cluster is described by its name, not its id')
    if (!settings.region) return warn('not described: no region is configured', { remedy: 'add --region' })
    const { credentials } = await resolveCredentials(
      withoutProgress(credentialOptions, context),
      runtime,
      context.deadline,
    )
    const endpoint = regionalEndpoint('eks', settings.region.value, settings.endpoints, settings.region.source)
    try {
      const { describeCluster } = await import('../../../kubernetes/describe-cluster.ts')
      const description = await describeCluster(clusterName, { endpoint, credentials, settings, runtime })
      return ok(`${description.arn}`, { kubeContext: toContext(description), isUsable: true })
    } catch (error) {
      const { explainNotFound, isClusterNotFound } = await import('../../../kubernetes/cluster-not-found.ts')
      if (isClusterNotFound(error)) {
        const lineFor = (name: string, region: string) =>
          identityLine('doctor', { ...options, clusterName: name, region }, runtime.processHost.platform)
        const eks = { endpoint, credentials, settings, runtime }
        throw await explainNotFound(error, clusterName, verdict?.identity?.account, lineFor, eks)
      }
      const { code, message } = error as { code?: string; message: string }
      // Who may use a cluster need not be allowed to describe it.
      if (code !== 'ERR_SERVICE' || !/AccessDenied/.test(message)) throw error
      return warn(`the cluster endpoint is unknown: ${message}`, {
        remedy: `allow eks:DescribeCluster, or check the kubeconfig: eks-get-token doctor --context ${quoteWord(clusterName, runtime.processHost.platform)}`,
      })
    }
  },
})

function toContext({ arn, server, caData }: ClusterDescription): Context {
  return {
    name: arn,
    clusterEntry: arn,
    userEntry: '',
    cluster: {
      server,
      caData: caData === '' ? undefined : Buffer.from(caData, 'base64').toString('utf8'),
      caFile: undefined,
      skipsVerification: false,
      tlsServerName: undefined,
      proxyUrl: undefined,
      disablesCompression: false,
      execConfig: undefined,
    },
    user: {
      ...{ token: '', tokenFile: '', username: '', password: '', authProvider: undefined },
      ...{ clientCertificate: '', clientCertificateData: '', clientKey: '', clientKeyData: '' },
      ...{ impersonate: '', impersonateUid: '', impersonateGroups: [], impersonateExtra: {} },
    },
    exec: undefined,
  }
}
