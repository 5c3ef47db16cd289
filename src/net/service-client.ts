import { createSdkClient, type SdkClient, type SdkRequest } from '../aws/sdk-client.ts'
import type { Settings } from '../config/settings.ts'
import type { Runtime } from '../runtime.ts'
import type { Deadline } from './deadline.ts'
import { endpointRoute, type Route } from './endpoint-route.ts'
import { type RequestOptions, request } from './request.ts'

interface ServiceContext extends Partial<Pick<Deadline, 'onExpire' | 'isExpired'>> {
  readonly settings: Settings
  readonly runtime: Runtime
}

/**
 * A client of the SDK for one endpoint, which sends its requests as the AWS CLI does: proxy variables, CA bundle, timeouts.
 *
 * @param Client - the class of the SDK
 * @param endpoint - `region` is the signing region
 * @param credentials - undefined: the requests are not signed
 * @throws EksTokenError as {@link endpointRoute}
 */
export function createServiceClient<T>(
  Client: SdkClient<T>,
  endpoint: { readonly region: string; readonly url: string },
  { settings, runtime, onExpire, isExpired }: ServiceContext,
  credentials?: {
    readonly accessKeyId: string
    readonly secretAccessKey: string
    readonly sessionToken?: string | undefined
  },
): T {
  const { maxAttempts, retryMode } = settings.network
  const route = endpointRoute(endpoint.url, settings.network, runtime)
  return createSdkClient(Client, {
    ...endpoint,
    credentials,
    maxAttempts,
    retryMode,
    // When the caller has given up, the SDK's next attempt is not sent.
    send: (sdkRequest) => (isExpired?.() ? new Promise(() => {}) : send(sdkRequest, { ...route, onExpire })),
  })
}

async function send(sdkRequest: SdkRequest, route: Route & Pick<RequestOptions, 'onExpire'>) {
  const { method, protocol, hostname, port, path, query = {}, headers, body } = sdkRequest
  const pairs = Object.entries(query).flatMap(([name, values]) =>
    [values ?? ''].flat().map((value) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`),
  )
  const target = {
    protocol: protocol === 'http:' ? 'http:' : 'https:',
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port,
    path: pairs.length === 0 ? path : `${path}?${pairs.join('&')}`,
  } as const
  return request(target, { method, headers, body, ...route })
}
