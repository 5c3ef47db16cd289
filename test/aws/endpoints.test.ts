import { readFileSync } from 'node:fs'
import { STSClient } from '@aws-sdk/client-sts'
import { describe, expect, test } from 'vitest'
import { signingRegionOf, stsEndpoint } from '../../src/aws/endpoints.ts'
import { partitionOf } from '../../src/aws/partitions.ts'
import { hostHeader } from '../../src/python/urls.ts'

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
  expect(stsEndpoint({ region, ...switches })).toEqual({ url, signingRegion })
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
])('region %j %o is refused: %s', (region, switches, code) => {
  expect(() => stsEndpoint({ region, ...switches })).toThrowError(expect.objectContaining({ code }))
})

test('an endpoint without a region: nothing can be signed for it', () => {
  const endpoint = stsEndpoint({ region: undefined, ...PLAIN, customUrl: 'https://h' })
  expect(endpoint).toEqual({ url: 'https://h', signingRegion: undefined })
  expect(() => signingRegionOf(endpoint)).toThrowError(expect.objectContaining({ code: 'ERR_NO_REGION' }))
})

test.each([
  ['https://STS.Example.com', 'sts.example.com'],
  ['https://h:443/', 'h'],
  ['http://h:443/', 'h:443'],
  ['http://h:80', 'h'],
  ['https://h:08443', 'h:8443'],
  ['https://user:pw@h:1', 'h:1'],
  ['https://[::1]:8080/x', '[::1]:8080'],
  ['https://h:', 'h'],
])('host header of %s', (url, host) => expect(hostHeader(url)).toBe(host))

test.each(['https://h:abc', 'https://h:65536', 'https://h:-1'])('no port in %s', (url) => {
  expect(() => hostHeader(url)).toThrowError(expect.objectContaining({ code: 'ERR_ENDPOINT' }))
})

describe("the table of partitions against the SDK's endpoint rules", () => {
  // The data is not exported; its file is a JSON text with `export const … =` before it.
  const file = '@aws-sdk/core/dist-es/submodules/client/util-endpoints/lib/aws/partitions.js'
  const text = readFileSync(new URL(`../../node_modules/${file}`, import.meta.url), 'utf8')
  const { partitions } = JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)) as {
    partitions: { id: string; regions: Record<string, unknown> }[]
  }
  const regions = partitions.flatMap(({ id, regions }) => Object.keys(regions).map((region) => [region, id] as const))

  test('the data is there', () => expect(regions.length).toBeGreaterThan(50))
  test.each(regions)('%s belongs to %s', (region, partition) => expect(partitionOf(region)).toBe(partition))

  // Where we differ from the SDK, and why: the AWS CLI decides (see docs/differences.md).
  const DIFFERENCES: Record<string, string> = {
    'eu-isoe-west-1 dualStack': 'the AWS CLI refuses: its table of endpoints has no dual-stack there',
    'us-isof-east-1 dualStack': 'the same',
    'us-isof-south-1 dualStack': 'the same',
  }
  for (const [region] of regions) {
    for (const [title, switches] of Object.entries({ plain: PLAIN, fips: FIPS, dualStack: DUAL, both: BOTH })) {
      test(`${region} ${title}`, async () => {
        const theirs = await sdkEndpoint(region, switches)
        const reason = DIFFERENCES[`${region} ${switches.dualStack ? 'dualStack' : title}`]
        if (reason) expect(() => stsEndpoint({ region, ...switches })).toThrow()
        else expect(stsEndpoint({ region, ...switches }).url).toBe(theirs)
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
