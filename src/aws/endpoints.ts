import { EksTokenError } from '../errors.ts'
import { hostHeader, isEndpointUrl, splitUrl, type UrlParts } from '../python/urls.ts'
import { redactUrl, redactValue } from '../redact.ts'
import { findPartition, PARTITIONS } from './partitions.ts'

/** The STS endpoint and its signing region. */
export interface StsEndpoint {
  /** E.g. `https://sts.us-east-1.amazonaws.com`; a custom one may have a port and a path. */
  readonly url: string
  readonly parts: UrlParts
  /** undefined for a custom endpoint without a region, which cannot be signed for. */
  readonly signingRegion: string | undefined
}

export interface StsEndpointInput {
  /** undefined: not configured; `''`: configured as an empty string. */
  readonly region: string | undefined
  /** The source of the region, for error messages. */
  readonly regionSource?: string | undefined
  readonly fips: boolean
  readonly dualStack: boolean
  /** A custom endpoint, for which FIPS and dual-stack have no effect. */
  readonly customUrl: string | undefined
}

/**
 * The STS endpoint that the AWS CLI v2 uses: the regional one, or the global one without a region.
 * https://github.com/aws/aws-cli/blob/2.36.7/awscli/botocore/data/sts/2011-06-15/endpoint-rule-set-1.json.gz
 *
 * @throws EksTokenError `ERR_REGION` for a region that is not a host label, `ERR_ENDPOINT` for an invalid URL and for
 *   dual-stack where it does not exist
 */
export function stsEndpoint(input: StsEndpointInput): StsEndpoint {
  if (input.region !== undefined) checkRegion(input.region, input.regionSource)
  const plainRegion = input.region === undefined ? undefined : withoutFips(input.region)
  const fips = input.fips || plainRegion !== input.region
  if (input.dualStack && plainRegion !== undefined) checkDualStack(plainRegion)
  if (input.customUrl) {
    const parts = checkEndpointUrl(input.customUrl, 'sts')
    return { url: input.customUrl, parts, signingRegion: plainRegion }
  }
  const region = plainRegion ?? 'aws-global'
  const url = `https://${stsHost(region, fips, input.dualStack)}`
  const parts = checkEndpointUrl(url, undefined, input.regionSource)
  return { url, parts, signingRegion: region === 'aws-global' ? 'us-east-1' : region }
}

/** The parts of an endpoint that a signature covers. */
export interface SigningTarget extends UrlParts {
  readonly hostHeader: string
  readonly region: string
}

/** @throws EksTokenError `ERR_ENDPOINT` for an invalid port, `ERR_NO_REGION` without a signing region */
export function signingTarget(endpoint: StsEndpoint): SigningTarget {
  return { ...endpoint.parts, hostHeader: hostHeader(endpoint.url, endpoint.parts), region: signingRegionOf(endpoint) }
}

/** @throws EksTokenError `ERR_NO_REGION` without a signing region */
export function signingRegionOf({ url, signingRegion }: Pick<StsEndpoint, 'url' | 'signingRegion'>): string {
  if (signingRegion !== undefined) return signingRegion
  throw new EksTokenError(
    'ERR_NO_REGION',
    `no region is configured; a region is required to sign requests for ${redactUrl(url)}`,
  )
}

function stsHost(region: string, fips: boolean, dualStack: boolean): string {
  return region === 'aws-global' && !fips && !dualStack ? 'sts.amazonaws.com' : hostOf('sts', region, fips, dualStack)
}

function hostOf(service: string, region: string, fips: boolean, dualStack: boolean): string {
  const { name, suffix, dualStackSuffix } = findPartition(region)
  // All endpoints of this partition are FIPS endpoints, without a label in their names.
  const hasFipsLabel = fips && (dualStack || name !== 'aws-us-gov')
  return `${service}${hasFipsLabel ? '-fips' : ''}.${region}.${dualStack ? dualStackSuffix : suffix}`
}

type RegionalHost = (region: string, fips: boolean, dualStack: boolean) => string

/** The services that are called besides STS, those that provide credentials and Amazon EKS, and their host names. */
const REGIONAL_HOSTS = {
  sso: (...region) => hostOf('portal.sso', ...region),
  'sso-oidc': (...region) => hostOf('oidc', ...region),
  signin: signInHost,
  eks: eksApiHost,
} satisfies Readonly<Record<string, RegionalHost>>

export type RegionalService = keyof typeof REGIONAL_HOSTS

