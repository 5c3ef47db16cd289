import type { ParsedCommand } from './subcommand.ts'

/** The AWS CLI's word before login and logout. */
export const SSO_WORD = 'sso'

/** Whether the command line says `sso login` or `sso logout`. */
export function onlySso({ positionals }: ParsedCommand): typeof SSO_WORD | undefined {
  return positionals.length > 0 ? SSO_WORD : undefined
}
