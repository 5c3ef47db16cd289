import { type EndpointSettings, type SignInService, type StsEndpoint, stsEndpoint } from '../aws/endpoints.ts'
import { EksTokenError } from '../errors.ts'
import type { Section } from '../python/config-parser.ts'
import { parseBoolean, parsePythonInt } from '../python/int.ts'
import { isEndpointUrl } from '../python/urls.ts'
import { redactUrl } from '../redact.ts'
import type { SharedFiles } from './profiles.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** What a caller may say of its own; each wins over environment and files. */
export interface SettingOptions {
  readonly profile?: string | undefined
  readonly region?: string | undefined
  /** What instance metadata says: counts where nothing else names a region. */
  readonly instanceRegion?: string | undefined
  /** Seconds to wait for a connection and for an answer; 0: for ever. Default 60. */
  readonly connectTimeoutSeconds?: number | undefined
  readonly readTimeoutSeconds?: number | undefined
}

/** A value and where it was found, for people: "AWS_REGION", "region of profile dev". */
export interface Sourced {
  readonly value: string
  readonly source: string
}

export interface Settings {
  readonly profile: {
    readonly name: string
    readonly source: '--profile' | 'AWS_PROFILE' | 'AWS_DEFAULT_PROFILE' | 'default'
    /** The profile's keys of both files; empty for a default profile that is not there. */
    readonly section: Section
  }
  readonly files: SharedFiles
  /** undefined: none is configured, and the global endpoint is used. */
  readonly region: Sourced | undefined
  readonly sts: StsEndpoint
  /** For the services beside STS that credentials come from. */
  readonly endpoints: EndpointSettings
  /** Where an output format comes from when no option names one. */
  readonly output: Sourced | undefined
  /** False: parameters go to a service unchecked (`parameter_validation = false` in the profile). */
  readonly parameterValidation: boolean
  readonly network: {
    /** 0: no limit. */
    readonly connectTimeoutSeconds: number
    readonly readTimeoutSeconds: number
    /** Tries in all, the first included. */
    readonly maxAttempts: number
    readonly retryMode: 'standard' | 'adaptive'
    readonly caBundle: Sourced | undefined
  }
  readonly instanceMetadata: {
    readonly disabled: boolean
    /** True: a service that hands out no token (version 1) is not asked further. */
    readonly v1Disabled: boolean
    readonly timeoutSeconds: number
    readonly maxAttempts: number
    readonly endpoint: string
  }
}

/** https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-retries.html */
const DEFAULT_MAX_ATTEMPTS = 3
/** https://docs.aws.amazon.com/cli/latest/reference/#global-options (`--cli-read-timeout`) */
const DEFAULT_TIMEOUT_SECONDS = 60
/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html */
const METADATA_ENDPOINT = 'http://169.254.169.254/'
const METADATA_ENDPOINT_IPV6 = 'http://[fd00:ec2::254]/'

/**
 * Decides every setting once: option > environment > profile > default. A value that cannot be used is refused
 * here, also where nothing would use it: so does the AWS CLI.
 *
 * @throws EksTokenError `ERR_PROFILE`, `ERR_SETTING`, `ERR_REGION`, `ERR_ENDPOINT`
 */
