import { clusterProblem } from '../../../kubernetes/config-problems.ts'
import { findContext } from '../../../kubernetes/context.ts'
import { readKubeconfigBytes } from '../../../kubernetes/kubeconfig/bytes.ts'
import { kubeconfigPaths, readKubeconfig, UPDATE_COMMAND } from '../../../kubernetes/kubeconfig/read.ts'
import { type DoctorContext, defineCheck, fail, ok } from './context.ts'

export const UPDATE_REMEDY = `regenerate the kubeconfig entry with ${UPDATE_COMMAND}`

export const kubeconfigCheck = defineCheck({
  id: 'kubeconfig',
  needs: [],
  remedy: UPDATE_REMEDY,
  run: (_, context) => {
    const config = context.kubeconfig ?? loadKubeconfig(context)
    const { options, runtime, files } = context
    const kubeContext = findContext(config, options.context, runtime.processHost.platform)
    const problem = clusterProblem(kubeContext, files)
    if (problem) return fail(problem.message, { remedy: problem.remedy, artifacts: { kubeContext } })
    return ok(`${config.files.join(', ')}, context ${kubeContext.name}`, { kubeContext, isUsable: true })
  },
})

/** @throws EksTokenError `ERR_KUBECONFIG`, `ERR_TIMEOUT` */
export function loadKubeconfig({ options, runtime, timeoutSeconds }: DoctorContext) {
  return readKubeconfig(kubeconfigPaths(options.kubeconfig, runtime), (path) =>
    readKubeconfigBytes(path, timeoutSeconds),
  )
}
