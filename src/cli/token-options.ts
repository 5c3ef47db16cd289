import type { Host } from '../host.ts'
import type { TokenOptions } from '../index.ts'
import { fromFile, seconds } from './get-token.ts'

/**
 * The options of get-token for a command that makes a token on its way.
 *
 * @param values - option name → value, as the command line has them
 * @throws EksTokenError `ERR_PARAMETER`, `ERR_SETTING`, as get-token does
 */
export function tokenOptions(values: ReadonlyMap<string, string | true>, host: Host): TokenOptions {
  const text = (name: string): string | undefined => {
    const value = values.get(name)
    return typeof value === 'string' ? value : undefined
  }
  return {
    clusterName: fromFile('--cluster-name', text('cluster-name'), host),
    clusterId: fromFile('--cluster-id', text('cluster-id'), host),
    roleArn: fromFile('--role-arn', text('role-arn'), host),
    profile: text('profile'),
    region: text('region'),
    readTimeoutSeconds: seconds('--cli-read-timeout', text('cli-read-timeout')),
    connectTimeoutSeconds: seconds('--cli-connect-timeout', text('cli-connect-timeout')),
    timeoutSeconds:
      seconds('--timeout', text('timeout')) ?? seconds('EKS_GET_TOKEN_TIMEOUT', host.env.EKS_GET_TOKEN_TIMEOUT),
  }
}
