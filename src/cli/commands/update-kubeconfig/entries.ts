import { resolve } from 'node:path'
import { closestMatch } from '../../../closest-match.ts'
import type { Settings } from '../../../config/settings.ts'
import { EksTokenError } from '../../../errors.ts'
import type { ClusterEntries } from '../../../kubernetes/kubeconfig/entries.ts'
import { type EnvVariable, INSTALL_HINT, SHARED_INSTALL_HINT } from '../../../kubernetes/kubeconfig/exec-block.ts'
import { OWN_NAME } from '../../../kubernetes/own-command.ts'
import { redactArgument } from '../../../redact.ts'
import type { Runtime } from '../../../runtime.ts'
import type { DescribedCluster } from './describe.ts'
import type { UpdateOptions } from './options.ts'

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
    installHint: sharedUser ? SHARED_INSTALL_HINT : INSTALL_HINT,
    interactiveMode: 'IfAvailable',
  }
  const target = clusterId === undefined ? ['--cluster-name', name] : ['--cluster-id', clusterId]
  const role = roleArn === undefined ? [] : ['--role', roleArn]
  return {
    clusterName,
    userName,
    contextName: options.alias || contextNameOf(options, name, cluster) || (sharedUser ? clusterName : userName),
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

/** '' without `--alias-format`. */
function contextNameOf(
  { aliasFormat = '' }: UpdateOptions,
  name: string,
  { arn, region }: DescribedCluster['description'],
): string {
  return fillTemplate(aliasFormat, { name, region, account: arn.split(':')[4] ?? '' })
}

/** The profile, if one is named, as in the AWS CLI. */
function profileOf({ execProfile }: UpdateOptions, { profile }: Settings): string | undefined {
  const named = profile.source === 'default' ? '' : profile.name
  return (execProfile ?? named) || undefined
}

export const LOGIN_VARIABLE = 'EKS_GET_TOKEN_LOGIN'

/** A variable, not an argument: the AWS CLI would reject the argument. */
function loginVariable({ login }: UpdateOptions): EnvVariable[] {
  return login === undefined ? [] : [{ name: LOGIN_VARIABLE, value: login }]
}

/** The config files, if variables name them: without them a client that is started elsewhere would use other profiles. */
function fileVariables({ env }: Runtime): EnvVariable[] {
  return ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE'].flatMap((name) => {
    const path = env[name]
    return path ? [{ name, value: /^[~$]/.test(path) ? path : resolve(path) }] : []
  })
}

const PLACEHOLDERS = ['name', 'region', 'account'] as const

/** A template with the value of each placeholder. @throws EksTokenError `ERR_PARAMETER` for any other placeholder */
export function fillTemplate(
  template: string,
  values: Readonly<Record<(typeof PLACEHOLDERS)[number], string>>,
): string {
  return template.replace(/\{([^{}]*)\}/g, (placeholder, key: string) => {
    const known = PLACEHOLDERS.find((name) => name === key)
    if (known !== undefined) return values[known]
    const meant = closestMatch(key, PLACEHOLDERS)
    throw new EksTokenError('ERR_PARAMETER', `unknown placeholder in --alias-format: ${redactArgument(placeholder)}`, {
      remedy: meant === undefined ? 'use {name}, {region} and {account}' : `did you mean {${meant}}?`,
    })
  })
}
