import { EksTokenError } from '../errors.ts'
import { hostHeader, isEndpointUrl, splitUrl, type UrlParts } from '../python/urls.ts'
import { redactUrl } from '../redact.ts'
import { findPartition, PARTITIONS } from './partitions.ts'

/** Where STS is asked, and the region that a signature for it names. */
export interface StsEndpoint {
  /** As configured or built, e.g. `https://sts.us-east-1.amazonaws.com`; may carry a port and a path. */
  readonly url: string
  readonly parts: UrlParts
  /** undefined: an endpoint is configured and no region; nothing can be signed for it. */
  readonly signingRegion: string | undefined
}

export interface StsEndpointInput {
  /** undefined: no region is configured anywhere; `''`: one is, and it is empty. */
  readonly region: string | undefined
  /** Where the region was found, for the error. */
  readonly regionSource?: string | undefined
  readonly fips: boolean
  readonly dualStack: boolean
  /** A configured endpoint replaces the host; FIPS and dual-stack then have no effect. */
  readonly customUrl: string | undefined
}

/**
 * The STS endpoint that the AWS CLI v2 uses: always the regional one, the global one where no region is known.
 * https://github.com/aws/aws-cli/blob/2.36.7/awscli/botocore/data/sts/2011-06-15/endpoint-rule-set-1.json.gz
 *
 * @throws EksTokenError `ERR_REGION` for a region that is no host label, `ERR_ENDPOINT` for an URL that is none
 *   and for dual-stack where there is none
 */
export function stsEndpoint(input: StsEndpointInput): StsEndpoint {
  if (input.region !== undefined) checkRegion(input.region, input.regionSource)
  const plainRegion = input.region === undefined ? undefined : withoutFips(input.region)
  const fips = input.fips || plainRegion !== input.region
  if (input.dualStack && plainRegion !== undefined) checkDualStack(plainRegion)
  if (input.customUrl) {
    checkEndpointUrl(input.customUrl)
    return { url: input.customUrl, parts: splitUrl(input.customUrl), signingRegion: plainRegion }
  }
  const region = plainRegion ?? 'aws-global'
  const url = `https://${stsHost(region, fips, input.dualStack)}`
  checkEndpointUrl(url)
  return { url, parts: splitUrl(url), signingRegion: region === 'aws-global' ? 'us-east-1' : region }
}

/** Everything about an endpoint that a signature covers. */
export interface SigningTarget extends UrlParts {
  readonly hostHeader: string
  readonly region: string
}

/** @throws EksTokenError `ERR_ENDPOINT` for an invalid port, `ERR_NO_REGION` where no region is known to sign for */
export function signingTarget(endpoint: StsEndpoint): SigningTarget {
  return { ...endpoint.parts, hostHeader: hostHeader(endpoint.url), region: signingRegionOf(endpoint) }
}

/** @throws EksTokenError `ERR_NO_REGION` where no region is known to sign for */
export function signingRegionOf({ url, signingRegion }: Pick<StsEndpoint, 'url' | 'signingRegion'>): string {
  if (signingRegion !== undefined) return signingRegion
  throw new EksTokenError('ERR_NO_REGION', `no region is configured to sign for ${redactUrl(url)}`)
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
 * https://github.com/aws/aws-cli/tree/2.36.7/awscli/botocore/data (`sso`, `sso-oidc`, `signin`: endpoint-rule-set-1.json)
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
  if (!PARTITIONS.some(({ lacksDualStack, pattern }) => lacksDualStack && pattern.test(region))) return
  throw new EksTokenError('ERR_ENDPOINT', `${region} has no dual-stack endpoints`, {
    remedy: 'switch AWS_USE_DUALSTACK_ENDPOINT, or use_dualstack_endpoint in the profile, off',
  })
}

/**
 * A region becomes part of a host name, so it must be a host label: nobody's configuration may turn it into
 * another host. https://github.com/aws/aws-cli/blob/2.36.7/awscli/botocore/utils.py (validate_region_name)
 */
function checkRegion(region: string, from: string | undefined): void {
  const isLabel = /^[a-zA-Z0-9-]{0,63}$/.test(region) && !/^[0-9]+$|^-|-$/.test(region)
  if (isLabel) return
  throw new EksTokenError('ERR_REGION', `Provided region_name '${region}' doesn't match a supported format.`, {
    remedy: `a region looks like us-east-1${from === undefined ? '' : `: correct ${from}`}`,
  })
}

function checkEndpointUrl(url: string): void {
  if (isEndpointUrl(url)) return
  throw new EksTokenError('ERR_ENDPOINT', `Invalid endpoint: ${redactUrl(url)}`, {
    remedy: url.startsWith('https://sts.')
      ? 'the region is empty: see AWS_REGION, AWS_DEFAULT_REGION and region in the profile'
      : 'an endpoint looks like https://host:port/path: see AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL and endpoint_url',
  })
}
