/**
 * Tokens for the EKS users of a kubeconfig, in programs that use
 * [@kubernetes/client-node](https://www.npmjs.com/package/@kubernetes/client-node).
 *
 * @module eks-get-token/kubernetes
 */
import type { Configuration, HttpLibrary, KubeConfig, RequestContext, User } from '@kubernetes/client-node'
import { applyOptions } from '../cli/args/apply-options.ts'
import { type PluginInvocation, parsePluginInvocation } from '../cli/commands/doctor/plugin-invocation.ts'
import { createToken, type Token } from '../create-token.ts'
import { EksTokenError } from '../errors.ts'
import { type PluginExec, parseExecBlock } from '../kubernetes/exec-block.ts'
import { type Environment, mergeEnvironment, processRuntime, type Runtime } from '../runtime.ts'
import { checkOptions } from './options.ts'
import { type RenewedToken, renewedToken } from './renewed-token.ts'
import { withSafeCause } from './safe-cause.ts'

/** Options of {@link withEksTokens}. */
export interface EksTokensOptions {
  /** Environment variables, of which those of an exec block take precedence; default: those of this process. */
  readonly environment?: Environment | undefined
}

/**
 * Makes the EKS users of a KubeConfig work without starting a process: those whose exec block runs `aws eks get-token`,
 * `eks-get-token` or `aws-iam-authenticator token`. Their tokens are created in this process, for the same identity, cached in
 * memory, and refreshed 60 seconds before they expire, one refresh at a time. A request of an API client whose
 * response is 401 is sent once more with a new token. Other users stay as they are, and so does what `exportConfig` returns.
 *
 * The KubeConfig may be loaded before or after this call; after it, if users have `provideClusterInfo: true`, whose clusters must
 * be in the first file. The user is not prompted: a role that requires an MFA code is an error
 * unless its session is cached.
 *
 * @example
 * import { CoreV1Api, KubeConfig } from '@kubernetes/client-node'
 * import { withEksTokens } from 'eks-get-token/kubernetes'
 *
 * const kubeConfig = withEksTokens(new KubeConfig())
 * kubeConfig.loadFromDefault()
 * const { items } = await kubeConfig.makeApiClient(CoreV1Api).listNamespace()
 * console.log(items.map(({ metadata }) => metadata?.name))
 *
 * @typeParam Config - the class of the KubeConfig
 * @param kubeConfig - of `@kubernetes/client-node` 1.4 or later; it is changed and returned
 * @param options - if the environment differs from that of this process
 * @param runtime - files, clock and process; default: those of this process
 * @returns the same object. Its requests fail with an EksTokenError as `createToken` throws it, or `ERR_USAGE` for
 *   arguments in the exec block that the plugin would reject
 * @throws EksTokenError `ERR_PARAMETER` for an argument of the wrong type, `ERR_USAGE` for an unknown option
 */
export function withEksTokens<Config extends KubeConfig>(
  kubeConfig: Config,
  options: EksTokensOptions = {},
  runtime: Runtime = processRuntime(),
): Config {
  requireKubeConfig(kubeConfig)
  checkOptions(options, { environment: 'environment' }, 'environment: { AWS_PROFILE: "dev" }')
  const { environment } = options
  const { platform } = runtime.processHost
  const tokens = new Map<string, RenewedToken>()
  const tokenOf = (call: PluginCall): RenewedToken => {
    const key = JSON.stringify(call)
    const known = tokens.get(key)
    if (known) return known
    const env = mergeEnvironment(environment ?? runtime.env, call.plugin.env, platform)
    const create = async () => {
      try {
        return await createTokenForUser(call, texts, { ...runtime, env })
      } catch (error) {
        throw withSafeCause(error)
      }
    }
    const token = renewedToken(create, runtime.now)
    tokens.set(key, token)
    return token
  }

  const { getCurrentUser, loadFromString, makeApiClient } = kubeConfig
  // The client does not keep the extensions of clusters.
  const texts: string[] = []
  kubeConfig.loadFromString = (text, options) => {
    texts.unshift(text)
    return loadFromString.call(kubeConfig, text, options)
  }
  // The client's own authenticator would claim every user with an exec block, and start the command.
  kubeConfig.getCurrentUser = () => {
    const user = getCurrentUser.call(kubeConfig)
    const exec = user && parseExecBlock(user.exec)
    if (!exec || !isEksPlugin(exec, platform)) return user
    const current = user.exec.provideClusterInfo === true ? kubeConfig.getCurrentCluster() : null
    const call: PluginCall = {
      plugin: exec,
      cluster: current ? { name: current.name, server: current.server } : undefined,
    }
    return { ...user, exec: undefined, authProvider: { name: AUTH_PROVIDER, config: call } }
  }
  kubeConfig.addAuthenticator({
    isAuthProvider: isMarked,
    applyAuthentication: async (user, request) => {
      const token = await tokenOf(user.authProvider?.config).get()
      request.headers = { ...request.headers, Authorization: `Bearer ${token}` }
    },
  })
  const renew = async (rejected: string): Promise<string | undefined> => {
    const user = kubeConfig.getCurrentUser()
    if (!isMarked(user)) return undefined
    const token = tokenOf(user?.authProvider?.config)
    token.reject(rejected)
    return token.get()
  }
  kubeConfig.makeApiClient = (type) =>
    makeApiClient.call(
      kubeConfig,
      new Proxy(type, {
        construct: (_target, [configuration]: [Configuration]) =>
          new type({ ...configuration, httpApi: retryUnauthorized(configuration.httpApi, renew) }),
      }),
    ) as InstanceType<typeof type>
  return kubeConfig
}

