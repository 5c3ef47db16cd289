import { type EndpointSettings, type RegionalService, type StsEndpoint, stsEndpoint } from '../aws/endpoints.ts'
import { EksTokenError } from '../errors.ts'
import { parseBoolean, parsePythonInt } from '../python/int.ts'
import { isEndpointUrl } from '../python/urls.ts'
import { redactUrl, redactValue } from '../redact.ts'
import type { Environment } from '../runtime.ts'
import { type SharedFiles, stringValue } from './profiles.ts'
import { checkSsoSession, type ProfileOptions, type SelectedProfile, selectProfile } from './selected-profile.ts'
import { configuredEndpoint } from './service-endpoint.ts'

/** Options of the caller; each takes precedence over the environment and the config files. */
export interface SettingOptions extends ProfileOptions {
  /** Default: AWS_REGION, AWS_DEFAULT_REGION, then that of the profile; without any, the global STS endpoint is used. */
  readonly region?: string | undefined
  /** Where `region` comes from, in messages. Default: `--region`. */
  readonly regionSource?: string | undefined
  /** The region from instance metadata, used if no other is configured. */
  readonly instanceRegion?: string | undefined
  /** Limit for a connection, in seconds; 0: no limit. Default 60. */
  readonly connectTimeoutSeconds?: number | undefined
  /** Limit for a response, in seconds; 0: no limit. Default 60. */
  readonly readTimeoutSeconds?: number | undefined
}

/** A value and its source, for messages: `AWS_REGION`, `region of profile dev`. */
export interface Sourced {
  /** The value that is used. */
  readonly value: string
  /** In words: a variable, an option, or a setting of a profile. */
  readonly source: string
}

export interface Settings {
  readonly profile: SelectedProfile
  readonly files: SharedFiles
  /** undefined: not configured, and the global endpoint is used. */
  readonly region: Sourced | undefined
  readonly sts: StsEndpoint
  /** For the services other than STS that provide credentials. */
  readonly endpoints: EndpointSettings
  /** The configured output format, used if no option sets one. */
  readonly output: Sourced | undefined
  /** False: parameters are sent without validation (`parameter_validation = false` in the profile). */
  readonly parameterValidation: boolean
  readonly network: {
    /** 0: no limit. */
    readonly connectTimeoutSeconds: number
    readonly readTimeoutSeconds: number
    /** Including the first attempt. */
    readonly maxAttempts: number
    readonly retryMode: 'standard' | 'adaptive'
    readonly caBundle: Sourced | undefined
  }
  readonly instanceMetadata: {
    readonly disabled: boolean
    /** True: IMDSv1 is not used where the service returns no token. */
    readonly v1Disabled: boolean
    readonly timeoutSeconds: number
    readonly maxAttempts: number
    readonly endpoint: string
  }
}

/** https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-retries.html */
const DEFAULT_MAX_ATTEMPTS = 3
/** https://docs.aws.amazon.com/cli/latest/reference/#global-options (`--cli-read-timeout`) */
const DEFAULT_SOCKET_TIMEOUT_SECONDS = 60
/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html */
const METADATA_ENDPOINT = 'http://169.254.169.254/'
const METADATA_ENDPOINT_IPV6 = 'http://[fd00:ec2::254]/'

/**
 * Resolves every setting: option, environment, profile, default, in this order. An invalid value is an error even if
 * nothing uses it, as in the AWS CLI.
 *
 * @throws EksTokenError `ERR_PROFILE`, `ERR_SETTING`, `ERR_REGION`, `ERR_ENDPOINT`
 */
