import { parseEksHost } from '../../../aws/eks-host.ts'
import { attempt } from '../../../errors.ts'
import { findContext, parseClusterEntry } from '../../../kubernetes/context.ts'
import type { ExecBlock } from '../../../kubernetes/exec-block.ts'
import type { Kubeconfig } from '../../../kubernetes/kubeconfig/read.ts'
import { CHECKS } from './checks.ts'
import type { DoctorContext } from './context.ts'
import { parsePluginInvocation } from './plugin-invocation.ts'
import type { ContextRun } from './report.ts'
import { runChecks } from './run-checks.ts'

/** Contexts that are checked at the same time. */
const PARALLEL = 4

/** Checks every EKS context of a kubeconfig, in the order of the file, all within the time limit. */
export async function checkAllContexts(
  kubeconfig: Kubeconfig,
  context: DoctorContext,
  onStart: (waitsFor: string) => void,
): Promise<ContextRun[]> {
  const names = eksContexts(kubeconfig, context.runtime.processHost.platform)
  const runs: ContextRun[] = []
  const next = names.entries()
  const work = async (): Promise<void> => {
    for (const [index, name] of next) {
      const options = { ...context.options, context: name }
      const run = await runChecks(
        CHECKS,
        { ...context, options, kubeconfig },
        { onStart: () => {}, onResult: () => {} },
      )
      // After the time limit, nothing was found out.
      const results = run.results.length > 0 ? run.results : [NOT_CHECKED]
      runs[index] = { ...run, results, context: name }
      onStart(`${names.length - runs.filter(Boolean).length} more contexts`)
    }
  }
  await Promise.all(Array.from({ length: Math.min(PARALLEL, names.length) }, work))
  return runs
}

const NOT_CHECKED = {
  id: 'kubeconfig',
  status: 'fail',
  message: 'not checked within the time limit',
  remedy: 'raise the limit with --timeout SECONDS',
} as const

/** The contexts whose user runs an EKS plugin, or whose cluster is an EKS cluster. */
function eksContexts(kubeconfig: Kubeconfig, platform: string): string[] {
  return [...kubeconfig.contexts.keys()].filter((name) => {
    const found = attempt(() => findContext(kubeconfig, name, platform))
    if (!found) return false
    const { cluster, clusterEntry, exec } = found
    const host = URL.canParse(cluster.server) ? new URL(cluster.server).hostname : ''
    if (parseEksHost(host) || parseClusterEntry(clusterEntry)) return true
    return exec !== undefined && runsPlugin(exec, platform)
  })
}

/** Also with arguments that the plugin rejects. */
function runsPlugin(exec: ExecBlock, platform: string): boolean {
  try {
    return parsePluginInvocation(exec, platform, {}).plugin !== undefined
  } catch {
    return true
  }
}
