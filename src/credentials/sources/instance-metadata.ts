import type { Settings } from '../../config/settings.ts'
import { EksTokenError } from '../../errors.ts'
import { tryParseJson } from '../../json.ts'
import { proxyFor } from '../../net/proxy.ts'
import { INVALID_IN_HEADER, request, targetOf } from '../../net/request.ts'
import { isRequestFailure, type RequestFailure } from '../../net/request-failure.ts'
import { redactUrl } from '../../redact.ts'
import type { Runtime } from '../../runtime.ts'
import type { LoadContext } from '../context.ts'
import { type Credentials, parseExpiration } from '../credentials.ts'

export interface InstanceMetadataPlan {
  readonly kind: 'instance-metadata'
  readonly why: string
  readonly endpoint: string
}

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html */
const TOKEN_PATH = 'latest/api/token'
const TOKEN_TTL_SECONDS = '21600'
const ROLE_PATH = 'latest/meta-data/iam/security-credentials/'
const ZONE_PATH = 'latest/meta-data/placement/availability-zone/'

/** @throws EksTokenError `ERR_NO_CREDENTIALS` if there are none, and the errors of {@link instanceCredentials} */
export async function loadInstance(plan: InstanceMetadataPlan, context: LoadContext): Promise<Credentials> {
  const { settings, runtime } = context
  const response = instanceCredentials(settings.instanceMetadata, runtime, runtime.now())
  const credentials = await context.waitFor('instance metadata', response)
  if (credentials) return credentials
  const { missingCredentials } = await import('../explain/missing-credentials.ts')
  const why = `${plan.why}, and instance metadata at ${redactUrl(plan.endpoint)} has no credentials`
  throw missingCredentials(why, context)
}

/**
 * The credentials of the instance's role; undefined: no metadata service, no role or no credentials.
 *
 * They are used until they expire and beyond: when the service is late with new ones, AWS accepts the old ones, and the
 * AWS CLI extends them. So they have no expiration once it is near.
 *
 * @throws EksTokenError `ERR_CREDENTIALS` if the service supports only version 1, which is disabled; `ERR_NETWORK` for a
 *   proxy that cannot be reached; `ERR_SETTING` for a timeout of 0
 */
async function instanceCredentials(
  settings: Settings['instanceMetadata'],
  runtime: Pick<Runtime, 'env' | 'processHost'>,
  now: Date,
): Promise<Credentials | undefined> {
  const service = await open(settings, runtime)
  const role = await service?.get(ROLE_PATH)
  const text = role && (await service?.get(ROLE_PATH + role, isJsonObject))
  if (!text) return undefined
  const { AccessKeyId, SecretAccessKey, Token, Expiration } = JSON.parse(text) as Record<string, unknown>
  if ([AccessKeyId, SecretAccessKey, Token, Expiration].some((field) => typeof field !== 'string')) return undefined
  const expiration = parseExpiration(Expiration as string)
  const isNear = !expiration || expiration.getTime() - now.getTime() < PROLONG_SECONDS * 1000
  return {
    accessKeyId: AccessKeyId as string,
    secretAccessKey: SecretAccessKey as string,
    sessionToken: Token as string,
    expiration: isNear ? undefined : expiration,
  }
}

/** https://github.com/aws/aws-cli/blob/2.36.7/awscli/botocore/utils.py (_evaluate_expiration) */
const PROLONG_SECONDS = 15 * 60

/** The region of the instance: its availability zone without the last letter. undefined: unknown. */
export async function instanceRegion(
  settings: Settings['instanceMetadata'],
  runtime: Pick<Runtime, 'env' | 'processHost'>,
): Promise<string | undefined> {
  const service = await open(settings, runtime)
  const zone = await service?.get(ZONE_PATH)
  return zone?.slice(0, -1) || undefined
}

interface Service {
  /** The text at a path; undefined: all attempts failed. */
  readonly get: (path: string, isUsable?: (body: string) => boolean) => Promise<string | undefined>
}

/** Gets a session token; without one, the requests are those of version 1. undefined: the service rejects the request. */
async function open(
  settings: Settings['instanceMetadata'],
  runtime: Pick<Runtime, 'env' | 'processHost'>,
): Promise<Service | undefined> {
  const { endpoint, timeoutSeconds, maxAttempts, v1Disabled } = settings
  if (timeoutSeconds <= 0) {
    throw new EksTokenError(
      'ERR_SETTING',
      'Attempted to set connect timeout to 0, but the timeout cannot be set to a value less than or equal to 0.',
      { remedy: 'correct AWS_METADATA_SERVICE_TIMEOUT, or metadata_service_timeout in the profile, or remove it' },
    )
  }
  const limits = { connectSeconds: timeoutSeconds, readSeconds: timeoutSeconds, totalSeconds: timeoutSeconds * 3 }
  const proxy = URL.canParse(endpoint) ? proxyFor(endpoint, runtime) : undefined
  const base = endpoint.endsWith('/') ? endpoint : `${endpoint}/`
  const send = async (path: string, method: 'GET' | 'PUT', headers: Record<string, string>) => {
    try {
      const { status, body } = await request(targetOf(base + path), { method, headers, proxy, limits })
      return { status, body: body.toString('utf8') }
    } catch (error) {
      if (!isRequestFailure(error)) throw error
      if (error.kind !== 'proxy') return error
      const reason = `Failed to connect to proxy URL: "${redactUrl(proxy ?? '')}" for instance metadata (${error.message})`
      throw new EksTokenError('ERR_NETWORK', reason, {
        cause: error,
        remedy: 'correct HTTP_PROXY, list the host in NO_PROXY, or set AWS_EC2_METADATA_DISABLED=true',
      })
    }
  }

  let token: string | undefined
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const result = await send(TOKEN_PATH, 'PUT', { 'x-aws-ec2-metadata-token-ttl-seconds': TOKEN_TTL_SECONDS })
    if (isRequestFailure(result)) {
      if (isTimeout(result)) break
      continue
    }
    if (result.status === 400) return undefined
    if (result.status === 200 && !INVALID_IN_HEADER.test(result.body)) token = result.body
    if (token !== undefined || [403, 404, 405].includes(result.status)) break
  }
  if (token === undefined && v1Disabled) {
    throw new EksTokenError(
      'ERR_CREDENTIALS',
      'Unable to retrieve token for use in IMDSv2 call and IMDSv1 has been disabled',
      {
        remedy:
          'check the hop limit of instance metadata; to allow IMDSv1, unset AWS_EC2_METADATA_V1_DISABLED, or remove ec2_metadata_v1_disabled from the profile',
      },
    )
  }
  const headers: Record<string, string> = token === undefined ? {} : { 'x-aws-ec2-metadata-token': token }
  return {
    get: async (path, isUsable = () => true) => {
      for (let attempt = 0; attempt < maxAttempts; attempt++) {
        const result = await send(path, 'GET', headers)
        if (isRequestFailure(result) || result.status !== 200 || result.body === '') continue
        if (isUsable(result.body)) return result.body
      }
      return undefined
    },
  }
}

function isTimeout({ kind }: RequestFailure): boolean {
  return kind === 'connect-timeout' || kind === 'read-timeout'
}

function isJsonObject(body: string): boolean {
  const value = tryParseJson(body)
  return typeof value === 'object' && value !== null
}
