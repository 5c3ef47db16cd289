import { PARTITIONS } from './partitions.ts'

/** Regions at the time of writing, for hints: a region that is not in the list may exist nevertheless. */
export const KNOWN_REGIONS: readonly string[] = [
  ...['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'ca-central-1', 'ca-west-1', 'mx-central-1', 'sa-east-1'],
  ...['eu-central-1', 'eu-central-2', 'eu-north-1', 'eu-south-1', 'eu-south-2', 'eu-west-1', 'eu-west-2', 'eu-west-3'],
  ...['ap-east-1', 'ap-east-2', 'ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3', 'ap-south-1', 'ap-south-2'],
  ...[
    'ap-southeast-1',
    'ap-southeast-2',
    'ap-southeast-3',
    'ap-southeast-4',
    'ap-southeast-5',
    'ap-southeast-6',
    'ap-southeast-7',
  ],
  ...['af-south-1', 'il-central-1', 'me-central-1', 'me-south-1'],
  ...['cn-north-1', 'cn-northwest-1', 'us-gov-east-1', 'us-gov-west-1', 'eusc-de-east-1'],
]

/** Whether a name has the form of a region of a known partition. */
export function isRegionName(region: string): boolean {
  return PARTITIONS.some(({ pattern, pseudoRegions }) => pattern.test(region) || pseudoRegions.includes(region))
}

/** The region that is meant by an availability zone (`us-west-2a`), or by a name with other separators; undefined: unknown. */
export function regionMeantBy(name: string): string | undefined {
  const normalized = name.toLowerCase().replace(/[^a-z0-9]/g, '')
  return (
    KNOWN_REGIONS.find((region) => region.replaceAll('-', '') === normalized.replace(/([0-9])[a-z]$/, '$1')) ??
    KNOWN_REGIONS.find((region) => region.replaceAll('-', '') === normalized)
  )
}
