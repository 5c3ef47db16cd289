import type { Runtime } from '../../runtime.ts'
import { parseKnown } from '../args/argparse.ts'
import { OPTIONS, type OptionSpec } from '../args/options.ts'
import type { Terminal } from '../terminal.ts'

/**
 * The commands besides get-token. Each module is a bundle of its own, so that get-token does not load it.
 */
export const COMMANDS: readonly CommandEntry[] = [
  { name: 'inspect', summary: 'show what a token contains, and check it offline', load: () => import('./inspect.ts') },
  {
    name: 'verify',
    summary: 'verify a token with STS, as a cluster does',
    load: () => import('./verify.ts'),
  },
  {
    name: 'doctor',
    summary: 'find out why a cluster responds Unauthorized',
    load: () => import('./doctor/index.ts'),
  },
  {
    name: 'cache',
    summary: 'list or clear cached credentials',
    load: () => import('./cache.ts'),
  },
]

export interface CommandEntry {
  readonly name: string
  readonly summary: string
  readonly load: () => Promise<{ readonly COMMAND: OwnCommand }>
}

export interface OwnCommand {
  /** What follows the name of the command in the usage line. */
  readonly usage: string
  readonly description: string
  /** Names in OPTIONS of what this command takes of get-token's own options; the global ones it takes in any case. */
  readonly shares: readonly string[]
  /** By full name only: origin and level are `own`. */
  readonly options: readonly OptionSpec[]
  /** The maximum number of positional arguments. */
  readonly maxWords: number
  /** Examples and exit codes, below the options. */
  readonly footer: string
  /** @returns the exit code */
  readonly run: (call: CommandCall, runtime: Runtime, terminal: Terminal) => Promise<number>
}

export interface CommandCall {
  readonly words: readonly string[]
  /** Option name → its value, or true for a switch. */
  readonly values: ReadonlyMap<string, string | true>
}

/**
 * The command that a command line runs: its name is the first argument that is neither an option nor the value of one.
 * undefined: get-token. The AWS CLI has no subcommand with any of these names in that position.
 */
export function findCommand(argv: readonly string[]): CommandEntry | undefined {
  if (!argv.some((word) => entryOf(word))) return undefined
  if (argv[0] === 'help' && argv.length === 2) return entryOf(argv[1])
  try {
    return entryOf(parseKnown(argv, { options: OPTIONS, positional: { name: 'command', check: () => {} } }).positional)
  } catch {
    // An ambiguous or incomplete option is reported when get-token's arguments are parsed.
    return undefined
  }
}

function entryOf(word: string | undefined): CommandEntry | undefined {
  return COMMANDS.find(({ name }) => name === word)
}
