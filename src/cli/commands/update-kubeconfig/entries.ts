import type { Settings } from '../../../config/settings.ts'
import type { ClusterDescription } from '../../../kubernetes/describe-cluster.ts'
import type { ClusterEntries, EnvVariable } from '../../../kubernetes/kubeconfig/entries.ts'
import type { Runtime } from '../../../runtime.ts'
import type { UpdateOptions } from './options.ts'

const PROGRAM = 'eks-get-token'

/** kubectl prints it where the plugin is missing. */
const INSTALL_HINT =
  'eks-get-token is required to authenticate to this cluster: npm install --global eks-get-token. ' +
  "Without it, change 'command' to 'aws'."

/**
 * The entries of a cluster. The arguments are those that the AWS CLI writes, so that `command: aws` works with them.
 */
export function createEntries(
  options: UpdateOptions,
  cluster: ClusterDescription,
  settings: Settings,
  runtime: Runtime,
): ClusterEntries {
  const clusterName = options.clusterAlias || cluster.arn
  const userName = options.userAlias || cluster.arn
  const target =
    cluster.localClusterId === undefined ? ['--cluster-name', options.name] : ['--cluster-id', cluster.localClusterId]
  const role = options.roleArn === undefined ? [] : ['--role', options.roleArn]
  return {
    clusterName,
    userName,
    contextName: options.alias || userName,
    server: cluster.server,
    caData: cluster.caData,
    proxyUrl: options.proxyUrl,
    namespace: options.namespace,
    keepCurrentContext: options.keepCurrentContext,
    exec: {
      apiVersion: `client.authentication.k8s.io/${options.execApiVersion}`,
      args: ['--region', cluster.region, 'eks', 'get-token', ...target, '--output', 'json', ...role],
      command: options.absolutePath ? runtime.processHost.programPath() : PROGRAM,
      env: execEnv(options, settings),
      installHint: INSTALL_HINT,
      interactiveMode: 'IfAvailable',
    },
  }
}

/** The profile, if one is named, as in the AWS CLI. */
function execEnv({ execProfile }: UpdateOptions, { profile }: Settings): EnvVariable[] {
  const named = profile.source === 'default' ? '' : profile.name
  const value = execProfile ?? named
  return value === '' ? [] : [{ name: 'AWS_PROFILE', value }]
}
