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
