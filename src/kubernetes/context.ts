import { EksTokenError } from '../errors.ts'
import { field, textField } from '../json.ts'
import { redactValue } from '../redact.ts'
import { type ExecBlock, parseExecBlock } from './exec-block.ts'
import { clusterInfoOf } from './kubeconfig/cluster-info.ts'
import { type Entry, type Kubeconfig, resolvePath } from './kubeconfig/read.ts'

/** A context of a kubeconfig, with the cluster and the user that it refers to. */
export interface Context {
  readonly name: string
  readonly clusterEntry: string
  readonly userEntry: string
  readonly cluster: ClusterAccess
  /** undefined: the user has no exec block. */
  readonly exec: ExecBlock | undefined
  /** The user's credentials besides `exec`, by their keys in the kubeconfig. */
  readonly otherCredentials: readonly string[]
}

export interface ClusterAccess {
  readonly server: string
  /** PEM text, from `certificate-authority-data`. */
  readonly caData: string | undefined
  readonly caFile: string | undefined
  readonly skipsVerification: boolean
  readonly tlsServerName: string | undefined
  readonly proxyUrl: string | undefined
  /** The extension that clients pass to plugins, unvalidated. */
  readonly execConfig: unknown
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
          : "add a cluster with 'aws eks update-kubeconfig --name NAME'",
    })
  }
  const context = findEntry(config.contexts, contextName, 'context', location)
  const clusterEntry = textField(context.value, 'cluster') ?? ''
  const userEntry = textField(context.value, 'user') ?? ''
  const cluster = findEntry(config.clusters, clusterEntry, 'cluster', location)
  const user = findEntry(config.users, userEntry, 'user', location)
  const keys = Object.keys((user.value ?? {}) as object)
  return {
    name: contextName,
    clusterEntry,
    userEntry,
    cluster: clusterAccess(cluster, platform),
    exec: execBlock(user, platform),
    otherCredentials: keys.filter((key) => OTHER_CREDENTIALS.includes(key)),
  }
}

const OTHER_CREDENTIALS = [
  'token',
  'tokenFile',
  'client-certificate',
  'client-certificate-data',
  'username',
  'auth-provider',
]

function findEntry(entries: ReadonlyMap<string, Entry>, name: string, kind: string, location: string): Entry {
  const entry = entries.get(name)
  if (entry) return entry
  throw new EksTokenError('ERR_KUBECONFIG', `${kind} "${redactValue(name)}" does not exist in ${location}`, {
    remedy:
      entries.size > 0
        ? `use one of the ${kind}s in the kubeconfig: ${listNames(entries)}`
        : `the kubeconfig has no ${kind}s; add a cluster with 'aws eks update-kubeconfig --name NAME'`,
  })
}

function listNames(entries: ReadonlyMap<string, unknown>): string {
  const names = [...entries.keys()].map(redactValue)
  return names.slice(0, 8).join(', ') + (names.length > 8 ? ', …' : '')
}

function clusterAccess({ value, file }: Entry, platform: string): ClusterAccess {
  const caData = textField(value, 'certificate-authority-data')
  const caFile = textField(value, 'certificate-authority')
  return {
    server: textField(value, 'server') ?? '',
    caData: caData ? Buffer.from(caData, 'base64').toString('utf8') : undefined,
    caFile: caFile ? resolvePath(caFile, file, platform) : undefined,
    skipsVerification: field(value, 'insecure-skip-tls-verify') === true,
    tlsServerName: textField(value, 'tls-server-name'),
    proxyUrl: textField(value, 'proxy-url') || undefined,
    execConfig: clusterInfoOf(value),
  }
}

/** The command of a kubeconfig is relative to the file that it is in. */
function execBlock({ value, file }: Entry, platform: string): ExecBlock | undefined {
  const exec = parseExecBlock(field(value, 'exec'))
  const separator = platform === 'win32' ? '\\' : '/'
  if (!exec?.command.includes(separator)) return exec
  return { ...exec, command: resolvePath(exec.command, file, platform) }
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
