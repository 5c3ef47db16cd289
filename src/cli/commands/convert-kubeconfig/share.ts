import { asList, field, findNamed, isRecord, sameValue, textField, type Values } from '../../../json.ts'
import type { ClusterArguments } from '../../../kubernetes/exec-cluster.ts'
import { clusterInfoOf, withClusterInfo } from '../../../kubernetes/kubeconfig/cluster-info.ts'
import { INSTALL_HINT, isSharedUser, SHARED_INSTALL_HINT } from '../../../kubernetes/kubeconfig/exec-block.ts'
import { programName } from './convert-exec.ts'
import { createArgumentsParser } from './exec-arguments.ts'
import { splitExec } from './split-exec.ts'

/** The user that all contexts get. */
export const SHARED_USER = 'eks-get-token'

/** What is needed to give the contexts of a user their own user back. */
export interface SharedRecord {
  readonly contexts: readonly string[]
  /** The clusters of the contexts, with the value of `extensions` before and the extension that was written. */
  readonly clusters: readonly { readonly name: string; readonly before: unknown; readonly info: unknown }[]
  /** The entry of the user. */
  readonly user: unknown
}

export interface Sharing {
  readonly config: Values
  /** By the names of users: undefined for a user that is shared now, the reason for one that is not. */
  readonly reasons: ReadonlyMap<string, string | undefined>
  readonly records: ReadonlyMap<string, SharedRecord>
}

/**
 * Gives the contexts of users that run this program one user: what their arguments name goes into the extensions of the
 * clusters. Users whose exec block has something else that differs are left.
 *
 * @param original - before the conversion, for the entries to restore
 * @param isSelected - whether a context is to be changed
 */
export function shareUsers(config: Values, original: Values, isSelected: (context: string) => boolean): Sharing {
  const parseArguments = createArgumentsParser()
  const reasons = new Map<string, string | undefined>()
  const records = new Map<string, SharedRecord>()
  const clusters = new Map(asList(config.clusters).map((entry) => [textField(entry, 'name'), entry]))
  const contextsOfUser = groupByUser(asList(config.contexts).filter((entry) => isSelected(nameOf(entry))))
  const originalUsers = new Map(asList(original.users).map((entry) => [nameOf(entry), entry]))
  const users = asList(config.users)
  const existing = field(field(findNamed(users, SHARED_USER), 'user'), 'exec')
  let block: unknown = isSharedUser(existing) ? withoutHint(existing) : undefined
  let exec: unknown = isSharedUser(existing) ? existing : undefined
  const isTaken = findNamed(users, SHARED_USER) !== undefined && exec === undefined
  for (const user of users) {
    const name = nameOf(user)
    const own = field(field(user, 'user'), 'exec')
    if (programName(textField(own, 'command') ?? '') !== 'eks-get-token' || isSharedUser(own)) continue
    const contexts = contextsOfUser.get(name)
    if (!contexts) continue
    const parts = splitExec(own as Values, parseArguments)
    const names = contexts.map((entry) => textField(field(entry, 'context'), 'cluster'))
    const reason = isTaken
      ? `another user has the name ${SHARED_USER}`
      : typeof parts === 'string'
        ? parts
        : (whyNotInClusters(names, parts.info, clusters) ??
          (block !== undefined && !sameValue(block, withoutHint(parts.exec))
            ? 'its exec block differs from that of the shared user'
            : undefined))
    reasons.set(name, reason)
    if (reason !== undefined || typeof parts === 'string') continue
    exec ??= withSharedHint(parts.exec)
    block ??= withoutHint(parts.exec)
    records.set(name, {
      contexts: contexts.map(nameOf),
      clusters: [...new Set(names)].map((cluster) => ({
        name: cluster ?? '',
        before: field(field(clusters.get(cluster), 'cluster'), 'extensions'),
        info: clusterInfoOf(withClusterInfo(field(clusters.get(cluster), 'cluster') as Values, parts.info)),
      })),
      user: originalUsers.get(name),
    })
    for (const cluster of names) {
      const entry = clusters.get(cluster) as Values
      clusters.set(cluster, { ...entry, cluster: withClusterInfo(entry.cluster as Values, parts.info) })
    }
  }
  return { config: withShared(config, clusters, records, exec), reasons, records }
}

