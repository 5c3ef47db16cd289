import { parseEksHost } from '../aws/eks-host.ts'
import { EksTokenError } from '../errors.ts'
import { field, isRecord, textField } from '../json.ts'

/** The extension of a cluster in a kubeconfig, of which clients pass the content to plugins, as `spec.cluster.config`. */
export const EXEC_EXTENSION = 'client.authentication.k8s.io/exec'

/** Arguments of get-token that depend on the cluster, by their keys in the extension. */
export const CLUSTER_ARGUMENTS = ['clusterName', 'clusterId', 'region', 'roleArn', 'profile'] as const

export type ClusterArguments = { readonly [Key in (typeof CLUSTER_ARGUMENTS)[number]]?: string | undefined }

/** The arguments, and where those come from of which messages say it. */
export type SourcedArguments = ClusterArguments & {
  readonly profileSource?: string | undefined
  readonly regionSource?: string | undefined
}

/**
 * Fills in what the command line leaves out, so that one user of a kubeconfig can serve many clusters: from the cluster's
 * extension, and the region also from the host name of an EKS endpoint.
 * https://kubernetes.io/docs/reference/config-api/client-authentication.v1/#client-authentication-k8s-io-v1-Cluster
 *
 * @param cluster - `spec.cluster` of exec info, unvalidated
 * @throws EksTokenError `ERR_KUBECONFIG` for an extension with values of another type than text
 */
export function withExecCluster<Arguments extends SourcedArguments>(args: Arguments, cluster: unknown): Arguments {
  const config = field(cluster, 'config') ?? {}
  if (!isRecord(config)) throw invalid('is not a map')
  const [clusterName, clusterId, region, roleArn, profile] = CLUSTER_ARGUMENTS.map((key) => textOf(config, key))
  const isNamed = args.clusterName !== undefined || args.clusterId !== undefined
  return {
    ...args,
    ...(isNamed ? {} : { clusterName, clusterId }),
    ...(args.region === undefined && regionOf(region, textField(cluster, 'server'))),
    roleArn: args.roleArn ?? roleArn,
    // An empty --profile counts as none.
    ...(!args.profile && profile && { profile, profileSource: "profile in the cluster's extension" }),
  }
}

/** @returns undefined for an empty value */
function textOf(config: Readonly<Record<string, unknown>>, key: string): string | undefined {
  const content = config[key] ?? undefined
  if (content !== undefined && typeof content !== 'string') throw invalid(`has a ${key} that is not a string`)
  return content || undefined
}

/** The region of the extension, or else that in the host name of an EKS endpoint. */
function regionOf(region: string | undefined, server: string | undefined) {
  if (region !== undefined) return { region, regionSource: "region in the cluster's extension" }
  const host = server && URL.canParse(server) ? parseEksHost(new URL(server).hostname) : undefined
  return host && { region: host.region, regionSource: "the host name of the cluster's server" }
}

function invalid(what: string): EksTokenError {
  return new EksTokenError('ERR_KUBECONFIG', `the extension ${EXEC_EXTENSION} of the cluster ${what}`, {
    remedy: 'correct it in the kubeconfig: clusterName, clusterId, region, roleArn and profile must be strings',
  })
}
