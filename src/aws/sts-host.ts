import { PARTITIONS } from './partitions.ts'

/** The parts of an STS host name. */
export interface StsHost {
  /** The whole host name. */
  readonly host: string
  /** The signing region. */
  readonly region: string
  /** `aws`, `aws-cn`, … */
  readonly partition: string
  /** The kind of endpoint. */
  readonly kind: 'regional' | 'FIPS' | 'dual-stack' | 'FIPS, dual-stack' | 'global'
}

/** The only STS host name without a region; partition aws only. */
const GLOBAL_HOST = 'sts.amazonaws.com'

/** The partitions in which API servers accept dual-stack host names. */
const DUAL_STACK_PARTITIONS = ['aws', 'aws-us-gov', 'aws-cn', 'aws-eusc']

/**
 * Parses an STS host name as API servers do: `sts.<region>.<domain>` or `sts-fips.<region>.<domain>` with a region of the
 * partition that owns the domain, its pseudo-region such as `aws-cn-global` included, or the global host name. The comparison
 * is exact (no port, no upper case, no trailing dot): a token is a presigned URL whose host its creator chose, and requests
 * are sent only to hosts that pass this function. So a region must belong to a known partition, which API servers do not
 * require: `sts.s3.amazonaws.com` is a bucket.
 *
 * They resolve the host with the AWS SDK, in which GovCloud has no FIPS host of its own, and compare the domain with
 * those of the partition.
 * https://github.com/kubernetes-sigs/aws-iam-authenticator/blob/v0.7.18/pkg/token/token.go (verifySTSHostnameFormat)
 * https://github.com/kubernetes-sigs/aws-iam-authenticator/blob/v0.7.18/pkg/endpoints/partitions.go
 *
 * @returns undefined for any other host
 */
export function parseStsHost(host: string): StsHost | undefined {
  if (host === GLOBAL_HOST) return { host, region: 'us-east-1', partition: 'aws', kind: 'global' }
  const [, service, region = '', domain] =
    /^(sts|sts-fips)\.([a-z0-9]+(?:-[a-z0-9]+)+)\.([a-z0-9.-]+)$/.exec(host) ?? []
  const partition = PARTITIONS.find(
    ({ pattern, pseudoRegions }) => (REGION.test(region) && pattern.test(region)) || pseudoRegions.includes(region),
  )
  if (!partition || (domain !== partition.suffix && domain !== partition.dualStackSuffix)) return undefined
  const { name } = partition
  const isFips = service === 'sts-fips'
  const isDualStack = domain === partition.dualStackSuffix
  if (isDualStack && !DUAL_STACK_PARTITIONS.includes(name)) return undefined
  if (isFips && !isDualStack && name === 'aws-us-gov') return undefined
  const isGlobal = region === 'aws-global'
  // Without FIPS and dual-stack, its host is the global one.
  if (isGlobal && !isFips && !isDualStack) return undefined
  const features = [...(isFips ? ['FIPS'] : []), ...(isDualStack ? ['dual-stack'] : [])]
  const kind = (features.join(', ') || 'regional') as StsHost['kind']
  return { host, region: isGlobal ? 'us-east-1' : region, partition: name, kind }
}

const REGION = /^[a-z]+(?:-[a-z]+)+-[0-9]{1,2}$/