export function computeSettings(options: SettingOptions, env: Environment, files: SharedFiles): Settings {
  const profile = selectProfile(options, env, files)
  checkSsoSession(profile, files)
  const lookUp = (variable: string | undefined, key: string | undefined): Sourced | undefined => {
    const fromEnvironment = variable === undefined ? undefined : env[variable]
    if (fromEnvironment !== undefined) return { value: fromEnvironment, source: variable as string }
    const fromProfile = key === undefined ? undefined : stringValue(profile.section, key, profile.name)
    return fromProfile === undefined ? undefined : { value: fromProfile, source: `${key} of profile ${profile.name}` }
  }
  const isEnabled = (variable: string, key: string): boolean => parseBoolean(lookUp(variable, key)?.value ?? 'false')
  const integer = (variable: string, key: string, minimum = Number.NEGATIVE_INFINITY): number | undefined => {
    const setting = lookUp(variable, key)
    if (!setting) return undefined
    const number = parsePythonInt(setting.value)
    if (number === undefined || number < minimum) {
      throw invalidSetting(setting, minimum === 1 ? 'expected 1 or more' : 'expected an integer')
    }
    return number
  }
  const oneOf = <T extends string>(variable: string, key: string, choices: readonly T[]): T | undefined => {
    const setting = lookUp(variable, key)
    if (!setting) return undefined
    const choice = choices.find((candidate) => candidate === setting.value.toLowerCase())
    if (!choice) throw invalidSetting(setting, `expected one of: ${choices.join(', ')}`)
    return choice
  }

  const region: Sourced | undefined =
    options.region === undefined
      ? (lookUp('AWS_REGION', undefined) ?? lookUp('AWS_DEFAULT_REGION', 'region') ?? instanceRegion(options))
      : { value: options.region, source: options.regionSource ?? '--region' }
  const fips = isEnabled('AWS_USE_FIPS_ENDPOINT', 'use_fips_endpoint')
  const dualStack = isEnabled('AWS_USE_DUALSTACK_ENDPOINT', 'use_dualstack_endpoint')
  const ignoresUrls = isEnabled('AWS_IGNORE_CONFIGURED_ENDPOINT_URLS', 'ignore_configured_endpoint_urls')
  const customUrl = (service: 'sts' | RegionalService): string | undefined =>
    ignoresUrls ? undefined : configuredEndpoint(service.replace('-', '_'), env, profile, files)
  const sts = stsEndpoint({
    region: region?.value,
    regionSource: region?.source,
    fips,
    dualStack,
    customUrl: customUrl('sts'),
  })

  const maxAttempts = integer('AWS_MAX_ATTEMPTS', 'max_attempts', 1) ?? DEFAULT_MAX_ATTEMPTS
  const retryMode = lookUp('AWS_RETRY_MODE', 'retry_mode')
  if (retryMode && retryMode.value !== 'standard' && retryMode.value !== 'adaptive') {
    throw invalidSetting(retryMode, 'expected one of: standard, adaptive')
  }
  // These three have no effect here, but an invalid value is an error for every command of the AWS CLI.
  oneOf('AWS_REQUEST_CHECKSUM_CALCULATION', 'request_checksum_calculation', ['when_supported', 'when_required'])
  oneOf('AWS_RESPONSE_CHECKSUM_VALIDATION', 'response_checksum_validation', ['when_supported', 'when_required'])
  oneOf('AWS_ACCOUNT_ID_ENDPOINT_MODE', 'account_id_endpoint_mode', ['preferred', 'disabled', 'required'])

  return {
    profile,
    files,
    region,
    sts,
    endpoints: { fips, dualStack, customUrl },
    output: lookUp('AWS_DEFAULT_OUTPUT', 'output'),
    parameterValidation: parseBoolean(lookUp(undefined, 'parameter_validation')?.value ?? 'true'),
    network: {
      connectTimeoutSeconds: options.connectTimeoutSeconds ?? DEFAULT_SOCKET_TIMEOUT_SECONDS,
      readTimeoutSeconds: options.readTimeoutSeconds ?? DEFAULT_SOCKET_TIMEOUT_SECONDS,
      maxAttempts,
      retryMode: retryMode?.value === 'adaptive' ? 'adaptive' : 'standard',
      caBundle: lookUp('AWS_CA_BUNDLE', 'ca_bundle') ?? lookUp('REQUESTS_CA_BUNDLE', undefined),
    },
    instanceMetadata: {
      disabled: parseBoolean(env.AWS_EC2_METADATA_DISABLED ?? ''),
      v1Disabled: isEnabled('AWS_EC2_METADATA_V1_DISABLED', 'ec2_metadata_v1_disabled'),
      timeoutSeconds: Math.max(integer('AWS_METADATA_SERVICE_TIMEOUT', 'metadata_service_timeout') ?? 1, 0),
      maxAttempts: integer('AWS_METADATA_SERVICE_NUM_ATTEMPTS', 'metadata_service_num_attempts') ?? 1,
      endpoint: metadataEndpoint(),
    },
  }

  function metadataEndpoint(): string {
    const mode = oneOf('AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE', 'ec2_metadata_service_endpoint_mode', ['ipv4', 'ipv6'])
    const ipv6 = mode ? mode === 'ipv6' : isEnabled('AWS_IMDS_USE_IPV6', 'imds_use_ipv6')
    const custom = lookUp('AWS_EC2_METADATA_SERVICE_ENDPOINT', 'ec2_metadata_service_endpoint')
    if (!custom?.value) return ipv6 ? METADATA_ENDPOINT_IPV6 : METADATA_ENDPOINT
    if (!isEndpointUrl(custom.value))
      throw invalidSetting({ ...custom, value: redactUrl(custom.value) }, 'expected a URL with a host')
    return custom.value
  }
}

function instanceRegion({ instanceRegion: value }: SettingOptions): Sourced | undefined {
  return value === undefined ? undefined : { value, source: 'instance metadata' }
}

function invalidSetting({ value, source }: Sourced, why: string): EksTokenError {
  return new EksTokenError('ERR_SETTING', `${source} is '${redactValue(value)}': ${why}`, {
    remedy: `correct ${source}, or remove it`,
  })
}
