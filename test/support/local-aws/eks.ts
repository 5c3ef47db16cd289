import type { Behavior, Service } from './exchange.ts'
import { json } from './exchange.ts'

const PATH = '/clusters/'

/**
 * ListClusters, in two pages, and DescribeCluster. The name steers: `nope…` is not there, `st-updating` has that status, `outpost-local…` and
 * `outpost-ext…` lie on an outpost, `creating-noendpoint…` has no endpoint yet.
 */
export const eks: Service = (request, behavior) => {
  const handled = regular(request, behavior)
  const error = behavior.eksErrors?.[handled?.call.op ?? '']
  return handled && error ? { ...handled, response: json(403, { message: error.message }, error.code) } : handled
}

const regular: Service = ({ url }, { clusters, description }) => {
  if (url.pathname === '/clusters') {
    const second = url.searchParams.has('nextToken')
    const page = second
      ? { clusters: ['st-updating', 'creating-noendpoint'] }
      : { clusters: ['demo', 'web'], nextToken: '2' }
    return { call: { service: 'eks', op: 'ListClusters', params: {} }, response: json(200, page) }
  }
  if (!url.pathname.startsWith(PATH)) return undefined
  const name = decodeURIComponent(url.pathname.slice(PATH.length))
  return {
    call: { service: 'eks', op: 'DescribeCluster', params: { name } },
    response: name.startsWith('nope')
      ? json(404, { message: `No cluster found for name: ${name}.` }, 'ResourceNotFoundException')
      : json(200, { cluster: { ...(existingCluster(name, clusters) ?? clusterNamed(name)), ...description } }),
  }
}

function existingCluster(name: string, clusters: Behavior['clusters']): object | undefined {
  const cluster = clusters?.[name]
  return (
    cluster && {
      name,
      arn: `arn:aws:eks:${cluster.region}:123456789012:cluster/${name}`,
      status: 'ACTIVE',
      endpoint: cluster.endpoint,
      certificateAuthority: { data: Buffer.from(cluster.certificate).toString('base64') },
    }
  )
}

function clusterNamed(name: string): object {
  const cluster = {
    name,
    arn: `arn:aws:eks:eu-west-1:123456789012:cluster/${name}`,
    status: /^st-(.+)$/.exec(name)?.[1]?.toUpperCase() ?? 'ACTIVE',
  }
  if (name.startsWith('creating-noendpoint')) return { ...cluster, status: 'CREATING' }
  const reachable = {
    ...cluster,
    endpoint: `https://${name}.gr7.eu-west-1.eks.amazonaws.com`,
    certificateAuthority: { data: 'Q0FEQVRB' },
  }
  const outpost = { outpostArns: ['x'], controlPlaneInstanceType: 'm5.large' }
  if (name.startsWith('outpost-local')) return { ...reachable, id: 'local-id-1', outpostConfig: outpost }
  if (name.startsWith('outpost-ext')) {
    // Only an extended cluster names the instance type of its etcd.
    return { ...reachable, id: 'ext-id', outpostConfig: { ...outpost, etcdInstanceType: 'm5.large' } }
  }
  return reachable
}
