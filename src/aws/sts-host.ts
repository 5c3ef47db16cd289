import { PARTITIONS } from './partitions.ts'

/** A host name of STS, taken apart. */
export interface StsHost {
  readonly host: string
  /** The region that a signature for the host names. */
  readonly region: string
  readonly partition: string
  readonly kind: 'regional' | 'FIPS' | 'dual-stack' | 'FIPS, dual-stack' | 'global'
}

/** The one name without a region; of partition aws only. */
const GLOBAL_HOST = 'sts.amazonaws.com'

/**
 * The STS host that a name stands for: `sts.<region>.<domain>` or `sts-fips.<region>.<domain>` with a region of the
 * partition that has the domain, or the old global name. Compared letter by letter: no port, no upper case, no dot at the
 * end, and nothing that only begins or ends like it. Whoever is asked about a token is asked under such a name or not at
 * all, because a token is a URL, and whoever made it chose the host.
 *
 * @returns undefined: it is none
 */
export function parseStsHost(host: string): StsHost | undefined {
  if (host === GLOBAL_HOST) return { host, region: 'us-east-1', partition: 'aws', kind: 'global' }
  const [, service, region = '', domain] =
    /^(sts|sts-fips)\.([a-z]+(?:-[a-z]+)+-[0-9]{1,2})\.([a-z0-9.-]+)$/.exec(host) ?? []
  const partition = PARTITIONS.find(({ pattern }) => pattern.test(region))
  if (!partition || (domain !== partition.suffix && domain !== partition.dualStackSuffix)) return undefined
  const words = [
    ...(service === 'sts-fips' ? ['FIPS'] : []),
    ...(domain === partition.dualStackSuffix ? ['dual-stack'] : []),
  ]
  return { host, region, partition: partition.name, kind: (words.join(', ') || 'regional') as StsHost['kind'] }
}
