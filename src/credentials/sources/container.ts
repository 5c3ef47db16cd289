import { EksTokenError, endsRun } from '../../errors.ts'
import { describeUnreadable } from '../../file-problem.ts'
import { tryParseJson } from '../../json.ts'
import { isLoopback } from '../../net/loopback.ts'
import { INVALID_IN_HEADER, request, targetOf } from '../../net/request.ts'
import { isRequestFailure } from '../../net/request-failure.ts'
import { redactValue } from '../../redact.ts'
import type { LoadContext } from '../context.ts'
import { type Credentials, parseExpiration } from '../credentials.ts'

export interface ContainerPlan {
  readonly kind: 'container'
  readonly why: string
  readonly url: string
}

/** https://github.com/aws/aws-cli/blob/2.36.7/awscli/botocore/utils.py (ContainerMetadataFetcher) */
const ATTEMPTS = 3
const LIMITS = { connectSeconds: 2, readSeconds: 2, totalSeconds: 6 }
const PAUSE_MS = 1000

/** Hosts that are allowed without TLS, in addition to loopback addresses: those of ECS and of EKS Pod Identity. */
const PLAIN_HOSTS = ['169.254.170.2', '169.254.170.23', '[fd00:ec2::23]']

export function loadContainer(plan: ContainerPlan, context: LoadContext): Promise<Credentials> {
  return context.waitFor('the container credential endpoint', containerCredentials(plan, context))
}

/**
 * Gets the credentials of a container from its agent (ECS, EKS Pod Identity). No proxy is used, and a failure does not
 * fall through to the instance. The SDK's `fromContainerMetadata` supports neither these hosts nor the token file.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 *
 * @throws EksTokenError `ERR_CREDENTIALS`
 */
async function containerCredentials(plan: ContainerPlan, context: LoadContext): Promise<Credentials> {
  const url = checkedUrl(plan)
  const headers = { Accept: 'application/json', ...authorization(plan, context) }
  context.runtime.trace?.(`requesting credentials from the container agent at ${url.host}`)
  let problem = ''
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const result = await send(url, headers)
    if (typeof result === 'string') problem = result
    else {
      const credentials = parseContainerResponse(plan, result.body)
      if (credentials) return credentials
      problem = `the response from ${url.host} is not a JSON object`
    }
    if (attempt < ATTEMPTS) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  throw containerFailure(plan, problem)
}

/** @returns the response, or why there is none */
async function send(url: URL, headers: Readonly<Record<string, string>>): Promise<{ readonly body: string } | string> {
  try {
    const { status, body } = await request(targetOf(url.href), { headers, limits: LIMITS })
    return status === 200 ? { body: body.toString('utf8') } : `${url.host} responded with status ${status}`
  } catch (error) {
    if (isRequestFailure(error)) return `no response from ${url.host} (${error.message})`
    throw error
  }
}

/** https anywhere; http only where it does not leave the machine. */
function checkedUrl(plan: ContainerPlan): URL {
  let url: URL
  try {
    url = new URL(plan.url)
  } catch {
    throw containerFailure(plan, 'invalid URL')
  }
  if (url.protocol === 'https:' || isLoopback(url.hostname) || PLAIN_HOSTS.includes(url.hostname)) return url
  throw containerFailure(
    plan,
    `Unsupported host '${url.hostname}': without TLS, only loopback and ${PLAIN_HOSTS.join(', ')} are allowed`,
  )
}

/** The token file takes precedence over the token, and its text is sent unchanged, so a line break in it is an error. */
function authorization(plan: ContainerPlan, { runtime }: LoadContext): { Authorization?: string } {
  const file = runtime.env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE
  const token =
    file === undefined
      ? runtime.env.AWS_CONTAINER_AUTHORIZATION_TOKEN
      : readAuthorizationToken(plan, file, runtime.readText)
  if (token === undefined) return {}
  const name = `the authorization token${file === undefined ? '' : ` in ${file}`}`
  if (/[\r\n]/.test(token)) throw containerFailure(plan, `${name} contains a line break`)
  if (INVALID_IN_HEADER.test(token))
    throw containerFailure(plan, `${name} contains a character that HTTP does not allow`)
  return { Authorization: token }
}

function readAuthorizationToken(
  plan: ContainerPlan,
  file: string,
  readText: (path: string) => string | undefined,
): string {
  try {
    const token = readText(file)
    if (token !== undefined) return token
  } catch (error) {
    // A file that is not text is reported like a missing one.
    if (endsRun(error)) throw error
  }
  throw containerFailure(
    plan,
    `the file in AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, ${redactValue(file)}, ${describeUnreadable(file)}`,
  )
}

/** undefined: not JSON; the request is repeated. */
function parseContainerResponse(plan: ContainerPlan, body: string): Credentials | undefined {
  const response = tryParseJson(body) as Record<string, unknown> | undefined
  if (response === undefined) return undefined
  const fields = ['AccessKeyId', 'SecretAccessKey', 'Token', 'Expiration']
  const missing = fields.filter((field) => typeof response?.[field] !== 'string')
  if (missing.length > 0) throw containerFailure(plan, `the response is missing ${missing.join(', ')}`)
  const expiration = parseExpiration(response.Expiration as string)
  if (!expiration) throw containerFailure(plan, 'the Expiration in the response is not a timestamp with a time zone')
  return {
    accessKeyId: response.AccessKeyId as string,
    secretAccessKey: response.SecretAccessKey as string,
    sessionToken: response.Token as string,
    expiration,
  }
}

function containerFailure(plan: ContainerPlan, why: string): EksTokenError {
  return new EksTokenError('ERR_CREDENTIALS', `Error when retrieving credentials from container-role: ${why}`, {
    remedy: `${plan.why}; unset it if this container has no role`,
  })
}
