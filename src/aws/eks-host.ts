import { PARTITIONS } from './partitions.ts'

/** The endpoint of a cluster on EKS. */
export interface EksHost {
  readonly region: string
  readonly partition: string
}

/**
 * Whether a host is one of EKS's: `<id>.<suffix>.<region>.eks.<domain>`, or `<id>.<suffix>.eks-cluster.<region>.<domain>`
 * for newer clusters with IPv6. Only AWS can have such a name, so a token may go there.
 * https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html
 */
export function parseEksHost(host: string): EksHost | undefined {
  const [, region = '', domain] =
    /^[0-9a-z]+\.(?:[0-9a-z-]+\.)?([a-z]+(?:-[a-z]+)+-\d{1,2})\.eks\.([a-z0-9.-]+)$/.exec(host) ?? []
  const partition = PARTITIONS.find(({ pattern, suffix }) => pattern.test(region) && suffix === domain)
  if (partition) return { region, partition: partition.name }
  const [, newer = '', dualStack] =
    /^[0-9a-z]+\.(?:[0-9a-z-]+\.)?eks-cluster\.([a-z]+(?:-[a-z]+)+-\d{1,2})\.([a-z0-9.-]+)$/.exec(host) ?? []
  const other = PARTITIONS.find(({ pattern, dualStackSuffix }) => pattern.test(newer) && dualStackSuffix === dualStack)
  return other && { region: newer, partition: other.name }
}

/** This machine, by a name or address that nobody else can have. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host)
}
