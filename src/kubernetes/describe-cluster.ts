import { type Cluster, DescribeClusterCommand, EKSClient, ListClustersCommand } from '@aws-sdk/client-eks'
import type { Settings } from '../config/settings.ts'
import { EksTokenError } from '../errors.ts'
import { createServiceClient } from '../net/service-client.ts'
import { serviceError } from '../net/service-error.ts'
import { redactUrl, redactValue } from '../redact.ts'
import { containsSecret } from '../redact-secrets.ts'
import type { Runtime } from '../runtime.ts'

/** What a kubeconfig needs to know about a cluster. */
export interface ClusterDescription {
  readonly arn: string
  /** The region of the ARN. */
  readonly region: string
  readonly server: string
  /** Base64; empty where EKS returns none. */
  readonly caData: string
  /** Id of a local cluster on AWS Outposts, which tokens are created for in place of the name. */
  readonly localClusterId: string | undefined
}

export interface EksContext {
  readonly endpoint: { readonly region: string; readonly url: string }
  /** undefined: the request is not signed. */
  readonly credentials:
    | { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string | undefined }
    | undefined
  readonly settings: Settings
  readonly runtime: Runtime
}

/**
 * The names of all clusters of the account in the region, in the order of EKS.
 *
 * @throws EksTokenError `ERR_SERVICE`, `ERR_NETWORK`, `ERR_CLUSTER`
 */
export async function listClusters(context: EksContext): Promise<string[]> {
  const names: string[] = []
  let nextToken: string | undefined
  do {
    const page = await callEks('ListClusters', '/clusters', context, (client) =>
      client.send(new ListClustersCommand({ nextToken })),
    )
    const clusters = page.clusters ?? []
    rejectQuotedSecrets('the list of clusters', clusters, context)
    names.push(...clusters)
    nextToken = page.nextToken
  } while (nextToken)
  return names
}

/**
 * Calls DescribeCluster. The cluster must be usable: ACTIVE or UPDATING, with an endpoint.
 *
 * @throws EksTokenError `ERR_SERVICE`, `ERR_NETWORK`; `ERR_CLUSTER` for a cluster that a kubeconfig cannot be written for
 */
export async function describeCluster(name: string, context: EksContext): Promise<ClusterDescription> {
  // Without a name the request would be ListClusters.
  if (name === '') throw clusterError('Cluster not found', 'specify the cluster with --name')
  const { cluster } = await callEks('DescribeCluster', `/clusters/${encodeURIComponent(name)}`, context, (client) =>
    client.send(new DescribeClusterCommand({ name })),
  )
  if (!cluster?.status) throw clusterError('Cluster not found', CHECK_HINT)
  const { arn, endpoint, status, id, certificateAuthority } = cluster
  const shown = [arn, endpoint, status, id, certificateAuthority?.data]
  rejectQuotedSecrets(`the description of cluster ${redactValue(name)}`, shown, context)
  if (cluster.status !== 'ACTIVE' && cluster.status !== 'UPDATING') {
    throw clusterError(
      `Cluster status is ${redactValue(cluster.status)}`,
      'run the command again when the cluster is ACTIVE',
    )
  }
  return toDescription(cluster, name)
}

const CHECK_HINT = 'check the name and the region; a proxy or a login page may have sent the response'

/** What EKS responds is printed and written into a kubeconfig. @param what - the response, in words */
function rejectQuotedSecrets(what: string, texts: readonly unknown[], { credentials }: EksContext): void {
  if (!containsSecret(texts.join('\n'), [credentials?.secretAccessKey, credentials?.sessionToken])) return
  throw clusterError(`${what} contains part of the credentials that signed the request`, CHECK_HINT)
}

async function callEks<T>(
  operation: string,
  path: string,
  { endpoint, credentials, settings, runtime }: EksContext,
  send: (client: EKSClient) => Promise<T>,
): Promise<T> {
  runtime.trace?.(`${operation}: ${redactUrl(endpoint.url)}`)
  const client = createServiceClient(EKSClient, endpoint, { settings, runtime }, credentials)
  const rejection = stopAtExpiredSignature(client.middlewareStack as unknown as MiddlewareStack)
  try {
    return await send(client)
  } catch (caught) {
    const error = rejection() ?? caught
    const { $response } = error as { $response?: { statusCode?: number } }
    if ($response?.statusCode === 200) throw clusterError('Cluster not found', CHECK_HINT, error)
    const url = `${endpoint.url.replace(/\/$/, '')}${path}`
    throw serviceError(error, operation, url, {
      runtime,
      maxAttempts: settings.network.maxAttempts,
      caBundle: settings.network.caBundle,
      secrets: [credentials?.secretAccessKey, credentials?.sessionToken],
      remedies: remediesFor(operation, (error as Error).message),
    })
  } finally {
    client.destroy()
  }
}

