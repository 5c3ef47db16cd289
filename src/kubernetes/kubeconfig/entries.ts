import { EksTokenError } from '../../errors.ts'
import { asList, field, isRecord, textField } from '../../json.ts'

/** What is written for one cluster. */
export interface ClusterEntries {
  /** The ARN of the cluster, which names its entry unless an alias does. */
  readonly clusterName: string
  readonly userName: string
  readonly contextName: string
  readonly server: string
  readonly caData: string
  /** undefined: an existing one stays. */
  readonly proxyUrl: string | undefined
  /** undefined: an existing one stays. */
  readonly namespace: string | undefined
  readonly exec: ExecEntry
  /** True: an existing `current-context` stays. */
  readonly keepCurrentContext: boolean
}

export interface ExecEntry {
  readonly apiVersion: string
  readonly args: readonly string[]
  readonly command: string
  readonly env: readonly EnvVariable[]
  readonly installHint: string
  readonly interactiveMode: string
}

export interface EnvVariable {
  readonly name: string
  readonly value: string
}

type Values = Readonly<Record<string, unknown>>
type Section = 'clusters' | 'users' | 'contexts'

const SECTIONS = ['clusters', 'users', 'contexts'] as const

/**
 * The kubeconfig with the entries of a cluster, in the order in which the AWS CLI writes them: an entry of the same name is
 * replaced where it is, a new one is added at the end.
 *
 * What users have added stays: namespace and extensions of the context, `proxy-url` of the cluster, environment variables of
 * the user. What would contradict the new values goes: kubectl rejects `insecure-skip-tls-verify` beside CA data, and
 * `tls-server-name` belongs to the former server.
 *
 * @param config - plain data; null: an empty file
 */
export function withEntries(config: Values | null, entries: ClusterEntries): Values {
  const { clusterName, userName, contextName } = entries
  if (config === null) {
    return {
      apiVersion: 'v1',
      clusters: [clusterEntry({}, entries)],
      contexts: [contextEntry({}, entries)],
      'current-context': contextName,
      kind: 'Config',
      preferences: {},
      users: [userEntry({}, entries)],
    }
  }
  const keepsCurrent = entries.keepCurrentContext && textField(config, 'current-context')
  return {
    ...config,
    clusters: withEntry(config, 'clusters', clusterName, (old) => clusterEntry(old, entries)),
    users: withEntry(config, 'users', userName, (old) => userEntry(old, entries)),
    contexts: withEntry(config, 'contexts', contextName, (old) => contextEntry(old, entries)),
    'current-context': keepsCurrent || contextName,
  }
}

function withEntry(config: Values, section: Section, name: string, entry: (old: Values) => Values): readonly unknown[] {
  const list = asList(config[section])
  const index = indexOf(list, name)
  return index < 0 ? [...list, entry({})] : list.with(index, entry(list[index] as Values))
}

function indexOf(list: readonly unknown[], name: string): number {
  return list.findIndex((entry) => field(entry, 'name') === name)
}

/** Whether the kubeconfig has an entry of this name. */
export function hasEntry(config: Values | null, section: Section, name: string): boolean {
  return indexOf(asList(field(config, section)), name) >= 0
}

export function clusterEntry(old: Values, { clusterName, server, caData, proxyUrl }: ClusterEntries): Values {
  const {
    'insecure-skip-tls-verify': _insecure,
    'certificate-authority': _file,
    'tls-server-name': _name,
    ...kept
  } = record(old.cluster)
  const cluster = { ...kept, 'certificate-authority-data': caData, server }
  return {
    ...old,
    cluster: proxyUrl === undefined ? cluster : { ...cluster, 'proxy-url': proxyUrl },
    name: clusterName,
  }
}

export function contextEntry(old: Values, { clusterName, userName, contextName, namespace }: ClusterEntries): Values {
  const previous = record(old.context)
  const kept = previous.cluster === clusterName ? previous : {}
  const context = { ...kept, cluster: clusterName, ...(namespace === undefined ? {} : { namespace }), user: userName }
  return { ...old, context, name: contextName }
}

export function userEntry(old: Values, { userName, exec }: ClusterEntries): Values {
  const previous = field(old.user, 'exec')
  const written = exec.env.map(({ name }) => name)
  const keptEnv = isSameCluster(previous, exec)
    ? asList(field(previous, 'env')).filter(
        (item) => ![...written, 'AWS_PROFILE'].includes(textField(item, 'name') ?? ''),
      )
    : []
  const { env: _env, ...block } = exec
  const env = [...keptEnv, ...exec.env]
  return { ...old, name: userName, user: { exec: sortedKeys(env.length === 0 ? block : { ...block, env }) } }
}

