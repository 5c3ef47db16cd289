import { EksTokenError } from '../errors.ts'
import { redactArgument } from '../redact.ts'
import type { Runtime } from '../runtime.ts'
import type { ParsedCommand } from './subcommand.ts'

/**
 * The AWS CLI's word `sso` before login and logout.
 *
 * @throws EksTokenError `ERR_USAGE` for any other argument
 */
export function requireSsoWord({ positionals }: ParsedCommand, command: 'login' | 'logout'): 'sso' | undefined {
  const [word] = positionals
  if (word === undefined || word === 'sso') return word
  throw new EksTokenError('ERR_USAGE', `unknown argument: ${redactArgument(word)}`, {
    remedy: `run 'eks-get-token ${command} --profile NAME'`,
  })
}

/** The profile that a command line selects, which may not exist. */
export function profileName(option: string | undefined, { env }: Runtime): string {
  return option || (env.AWS_PROFILE ?? env.AWS_DEFAULT_PROFILE ?? 'default')
}
