import { closestMatch } from '../closest-match.ts'
import { PARTITIONS } from './partitions.ts'

/**
 * The regions of the public partitions, for hints only: a region that is not in this list works nevertheless.
 * https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
 */
export const KNOWN_REGIONS: readonly string[] = [
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
  'af-south-1',
  'ap-east-1',
  'ap-east-2',
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-south-1',
  'ap-south-2',
  'ap-southeast-1',
  'ap-southeast-2',
  'ap-southeast-3',
  'ap-southeast-4',
  'ap-southeast-5',
  'ap-southeast-6',
  'ap-southeast-7',
  'ca-central-1',
  'ca-west-1',
  'eu-central-1',
  'eu-central-2',
  'eu-north-1',
  'eu-south-1',
  'eu-south-2',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'il-central-1',
  'me-central-1',
  'me-south-1',
  'mx-central-1',
  'sa-east-1',
  'cn-north-1',
  'cn-northwest-1',
  'us-gov-east-1',
  'us-gov-west-1',
  'eusc-de-east-1',
]

/** Whether a name has the form of a region of a known partition. */
export function isRegionName(region: string): boolean {
  return PARTITIONS.some(({ pattern, pseudoRegions }) => pattern.test(region) || pseudoRegions.includes(region))
}

/**
 * Whether a name ends with a direction, as those of all regions do, and a number: `us-esat-1` has the form of a region, and
 * is a typing error. A region that is newer than this program passes.
 */
export function hasDirection(region: string): boolean {
  return KNOWN_REGIONS.includes(region) || region.endsWith('-global') || DIRECTION.test(region)
}

const DIRECTION = /-(central|north|south|(north|south)?(east|west))-\d+$/

/**
 * The region that was meant by a name that is not in the form of a region: the one of an availability zone (`us-west-2a`),
 * a local zone (`us-west-2-lax-1a`) or a zone id (`usw2-az1`), or a similar name (`uswest2`, `us_west_2`, `us-wst-2`).
 */
export function regionMeantBy(name: string): string | undefined {
  const text = name.trim().toLowerCase().replaceAll('_', '-')
  const zone = KNOWN_REGIONS.find((region) => new RegExp(`^${region}([a-z]|-[a-z]+-\\d+[a-z]?)$`).test(text))
  const zoneId = /^([a-z]+\d+)-az\d+$/.exec(text)?.[1]
  const plain = text.replace(/[^a-z\d]/g, '')
  return (
    zone ??
    KNOWN_REGIONS.find(
      (region) => region.replaceAll('-', '') === plain.replace(/(\d)[a-z]$/, '$1') || shortName(region) === zoneId,
    ) ??
    closestMatch(text, KNOWN_REGIONS)
  )
}

/** The start of the ids of a region's availability zones: `usw2`, `euc1`, `apne1`. */
function shortName(region: string): string {
  const [area = '', direction = '', number = ''] = region.split('-')
  const letters = direction.replace(/^(north|south)(east|west)$/, '$1-$2').split('-')
  return `${area}${letters.map((part) => part.charAt(0)).join('')}${number}`
}