/** Marks the users whose tokens come from here, for the client. */
const AUTH_PROVIDER = 'eks-get-token'

function isMarked(user: User | null): boolean {
  return user?.authProvider?.name === AUTH_PROVIDER
}

/** Arguments that the plugin would reject are an error of the request. */
function isEksPlugin(exec: PluginExec, platform: string): boolean {
  try {
    return isFollowed(parsePluginInvocation(exec, platform, {}))
  } catch {
    return true
  }
}

/** A wrapper may select another identity. */
function isFollowed({ plugin, line }: PluginInvocation): boolean {
  const isSame = !line.isUnknown && !line.suppliesCredentials && !line.clearsEnvironment
  return plugin !== undefined && isSame && Object.keys(line.env).length === 0
}

/** The methods that are replaced or called. */
const KUBE_CONFIG_METHODS = ['addAuthenticator', 'getCurrentUser', 'loadFromString', 'makeApiClient']

function requireKubeConfig(value: unknown): void {
  const methods = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  if (KUBE_CONFIG_METHODS.every((name) => typeof methods[name] === 'function')) return
  throw new EksTokenError(
    'ERR_PARAMETER',
    'kubeConfig must be a KubeConfig from @kubernetes/client-node, version 1.4 or later',
    { remedy: 'pass a KubeConfig, such as new KubeConfig()' },
  )
}

/** What a token depends on. The client's own authenticator would claim it if it had `exec`. */
interface PluginCall {
  readonly plugin: PluginExec
  /** With `provideClusterInfo`: the cluster of the context. */
  readonly cluster: { readonly name: string; readonly server: string } | undefined
}

/** @param texts - kubeconfigs with the extensions of clusters, the latest first */
async function createTokenForUser(
  { plugin: exec, cluster }: PluginCall,
  texts: readonly string[],
  runtime: Runtime,
): Promise<Token> {
  const { values, plugin } = parsePluginInvocation(exec, runtime.processHost.platform, runtime.env)
  const args = applyOptions(values, runtime).token
  if (!cluster || plugin !== 'eks-get-token') return createToken(args, runtime)
  const { withClusterOf } = await import('./cluster-of.ts')
  return createToken(withClusterOf(args, cluster, texts), runtime)
}

/** @param renew - gets another token after one was rejected; undefined: another program has created the token */
function retryUnauthorized(
  httpApi: HttpLibrary,
  renew: (rejected: string) => Promise<string | undefined>,
): HttpLibrary {
  return {
    send: (request) => {
      const response = httpApi.send(request)
      const Observable = response.constructor as new (promise: Promise<unknown>) => typeof response
      return new Observable(
        response.toPromise().then(async (first) => {
          const rejected = first.httpStatusCode === 401 ? bearerToken(request) : undefined
          const token = rejected === undefined ? undefined : await renew(rejected)
          if (token === undefined) return first
          request.setHeaderParam('Authorization', `Bearer ${token}`)
          return httpApi.send(request).toPromise()
        }),
      )
    },
  }
}

function bearerToken(request: RequestContext): string | undefined {
  return /^Bearer (.+)$/.exec(request.getHeaders().Authorization ?? '')?.[1]
}
