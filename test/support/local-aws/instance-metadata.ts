import type { Behavior, HandledRequest, ReceivedRequest, Service, ServiceResponse } from './exchange.ts'
import { json, text } from './exchange.ts'
import { isoSeconds, temporaryCredentials } from './temporary-credentials.ts'

const SESSION_TOKEN = 'IMDSTOKEN'
const ROLE = 'imds-role'
const SIX_HOURS_IN_SECONDS = 21600

/** The instance metadata service; `/imds` is an endpoint with a path. */
export const instanceMetadata: Service = (request, behavior) => {
  const { pathname } = request.url
  if (!pathname.startsWith('/latest/') && !pathname.startsWith('/imds')) return undefined
  return pathname.endsWith('/latest/api/token')
    ? sessionToken(request, behavior.imds ?? 'v2')
    : metadata(request, behavior)
}

function sessionToken({ headers }: ReceivedRequest, mode: NonNullable<Behavior['imds']>): HandledRequest {
  const ttl = headers['x-aws-ec2-metadata-token-ttl-seconds']?.toString()
  const refused: Partial<Record<typeof mode, ServiceResponse>> = {
    v1: text(404, ''),
    token403: text(403, ''),
    token400: text(400, ''),
    slow: 'silence',
  }
  return { call: { service: 'imds', op: 'PUT token', ttl }, response: refused[mode] ?? text(200, SESSION_TOKEN) }
}

function metadata({ url, headers }: ReceivedRequest, { imds, imdsTtl }: Behavior): HandledRequest {
  const { pathname } = url
  const [op, response] = read()
  return { call: { service: 'imds', op, hasToken: headers['x-aws-ec2-metadata-token'] === SESSION_TOKEN }, response }

  function read(): [op: string, ServiceResponse] {
    if (pathname.endsWith('/placement/availability-zone/')) return ['GET az', text(200, 'eu-central-1b')]
    if (pathname.endsWith('/iam/security-credentials/')) {
      return ['GET role', imds === 'norole' ? text(404, 'Not Found') : text(200, ROLE)]
    }
    if (pathname.endsWith(`/iam/security-credentials/${ROLE}`)) {
      return ['GET creds', imds === 'failedcode' ? unassumable() : roleCredentials(imdsTtl)]
    }
    return [`GET ${pathname}`, text(404, 'Not Found')]
  }
}

/** A failure that comes with status 200: only its `Code` says so. */
function unassumable(): ServiceResponse {
  return json(200, {
    Code: 'AssumeRoleUnauthorizedAccess',
    Message: 'EC2 cannot assume the role',
    LastUpdated: isoSeconds(Date.now()),
  })
}

function roleCredentials(seconds = SIX_HOURS_IN_SECONDS): ServiceResponse {
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = temporaryCredentials(ROLE, seconds)
  return json(200, {
    Code: 'Success',
    LastUpdated: isoSeconds(Date.now()),
    Type: 'AWS-HMAC',
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    Token: sessionToken,
    Expiration: expiration,
  })
}