export function computeSettings(options: SettingOptions, env: Environment, files: SharedFiles): Settings {
  const profile = chooseProfile(options, env, files)
  checkSsoSession(profile, files)
  const find = (variable: string | undefined, key: string | undefined): Sourced | undefined => {
    const fromEnvironment = variable === undefined ? undefined : env[variable]
    if (fromEnvironment !== undefined) return { value: fromEnvironment, source: variable as string }
    const fromProfile = key === undefined ? undefined : stringValue(profile.section, key, profile.name)
    return fromProfile === undefined ? undefined : { value: fromProfile, source: `${key} of profile ${profile.name}` }
  }
  const isOn = (variable: string, key: string): boolean => parseBoolean(find(variable, key)?.value ?? 'false')
  const integer = (variable: string, key: string): number | undefined => {
    const found = find(variable, key)
    if (!found) return undefined
    const number = parsePythonInt(found.value)
    if (number === undefined) throw invalidSetting(found, 'it is not a whole number')
    return number
  }
  const oneOf = <T extends string>(variable: string, key: string, choices: readonly T[]): T | undefined => {
    const found = find(variable, key)
    if (!found) return undefined
    const choice = choices.find((candidate) => candidate === found.value.toLowerCase())
    if (!choice) throw invalidSetting(found, `it must be one of: ${choices.join(', ')}`)
    return choice
  }

  const region: Sourced | undefined =
    options.region === undefined
      ? (find('AWS_REGION', undefined) ?? find('AWS_DEFAULT_REGION', 'region') ?? fromInstance(options.instanceRegion))
      : { value: options.region, source: '--region' }
  const fips = isOn('AWS_USE_FIPS_ENDPOINT', 'use_fips_endpoint')
  const dualStack = isOn('AWS_USE_DUALSTACK_ENDPOINT', 'use_dualstack_endpoint')
  const ignoresUrls = isOn('AWS_IGNORE_CONFIGURED_ENDPOINT_URLS', 'ignore_configured_endpoint_urls')
  const customUrl = (service: 'sts' | SignInService): string | undefined =>
    ignoresUrls ? undefined : configuredEndpoint(service.replace('-', '_'), env, profile, files)
  const sts = stsEndpoint({
    region: region?.value,
    regionSource: region?.source,
    fips,
    dualStack,
    customUrl: customUrl('sts'),
  })

  const maxAttempts = integer('AWS_MAX_ATTEMPTS', 'max_attempts') ?? DEFAULT_MAX_ATTEMPTS
  if (maxAttempts < 1) throw new EksTokenError('ERR_SETTING', 'max_attempts must be 1 or more')
  const retryMode = find('AWS_RETRY_MODE', 'retry_mode')
  if (retryMode && retryMode.value !== 'standard' && retryMode.value !== 'adaptive') {
    throw invalidSetting(retryMode, 'it must be one of: standard, adaptive')
  }
  // These three have no effect here; the AWS CLI refuses a bad one whatever the command.
  oneOf('AWS_REQUEST_CHECKSUM_CALCULATION', 'request_checksum_calculation', ['when_supported', 'when_required'])
  oneOf('AWS_RESPONSE_CHECKSUM_VALIDATION', 'response_checksum_validation', ['when_supported', 'when_required'])
  oneOf('AWS_ACCOUNT_ID_ENDPOINT_MODE', 'account_id_endpoint_mode', ['preferred', 'disabled', 'required'])

  return {
    profile,
    files,
    region,
    sts,
    endpoints: { fips, dualStack, customUrl },
    output: find('AWS_DEFAULT_OUTPUT', 'output'),
    parameterValidation: parseBoolean(find(undefined, 'parameter_validation')?.value ?? 'true'),
    network: {
      connectTimeoutSeconds: options.connectTimeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS,
      readTimeoutSeconds: options.readTimeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS,
      maxAttempts,
      retryMode: retryMode?.value === 'adaptive' ? 'adaptive' : 'standard',
      caBundle: find('AWS_CA_BUNDLE', 'ca_bundle') ?? find('REQUESTS_CA_BUNDLE', undefined),
    },
    instanceMetadata: {
      disabled: parseBoolean(env.AWS_EC2_METADATA_DISABLED ?? ''),
      v1Disabled: isOn('AWS_EC2_METADATA_V1_DISABLED', 'ec2_metadata_v1_disabled'),
      timeoutSeconds: Math.max(integer('AWS_METADATA_SERVICE_TIMEOUT', 'metadata_service_timeout') ?? 1, 0),
      maxAttempts: integer('AWS_METADATA_SERVICE_NUM_ATTEMPTS', 'metadata_service_num_attempts') ?? 1,
      endpoint: metadataEndpoint(),
    },
  }

  function metadataEndpoint(): string {
    const mode = oneOf('AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE', 'ec2_metadata_service_endpoint_mode', ['ipv4', 'ipv6'])
    const ipv6 = mode ? mode === 'ipv6' : isOn('AWS_IMDS_USE_IPV6', 'imds_use_ipv6')
    const custom = find('AWS_EC2_METADATA_SERVICE_ENDPOINT', 'ec2_metadata_service_endpoint')
    if (!custom?.value) return ipv6 ? METADATA_ENDPOINT_IPV6 : METADATA_ENDPOINT
    if (!isEndpointUrl(custom.value))
      throw invalidSetting({ ...custom, value: redactUrl(custom.value) }, 'it must be a URL with a host')
    return custom.value
  }
}

/**
 * The profile and who chose it. One that was named must be there, also when the environment has keys.
 */
