import { parseKnown } from '../args/argparse.ts'
import { OPTIONS } from '../args/options.ts'
import type { CommandEntry } from '../subcommand.ts'

/**
 * The subcommands beside get-token. Each file is a bundle of its own, so that a run of get-token does not load it. A new
 * command is a row here, its summary in `summaries.ts`, and a file.
 */
const LOADERS = {
  inspect: async () => (await import('./inspect.ts')).COMMAND,
  verify: async () => (await import('./verify.ts')).COMMAND,
  doctor: async () => (await import('./doctor/index.ts')).COMMAND,
  'convert-kubeconfig': async () => (await import('./convert-kubeconfig/index.ts')).COMMAND,
  login: async () => (await import('./login.ts')).COMMAND,
  logout: async () => (await import('./logout.ts')).COMMAND,
  cache: async () => (await import('./cache.ts')).COMMAND,
  completion: async () => (await import('./completion/index.ts')).COMMAND,
}

export type CommandName = keyof typeof LOADERS

export const COMMANDS: readonly CommandEntry[] = (Object.keys(LOADERS) as CommandName[]).map((name) => ({
  name,
  load: LOADERS[name],
}))

/**
 * The subcommand that a command line calls: its name is the first word that is neither an option nor an option's value.
 * undefined: the line is for get-token. The AWS CLI has no service of these names. Its word `sso` may come before one.
 */
export function findCommand(argv: readonly string[]): CommandEntry | undefined {
  if (!argv.some((word) => entryOf(word))) return undefined
  if (argv[0] === 'help') return entryOf(argv[1])
  try {
    const { positional, rest } = parseKnown(argv, {
      options: OPTIONS,
      positional: { name: 'command', check: () => {} },
    })
    return entryOf(positional === 'sso' ? rest[0] : positional)
  } catch {
    // An ambiguous or incomplete option, which is reported when the line is parsed: by the command, if it comes first.
    return entryOf(argv[argv[0] === 'sso' ? 1 : 0])
  }
}

function entryOf(word: string | undefined): CommandEntry | undefined {
  return COMMANDS.find(({ name }) => name === word)
}
