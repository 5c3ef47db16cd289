import { readFileSync } from 'node:fs'
import { STSClient } from '@aws-sdk/client-sts'
import { describe, expect, test } from 'vitest'
import { signingRegionOf, stsEndpoint } from '../../src/aws/endpoints.ts'
import { findPartition } from '../../src/aws/partitions.ts'
import { splitUrl } from '../../src/python/urls.ts'

const PLAIN = { fips: false, dualStack: false, customUrl: undefined }
const FIPS = { ...PLAIN, fips: true }
const DUAL = { ...PLAIN, dualStack: true }
const BOTH = { ...PLAIN, fips: true, dualStack: true }

test.each([
  [undefined, PLAIN, 'https://sts.amazonaws.com', 'us-east-1'],
  ['aws-global', PLAIN, 'https://sts.amazonaws.com', 'us-east-1'],
  [undefined, FIPS, 'https://sts-fips.aws-global.amazonaws.com', 'us-east-1'],
  [undefined, DUAL, 'https://sts.aws-global.api.aws', 'us-east-1'],
  ['us-east-1', PLAIN, 'https://sts.us-east-1.amazonaws.com', 'us-east-1'],
  ['US-EAST-1', PLAIN, 'https://sts.US-EAST-1.amazonaws.com', 'US-EAST-1'],
  ['us-east-1-fips', PLAIN, 'https://sts-fips.us-east-1.amazonaws.com', 'us-east-1'],
  ['fips-us-east-1', PLAIN, 'https://sts-fips.us-east-1.amazonaws.com', 'us-east-1'],
  ['cn-north-1', PLAIN, 'https://sts.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
  ['cn-north-1', DUAL, 'https://sts.cn-north-1.api.amazonwebservices.com.cn', 'cn-north-1'],
  ['us-gov-west-1', FIPS, 'https://sts.us-gov-west-1.amazonaws.com', 'us-gov-west-1'],
  ['us-gov-west-1', BOTH, 'https://sts-fips.us-gov-west-1.api.aws', 'us-gov-west-1'],
  ['us-iso-east-1', FIPS, 'https://sts-fips.us-iso-east-1.c2s.ic.gov', 'us-iso-east-1'],
  ['eusc-de-east-1', DUAL, 'https://sts.eusc-de-east-1.api.amazonwebservices.eu', 'eusc-de-east-1'],
  ['narnia', PLAIN, 'https://sts.narnia.amazonaws.com', 'narnia'],
  ['us-east-1a', PLAIN, 'https://sts.us-east-1a.amazonaws.com', 'us-east-1a'],
  ['cn-foo-9', PLAIN, 'https://sts.cn-foo-9.amazonaws.com.cn', 'cn-foo-9'],
  ['eu-west-1', { ...BOTH, customUrl: 'http://h:1/x' }, 'http://h:1/x', 'eu-west-1'],
])('region %s %o → %s', (region, switches, url, signingRegion) => {
  expect(stsEndpoint({ region, ...switches })).toEqual({ url, parts: splitUrl(url), signingRegion })
})

test.each([
  ['', PLAIN, 'ERR_ENDPOINT'],
  ['12345', PLAIN, 'ERR_REGION'],
  ['-us', PLAIN, 'ERR_REGION'],
  ['us-', PLAIN, 'ERR_REGION'],
  ['us_east', PLAIN, 'ERR_REGION'],
  ['us-east-1.evil.example/', PLAIN, 'ERR_REGION'],
  ['us-east-1 # mine', PLAIN, 'ERR_REGION'],
  ['us-east-1\n', PLAIN, 'ERR_REGION'],
  ['a'.repeat(64), PLAIN, 'ERR_REGION'],
  ['us-east-1', { ...PLAIN, customUrl: 'sts.example.com' }, 'ERR_ENDPOINT'],
  ['us-east-1', { ...PLAIN, customUrl: 'https://' }, 'ERR_ENDPOINT'],
  ['us-east-1', { ...PLAIN, customUrl: 'https://a_b' }, 'ERR_ENDPOINT'],
  ['us-east-1', { ...PLAIN, customUrl: 'https://h\n' }, 'ERR_ENDPOINT'],
  ['eu-isoe-west-1', DUAL, 'ERR_ENDPOINT'],
  ['us-isof-south-1', BOTH, 'ERR_ENDPOINT'],
])('region %j %o is an error: %s', (region, switches, code) => {
  expect(() => stsEndpoint({ region, ...switches })).toThrowError(expect.objectContaining({ code }))
})

test('a custom endpoint without a region cannot be signed for', () => {
  const endpoint = stsEndpoint({ region: undefined, ...PLAIN, customUrl: 'https://h' })
  expect(endpoint).toEqual({ url: 'https://h', parts: splitUrl('https://h'), signingRegion: undefined })
  expect(() => signingRegionOf(endpoint)).toThrowError(expect.objectContaining({ code: 'ERR_NO_REGION' }))
})

describe("the partition table agrees with the SDK's endpoint rules", () => {
  // The data is not exported; its file is a JSON text with `export const … =` before it.
  const file = '@aws-sdk/core/dist-es/submodules/client/util-endpoints/lib/aws/partitions.js'
  const text = readFileSync(new URL(`../../node_modules/${file}`, import.meta.url), 'utf8')
  const { partitions } = JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)) as {
    partitions: { id: string; regions: Record<string, unknown> }[]
  }
  const regions = partitions.flatMap(({ id, regions }) => Object.keys(regions).map((region) => [region, id] as const))

  test('the data of the SDK was found', () => expect(regions.length).toBeGreaterThan(50))
  test.each(regions)('%s belongs to %s', (region, partition) => expect(findPartition(region).name).toBe(partition))

  // Where the AWS CLI differs from the SDK, it takes precedence (see docs/differences.md).
  const DIFFERENCES: Record<string, string> = {
    'eu-isoe-west-1 dualStack': 'rejected by the AWS CLI, whose endpoint table has no dual-stack endpoints there',
    'us-isof-east-1 dualStack': 'rejected by the AWS CLI for the same reason',
    'us-isof-south-1 dualStack': 'rejected by the AWS CLI for the same reason',
  }
  for (const [region] of regions) {
    for (const [title, switches] of Object.entries({ plain: PLAIN, fips: FIPS, dualStack: DUAL, both: BOTH })) {
      test(`${region} ${title}`, async () => {
        const expected = await sdkEndpoint(region, switches)
        const reason = DIFFERENCES[`${region} ${switches.dualStack ? 'dualStack' : title}`]
        if (reason) expect(() => stsEndpoint({ region, ...switches })).toThrow()
        else expect(stsEndpoint({ region, ...switches }).url).toBe(expected)
      })
    }
  }
})

async function sdkEndpoint(region: string, { fips, dualStack }: typeof PLAIN): Promise<string> {
  const client = new STSClient({ region, useFipsEndpoint: fips, useDualstackEndpoint: dualStack })
  const { url } = client.config.endpointProvider({ Region: region, UseFIPS: fips, UseDualStack: dualStack })
  client.destroy()
  return url.href.replace(/\/$/, '')
}
