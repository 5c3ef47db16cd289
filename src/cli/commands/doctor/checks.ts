import { argumentsCheck, outputCheck } from './check-arguments.ts'
import { clusterCheck, commandLineCheck } from './check-cluster.ts'
import { clockCheck, endpointCheck, networkCheck, regionCheck } from './check-endpoint.ts'
import { commandCheck, execCheck, policyCheck } from './check-exec.ts'
import { kubeconfigCheck } from './check-kubeconfig.ts'
import { apiServerCheck, identityCheck } from './check-server.ts'
import { cacheCheck, profileCheck, sourceCheck } from './check-source.ts'
import { accountCheck, credentialsCheck, stsCheck, tokenCheck } from './check-token.ts'
import type { Check } from './context.ts'

/** From the settings to a token that STS accepts. The clock comes before the credentials: a wrong one makes every signed request fail. */
const TOKEN_CHECKS = [
  sourceCheck,
  cacheCheck,
  regionCheck,
  endpointCheck,
  networkCheck,
  clockCheck,
  credentialsCheck,
  tokenCheck,
  stsCheck,
]

/** Every check of a kubeconfig, in an order in which the first one that fails is the cause. */
export const CHECKS: readonly Check[] = [
  kubeconfigCheck,
  execCheck,
  commandCheck,
  policyCheck,
  argumentsCheck,
  profileCheck,
  outputCheck,
  ...TOKEN_CHECKS,
  accountCheck,
  apiServerCheck,
  identityCheck,
]

/** The checks of `--cluster-name`, without a kubeconfig. */
export const CLUSTER_CHECKS: readonly Check[] = [
  commandLineCheck,
  profileCheck,
  ...TOKEN_CHECKS,
  clusterCheck,
  accountCheck,
  apiServerCheck,
  identityCheck,
]
