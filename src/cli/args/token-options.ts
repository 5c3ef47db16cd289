import type { TokenOptions } from '../../index.ts'
import { parseExecInfo } from '../../kubernetes/exec-info.ts'
import type { Runtime } from '../../runtime.ts'
import { parseSeconds, readParameterFile } from '../commands/get-token.ts'
import type { Terminal } from '../terminal.ts'

/**
 * The options of get-token for a command that makes a token on its way. Names of roles' options: SHARED_OPTIONS.
 *
 * @param values - option name → value, as the command line has them
 * @throws EksTokenError `ERR_PARAMETER`, `ERR_SETTING`, as get-token does
 */
export function tokenOptions(
  values: ReadonlyMap<string, string | true>,
  runtime: Runtime,
  terminal: Terminal,
): TokenOptions {
  const text = (name: string): string | undefined => {
    const value = values.get(name)
    return typeof value === 'string' ? value : undefined
  }
  return {
    clusterName: readParameterFile('--cluster-name', text('cluster-name'), runtime),
    clusterId: readParameterFile('--cluster-id', text('cluster-id'), runtime),
    roleArn: readParameterFile('--role-arn', text('role-arn'), runtime),
    externalId: text('external-id'),
    roleSessionName: text('role-session-name'),
    durationSeconds: parseSeconds('--duration-seconds', text('duration-seconds')),
    mfaSerial: text('mfa-serial'),
    useCache: values.has('no-cache') ? false : undefined,
    mfaCodeProvider: async (request) => {
      const { promptForMfaCode } = await import('../mfa-prompt.ts')
      return promptForMfaCode(request, parseExecInfo(runtime.env.KUBERNETES_EXEC_INFO), terminal)
    },
    profile: text('profile'),
    region: text('region'),
    readTimeoutSeconds: parseSeconds('--cli-read-timeout', text('cli-read-timeout')),
    connectTimeoutSeconds: parseSeconds('--cli-connect-timeout', text('cli-connect-timeout')),
    timeoutSeconds:
      parseSeconds('--timeout', text('timeout')) ??
      parseSeconds('EKS_GET_TOKEN_TIMEOUT', runtime.env.EKS_GET_TOKEN_TIMEOUT),
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
