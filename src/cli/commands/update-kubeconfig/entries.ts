import { resolve } from 'node:path'
import type { Settings } from '../../../config/settings.ts'
import { EksTokenError } from '../../../errors.ts'
import type { ClusterEntries } from '../../../kubernetes/kubeconfig/entries.ts'
import type { EnvVariable } from '../../../kubernetes/kubeconfig/exec-block.ts'
import { OWN_NAME } from '../../../kubernetes/own-command.ts'
import { redactArgument } from '../../../redact.ts'
import type { Runtime } from '../../../runtime.ts'
import type { DescribedCluster } from './describe.ts'
import type { UpdateOptions } from './options.ts'

/** kubectl prints it where the plugin is missing. */
const INSTALL_HINT =
  "eks-get-token is required to authenticate to this cluster. Install it, or change 'command' to 'aws'."

/** The user of all clusters with `--shared-user`. */
const SHARED_USER = OWN_NAME

/**
 * The entries of a cluster. The arguments are those that the AWS CLI writes, so that `command: aws` works with them; not so for
 * a shared user, which gets them from the cluster's extension.
 *
 * @param command - what runs this program
 * @throws EksTokenError `ERR_PARAMETER` for an unknown placeholder in `--alias-format`
 */
export function createEntries(
  options: UpdateOptions,
  { name, description: cluster }: DescribedCluster,
  settings: Settings,
  command: string,
  runtime: Runtime,
): ClusterEntries {
  const { sharedUser, roleArn } = options
  const env = [...loginVariable(options), ...fileVariables(runtime)]
  const clusterName = options.clusterAlias || cluster.arn
  const userName = options.userAlias || (sharedUser ? SHARED_USER : cluster.arn)
  const profile = profileOf(options, settings)
  const clusterId = cluster.localClusterId
  const exec = {
    apiVersion: `client.authentication.k8s.io/${options.execApiVersion}`,
    command,
    installHint: INSTALL_HINT,
    interactiveMode: 'IfAvailable',
  }
  const target = clusterId === undefined ? ['--cluster-name', name] : ['--cluster-id', clusterId]
  const role = roleArn === undefined ? [] : ['--role', roleArn]
  return {
    clusterName,
    userName,
    contextName:
      options.alias || fromTemplate(options.aliasFormat, name, cluster) || (sharedUser ? clusterName : userName),
    server: cluster.server,
    caData: cluster.caData,
    proxyUrl: options.proxyUrl,
    namespace: options.namespace,
    keepCurrentContext: options.keepCurrentContext || options.all,
    clusterInfo: sharedUser
      ? {
          ...(clusterId === undefined ? { clusterName: name } : { clusterId }),
          region: cluster.region,
          roleArn,
          profile,
        }
      : undefined,
    exec: sharedUser
      ? {
          ...exec,
          args: ['eks', 'get-token', '--output', 'json'],
          env,
          provideClusterInfo: true,
        }
      : {
          ...exec,
          args: ['--region', cluster.region, 'eks', 'get-token', ...target, '--output', 'json', ...role],
          env: [...(profile === undefined ? [] : [{ name: 'AWS_PROFILE', value: profile }]), ...env],
        },
  }
}

/** The profile, if one is named, as in the AWS CLI. */
function profileOf({ execProfile }: UpdateOptions, { profile }: Settings): string | undefined {
  const named = profile.source === 'default' ? '' : profile.name
  return (execProfile ?? named) || undefined
}

/** A variable, not an argument: the AWS CLI would reject the argument. */
function loginVariable({ login }: UpdateOptions): EnvVariable[] {
  return login === undefined ? [] : [{ name: 'EKS_GET_TOKEN_LOGIN', value: login }]
}

/** The config files, if variables name them: without them a client that is started elsewhere would use other profiles. */
function fileVariables({ env }: Runtime): EnvVariable[] {
  return ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE'].flatMap((name) => {
    const path = env[name]
    return path ? [{ name, value: /^[~$]/.test(path) ? path : resolve(path) }] : []
  })
}

/** @throws EksTokenError `ERR_PARAMETER` */
function fromTemplate(
  template: string | undefined,
  name: string,
  { arn, region }: DescribedCluster['description'],
): string {
  const values: Readonly<Record<string, string>> = { name, region, account: arn.split(':')[4] ?? '' }
  return (template ?? '').replace(/\{([^{}]*)\}/g, (placeholder, key: string) => {
    const value = Object.hasOwn(values, key) ? values[key] : undefined
    if (value !== undefined) return value
    throw new EksTokenError('ERR_PARAMETER', `unknown placeholder in --alias-format: ${redactArgument(placeholder)}`, {
      remedy: 'use {name}, {region} and {account}',
    })
  })
}
