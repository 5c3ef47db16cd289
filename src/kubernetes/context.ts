import { parseEksHost } from '../aws/eks-host.ts'
import { EksTokenError } from '../errors.ts'
import { redactValue } from '../redact.ts'
import { type ExecBlock, toExecBlock } from './exec-block.ts'
import { EXEC_EXTENSION } from './exec-cluster.ts'
import type { Cluster, Exec, User } from './kubeconfig/config-types.ts'
import { type Entry, type Kubeconfig, resolvePath, UPDATE_COMMAND } from './kubeconfig/read.ts'

/** A context of a kubeconfig, with the cluster and the user that it refers to. */
export interface Context {
  readonly name: string
  readonly clusterEntry: string
  readonly userEntry: string
  readonly cluster: ClusterAccess
  readonly user: UserAccess
  /** undefined: the user has no exec block. */
  readonly exec: ExecBlock | undefined
}

/** How a cluster is reached. */
export interface ClusterAccess {
  readonly server: string
  /** PEM text, from `certificate-authority-data`. */
  readonly caData: string | undefined
  readonly caFile: string | undefined
  readonly skipsVerification: boolean
  readonly tlsServerName: string | undefined
  readonly proxyUrl: string | undefined
  readonly disablesCompression: boolean
  /** Of the extension `client.authentication.k8s.io/exec`, for plugins. */
  readonly execConfig: unknown
}

/** The user's credentials besides `exec`, and who it acts as. Paths are absolute. */
export interface UserAccess extends Omit<User, 'exec' | 'clientCertificateData' | 'clientKeyData'> {
  /** PEM text; empty: none. */
  readonly clientCertificateData: string
  readonly clientKeyData: string
}

/**
 * @param name - default: `current-context`
 * @param platform - decides which paths are absolute
 * @throws EksTokenError `ERR_KUBECONFIG` when the context, its cluster or its user does not exist
 */
export function findContext(config: Kubeconfig, name: string | undefined, platform: string): Context {
  const contextName = name ?? config.currentContext
  const location = config.files.join(', ')
  if (!contextName) {
    throw new EksTokenError('ERR_KUBECONFIG', `current-context is not set in ${location}`, {
      remedy:
        config.contexts.size > 0
          ? `select a context with --context: ${listNames(config.contexts)}`
          : `add a cluster with ${UPDATE_COMMAND}`,
    })
  }
  const context = findEntry(config.contexts, contextName, 'context', location)
  const { cluster: clusterEntry, user: userEntry } = context.value
  const cluster = findEntry(config.clusters, clusterEntry, 'cluster', location)
  const user = findEntry(config.users, userEntry, 'user', location)
  return {
    name: contextName,
    clusterEntry,
    userEntry,
    cluster: clusterAccess(cluster, platform),
    user: userAccess(user, platform),
    exec: user.value.exec && execBlock(user.value.exec, user.file, platform),
  }
}

function findEntry<T>(entries: ReadonlyMap<string, Entry<T>>, name: string, kind: string, location: string): Entry<T> {
  const entry = entries.get(name)
  if (entry) return entry
  throw new EksTokenError('ERR_KUBECONFIG', `${kind} "${redactValue(name)}" does not exist in ${location}`, {
    remedy:
      entries.size > 0
        ? `use one of the ${kind}s in the kubeconfig: ${listNames(entries)}`
        : `the kubeconfig has no ${kind}s; add a cluster with ${UPDATE_COMMAND}`,
  })
}

function listNames(entries: ReadonlyMap<string, unknown>): string {
  const names = [...entries.keys()].map(redactValue)
  return names.slice(0, 8).join(', ') + (names.length > 8 ? ', …' : '')
}

function clusterAccess({ value, file }: Entry<Cluster>, platform: string): ClusterAccess {
  const { server, caData, caFile, skipsVerification, tlsServerName, proxyUrl, disableCompression, extensions } = value
  return {
    server,
    caData: caData.length > 0 ? caData.toString('utf8') : undefined,
    caFile: caFile ? resolvePath(caFile, file, platform) : undefined,
    skipsVerification,
    tlsServerName: tlsServerName || undefined,
    proxyUrl: proxyUrl || undefined,
    disablesCompression: disableCompression,
    execConfig: extensions.get(EXEC_EXTENSION) ?? undefined,
  }
}

function userAccess({ value, file }: Entry<User>, platform: string): UserAccess {
  const { exec: _, ...user } = value
  const resolve = (path: string): string => (path === '' ? '' : resolvePath(path, file, platform))
  return {
    ...user,
    tokenFile: resolve(user.tokenFile),
    clientCertificate: resolve(user.clientCertificate),
    clientKey: resolve(user.clientKey),
    clientCertificateData: user.clientCertificateData.toString('utf8'),
    clientKeyData: user.clientKeyData.toString('utf8'),
  }
}

/** The command of a kubeconfig is relative to the file that it is in. */
function execBlock(exec: Exec, file: string, platform: string): ExecBlock {
  const separator = platform === 'win32' ? '\\' : '/'
  const { command } = exec
  return toExecBlock({ ...exec, command: command.includes(separator) ? resolvePath(command, file, platform) : command })
}

/** What the name of a cluster entry contains: the AWS CLI writes the cluster's ARN, eksctl its name and region. */
export interface NamedCluster {
  readonly name: string
  readonly region: string
  readonly account: string | undefined
  readonly partition: string | undefined
}

/** @returns undefined for a name in another form */
export function parseClusterEntry(entry: string): NamedCluster | undefined {
  const [, partition, region = '', account, name = ''] =
    /^arn:([\w-]+):eks:([\w-]+):(\d{12}):cluster\/([\w-]+)$/.exec(entry) ?? []
  if (partition) return { name, region, account, partition }
  const [, eksctlName, eksctlRegion] = /^([\w-]+)\.([a-z0-9-]+)\.eksctl\.io$/.exec(entry) ?? []
  if (!eksctlName || !eksctlRegion) return undefined
  return { name: eksctlName, region: eksctlRegion, account: undefined, partition: undefined }
}

/** What a kubeconfig says about where a cluster is. */
export function clusterLocation({ clusterEntry, cluster: { server } }: Context) {
  const named = parseClusterEntry(clusterEntry)
  const endpoint = URL.canParse(server) ? parseEksHost(new URL(server).hostname) : undefined
  return {
    account: named?.account,
    partition: named?.partition ?? endpoint?.partition,
    region: named?.region ?? endpoint?.region,
  }
}
