import { PARTITIONS } from './partitions.ts'

/** The parts of an STS host name. */
export interface StsHost {
  readonly host: string
  /** The signing region. */
  readonly region: string
  readonly partition: string
  readonly kind: 'regional' | 'FIPS' | 'dual-stack' | 'FIPS, dual-stack' | 'global'
}

/** The only STS host name without a region; partition aws only. */
const GLOBAL_HOST = 'sts.amazonaws.com'

/**
 * Parses an STS host name: `sts.<region>.<domain>` or `sts-fips.<region>.<domain>` with a region of the partition that owns
 * the domain, or the global host name. The comparison is exact (no port, no upper case, no trailing dot): a token is a
 * presigned URL whose host its creator chose, and requests are sent only to hosts that pass this function.
 *
 * @returns undefined for any other host
 */
export function parseStsHost(host: string): StsHost | undefined {
  if (host === GLOBAL_HOST) return { host, region: 'us-east-1', partition: 'aws', kind: 'global' }
  const [, service, region = '', domain] =
    /^(sts|sts-fips)\.([a-z]+(?:-[a-z]+)+-[0-9]{1,2})\.([a-z0-9.-]+)$/.exec(host) ?? []
  const partition = PARTITIONS.find(({ pattern }) => pattern.test(region))
  if (!partition || (domain !== partition.suffix && domain !== partition.dualStackSuffix)) return undefined
  const features = [
    ...(service === 'sts-fips' ? ['FIPS'] : []),
    ...(domain === partition.dualStackSuffix ? ['dual-stack'] : []),
  ]
  return { host, region, partition: partition.name, kind: (features.join(', ') || 'regional') as StsHost['kind'] }
}
