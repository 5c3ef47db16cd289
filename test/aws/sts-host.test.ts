import { describe, expect, test } from 'vitest'
import { stsEndpoint } from '../../src/aws/endpoints.ts'
import { parseStsHost } from '../../src/aws/sts-host.ts'

describe('STS host names', () => {
  test.each([
    ['sts.amazonaws.com', 'us-east-1', 'aws', 'global'],
    ['sts.us-west-2.amazonaws.com', 'us-west-2', 'aws', 'regional'],
    ['sts-fips.us-west-2.amazonaws.com', 'us-west-2', 'aws', 'FIPS'],
    ['sts.us-west-2.api.aws', 'us-west-2', 'aws', 'dual-stack'],
    ['sts-fips.us-west-2.api.aws', 'us-west-2', 'aws', 'FIPS, dual-stack'],
    ['sts.ap-southeast-4.amazonaws.com', 'ap-southeast-4', 'aws', 'regional'],
    ['sts.mx-central-1.amazonaws.com', 'mx-central-1', 'aws', 'regional'],
    ['sts.cn-north-1.amazonaws.com.cn', 'cn-north-1', 'aws-cn', 'regional'],
    ['sts.cn-north-1.api.amazonwebservices.com.cn', 'cn-north-1', 'aws-cn', 'dual-stack'],
    ['sts.us-gov-west-1.amazonaws.com', 'us-gov-west-1', 'aws-us-gov', 'regional'],
    ['sts.eusc-de-east-1.amazonaws.eu', 'eusc-de-east-1', 'aws-eusc', 'regional'],
    ['sts.us-iso-east-1.c2s.ic.gov', 'us-iso-east-1', 'aws-iso', 'regional'],
    ['sts-fips.us-iso-east-1.c2s.ic.gov', 'us-iso-east-1', 'aws-iso', 'FIPS'],
    ['sts.eusc-de-east-1.api.amazonwebservices.eu', 'eusc-de-east-1', 'aws-eusc', 'dual-stack'],
    ['sts.us-gov-west-1.api.aws', 'us-gov-west-1', 'aws-us-gov', 'dual-stack'],
    ['sts-fips.us-gov-west-1.api.aws', 'us-gov-west-1', 'aws-us-gov', 'FIPS, dual-stack'],
    ['sts.aws-cn-global.amazonaws.com.cn', 'aws-cn-global', 'aws-cn', 'regional'],
    ['sts.aws-us-gov-global.amazonaws.com', 'aws-us-gov-global', 'aws-us-gov', 'regional'],
    ['sts.aws-iso-global.c2s.ic.gov', 'aws-iso-global', 'aws-iso', 'regional'],
    ['sts.aws-iso-b-global.sc2s.sgov.gov', 'aws-iso-b-global', 'aws-iso-b', 'regional'],
    ['sts-fips.aws-global.amazonaws.com', 'us-east-1', 'aws', 'FIPS'],
    ['sts.aws-global.api.aws', 'us-east-1', 'aws', 'dual-stack'],
    ['sts.us-isob-east-1.sc2s.sgov.gov', 'us-isob-east-1', 'aws-iso-b', 'regional'],
  ])('%s', (host, region, partition, kind) => {
    expect(parseStsHost(host)).toEqual({ host, region, partition, kind })
  })
  const ENDPOINTS = ['us-east-1', 'eu-central-2', 'cn-northwest-1', 'us-gov-east-1', 'il-central-1'].flatMap((region) =>
    [false, true].flatMap((fips) => [false, true].map((dualStack) => [region, fips, dualStack] as const)),
  )
  test.each(ENDPOINTS)('the endpoint of %s is an STS host (FIPS: %s, dual-stack: %s)', (region, fips, dualStack) => {
    const { url, signingRegion } = stsEndpoint({ region, fips, dualStack, customUrl: undefined })
    expect(parseStsHost(new URL(url).host)?.region).toBe(signingRegion)
  })
})

test.each(['', 'sts', 'sts..amazonaws.com', 'sts.us-east-1.amazonaws.com.', 'sts.us-east-1.amazonaws.com:443'])(
  '%j is not an STS host (see also the hostile tokens)',
  (host) => expect(parseStsHost(host)).toBeUndefined(),
)

test.each([
  // GovCloud has no FIPS host of its own.
  'sts-fips.us-gov-west-1.amazonaws.com',
  'sts-fips.us-gov-east-1.amazonaws.com',
  // API servers know no dual-stack domain of these partitions.
  'sts.us-iso-east-1.api.aws.ic.gov',
  'sts-fips.us-isob-east-1.api.aws.scloud',
  'sts.eu-isoe-west-1.api.cloud-aws.adc-e.uk',
  'sts.us-isof-south-1.api.aws.hci.ic.gov',
  // The host of aws-global is the global one, and that of another partition is in its domain.
  'sts.aws-global.amazonaws.com',
  'sts.aws-cn-global.amazonaws.com',
  'sts.xx-global.amazonaws.com',
  // A bucket.
  'sts.s3.amazonaws.com',
  'sts.s3-us-west-2.amazonaws.com',
])('API servers do not accept %s', (host) => expect(parseStsHost(host)).toBeUndefined())
