import { PARTITIONS } from './partitions.ts'

/** An EKS cluster endpoint. */
export interface EksHost {
  readonly region: string
  readonly partition: string
}

/**
 * Parses the host name of an EKS cluster endpoint: `<id>.<suffix>.<region>.eks.<domain>`, or
 * `<id>.<suffix>.eks-cluster.<region>.<domain>` for newer clusters with IPv6. AWS owns these domains.
 * https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html
 *
 * @returns undefined for any other host
 */
export function parseEksHost(host: string): EksHost | undefined {
  const [, region = '', domain] =
    /^[0-9a-z]+\.(?:[0-9a-z-]+\.)?([a-z]+(?:-[a-z]+)+-\d{1,2})\.eks\.([a-z0-9.-]+)$/.exec(host) ?? []
  const partition = PARTITIONS.find(({ pattern, suffix }) => pattern.test(region) && suffix === domain)
  if (partition) return { region, partition: partition.name }
  const [, dualStackRegion = '', dualStackDomain] =
    /^[0-9a-z]+\.(?:[0-9a-z-]+\.)?eks-cluster\.([a-z]+(?:-[a-z]+)+-\d{1,2})\.([a-z0-9.-]+)$/.exec(host) ?? []
  const dualStackPartition = PARTITIONS.find(
    ({ pattern, dualStackSuffix }) => pattern.test(dualStackRegion) && dualStackSuffix === dualStackDomain,
  )
  return dualStackPartition && { region: dualStackRegion, partition: dualStackPartition.name }
}
