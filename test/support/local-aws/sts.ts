import { callerIdentity } from './caller-identity.ts'
import type { Behavior, ReceivedRequest, Service, ServiceResponse } from './exchange.ts'
import { text } from './exchange.ts'
import { temporaryCredentials } from './temporary-credentials.ts'

const REQUEST_ID = '11111111-1111-1111-1111-111111111111'
const MFA_CODE = '123456'

/** The Query API of STS. It handles every remaining request, so that an unexpected one is recorded. */
export const sts: Service = (request, behavior) => {
  const parameters = request.method === 'POST' ? new URLSearchParams(request.body) : request.url.searchParams
  const action = parameters.get('Action')
  return {
    call: { service: 'sts', op: action, params: recorded(parameters) },
    response: isPresigned(request)
      ? callerIdentity(request, behavior)
      : responseTo(action, parameters, request, behavior),
  }
}

/** Whether it is the request of a cluster's API server. */
function isPresigned({ method, url }: ReceivedRequest): boolean {
  return method === 'GET' && url.searchParams.has('X-Amz-Credential')
}

function recorded(parameters: URLSearchParams): Record<string, string> {
  const named = [...parameters].filter(([name]) => !/^(Action|Version|X-Amz-.*)$/.test(name))
  // The AWS CLI's default session name ends with the time of the call.
  return Object.fromEntries(
    named.map(([name, value]) => [
      name,
      name === 'RoleSessionName' ? value.replace(/^(botocore-session-)\d+$/, '$1<epoch>') : value,
    ]),
  )
}

function responseTo(
  action: string | null,
  parameters: URLSearchParams,
  request: ReceivedRequest,
  behavior: Behavior,
): ServiceResponse {
  switch (action) {
    case 'AssumeRole':
    case 'AssumeRoleWithWebIdentity':
      return assumeRole(action, parameters, behavior)
    case 'GetCallerIdentity':
      return success(action, element({ Arn: 'arn:aws:iam::123456789012:user/x', UserId: 'U', Account: '123456789012' }))
    case null:
      // STS redirects a request without parameters to its documentation.
      if (request.method === 'GET' && request.url.pathname === '/') return redirect(behavior)
      return text(404, `unknown ${request.method} ${request.url.pathname}`)
    default:
      return text(404, `unknown ${request.method} ${request.url.pathname}`)
  }
}

function redirect({ clockOffsetSeconds = 0 }: Behavior): ServiceResponse {
  const headers = {
    location: 'https://aws.amazon.com/iam',
    date: new Date(Date.now() + clockOffsetSeconds * 1000).toUTCString(),
  }
  return { status: 302, type: 'text/plain', body: '', headers }
}

function assumeRole(
  action: string,
  parameters: URLSearchParams,
  { clockOffsetSeconds = 0 }: Behavior,
): ServiceResponse {
  const arn = parameters.get('RoleArn') ?? ''
  const role = arn.split('/').at(-1) ?? ''
  const selected = RESPONSES_BY_ROLE_NAME.find(([word]) => role.includes(word))
  if (selected !== undefined) return selected[1](action, arn)
  const code = parameters.get('TokenCode')
  if (code !== null && code !== '' && code !== MFA_CODE) {
    return failure(403, 'AccessDenied', 'MultiFactorAuthentication failed with invalid MFA one time pass code. ')
  }

  const seconds = role.includes('shortlived') ? 300 : Number(parameters.get('DurationSeconds') || 3600)
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = temporaryCredentials(
    role,
    seconds + clockOffsetSeconds,
  )
  const session = parameters.get('RoleSessionName')
  const sessionArn = `${arn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/${session}`
  return success(
    action,
    element({
      AssumedRoleUser: element({ AssumedRoleId: `AROA:${session}`, Arn: sessionArn }),
      Credentials: element({
        AccessKeyId: accessKeyId,
        SecretAccessKey: secretAccessKey,
        SessionToken: sessionToken,
        Expiration: expiration,
      }),
    }),
  )
}

/** The response for a role whose name contains the word; the first match counts. */
const RESPONSES_BY_ROLE_NAME: readonly (readonly [word: string, (action: string, arn: string) => ServiceResponse])[] = [
  [
    'denied',
    (action, arn) =>
      failure(
        403,
        'AccessDenied',
        `User: arn:aws:iam::123456789012:user/x is not authorized to perform: sts:${action} on resource: ${arn}`,
      ),
  ],
  ['throttle', () => failure(400, 'Throttling', 'Rate exceeded')],
  ['http500', () => failure(500, 'InternalFailure', 'internal')],
  // The page of a load balancer, not a response of STS.
  ['http503', () => ({ status: 503, type: 'text/html', body: '<html>busy</html>' })],
  [
    'regiondisabled',
    () =>
      failure(
        403,
        'RegionDisabledException',
        'STS is not activated in this region for account:123456789012. Your account administrator can activate STS in this region using the IAM Console.',
      ),
  ],
  ['hang', () => 'silence'],
  ['reset', () => 'reset'],
  ['badkey', () => failure(403, 'InvalidClientTokenId', 'The security token included in the request is invalid.')],
  ['expired', () => failure(403, 'ExpiredToken', 'The security token included in the request is expired')],
  ['idprefused', () => failure(400, 'IDPCommunicationError', 'idp')],
  [
    'badjwt',
    () => failure(400, 'InvalidIdentityToken', "Couldn't retrieve verification key from your identity provider"),
  ],
]

function success(action: string, result: string): ServiceResponse {
  const body = element({ [`${action}Result`]: result, ResponseMetadata: element({ RequestId: REQUEST_ID }) })
  return document(200, `${action}Response`, body)
}

function failure(status: number, code: string, message: string): ServiceResponse {
  const error = element({ Type: 'Sender', Code: code, Message: message })
  return document(status, 'ErrorResponse', element({ Error: error, RequestId: REQUEST_ID }))
}

function document(status: number, root: string, body: string): ServiceResponse {
  const namespace = 'https://sts.amazonaws.com/doc/2011-06-15/'
  return { status, type: 'text/xml', body: `<${root} xmlns="${namespace}">${body}</${root}>` }
}

/** XML elements; none of the texts needs escaping. */
function element(children: Record<string, string>): string {
  return Object.entries(children)
    .map(([name, content]) => `<${name}>${content}</${name}>`)
    .join('')
}
