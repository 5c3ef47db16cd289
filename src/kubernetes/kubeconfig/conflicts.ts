import { asList, field, textField, type Values } from '../../json.ts'
import { clusterInfoOf } from './cluster-info.ts'
import type { ClusterEntries, Section } from './entries.ts'
import { clusterArgument, isSameUser, roleArgument } from './exec-block.ts'

/** An entry that is used for something else and would be overwritten. */
export interface Conflict {
  readonly kind: 'user' | 'context' | 'cluster'
  readonly name: string
  readonly why: string
}

/** The entries of another cluster or another role that {@link withEntries} would overwrite. */
export function findConflicts(config: Values | null, entries: ClusterEntries): Conflict[] {
  const { clusterName, contextName } = entries
  const conflicts: Conflict[] = []
  const cluster = textField(field(findEntry(config, 'contexts', contextName), 'context'), 'cluster')
  if (cluster !== undefined && cluster !== clusterName) {
    conflicts.push({ kind: 'context', name: contextName, why: `it belongs to the cluster ${cluster}` })
  }
  const user = userConflict(config, entries)
  const shared = clusterConflict(config, entries)
  return [
    ...conflicts,
    ...(user === undefined ? [] : [{ kind: 'user', name: entries.userName, why: user } as const]),
    ...(shared === undefined ? [] : [{ kind: 'cluster', name: clusterName, why: shared } as const]),
  ]
}

function userConflict(config: Values | null, { userName, exec }: ClusterEntries): string | undefined {
  const previous = field(field(findEntry(config, 'users', userName), 'user'), 'exec')
  if (asList(field(previous, 'args')).length === 0) return undefined
  const cluster = clusterArgument(previous)
  if (exec.provideClusterInfo) {
    return isSameUser(previous, exec)
      ? undefined
      : cluster
        ? `it belongs to the cluster ${cluster}`
        : 'it has another plugin'
  }
  if (cluster !== undefined && !isSameUser(previous, exec)) return `it belongs to the cluster ${cluster}`
  return describeOther(roleArgument(previous), roleArgument(exec))
}

/** The role of a cluster whose user is shared is in the cluster's extension, which has one only. */
function clusterConflict(config: Values | null, { clusterName, clusterInfo }: ClusterEntries): string | undefined {
  const previous = clusterInfoOf(field(findEntry(config, 'clusters', clusterName), 'cluster'))
  return clusterInfo && previous ? describeOther(textField(previous, 'roleArn'), clusterInfo.roleArn) : undefined
}

function describeOther(previous: string | undefined, role: string | undefined): string | undefined {
  return previous === role ? undefined : `it has ${previous ?? 'no role'}`
}

function findEntry(config: Values | null, section: Section, name: string): unknown {
  return asList(field(config, section)).find((entry) => field(entry, 'name') === name)
}
