/**
 * How every client of the AWS SDK is created. The SDK signs, serializes and retries; it decides nothing: left to itself, a
 * client reads the environment, `~/.aws/config` and `~/.aws/credentials` for each setting that it was not given. In the
 * bundles its loaders are stubs that throw (build/plugins.mjs).
 * https://docs.aws.amazon.com/sdk-for-javascript/v3/developer-guide/configuring-the-jssdk.html
 */

/** The request of the SDK, signed. */
export interface SdkRequest {
  readonly method: string
  readonly protocol: string
  readonly hostname: string
  readonly port?: number | undefined
  readonly path: string
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array | undefined
}

interface SdkResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Uint8Array
}

export interface SdkClientOptions {
  /** The signing region. */
  readonly region: string
  /** The endpoint, which already reflects the FIPS and dual-stack settings. */
  readonly url: string
  /** undefined: requests are not signed. */
  readonly credentials:
    | { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string | undefined }
    | undefined
  /** The first included. */
  readonly maxAttempts: number
  readonly retryMode: 'standard' | 'adaptive'
  readonly send: (request: SdkRequest) => Promise<SdkResponse>
}

/** A class of the SDK, e.g. `STSClient`. */
export type SdkClient<T> = new (config: ReturnType<typeof sdkConfig>) => T

export function createSdkClient<T>(Client: SdkClient<T>, options: SdkClientOptions): T {
  const client = new Client(sdkConfig(options))
  keepEndpointPath(client as WithMiddleware, options.url)
  return client
}

interface WithMiddleware {
  readonly middlewareStack: {
    readonly add: (
      middleware: (next: (args: unknown) => unknown) => (args: { request: { path: string } }) => unknown,
      options: { readonly step: 'build' },
    ) => void
  }
}

/** The SDK appends a slash to the path of a custom endpoint, and would sign it; the AWS CLI does not. */
function keepEndpointPath({ middlewareStack }: WithMiddleware, url: string): void {
  const path = url.replace(/^\w+:\/\/[^/]*/, '')
  if (path === '' || path.endsWith('/')) return
  middlewareStack.add(
    (next) => (args) => {
      if (args.request.path === `${path}/`) args.request.path = path
      return next(args)
    },
    { step: 'build' },
  )
}

/** Every setting that the SDK would look up, and `undefined` for none: the SDK looks up what is undefined. */
function sdkConfig({ region, url, credentials, maxAttempts, retryMode, send }: SdkClientOptions) {
  return {
    region,
    endpoint: url,
    ignoreConfiguredEndpointUrls: true,
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
    useGlobalEndpoint: false,
    maxAttempts,
    retryMode,
    defaultsMode: 'standard' as const,
    authSchemePreference: ['sigv4'],
    sigv4aSigningRegionSet: [region],
    disableClockSkewCorrection: false,
    userAgentAppId: '',
    defaultUserAgentProvider: async (): Promise<[string, string][]> => [['eks-get-token', '']],
    credentialDefaultProvider: () => () => Promise.reject(new Error('an SDK client was created without credentials')),
    requestHandler: requestHandler(send),
    ...(credentials ? { credentials: definedFields(credentials) } : UNSIGNED),
  }
}

/** A signer that leaves the request as it is. */
const UNSIGNED = {
  credentials: { accessKeyId: '', secretAccessKey: '' },
  signer: { sign: async <T>(request: T): Promise<T> => request },
}

function definedFields({ accessKeyId, secretAccessKey, sessionToken }: NonNullable<SdkClientOptions['credentials']>) {
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) }
}

/** As the SDK's own `NodeHttpHandler`, but that the body of a response is not a stream. */
function requestHandler(send: SdkClientOptions['send']) {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    handle: async (request: unknown) => {
      const { status, headers, body } = await send(request as SdkRequest)
      return { response: { statusCode: status, headers: joinedHeaders(headers), body } }
    },
    updateHttpClientConfig: () => {},
    httpHandlerConfigs: () => ({}),
    destroy: () => {},
  }
}

function joinedHeaders(headers: SdkResponse['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]))
}