function chooseProfile(options: SettingOptions, env: Environment, files: SharedFiles): Settings['profile'] {
  const [name, source] = options.profile
    ? ([options.profile, '--profile'] as const)
    : env.AWS_PROFILE !== undefined
      ? ([env.AWS_PROFILE, 'AWS_PROFILE'] as const)
      : env.AWS_DEFAULT_PROFILE !== undefined
        ? ([env.AWS_DEFAULT_PROFILE, 'AWS_DEFAULT_PROFILE'] as const)
        : (['default', 'default'] as const)
  const section = files.profiles.get(name)
  if (section) return { name, source, section }
  if (source === 'default') return { name, source, section: new Map() }
  throw new EksTokenError('ERR_PROFILE', `The config profile (${name}) could not be found; ${source} names it`, {
    remedy: suggestProfile(name, files),
  })
}

/** The two headings that people mix up, and what there is. */
function suggestProfile(name: string, files: SharedFiles): string {
  if (files.otherHeadings.includes(name)) return `in ${files.configPath} [${name}] must be [profile ${name}]`
  if (files.credentialsProfiles.has(`profile ${name}`)) {
    return `in ${files.credentialsPath} [profile ${name}] must be [${name}]`
  }
  const known = [...files.profiles.keys()]
  if (known.length > 0) return `use one of: ${known.slice(0, 12).join(', ')}${known.length > 12 ? ', …' : ''}`
  return `there is no profile in ${files.configPath} and ${files.credentialsPath}; 'aws configure' makes one`
}

/**
 * A profile's `sso_session` must name a whole session, also where other credentials sign: the AWS CLI looks for a
 * bearer token before every call. https://github.com/aws/aws-cli/blob/2.36.7/awscli/botocore/tokens.py
 */
function checkSsoSession(profile: Settings['profile'], files: SharedFiles): void {
  const name = stringValue(profile.section, 'sso_session', profile.name)
  if (name === undefined) return
  const session = files.ssoSessions.get(name)
  const missing = ['sso_start_url', 'sso_region'].filter((key) => !session?.has(key))
  if (missing.length === 0) return
  throw new EksTokenError(
    'ERR_SETTING',
    session?.size
      ? `The sso-session "${name}" of profile ${profile.name} is missing: ${missing.join(', ')}`
      : `The specified sso-session does not exist: "${name}" (sso_session of profile ${profile.name})`,
    { remedy: `add it to [sso-session ${name}] in ${files.configPath}, or correct sso_session in the profile` },
  )
}

/**
 * AWS_ENDPOINT_URL_STS > AWS_ENDPOINT_URL > the profile's `services` section > the profile's endpoint_url.
 *
 * @param service - as `services` names it, e.g. `sso_oidc`
 */
function configuredEndpoint(
  service: string,
  env: Environment,
  profile: Settings['profile'],
  files: SharedFiles,
): string | undefined {
  const fromEnvironment = env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] || env.AWS_ENDPOINT_URL
  if (fromEnvironment) return fromEnvironment
  const services = stringValue(profile.section, 'services', profile.name)
  if (services !== undefined) {
    const section = files.services.get(services)
    if (!section?.size) {
      throw new EksTokenError(
        'ERR_SETTING',
        `The profile is configured to use the services section but the "${services}" services configuration does not exist.`,
        {
          remedy: `add [services ${services}] to ${files.configPath}, or take services out of profile ${profile.name}`,
        },
      )
    }
    const block = section.get(service)
    if (typeof block === 'string') {
      throw new EksTokenError('ERR_SETTING', `${service} in [services ${services}] must be a block of indented keys`)
    }
    const url = block?.get('endpoint_url')
    if (url) return url
  }
  return stringValue(profile.section, 'endpoint_url', profile.name) || undefined
}

/**
 * The text of a key.
 *
 * @throws EksTokenError `ERR_SETTING` when the key has a block of keys where text belongs
 */
export function stringValue(section: Section, key: string, profileName: string): string | undefined {
  const value = section.get(key)
  if (value === undefined || typeof value === 'string') return value
  throw new EksTokenError('ERR_SETTING', `${key} of profile ${profileName} is a block of keys, and must be one value`)
}

function fromInstance(region: string | undefined): Sourced | undefined {
  return region === undefined ? undefined : { value: region, source: 'instance metadata' }
}

function invalidSetting(found: Sourced, why: string): EksTokenError {
  return new EksTokenError('ERR_SETTING', `${found.source} is '${found.value}': ${why}`, {
    remedy: `correct ${found.source}, or remove it`,
  })
}
