/**
 * A partition of AWS: the regions that share a domain.
 *
 * Source of every row: the AWS CLI's partition data,
 * https://github.com/aws/aws-cli/blob/2.36.7/awscli/botocore/data/partitions.json
 * A test compares the rows with the endpoint rules of the AWS SDK.
 */
export interface Partition {
  readonly name: string
  /** Regions that the pattern does not match and that belong to the partition all the same. */
  readonly pseudoRegions: readonly string[]
  readonly pattern: RegExp
  readonly suffix: string
  readonly dualStackSuffix: string
  /**
   * Dual-stack is refused for the regions of the pattern, whatever the endpoint: the AWS CLI's older table of
   * endpoints, which it also asks, has none for them.
   * https://github.com/aws/aws-cli/blob/2.36.7/awscli/botocore/regions.py (_UNSUPPORTED_DUALSTACK_PARTITIONS)
   */
  readonly lacksDualStack?: true
}

const AWS: Partition = {
  name: 'aws',
  pseudoRegions: ['aws-global'],
  pattern: /^(us|eu|ap|sa|ca|me|af|il|mx)-\w+-\d+$/,
  suffix: 'amazonaws.com',
  dualStackSuffix: 'api.aws',
}

export const PARTITIONS: readonly Partition[] = [
  AWS,
  {
    name: 'aws-cn',
    pseudoRegions: ['aws-cn-global'],
    pattern: /^cn-\w+-\d+$/,
    suffix: 'amazonaws.com.cn',
    dualStackSuffix: 'api.amazonwebservices.com.cn',
  },
  {
    name: 'aws-eusc',
    pseudoRegions: [],
    pattern: /^eusc-(de)-\w+-\d+$/,
    suffix: 'amazonaws.eu',
    dualStackSuffix: 'api.amazonwebservices.eu',
  },
  {
    name: 'aws-iso',
    pseudoRegions: ['aws-iso-global'],
    pattern: /^us-iso-\w+-\d+$/,
    suffix: 'c2s.ic.gov',
    dualStackSuffix: 'api.aws.ic.gov',
  },
  {
    name: 'aws-iso-b',
    pseudoRegions: ['aws-iso-b-global'],
    pattern: /^us-isob-\w+-\d+$/,
    suffix: 'sc2s.sgov.gov',
    dualStackSuffix: 'api.aws.scloud',
  },
  {
    name: 'aws-iso-e',
    pseudoRegions: ['aws-iso-e-global'],
    pattern: /^eu-isoe-\w+-\d+$/,
    suffix: 'cloud.adc-e.uk',
    dualStackSuffix: 'api.cloud-aws.adc-e.uk',
    lacksDualStack: true,
  },
  {
    name: 'aws-iso-f',
    pseudoRegions: ['aws-iso-f-global'],
    pattern: /^us-isof-\w+-\d+$/,
    suffix: 'csp.hci.ic.gov',
    dualStackSuffix: 'api.aws.hci.ic.gov',
    lacksDualStack: true,
  },
  {
    name: 'aws-us-gov',
    pseudoRegions: ['aws-us-gov-global'],
    pattern: /^us-gov-\w+-\d+$/,
    suffix: 'amazonaws.com',
    dualStackSuffix: 'api.aws',
  },
]

/** The partition of a region; one that no row knows counts as `aws`, as it does in the AWS CLI. */
export function partitionOf(region: string): string {
  return findPartition(region).name
}

export function findPartition(region: string): Partition {
  return (
    PARTITIONS.find((partition) => partition.pseudoRegions.includes(region)) ??
    PARTITIONS.find((partition) => partition.pattern.test(region)) ??
    AWS
  )
}
