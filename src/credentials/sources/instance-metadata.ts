import type { Environment, Settings } from '../../config/settings.ts'
import { EksTokenError } from '../../errors.ts'
import { proxyFor } from '../../net/proxy.ts'
import { type Answer, ask } from '../../net/request.ts'
import { type Credentials, parseExpiration } from '../credentials.ts'

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html */
const TOKEN_PATH = 'latest/api/token'
const TOKEN_TTL_SECONDS = '21600'
const ROLE_PATH = 'latest/meta-data/iam/security-credentials/'
const ZONE_PATH = 'latest/meta-data/placement/availability-zone/'

/**
 * The credentials of the instance's role; undefined where there is none to be had: no service, no role, no keys.
 *
 * They are used to the end and beyond: when the service is late with new ones, AWS honours the old, and the AWS CLI
 * prolongs them. So they carry no expiry once it is near.
 *
 * @throws EksTokenError `ERR_CREDENTIALS` where version 1 is all there is, and is switched off; `ERR_NETWORK` for a
 *   proxy that does not answer
 */
export async function instanceCredentials(
  settings: Settings['instanceMetadata'],
  env: Environment,
  now: Date,
): Promise<Credentials | undefined> {
  const service = await open(settings, env)
  const role = await service?.get(ROLE_PATH)
  const answer = role && (await service?.get(ROLE_PATH + role, isObject))
  if (!answer) return undefined
  const { AccessKeyId, SecretAccessKey, Token, Expiration } = JSON.parse(answer) as Record<string, unknown>
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

/** The region that the instance is in: its availability zone without the last letter. undefined: nobody says. */
export async function instanceRegion(
  settings: Settings['instanceMetadata'],
  env: Environment,
): Promise<string | undefined> {
  const service = await open(settings, env)
  const zone = await service?.get(ZONE_PATH)
  return zone?.slice(0, -1) || undefined
}

interface Service {
  /** The text at a path, undefined when it is not to be had after all tries. */
  readonly get: (path: string, isUsable?: (body: string) => boolean) => Promise<string | undefined>
}

/** Gets a session token; without one (version 1) the requests go without. undefined: the service refuses us. */
async function open(settings: Settings['instanceMetadata'], env: Environment): Promise<Service | undefined> {
  const { endpoint, timeoutSeconds, maxAttempts, v1Disabled } = settings
  if (settings.disabled) return undefined
  const proxy = proxyFor(endpoint, env)
  const base = endpoint.endsWith('/') ? endpoint : `${endpoint}/`
  const request = async (path: string, method: 'GET' | 'PUT', headers: Record<string, string>) => {
    const answer = await ask(base + path, { method, headers, timeoutSeconds, proxy })
    if ('failed' in answer && answer.failed === 'connect' && proxy !== undefined) {
      throw new EksTokenError('ERR_NETWORK', `Failed to connect to the proxy for instance metadata (${answer.why})`, {
        remedy: 'correct HTTP_PROXY, name the host in NO_PROXY, or set AWS_EC2_METADATA_DISABLED=true',
      })
    }
    return answer
  }

  let token: string | undefined
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const answer = await request(TOKEN_PATH, 'PUT', { 'x-aws-ec2-metadata-token-ttl-seconds': TOKEN_TTL_SECONDS })
    if ('failed' in answer) {
      if (answer.failed === 'timeout') break
      continue
    }
    if (answer.status === 400) return undefined
    if (answer.status === 200) token = answer.body
    if (token !== undefined || [403, 404, 405].includes(answer.status)) break
  }
  if (token === undefined && v1Disabled) {
    throw new EksTokenError(
      'ERR_CREDENTIALS',
      'Unable to retrieve token for use in IMDSv2 call and IMDSv1 has been disabled',
      { remedy: 'AWS_EC2_METADATA_V1_DISABLED, or ec2_metadata_v1_disabled in the profile, switches it off' },
    )
  }
  const headers: Record<string, string> = token === undefined ? {} : { 'x-aws-ec2-metadata-token': token }
  return {
    get: async (path, isUsable = () => true) => {
      for (let attempt = 0; attempt < maxAttempts; attempt++) {
        const answer = await request(path, 'GET', headers)
        if (!('failed' in answer) && isGood(answer) && isUsable(answer.body)) return answer.body
      }
      return undefined
    },
  }
}

function isGood({ status, body }: Answer): boolean {
  return status === 200 && body !== ''
}

function isObject(body: string): boolean {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null
  } catch {
    return false
  }
}
