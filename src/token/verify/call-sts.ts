import type { Readable } from 'node:stream'
import type { StsHost } from '../../aws/sts-host.ts'
import type { Environment, Settings } from '../../config/settings.ts'
import { requestHandler, serviceError } from '../../net/sdk-handler.ts'

/** What a server waits at most, in seconds. https://github.com/kubernetes-sigs/aws-iam-authenticator/issues/157 */
const LIMIT_SECONDS = 10

export interface StsResponse {
  readonly status: number
  readonly body: string
  /** STS's clock, from the `Date` header; whole seconds. */
  readonly date: Date | undefined
}

interface StsRequestContext {
  readonly network: Settings['network']
  readonly env: Environment
  /** What must not be shown, should an error quote the request. */
  readonly secrets: readonly (string | undefined)[]
}

/**
 * Sends the request of a token as the API server does: GET with the cluster's name, no redirects, 10 seconds; through the
 * proxy and with the CA bundle of the settings. A host can only be one that `readStsHost` has read.
 *
 * @param target - path and query of the token's URL, as they stand there
 * @throws EksTokenError `ERR_NETWORK` when there is no answer
 */
export function callSts(
  host: StsHost,
  target: string,
  clusterId: string,
  way: StsRequestContext,
): Promise<StsResponse> {
  // Node writes headers in latin1; what was signed are the bytes of UTF-8.
  const id = Buffer.from(clusterId, 'utf8').toString('latin1')
  return get(host, target, { 'x-k8s-aws-id': id, accept: 'application/json' }, way)
}

/** Asks for STS's clock: a request without a signature, which STS answers with a redirect to its documentation. */
export function fetchServerTime(host: StsHost, way: StsRequestContext): Promise<StsResponse> {
  return get(host, '/', {}, way)
}

async function get(
  { host }: StsHost,
  target: string,
  headers: Record<string, string>,
  { network, env, secrets }: StsRequestContext,
): Promise<StsResponse> {
  const url = `https://${host}`
  const atMost = (seconds: number): number => (seconds === 0 ? LIMIT_SECONDS : Math.min(seconds, LIMIT_SECONDS))
  const limited = {
    ...network,
    connectTimeoutSeconds: atMost(network.connectTimeoutSeconds),
    readTimeoutSeconds: atMost(network.readTimeoutSeconds),
  }
  const handler = requestHandler(url, limited, env)
  const end = new AbortController()
  const timer = setTimeout(() => end.abort(), LIMIT_SECONDS * 1000)
  try {
    const request = {
      method: 'GET',
      protocol: 'https:',
      hostname: host,
      path: target,
      query: {},
      headers: { host, ...headers },
    }
    const { response } = await handler.handle(request as unknown as Parameters<typeof handler.handle>[0], {
      abortSignal: end.signal,
    })
    const date = new Date(response.headers.date ?? '')
    return {
      status: response.statusCode,
      body: await textOf(response.body as Readable),
      date: Number.isNaN(date.getTime()) ? undefined : date,
    }
  } catch (error) {
    const inTime = end.signal.aborted ? Object.assign(new Error('no answer'), { name: 'TimeoutError' }) : error
    throw serviceError(inTime, 'GetCallerIdentity', url, { env, maxAttempts: 1, secrets })
  } finally {
    clearTimeout(timer)
    handler.destroy()
  }
}

async function textOf(body: Readable): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of body) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
