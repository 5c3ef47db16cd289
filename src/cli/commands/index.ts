import { parseKnown } from '../args/argparse.ts'
import { OPTIONS } from '../args/options.ts'
import type { Subcommand } from '../subcommand.ts'

/**
 * The subcommands beside get-token: name, summary and file. Each file is a bundle of its own, so that a run of get-token
 * does not load it. A new command is a row here and a file.
 */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'inspect',
    summary: 'show what a token contains and check it offline',
    load: async () => (await import('./inspect.ts')).COMMAND,
  },
  {
    name: 'verify',
    summary: 'verify a token with STS, as an API server does',
    load: async () => (await import('./verify.ts')).COMMAND,
  },
  {
    name: 'doctor',
    summary: "diagnose 'Unauthorized' errors, from kubeconfig to API server",
    load: async () => (await import('./doctor/index.ts')).COMMAND,
  },
  {
    name: 'convert-kubeconfig',
    summary: 'make the users of a kubeconfig run this program, and undo it',
    load: async () => (await import('./convert-kubeconfig/index.ts')).COMMAND,
  },
  {
    name: 'cache',
    summary: 'list or clear cached credentials',
    load: async () => (await import('./cache.ts')).COMMAND,
  },
]

/** Operations of `aws eks` beside get-token, which are parsed by the AWS CLI's rules. */
export const AWS_COMMANDS: readonly Omit<CommandEntry, 'load'>[] = [
  { name: 'update-kubeconfig', summary: 'write a cluster into the kubeconfig, without loss' },
]

export interface CommandEntry {
  readonly name: string
  readonly summary: string
  readonly load: () => Promise<Subcommand>
}

/**
 * The subcommand that a command line calls: its name is the first word that is neither an option nor an option's value.
 * undefined: the line is for get-token. The AWS CLI has no service of these names.
 */
export function findCommand(argv: readonly string[]): CommandEntry | undefined {
  if (!argv.some((word) => entryOf(word))) return undefined
  if (argv[0] === 'help' && argv.length === 2) return entryOf(argv[1])
  try {
    return entryOf(parseKnown(argv, { options: OPTIONS, positional: { name: 'command', check: () => {} } }).positional)
  } catch {
    // An ambiguous or incomplete option, which is reported when the line is parsed.
    return undefined
  }
}

function entryOf(word: string | undefined): CommandEntry | undefined {
  return COMMANDS.find(({ name }) => name === word)
}
