import { argumentsCheck } from './check-arguments.ts'
import { commandCheck, execCheck, kubeconfigCheck, policyCheck } from './check-kubeconfig.ts'
import { apiServerCheck, identityCheck } from './check-server.ts'
import { cacheCheck, profileCheck, sourceCheck } from './check-source.ts'
import { accountCheck, clockCheck, credentialsCheck, stsCheck, tokenCheck } from './check-token.ts'
import type { Check } from './context.ts'

/**
 * Every check, in an order in which the first one that fails is the cause. The clock comes before the credentials, because
 * a wrong clock makes every signed request fail, each with a different message.
 */
export const CHECKS: readonly Check[] = [
  kubeconfigCheck,
  execCheck,
  commandCheck,
  policyCheck,
  argumentsCheck,
  profileCheck,
  sourceCheck,
  cacheCheck,
  clockCheck,
  credentialsCheck,
  tokenCheck,
  stsCheck,
  accountCheck,
  apiServerCheck,
  identityCheck,
]
