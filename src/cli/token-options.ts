import type { TokenOptions } from '../create-token.ts'
import { parseExecInfo } from '../kubernetes/exec-info.ts'
import type { Runtime } from '../runtime.ts'
import type { CliOptions } from './args/option.ts'
import { environmentTimeout } from './args/parameter-values.ts'
import type { Terminal } from './terminal.ts'

/**
 * The arguments of createToken for a command line: what the options set, with the time limit of the environment and the
 * MFA prompt of the terminal.
 *
 * @throws EksTokenError `ERR_USAGE` for an invalid EKS_GET_TOKEN_TIMEOUT
 */
export function tokenOptions({ token }: Pick<CliOptions, 'token'>, runtime: Runtime, terminal: Terminal): TokenOptions {
  return {
    ...token,
    timeoutSeconds: token.timeoutSeconds ?? environmentTimeout(runtime.env),
    mfaCodeProvider: async (request) => {
      const { promptForMfaCode } = await import('./mfa-prompt.ts')
      return promptForMfaCode(request, parseExecInfo(runtime.env.KUBERNETES_EXEC_INFO), token, runtime, terminal)
    },
  }
}
