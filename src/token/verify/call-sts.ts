import type { StsHost } from '../../aws/sts-host.ts'
import type { Settings } from '../../config/settings.ts'
import { endpointRoute } from '../../net/endpoint-route.ts'
import { request } from '../../net/request.ts'
import { serviceError } from '../../net/service-error.ts'
import type { Runtime } from '../../runtime.ts'

/** The API server's limit for a call to STS. https://github.com/kubernetes-sigs/aws-iam-authenticator/issues/157 */
const LIMIT_SECONDS = 10

export interface StsResponse {
  readonly status: number
  readonly body: string
  /** STS's clock, from the `Date` header; whole seconds. */
  readonly date: Date | undefined
}

interface StsRequestContext {
  readonly network: Settings['network']
  readonly runtime: Pick<Runtime, 'env' | 'homeDirectory' | 'processHost'>
  /** Secrets in the request, which an error may quote. */
  readonly secrets: readonly (string | undefined)[]
}

/**
 * Sends the request in a token as the API server does: GET with the cluster name, no redirects, 10 seconds; through the
 * proxy and with the CA bundle of the settings.
 *
 * @param host - `parseStsHost` has accepted it
 * @param target - path and query of the token's URL, unchanged
 * @throws EksTokenError `ERR_NETWORK` without a response
 */
export function callSts(
  host: StsHost,
  target: string,
  clusterId: string,
  context: StsRequestContext,
): Promise<StsResponse> {
  // Node writes headers in Latin-1; the signature covers the bytes of UTF-8.
  const id = Buffer.from(clusterId, 'utf8').toString('latin1')
  return get(host, target, { 'x-k8s-aws-id': id, accept: 'application/json' }, context)
}

/** Gets STS's clock: STS responds to a request without a signature with a redirect to its documentation. */
export function fetchServerTime(host: StsHost, context: StsRequestContext): Promise<StsResponse> {
  return get(host, '/', {}, context)
}

async function get(
  { host }: StsHost,
  path: string,
  headers: Readonly<Record<string, string>>,
  { network, runtime, secrets }: StsRequestContext,
): Promise<StsResponse> {
  const url = `https://${host}`
  const { limits, ...route } = endpointRoute(url, network, runtime)
  const target = { protocol: 'https:', hostname: host, path } as const
  try {
    const response = await request(target, {
      ...route,
      headers: { host, ...headers },
      limits: { ...limits, totalSeconds: LIMIT_SECONDS },
    })
    const date = new Date(response.headers.date ?? '')
    return {
      status: response.status,
      body: response.body.toString('utf8'),
      date: Number.isNaN(date.getTime()) ? undefined : date,
    }
  } catch (error) {
    throw serviceError(error, 'GetCallerIdentity', url, {
      runtime,
      maxAttempts: 1,
      caBundle: network.caBundle,
      secrets,
    })
  }
}