/** https://docs.aws.amazon.com/eks/latest/APIReference/CommonErrors.html */
function remediesFor(operation: string, message: string): Readonly<Record<string, string>> {
  const actions = `eks:${operation}${operation === 'ListClusters' ? ' and eks:DescribeCluster' : ''}`
  const denied = /explicit deny/i.test(message)
    ? `a policy explicitly denies eks:${operation} to this identity: change that policy, or use another identity with --profile`
    : `this identity needs ${actions}: allow it in one of its policies, or use another identity with --profile`
  return {
    AccessDenied: denied,
    AccessDeniedException: denied,
    UnrecognizedClientException:
      'the access key or the session token is not valid in this partition, or was deleted: --debug shows which access key signed',
    InvalidSignatureException:
      "check that the secret access key belongs to the access key id, and that this machine's clock is correct",
  }
}

interface MiddlewareStack {
  readonly addRelativeTo: (
    middleware: (next: (args: unknown) => Promise<unknown>) => (args: unknown) => Promise<unknown>,
    options: { readonly relation: 'after'; readonly toMiddleware: 'retryMiddleware' },
  ) => void
}

/**
 * The SDK repeats a request whose signature has expired even if the clock was not the reason.
 *
 * @returns a function that returns the error that was not repeated
 */
function stopAtExpiredSignature(stack: MiddlewareStack): () => unknown {
  let rejection: unknown
  stack.addRelativeTo(
    (next) => async (args) => {
      try {
        return await next(args)
      } catch (error) {
        const { name, $metadata } = error as { name?: string; $metadata?: { clockSkewCorrected?: boolean } }
        if (name !== 'InvalidSignatureException' || $metadata?.clockSkewCorrected) throw error
        rejection = error
        throw new Error(name)
      }
    },
    { relation: 'after', toMiddleware: 'retryMiddleware' },
  )
  return () => rejection
}

/** A missing value would make a context that cannot work, which kubectl reports only later. */
function toDescription(cluster: Cluster, name: string): ClusterDescription {
  const { arn = '', endpoint: server, certificateAuthority, outpostConfig, id } = cluster
  const region = CLUSTER_ARN.exec(arn)?.[1]
  if (!region) {
    throw clusterError(`the description of cluster ${redactValue(name)} has no valid ARN`, CHECK_HINT)
  }
  if (!server) {
    throw clusterError(
      `cluster ${redactValue(name)} has no endpoint${cluster.connectorConfig ? ': it is registered with the EKS connector' : ''}`,
      'use the kubeconfig of the provider that runs the cluster; EKS does not provide one',
    )
  }
  // The SDK does not check types. kubectl rejects a whole file for one value, with all other clusters in it.
  const caData = certificateAuthority?.data ?? ''
  const has = (value: unknown, form: RegExp) => typeof value === 'string' && form.test(value)
  const invalid = !has(server, PRINTABLE_URL) ? 'endpoint' : has(caData, BASE64) ? undefined : 'certificate authority'
  if (invalid !== undefined) {
    throw clusterError(`the description of cluster ${redactValue(name)} has no valid ${invalid}`, CHECK_HINT)
  }
  // With an etcd on the Outpost the control plane is in the region.
  // https://docs.aws.amazon.com/eks/latest/userguide/eks-outposts-local-cluster-overview.html
  const isLocal = outpostConfig !== undefined && outpostConfig.etcdInstanceType === undefined
  if (isLocal && !id) {
    throw clusterError(
      `the description of cluster ${redactValue(name)} on AWS Outposts has no id, which its tokens require`,
      'try again when the cluster is ACTIVE',
    )
  }
  return { arn, region, server, caData, localClusterId: isLocal ? id : undefined }
}

/** With its region, which becomes an argument. */
const CLUSTER_ARN = /^arn:[\w-]+:eks:([A-Za-z\d][\w-]*):[!-~]*$/
const PRINTABLE_URL = /^https?:\/\/[!-~]+$/
const BASE64 = /^[A-Za-z\d+/\s]*={0,2}\s*$/

function clusterError(message: string, remedy: string, cause?: unknown): EksTokenError {
  return new EksTokenError('ERR_CLUSTER', message, { remedy, ...(cause === undefined ? {} : { cause }) })
}
