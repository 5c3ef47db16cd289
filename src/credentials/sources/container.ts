import { EksTokenError } from '../../errors.ts'
import { ask } from '../../net/request.ts'
import type { LoadContext } from '../context.ts'
import { type Credentials, parseExpiration } from '../credentials.ts'
import type { ContainerPlan } from '../plan/types.ts'

/** https://github.com/aws/aws-cli/blob/2.36.7/awscli/botocore/utils.py (ContainerMetadataFetcher) */
const ATTEMPTS = 3
const TIMEOUT_SECONDS = 2
const PAUSE_MS = 1000

/** Hosts that may be asked without TLS, beside loopback addresses: those of ECS and of EKS Pod Identity. */
const PLAIN_HOSTS = ['169.254.170.2', '169.254.170.23', '[fd00:ec2::23]', 'localhost']

/**
 * Asks the container's agent (ECS, EKS Pod Identity). No proxy is used, and what fails does not fall through to the
 * instance. `fromContainerMetadata` of the SDK knows neither these hosts nor the rules of the token file.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 *
 * @throws EksTokenError `ERR_CREDENTIALS`
 */
export async function containerCredentials(plan: ContainerPlan, context: LoadContext): Promise<Credentials> {
  const url = checkedUrl(plan)
  const headers = { Accept: 'application/json', ...authorization(plan, context) }
  context.runtime.trace(`ask the container's agent at ${url.host}`)
  let problem = ''
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const answer = await ask(url.href, { headers, timeoutSeconds: TIMEOUT_SECONDS })
    if ('failed' in answer) problem = `${url.host} gave no answer (${answer.why})`
    else if (answer.status !== 200) problem = `${url.host} answered with status ${answer.status}`
    else {
      const credentials = parseContainerResponse(plan, answer.body)
      if (credentials) return credentials
      problem = `${url.host} answered with something that is no JSON object`
    }
    if (attempt < ATTEMPTS) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  throw containerFailure(plan, problem)
}

/** https anywhere; http only where it does not leave the machine. */
function checkedUrl(plan: ContainerPlan): URL {
  let url: URL
  try {
    url = new URL(plan.url)
  } catch {
    throw containerFailure(plan, 'it is no URL')
  }
  const isLoopback = /^127\.\d+\.\d+\.\d+$/.test(url.hostname) || url.hostname === '[::1]'
  if (url.protocol === 'https:' || isLoopback || PLAIN_HOSTS.includes(url.hostname)) return url
  throw containerFailure(
    plan,
    `Unsupported host '${url.hostname}': without TLS only loopback and ${PLAIN_HOSTS.join(', ')} are asked`,
  )
}

/** The token file wins over the token, and its text is sent as it stands: a line end in it is fatal. */
function authorization(plan: ContainerPlan, { runtime }: LoadContext): { Authorization?: string } {
  const file = runtime.env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE
  const token =
    file === undefined
      ? runtime.env.AWS_CONTAINER_AUTHORIZATION_TOKEN
      : readAuthorizationToken(plan, file, runtime.readText)
  if (token === undefined) return {}
  if (/[\r\n]/.test(token)) {
    throw containerFailure(
      plan,
      `the authorization token${file === undefined ? '' : ` in ${file}`} has a line end in it`,
    )
  }
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
  } catch {
    // Bytes that are no text are as bad as no file.
  }
  throw containerFailure(plan, `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names ${file}, which cannot be read`)
}

/** undefined: no JSON, worth another try. */
function parseContainerResponse(plan: ContainerPlan, body: string): Credentials | undefined {
  let answer: Record<string, unknown>
  try {
    answer = JSON.parse(body) as Record<string, unknown>
  } catch {
    return undefined
  }
  const fields = ['AccessKeyId', 'SecretAccessKey', 'Token', 'Expiration']
  const missing = fields.filter((field) => typeof answer?.[field] !== 'string')
  if (missing.length > 0) throw containerFailure(plan, `the answer lacks ${missing.join(', ')}`)
  const expiration = parseExpiration(answer.Expiration as string)
  if (!expiration) throw containerFailure(plan, 'the Expiration in the answer is no time with a zone')
  return {
    accessKeyId: answer.AccessKeyId as string,
    secretAccessKey: answer.SecretAccessKey as string,
    sessionToken: answer.Token as string,
    expiration,
  }
}

function containerFailure(plan: ContainerPlan, why: string): EksTokenError {
  return new EksTokenError('ERR_CREDENTIALS', `Error when retrieving credentials from container-role: ${why}`, {
    remedy: `${plan.why}; unset it where this is no container with a role`,
  })
}
