import { EksTokenError } from '../errors.ts'
import { asList, type Entry, field, type Kubeconfig, resolvePath, textField } from './kubeconfig.ts'

/** One context of a kubeconfig with all that it names. */
export interface Context {
  readonly name: string
  readonly clusterEntry: string
  readonly userEntry: string
  readonly cluster: ClusterAccess
  /** undefined: the user has no exec block. */
  readonly exec: ExecBlock | undefined
  /** What else the user has to sign in with, by the names of its keys. */
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
}

export interface ExecBlock {
  readonly apiVersion: string | undefined
  /** As it stands; a path with a separator is made absolute. */
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly interactiveMode: string | undefined
}

/**
 * @param name - default: the current one
 * @throws EksTokenError `ERR_KUBECONFIG` for a name that stands for nothing
 */
export function findContext(config: Kubeconfig, name: string | undefined): Context {
  const wanted = name ?? config.currentContext
  const where = config.files.join(', ')
  if (!wanted) {
    throw new EksTokenError('ERR_KUBECONFIG', `no context is current in ${where}`, {
      remedy: `choose one with --context: ${listed(config.contexts)}`,
    })
  }
  const context = entryOf(config.contexts, wanted, 'context', where)
  const clusterEntry = textField(context.value, 'cluster') ?? ''
  const userEntry = textField(context.value, 'user') ?? ''
  const cluster = entryOf(config.clusters, clusterEntry, 'cluster', where)
  const user = entryOf(config.users, userEntry, 'user', where)
  const keys = Object.keys((user.value ?? {}) as object)
  return {
    name: wanted,
    clusterEntry,
    userEntry,
    cluster: clusterAccess(cluster),
    exec: execBlock(user),
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

function entryOf(entries: ReadonlyMap<string, Entry>, name: string, kind: string, where: string): Entry {
  const entry = entries.get(name)
  if (entry) return entry
  throw new EksTokenError('ERR_KUBECONFIG', `there is no ${kind} "${name}" in ${where}`, {
    remedy: entries.size > 0 ? `there are: ${listed(entries)}` : `there is no ${kind} at all`,
  })
}

function listed(entries: ReadonlyMap<string, unknown>): string {
  const names = [...entries.keys()]
  return names.slice(0, 8).join(', ') + (names.length > 8 ? ', …' : '')
}

function clusterAccess({ value, file }: Entry): ClusterAccess {
  const caData = textField(value, 'certificate-authority-data')
  const caFile = textField(value, 'certificate-authority')
  return {
    server: textField(value, 'server') ?? '',
    caData: caData ? Buffer.from(caData, 'base64').toString('utf8') : undefined,
    caFile: caFile ? resolvePath(caFile, file) : undefined,
    skipsVerification: field(value, 'insecure-skip-tls-verify') === true,
    tlsServerName: textField(value, 'tls-server-name'),
    proxyUrl: textField(value, 'proxy-url') || undefined,
  }
}

function execBlock({ value, file }: Entry): ExecBlock | undefined {
  const exec = field(value, 'exec')
  const command = textField(exec, 'command')
  if (command === undefined) return undefined
  const env = asList(field(exec, 'env')).flatMap((item) => {
    const name = textField(item, 'name')
    return name === undefined ? [] : [[name, textField(item, 'value') ?? ''] as const]
  })
  return {
    apiVersion: textField(exec, 'apiVersion'),
    command: /[\\/]/.test(command) ? resolvePath(command, file) : command,
    args: asList(field(exec, 'args')).map(String),
    env: Object.fromEntries(env),
    interactiveMode: textField(exec, 'interactiveMode'),
  }
}

/** What the name of a cluster entry says of the cluster: the AWS CLI writes its ARN, eksctl its name and region. */
export interface NamedCluster {
  readonly name: string
  readonly region: string
  readonly account: string | undefined
  readonly partition: string | undefined
}

export function parseClusterEntry(entry: string): NamedCluster | undefined {
  const [, partition, region = '', account, name = ''] =
    /^arn:([\w-]+):eks:([\w-]+):(\d{12}):cluster\/([\w-]+)$/.exec(entry) ?? []
  if (partition) return { name, region, account, partition }
  const [, eksctlName, eksctlRegion] = /^([\w-]+)\.([a-z0-9-]+)\.eksctl\.io$/.exec(entry) ?? []
  if (!eksctlName || !eksctlRegion) return undefined
  return { name: eksctlName, region: eksctlRegion, account: undefined, partition: undefined }
}
