import { EksTokenError } from '../errors.ts'

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelastickubernetesservice.html */
const CLUSTER_ARN = /^arn:[\w-]+:eks:([a-z\d-]+):\d{12}:cluster\/([\w-]{1,100})$/

/** The region and the name in the ARN of a cluster; undefined for anything else. */
export function parseClusterArn(text: string): { readonly region: string; readonly name: string } | undefined {
  const [, region, name] = CLUSTER_ARN.exec(text.trim()) ?? []
  return region === undefined || name === undefined ? undefined : { region, name }
}

/**
 * Refuses an ARN in place of a cluster name or id: a token for it can be valid for STS, and no cluster accepts it.
 *
 * @throws EksTokenError `ERR_USAGE`
 */
export function requireClusterName({
  clusterName,
  clusterId,
}: {
  readonly clusterName?: string | undefined
  readonly clusterId?: string | undefined
}): void {
  const isName = clusterName?.trim().startsWith('arn:')
  if (!isName && !clusterId?.trim().startsWith('arn:')) return
  const parts = parseClusterArn((isName ? clusterName : clusterId) ?? '')
  const message = isName
    ? '--cluster-name is an ARN, not the name of a cluster'
    : '--cluster-id is an ARN, not the id of a local cluster'
  throw new EksTokenError('ERR_USAGE', message, {
    remedy: parts ? `use --cluster-name ${parts.name} --region ${parts.region}` : 'use the name of the cluster',
  })
}
