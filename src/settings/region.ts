import { EksTokenError } from '../errors.ts'
import { shownUrl } from './shown-url.ts'

/**
 * A partition of AWS: the regions that share a domain.
 *
 * Source of every row: the AWS CLI's partition data,
 * https://github.com/boto/botocore/blob/develop/botocore/data/partitions.json
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
   * https://github.com/boto/botocore/blob/develop/botocore/regions.py (_UNSUPPORTED_DUALSTACK_PARTITIONS)
   */
  readonly refusesDualStack?: true
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
    refusesDualStack: true,
  },
  {
    name: 'aws-iso-f',
    pseudoRegions: ['aws-iso-f-global'],
    pattern: /^us-isof-\w+-\d+$/,
    suffix: 'csp.hci.ic.gov',
    dualStackSuffix: 'api.aws.hci.ic.gov',
    refusesDualStack: true,
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

function findPartition(region: string): Partition {
  return (
    PARTITIONS.find((partition) => partition.pseudoRegions.includes(region)) ??
    PARTITIONS.find((partition) => partition.pattern.test(region)) ??
    AWS
  )
}

/** Where STS is asked, and the region that a signature for it names. */
export interface StsEndpoint {
  /** As configured or built, e.g. `https://sts.us-east-1.amazonaws.com`; may carry a port and a path. */
  readonly url: string
  /** undefined: an endpoint is configured and no region; nothing can be signed for it. */
  readonly signingRegion: string | undefined
}

export interface StsEndpointInput {
  /** undefined: no region is configured anywhere; `''`: one is, and it is empty. */
  readonly region: string | undefined
  /** Where the region was found, for the error. */
  readonly regionFrom?: string | undefined
  readonly fips: boolean
  readonly dualStack: boolean
  /** A configured endpoint replaces the host; FIPS and dual-stack then have no effect. */
  readonly customUrl: string | undefined
}

/**
 * The STS endpoint that the AWS CLI v2 uses: always the regional one, the global one where no region is known.
 * https://github.com/boto/botocore/blob/develop/botocore/data/sts/2011-06-15/endpoint-rule-set-1.json.gz
 *
 * @throws EksTokenError `ERR_REGION` for a region that is no host label, `ERR_ENDPOINT` for an URL that is none
 *   and for dual-stack where there is none
 */
export function stsEndpoint(input: StsEndpointInput): StsEndpoint {
  if (input.region !== undefined) checkRegion(input.region, input.regionFrom)
  const plainRegion = input.region === undefined ? undefined : withoutFips(input.region)
  const fips = input.fips || plainRegion !== input.region
  if (input.dualStack && plainRegion !== undefined) checkDualStack(plainRegion)
  if (input.customUrl) {
    checkEndpointUrl(input.customUrl)
    return { url: input.customUrl, signingRegion: plainRegion }
  }
  const region = plainRegion ?? 'aws-global'
  const url = `https://${stsHost(region, fips, input.dualStack)}`
  checkEndpointUrl(url)
  return { url, signingRegion: region === 'aws-global' ? 'us-east-1' : region }
}

/** @throws EksTokenError `ERR_NO_REGION` where there is no region to sign for */
export function signingRegionOf({ url, signingRegion }: StsEndpoint): string {
  if (signingRegion !== undefined) return signingRegion
  throw new EksTokenError('ERR_NO_REGION', `no region is configured to sign for ${shownUrl(url)}`)
}

function stsHost(region: string, fips: boolean, dualStack: boolean): string {
  return region === 'aws-global' && !fips && !dualStack ? 'sts.amazonaws.com' : hostOf('sts', region, fips, dualStack)
}

function hostOf(service: string, region: string, fips: boolean, dualStack: boolean): string {
  const { name, suffix, dualStackSuffix } = findPartition(region)
  // Where FIPS is all there is, hosts do not say so.
  const sayFips = fips && (dualStack || name !== 'aws-us-gov')
  return `${service}${sayFips ? '-fips' : ''}.${region}.${dualStack ? dualStackSuffix : suffix}`
}

/** A service that credentials come from, beside STS. */
export type SignInService = 'sso' | 'sso-oidc' | 'signin'

/** What the configuration says of the hosts of services, whichever region they are asked in. */
export interface EndpointSettings {
  readonly fips: boolean
  readonly dualStack: boolean
  /** A URL that takes the place of a service's host; asked only for a service that is used. */
  readonly customUrl: (service: SignInService) => string | undefined
}

/**
 * Where a sign-in service of a region is asked, by the AWS CLI's rules for endpoints.
 * https://github.com/boto/botocore/tree/develop/botocore/data (`sso`, `sso-oidc`, `signin`: endpoint-rule-set-1.json)
 *
 * @param region - of the service, e.g. `sso_region` of a profile
 * @returns the region without the old marks of FIPS, and the URL
 * @throws EksTokenError as {@link stsEndpoint}
 */
export function signInEndpoint(
  service: SignInService,
  region: string,
  { fips, dualStack, customUrl }: EndpointSettings,
): { readonly region: string; readonly url: string } {
  checkRegion(region, undefined)
  const plain = withoutFips(region)
  if (dualStack) checkDualStack(plain)
  const url = customUrl(service) ?? `https://${signInHost(service, plain, fips || plain !== region, dualStack)}`
  checkEndpointUrl(url)
  return { region: plain, url }
}

/** The sign-in service's own domains; a partition that is not named here has its hosts as every service has. */
const SIGN_IN_DOMAINS: Readonly<Record<string, string>> = {
  aws: 'signin.aws.amazon.com',
  'aws-cn': 'signin.amazonaws.cn',
  'aws-us-gov': 'signin.amazonaws-us-gov.com',
}

function signInHost(service: SignInService, region: string, fips: boolean, dualStack: boolean): string {
  if (service === 'sso') return hostOf('portal.sso', region, fips, dualStack)
  if (service === 'sso-oidc') return hostOf('oidc', region, fips, dualStack)
  const { name, suffix, dualStackSuffix } = findPartition(region)
  const domain = fips || dualStack ? undefined : SIGN_IN_DOMAINS[name]
  if (domain) return `${region}.${domain}`
  return `${fips ? 'signin-fips' : 'signin'}.${region}.${dualStack ? dualStackSuffix : suffix}`
}

/** `us-east-1-fips` and `fips-us-east-1` are old names for a region with FIPS on. */
function withoutFips(region: string): string {
  return region.replaceAll('fips-', '').replaceAll('-fips', '')
}

function checkDualStack(region: string): void {
  if (!PARTITIONS.some(({ refusesDualStack, pattern }) => refusesDualStack && pattern.test(region))) return
  throw new EksTokenError('ERR_ENDPOINT', `${region} has no dual-stack endpoints`, {
    remedy: 'switch AWS_USE_DUALSTACK_ENDPOINT, or use_dualstack_endpoint in the profile, off',
  })
}

/**
 * A region becomes part of a host name, so it must be a host label: nobody's configuration may turn it into
 * another host. https://github.com/boto/botocore/blob/develop/botocore/utils.py (validate_region_name)
 */
function checkRegion(region: string, from: string | undefined): void {
  const isLabel = /^[a-zA-Z0-9-]{0,63}$/.test(region) && !/^[0-9]+$|^-|-$/.test(region)
  if (isLabel) return
  throw new EksTokenError('ERR_REGION', `Provided region_name '${region}' doesn't match a supported format.`, {
    remedy: `a region looks like us-east-1${from === undefined ? '' : `: correct ${from}`}`,
  })
}

/** A URL in its parts, each as written; Python's urlsplit, which the AWS CLI uses, does not re-encode as `URL` does. */
export interface UrlParts {
  /** Lower case, without the colon; empty when there is none. */
  readonly scheme: string
  /** User, host and port as written. */
  readonly authority: string
  readonly path: string
  readonly query: string
  readonly fragment: string
}

export function splitUrl(url: string): UrlParts {
  const match = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#([\s\S]*))?$/.exec(url)
  return {
    scheme: match?.[1]?.toLowerCase() ?? '',
    authority: match?.[2] ?? '',
    path: match?.[3] ?? '',
    query: match?.[4] ?? '',
    fragment: match?.[5] ?? '',
  }
}

/**
 * The value of the `host` header for a URL: lower case, without user, and without the port where it is the
 * scheme's own.
 *
 * @throws EksTokenError `ERR_ENDPOINT` for a port that is no number up to 65535
 */
export function hostHeader(url: string): string {
  const { scheme, authority } = splitUrl(url)
  const { host, port } = splitAuthority(authority)
  if (port === '') return host
  if (!/^\d+$/.test(port) || Number(port) > 65535) {
    throw new EksTokenError('ERR_ENDPOINT', `Invalid endpoint: ${shownUrl(url)}: the port is none`)
  }
  const isDefault = (scheme === 'https' && Number(port) === 443) || (scheme === 'http' && Number(port) === 80)
  return isDefault ? host : `${host}:${Number(port)}`
}

function splitAuthority(authority: string): { host: string; port: string } {
  const withoutUser = authority.slice(authority.lastIndexOf('@') + 1)
  const match = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(withoutUser)
  return { host: (match?.[1] ?? '').toLowerCase(), port: match?.[2] ?? '' }
}

/** https://github.com/boto/botocore/blob/develop/botocore/utils.py (is_valid_endpoint_url) */
export function isEndpointUrl(url: string): boolean {
  const { host } = splitAuthority(splitUrl(url).authority)
  return !/[\t\r\n]/.test(url) && (isHostName(host) || isIpv6(host))
}

function isHostName(host: string): boolean {
  const labels = host.replace(/\.$/, '').split('.')
  return host.length <= 255 && labels.every((label) => /^(?!-)[a-z\d-]{1,63}(?<!-)$/.test(label))
}

function isIpv6(host: string): boolean {
  return /^\[[0-9a-f:.]*:[0-9a-f:.]*(%25[\w.~-]+|%[\w.~-]+)?\]$/.test(host)
}

function checkEndpointUrl(url: string): void {
  if (isEndpointUrl(url)) return
  throw new EksTokenError('ERR_ENDPOINT', `Invalid endpoint: ${shownUrl(url)}`, {
    remedy: url.startsWith('https://sts.')
      ? 'the region is empty: see AWS_REGION, AWS_DEFAULT_REGION and region in the profile'
      : 'an endpoint looks like https://host:port/path: see AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL and endpoint_url',
  })
}
