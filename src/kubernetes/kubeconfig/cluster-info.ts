import { asList, field, findNamed, isRecord, type Values } from '../../json.ts'
import { CLUSTER_ARGUMENTS, type ClusterArguments, EXEC_EXTENSION } from '../exec-cluster.ts'

/** What clients pass to plugins from the extension of a cluster, unvalidated; undefined without the extension. */
export function clusterInfoOf(cluster: unknown): unknown {
  return field(findExtension(cluster), 'extension')
}

/** The cluster with what get-token needs to know about it in its extension; other keys of the extension stay. */
export function withClusterInfo(cluster: Values, info: ClusterArguments): Values {
  const previous = clusterInfoOf(cluster)
  const others = Object.entries(isRecord(previous) ? previous : {}).filter(([key]) => !isClusterArgument(key))
  const own = CLUSTER_ARGUMENTS.flatMap((key) => (info[key] === undefined ? [] : [[key, info[key]] as const]))
  const entry = { extension: Object.fromEntries([...own, ...others]), name: EXEC_EXTENSION }
  const extensions = asList(cluster.extensions)
  const index = extensions.indexOf(findExtension(cluster))
  return { ...cluster, extensions: index < 0 ? [...extensions, entry] : extensions.with(index, entry) }
}

function findExtension(cluster: unknown): unknown {
  return findNamed(asList(field(cluster, 'extensions')), EXEC_EXTENSION)
}

function isClusterArgument(key: string): boolean {
  return CLUSTER_ARGUMENTS.some((argument) => argument === key)
}
