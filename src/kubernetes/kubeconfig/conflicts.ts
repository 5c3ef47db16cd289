import { parseEksHost } from '../../aws/eks-host.ts'
import { attempt } from '../../errors.ts'
import { asRecord, field, textField } from '../../json.ts'
import { clusterInfoOf } from './cluster-info.ts'
import type { ClusterEntries } from './entries.ts'
import { clusterArgument, isEksPlugin, isSameUser, isSharedUser, roleArgument } from './exec-block.ts'
import type { NamedEntries } from './named-entries.ts'

/** An entry that is used for something else and would be overwritten. */
export interface Conflict {
  readonly kind: 'user' | 'context' | 'cluster'
  readonly name: string
  readonly why: string
  /** Whether the entry is one of an EKS cluster: the command that has written it can write it again. */
  readonly isRepeatable: boolean
}

type Reason = Pick<Conflict, 'why' | 'isRepeatable'>

/** The entries of another cluster or another role that {@link withEntries} would overwrite. */
export function findConflicts(existing: NamedEntries, entries: ClusterEntries): Conflict[] {
  const named = (kind: Conflict['kind'], name: string, reason: Reason | undefined): Conflict[] =>
    reason ? [{ kind, name, ...reason }] : []
  return [
    ...named('context', entries.contextName, contextConflict(existing, entries)),
    ...named('user', entries.userName, userConflict(existing, entries)),
    ...named('cluster', entries.clusterName, clusterConflict(existing, entries)),
  ]
}

function contextConflict(existing: NamedEntries, { clusterName, contextName }: ClusterEntries): Reason | undefined {
  const context = field(existing.find('contexts', contextName), 'context')
  const cluster = textField(context, 'cluster')
  if (cluster === undefined || cluster === clusterName) return undefined
  return { why: `it belongs to the cluster ${cluster}`, isRepeatable: isEksContext(existing, context) }
}

/** Whether a context leads to an EKS cluster, or to nothing. */
function isEksContext(existing: NamedEntries, context: unknown): boolean {
  const name = textField(context, 'cluster') ?? ''
  const cluster = field(existing.find('clusters', name), 'cluster')
  const user = field(existing.find('users', textField(context, 'user') ?? ''), 'user')
  return isEksArn(name) || isEksPlugin(field(user, 'exec')) || isEksServer(cluster) || (!cluster && !user)
}

function userConflict(existing: NamedEntries, entries: ClusterEntries): Reason | undefined {
  const { userName, clusterName, exec } = entries
  const user = field(existing.find('users', userName), 'user')
  const previous = field(user, 'exec')
  const cluster = clusterArgument(previous)
  if (!isEksPlugin(previous) || (cluster === undefined && !isSharedUser(previous))) {
    // A user with the ARN of a cluster as its name is of this cluster.
    if (Object.keys(asRecord(user)).length === 0 || isEksArn(userName)) return undefined
    const others = existing.contextsOf('user', userName).map((context) => textField(context, 'cluster'))
    const other = others.find((name) => name !== undefined && name !== clusterName)
    return other === undefined ? undefined : { why: `it belongs to the cluster ${other}`, isRepeatable: false }
  }
  if (!isSameUser(previous, exec) && (cluster !== undefined || exec.provideClusterInfo)) {
    return { why: `it belongs to the cluster ${cluster}`, isRepeatable: true }
  }
  return exec.provideClusterInfo ? undefined : otherRole(roleArgument(previous), roleArgument(exec))
}

/**
 * A cluster whose entry has an alias, or whose user is shared: the role is then in the cluster's extension, which has one only.
 */
function clusterConflict(existing: NamedEntries, entries: ClusterEntries): Reason | undefined {
  const { clusterName, clusterInfo, exec } = entries
  const cluster = field(existing.find('clusters', clusterName), 'cluster')
  const previous = clusterInfoOf(cluster)
  if (clusterInfo && previous) {
    const reason = otherRole(textField(previous, 'roleArn'), clusterInfo.roleArn)
    if (reason) return reason
  }
  if (!cluster || isEksArn(clusterName)) return undefined
  const users = existing
    .contextsOf('cluster', clusterName)
    .map((context) => field(field(existing.find('users', textField(context, 'user') ?? ''), 'user'), 'exec'))
  if (users.some((user) => isSameUser(user, exec))) return undefined
  if (!isEksServer(cluster)) return { why: 'it is not an EKS cluster', isRepeatable: false }
  const other = users.map(clusterArgument).find((name) => name !== undefined)
  return other === undefined ? undefined : { why: `it belongs to the cluster ${other}`, isRepeatable: true }
}

function otherRole(previous: string | undefined, role: string | undefined): Reason | undefined {
  return previous === role ? undefined : { why: `it has ${previous ?? 'no role'}`, isRepeatable: true }
}

function isEksArn(name: string): boolean {
  return /^arn:[^:]*:eks:/.test(name)
}

function isEksServer(cluster: unknown): boolean {
  const host = attempt(() => new URL(textField(cluster, 'server') ?? '').hostname)
  return host !== undefined && parseEksHost(host) !== undefined
}