/** The configured properties of service endpoints, for any region. */
export interface EndpointSettings {
  readonly fips: boolean
  readonly dualStack: boolean
  /** The custom endpoint of a service; evaluated only for a service that is used. */
  readonly customUrl: (service: RegionalService) => string | undefined
}

/**
 * The regional endpoint of a service other than STS, by the AWS CLI's endpoint rules.
 * https://github.com/aws/aws-cli/tree/2.36.7/awscli/botocore/data (`sso`, `sso-oidc`, `signin`, `eks`: endpoint-rule-set-1.json)
 *
 * @param region - the region of the service, e.g. `sso_region` of a profile
 * @param source - of the region, for error messages
 * @returns the URL, and the region without legacy FIPS prefix or suffix
 * @throws EksTokenError as {@link stsEndpoint}
 */
export function regionalEndpoint(
  service: RegionalService,
  region: string,
  { fips, dualStack, customUrl }: EndpointSettings,
  source?: string,
): { readonly region: string; readonly url: string } {
  checkRegion(region, source)
  const plain = withoutFips(region)
  if (dualStack) checkDualStack(plain)
  const custom = customUrl(service)
  const url = custom ?? `https://${REGIONAL_HOSTS[service](plain, fips || plain !== region, dualStack)}`
  checkEndpointUrl(url, custom === undefined ? undefined : service, source)
  return { region: plain, url }
}

/** The domains of AWS Sign-In; in other partitions its endpoints follow the general pattern. */
const SIGN_IN_DOMAINS: Readonly<Record<string, string>> = {
  aws: 'signin.aws.amazon.com',
  'aws-cn': 'signin.amazonaws.cn',
  'aws-us-gov': 'signin.amazonaws-us-gov.com',
}

function signInHost(region: string, fips: boolean, dualStack: boolean): string {
  const { name, suffix, dualStackSuffix } = findPartition(region)
  const domain = fips || dualStack ? undefined : SIGN_IN_DOMAINS[name]
  if (domain) return `${region}.${domain}`
  return `${fips ? 'signin-fips' : 'signin'}.${region}.${dualStack ? dualStackSuffix : suffix}`
}

function eksApiHost(region: string, fips: boolean, dualStack: boolean): string {
  const { name, suffix } = findPartition(region)
  if (fips && !dualStack && name === 'aws') return `fips.eks.${region}.${suffix}`
  return hostOf('eks', region, fips, dualStack)
}

/** `us-east-1-fips` and `fips-us-east-1` are legacy names for a region with FIPS enabled. */
function withoutFips(region: string): string {
  return region.replaceAll('fips-', '').replaceAll('-fips', '')
}

function checkDualStack(region: string): void {
  if (!PARTITIONS.some(({ lacksDualStack, pattern }) => lacksDualStack && pattern.test(region))) return
  throw new EksTokenError('ERR_ENDPOINT', `region ${region} does not support dual-stack endpoints`, {
    remedy: 'unset AWS_USE_DUALSTACK_ENDPOINT, or remove use_dualstack_endpoint from the profile',
  })
}

/**
 * A region becomes a label of a host name, and must not be able to change the rest of it.
 * https://github.com/aws/aws-cli/blob/2.36.7/awscli/botocore/utils.py (validate_region_name)
 */
function checkRegion(region: string, source = 'the settings'): void {
  const isLabel = /^[a-zA-Z0-9-]{0,63}$/.test(region) && !/^[0-9]+$|^-|-$/.test(region)
  if (isLabel) return
  throw new EksTokenError(
    'ERR_REGION',
    `Provided region_name '${redactValue(region)}' doesn't match a supported format; it is set by ${source}`,
    {
      remedy: `use a region such as us-east-1: correct ${source}`,
      missing: { kind: 'region', name: region, setting: source },
    },
  )
}

/** @param customOf - the service of a custom endpoint; undefined: the URL was made from a region, which is empty */
function checkEndpointUrl(url: string, customOf?: RegionalService | 'sts', regionSource = 'the region'): UrlParts {
  const parts = splitUrl(url)
  if (isEndpointUrl(url, parts)) return parts
  const isCustom = customOf !== undefined
  const variable = `AWS_ENDPOINT_URL_${customOf?.replace('-', '_').toUpperCase()}`
  const cause = isCustom ? '' : `: ${regionSource} is empty`
  throw new EksTokenError('ERR_ENDPOINT', `Invalid endpoint: ${redactUrl(url)}${cause}`, {
    remedy: !isCustom
      ? `set or remove ${regionSource}`
      : `use a URL such as https://host:port/path in ${variable}, AWS_ENDPOINT_URL or endpoint_url`,
  })
}
