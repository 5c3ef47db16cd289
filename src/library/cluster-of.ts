import { asList, field, findNamed } from '../json.ts'
import { type SourcedArguments, withExecCluster } from '../kubernetes/exec-cluster.ts'
import { clusterInfoOf } from '../kubernetes/kubeconfig/cluster-info.ts'
import { parseSource } from '../kubernetes/kubeconfig/parse.ts'

/**
 * The arguments of get-token, with what kubectl would pass about the cluster.
 *
 * @param texts - kubeconfigs; the first that has the cluster counts
 * @throws EksTokenError `ERR_KUBECONFIG` for an extension with values of another type than text
 */
export function withClusterOf<Arguments extends SourcedArguments>(
  args: Arguments,
  { name, server }: { readonly name: string; readonly server: string },
  texts: readonly string[],
): Arguments {
  for (const text of texts) {
    const clusters = asList(field(parseSource(text, 'the kubeconfig', 'kubectl').value, 'clusters'))
    const entry = findNamed(clusters, name)
    if (entry !== undefined) return withExecCluster(args, { server, config: clusterInfoOf(field(entry, 'cluster')) })
  }
  return withExecCluster(args, { server })
}
