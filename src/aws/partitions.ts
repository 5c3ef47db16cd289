/**
 * An AWS partition: the regions that share a domain.
 *
 * The rows are taken from the AWS CLI's partition data and compared in a test with the endpoint rules of the AWS SDK.
 * https://github.com/aws/aws-cli/blob/2.36.7/awscli/botocore/data/partitions.json
 */
export interface Partition {
  readonly name: string
  /** Region names of the partition that the pattern does not match. */
  readonly pseudoRegions: readonly string[]
  readonly pattern: RegExp
  readonly suffix: string
  readonly dualStackSuffix: string
  /**
   * Dual-stack is an error for the regions of the pattern, even with a custom endpoint: the AWS CLI's older endpoint table,
   * which it also consults, has no dual-stack endpoints for them.
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

/** The partition of a region; `aws` for an unknown one, as in the AWS CLI. */
export function findPartition(region: string): Partition {
  return (
    PARTITIONS.find((partition) => partition.pseudoRegions.includes(region)) ??
    PARTITIONS.find((partition) => partition.pattern.test(region)) ??
    AWS
  )
}
