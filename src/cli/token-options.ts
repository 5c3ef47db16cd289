import type { Host } from '../host.ts'
import type { TokenOptions } from '../index.ts'
import { readExecInfo } from '../kubernetes/exec-info.ts'
import { fromFile, seconds } from './get-token.ts'
import type { Terminal } from './terminal.ts'

/**
 * The options of get-token for a command that makes a token on its way. Names of roles' options: SHARED_OPTIONS.
 *
 * @param values - option name → value, as the command line has them
 * @throws EksTokenError `ERR_PARAMETER`, `ERR_SETTING`, as get-token does
 */
export function tokenOptions(values: ReadonlyMap<string, string | true>, host: Host, terminal: Terminal): TokenOptions {
  const text = (name: string): string | undefined => {
    const value = values.get(name)
    return typeof value === 'string' ? value : undefined
  }
  return {
    clusterName: fromFile('--cluster-name', text('cluster-name'), host),
    clusterId: fromFile('--cluster-id', text('cluster-id'), host),
    roleArn: fromFile('--role-arn', text('role-arn'), host),
    externalId: text('external-id'),
    roleSessionName: text('role-session-name'),
    durationSeconds: seconds('--duration-seconds', text('duration-seconds')),
    mfaSerial: text('mfa-serial'),
    useCache: values.has('no-cache') ? false : undefined,
    askForCode: async (request) => {
      const { askForCode } = await import('./mfa-code.ts')
      return askForCode(request, readExecInfo(host.env.KUBERNETES_EXEC_INFO), terminal)
    },
    profile: text('profile'),
    region: text('region'),
    readTimeoutSeconds: seconds('--cli-read-timeout', text('cli-read-timeout')),
    connectTimeoutSeconds: seconds('--cli-connect-timeout', text('cli-connect-timeout')),
    timeoutSeconds:
      seconds('--timeout', text('timeout')) ?? seconds('EKS_GET_TOKEN_TIMEOUT', host.env.EKS_GET_TOKEN_TIMEOUT),
  }
}

/** What such commands take of get-token's options. */
export const SHARED_OPTIONS = [
  'cluster-name',
  'cluster-id',
  'role-arn',
  'external-id',
  'role-session-name',
  'duration-seconds',
  'mfa-serial',
]