/** kubectl sorts the keys, too. */
function sortedKeys(values: Values): Values {
  return Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function isSameCluster(previous: unknown, { args }: ExecEntry): boolean {
  const name = clusterArgument(args)
  return name !== undefined && name === clusterArgument(asList(field(previous, 'args')))
}

function clusterArgument(args: readonly unknown[]): unknown {
  const index = args.findIndex((word) => word === '--cluster-name' || word === '--cluster-id' || word === '-i')
  return index < 0 ? undefined : args[index + 1]
}

function record(value: unknown): Values {
  return isRecord(value) ? value : {}
}

/** An entry that is used for something else and would be overwritten. */
export interface Conflict {
  readonly kind: 'user' | 'context'
  readonly name: string
  readonly why: string
}

/** The entries of another cluster or another role that {@link withEntries} would overwrite. */
export function findConflicts(config: Values | null, entries: ClusterEntries): Conflict[] {
  const { clusterName, userName, contextName, exec } = entries
  const find = (section: Section, name: string): unknown =>
    asList(field(config, section)).find((entry) => field(entry, 'name') === name)
  const conflicts: Conflict[] = []
  const cluster = textField(field(find('contexts', contextName), 'context'), 'cluster')
  if (cluster !== undefined && cluster !== clusterName) {
    conflicts.push({ kind: 'context', name: contextName, why: `it belongs to the cluster ${cluster}` })
  }
  const previous = field(field(find('users', userName), 'user'), 'exec')
  const args = asList(field(previous, 'args'))
  if (args.length === 0) return conflicts
  if (clusterArgument(args) !== undefined && !isSameCluster(previous, exec)) {
    conflicts.push({ kind: 'user', name: userName, why: `it belongs to the cluster ${String(clusterArgument(args))}` })
  } else if (roleArgument(args) !== roleArgument(exec.args)) {
    conflicts.push({ kind: 'user', name: userName, why: `it has ${String(roleArgument(args) ?? 'no role')}` })
  }
  return conflicts
}

function roleArgument(args: readonly unknown[]): unknown {
  const index = args.findIndex((word) => ['--role', '--role-arn', '-r'].includes(String(word)))
  return index < 0 ? undefined : args[index + 1]
}

const TOP_LEVEL: Readonly<Record<string, 'list' | 'dict' | 'str'>> = {
  apiVersion: 'str',
  clusters: 'list',
  contexts: 'list',
  'current-context': 'str',
  kind: 'str',
  preferences: 'dict',
  users: 'list',
}

/**
 * Checks what the AWS CLI checks in a kubeconfig, in its words.
 * https://github.com/aws/aws-cli/blob/2.36.7/awscli/customizations/eks/kubeconfig.py (KubeconfigValidator)
 *
 * @param path - of the file, for errors
 * @throws EksTokenError `ERR_KUBECONFIG`
 */
export function checkKubeconfig(value: unknown, path: string): asserts value is Values | null {
  if (value === null) return
  if (typeof value !== 'object' || Array.isArray(value)) throw invalid("Content not a <class 'dict'>.", path)
  for (const [key, wanted] of Object.entries(TOP_LEVEL)) {
    const content = field(value, key)
    if (content === undefined || content === null || pythonType(content) === wanted) continue
    throw invalid(`${key} is wrong type: ${pythonClass(pythonType(content))} (Should be ${pythonClass(wanted)})`, path)
  }
  for (const section of SECTIONS) {
    const isValid = asList(field(value, section)).every((entry) => pythonType(entry) === 'dict')
    if (!isValid) throw invalid(`Entry in ${section} not a <class 'dict'>. `, path)
  }
}

function pythonType(value: unknown): 'list' | 'dict' | 'str' | 'bool' | 'int' | 'float' | 'NoneType' {
  if (value === null) return 'NoneType'
  if (Array.isArray(value)) return 'list'
  if (typeof value === 'object') return 'dict'
  if (typeof value === 'string') return 'str'
  if (typeof value === 'boolean') return 'bool'
  return Number.isInteger(value) ? 'int' : 'float'
}

function pythonClass(type: string): string {
  return `<class '${type === 'dict' ? 'collections.OrderedDict' : type}'>`
}

function invalid(message: string, path: string): EksTokenError {
  return new EksTokenError('ERR_KUBECONFIG', message, {
    remedy: `correct ${path}, or use another file with --kubeconfig FILE`,
  })
}