function withShared(
  config: Values,
  clusters: ReadonlyMap<string | undefined, unknown>,
  records: ReadonlyMap<string, SharedRecord>,
  exec: unknown,
): Values {
  if (records.size === 0) return config
  const moved = new Set([...records.values()].flatMap((record) => record.contexts))
  const contexts = asList(config.contexts).map((entry) =>
    moved.has(nameOf(entry)) ? withUser(entry as Values, SHARED_USER) : entry,
  )
  const used = usersOf(contexts)
  const users = asList(config.users).filter((entry) => !records.has(nameOf(entry)) || used.has(nameOf(entry)))
  const shared = findNamed(users, SHARED_USER) ? [] : [{ name: SHARED_USER, user: { exec } }]
  const entries = asList(config.clusters).map((entry) => clusters.get(textField(entry, 'name')) ?? entry)
  return { ...config, clusters: entries, contexts, users: [...users, ...shared] }
}

function nameOf(entry: unknown): string {
  return textField(entry, 'name') ?? ''
}

function userOf(context: unknown): string | undefined {
  return textField(field(context, 'context'), 'user')
}

function groupByUser(contexts: readonly unknown[]): Map<string | undefined, unknown[]> {
  const groups = new Map<string | undefined, unknown[]>()
  for (const context of contexts) {
    const group = groups.get(userOf(context))
    if (group) group.push(context)
    else groups.set(userOf(context), [context])
  }
  return groups
}

function withUser(entry: Values, user: string): Values {
  return { ...entry, context: { ...(entry.context as Values), user } }
}

function usersOf(contexts: readonly unknown[]): Set<string | undefined> {
  return new Set(contexts.map(userOf))
}

function withSharedHint(exec: Values): Values {
  return exec.installHint === INSTALL_HINT ? { ...exec, installHint: SHARED_INSTALL_HINT } : exec
}

function withoutHint(exec: unknown): unknown {
  const { installHint: _hint, ...block } = exec as Values
  return block
}

/** A cluster has one extension, so all contexts with it have the same role and the same profile. */
function whyNotInClusters(
  names: readonly (string | undefined)[],
  info: ClusterArguments,
  clusters: ReadonlyMap<string | undefined, unknown>,
): string | undefined {
  for (const name of names) {
    const cluster = field(clusters.get(name), 'cluster')
    if (!isRecord(cluster)) return 'the cluster of its context is not in this file'
    const previous = clusterInfoOf(cluster)
    if (previous !== undefined && !sameValue(clusterInfoOf(withClusterInfo(cluster, info)), previous)) {
      return 'its cluster already has another role, profile or region for another user'
    }
  }
  return undefined
}

/**
 * Gives contexts their own user back.
 *
 * @param records - by the names of users
 */
export function unshareUsers(
  config: Values,
  records: ReadonlyMap<string, SharedRecord>,
  isSelected: (context: string) => boolean,
): { readonly config: Values; readonly restored: readonly string[] } {
  const owners = new Map([...records].flatMap(([name, { contexts }]) => contexts.map((context) => [context, name])))
  const restored = new Set<string>()
  const freed = new Set<string | undefined>()
  const contexts = asList(config.contexts).map((entry) => {
    const context = nameOf(entry)
    const owner = owners.get(context)
    const isShared = userOf(entry) === SHARED_USER
    if (owner === undefined || !isShared || !isSelected(context)) return entry
    restored.add(owner)
    freed.add(textField(field(entry, 'context'), 'cluster'))
    return withUser(entry as Values, owner)
  })
  if (restored.size === 0) return { config, restored: [] }
  const used = usersOf(contexts)
  const users = asList(config.users).filter(
    (entry) => textField(entry, 'name') !== SHARED_USER || used.has(SHARED_USER),
  )
  const present = new Set(users.map(nameOf))
  const missing = [...restored].filter((name) => !present.has(name))
  // A cluster that several users share is in the records of each; the first has what was there before.
  const written = new Map(
    [...restored]
      .flatMap((name) => records.get(name)?.clusters ?? [])
      .reverse()
      .map((record) => [record.name, record]),
  )
  const clusters = asList(config.clusters).map((entry) => {
    const record = written.get(nameOf(entry))
    const cluster = field(entry, 'cluster')
    const isWritten =
      record && freed.has(record.name) && isRecord(cluster) && sameValue(clusterInfoOf(cluster), record.info)
    if (!isWritten) return entry
    const { extensions: _extensions, ...rest } = cluster
    const previous = record.before === undefined ? rest : { ...rest, extensions: record.before }
    return { ...(entry as Values), cluster: previous }
  })
  const returned = missing.map((name) => records.get(name)?.user)
  return { config: { ...config, clusters, contexts, users: [...users, ...returned] }, restored: [...restored] }
}
