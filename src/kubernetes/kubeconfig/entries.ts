import { asList, asRecord, field, isRecord, sameValue, textField, type Values } from '../../json.ts'
import type { ClusterArguments } from '../exec-cluster.ts'
import { withClusterInfo } from './cluster-info.ts'
import { type ExecEntry, isSameUser } from './exec-block.ts'
import { NamedEntries, type Section } from './named-entries.ts'

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
  /** For a user that serves many clusters: what depends on the cluster. undefined: the arguments of `exec` have it. */
  readonly clusterInfo: ClusterArguments | undefined
  /** True: an existing `current-context` stays. */
  readonly keepCurrentContext: boolean
}

/**
 * The kubeconfig with the entries of clusters, in the order in which the AWS CLI writes them: an entry of the same name is
 * replaced where it is, a new one is added at the end.
 *
 * What users have added stays: namespace and extensions of the context, `proxy-url` of the cluster, environment variables of
 * the user. What would contradict the new values goes: kubectl rejects `insecure-skip-tls-verify` beside CA data, and
 * `tls-server-name` belongs to the former server.
 *
 * @param config - plain data; null: an empty file
 */
export function withEntries(config: Values | null, clusters: readonly ClusterEntries[]): Values {
  const before = config ?? EMPTY
  return {
    ...before,
    clusters: withSection(before.clusters, clusters, ({ clusterName }) => clusterName, clusterEntry),
    users: withSection(before.users, clusters, ({ userName }) => userName, userEntry),
    contexts: withSection(before.contexts, clusters, ({ contextName }) => contextName, contextEntry),
    'current-context': clusters.reduce(
      (current, { keepCurrentContext, contextName }) => (keepCurrentContext && current) || contextName,
      textField(before, 'current-context'),
    ),
  }
}

/** The order of the keys of a new file. */
const EMPTY: Values = {
  apiVersion: 'v1',
  clusters: [],
  contexts: [],
  'current-context': '',
  kind: 'Config',
  preferences: {},
  users: [],
}

function withSection(
  section: unknown,
  clusters: readonly ClusterEntries[],
  nameOf: (entries: ClusterEntries) => string,
  createEntry: (old: Values, entries: ClusterEntries) => Values,
): readonly unknown[] {
  const list = [...asList(section)]
  const indexes = new Map(list.map((entry, index) => [field(entry, 'name'), index] as const).reverse())
  for (const entries of clusters) {
    const index = indexes.get(nameOf(entries)) ?? list.length
    list[index] = createEntry(asRecord(list[index]), entries)
    indexes.set(nameOf(entries), index)
  }
  return list
}

/** Whether the kubeconfig has what is written for clusters. Other programs may have added to it, and changed current-context. */
export function hasWrittenEntries(config: Values | null, clusters: readonly ClusterEntries[]): boolean {
  const existing = new NamedEntries(config)
  const has = (section: Section, name: string, entry: Values): boolean =>
    includesValue(existing.find(section, name), entry)
  return clusters.every(
    (entries) =>
      has('clusters', entries.clusterName, clusterEntry({}, entries)) &&
      has('users', entries.userName, userEntry({}, entries)) &&
      has('contexts', entries.contextName, contextEntry({}, entries)),
  )
}

/** Whether a value is another one with more keys or items. */
function includesValue(value: unknown, part: unknown): boolean {
  if (isRecord(part)) return Object.keys(part).every((key) => includesValue(field(value, key), part[key]))
  if (!asList(part).some(isRecord)) return sameValue(value, part)
  return asList(part).every((item) => asList(value).some((candidate) => includesValue(candidate, item)))
}

export function clusterEntry(old: Values, entries: ClusterEntries): Values {
  const { clusterName, server, caData, proxyUrl, clusterInfo } = entries
  const {
    'insecure-skip-tls-verify': _insecure,
    'certificate-authority': _file,
    'tls-server-name': _name,
    ...kept
  } = asRecord(old.cluster)
  const cluster = {
    ...kept,
    'certificate-authority-data': caData,
    server,
    ...(proxyUrl === undefined ? {} : { 'proxy-url': proxyUrl }),
  }
  return { ...old, cluster: clusterInfo ? withClusterInfo(cluster, clusterInfo) : cluster, name: clusterName }
}

export function contextEntry(old: Values, { clusterName, userName, contextName, namespace }: ClusterEntries): Values {
  const previous = asRecord(old.context)
  const kept = previous.cluster === clusterName ? previous : {}
  const context = { ...kept, cluster: clusterName, ...(namespace === undefined ? {} : { namespace }), user: userName }
  return { ...old, context, name: contextName }
}

export function userEntry(old: Values, { userName, exec }: ClusterEntries): Values {
  const previous = field(old.user, 'exec')
  const written = exec.env.map(({ name }) => name)
  const keptEnv = isSameUser(previous, exec)
    ? asList(field(previous, 'env')).filter(
        (item) => ![...written, 'AWS_PROFILE'].includes(textField(item, 'name') ?? ''),
      )
    : []
  const { env: _env, ...block } = exec
  const env = [...keptEnv, ...exec.env]
  return { ...old, name: userName, user: { exec: sortedKeys(env.length === 0 ? block : { ...block, env }) } }
}

/** With sorted keys, as kubectl writes them. */
function sortedKeys(values: Values): Values {
  return Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)))
}
