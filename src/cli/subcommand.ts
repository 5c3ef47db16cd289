import type { Runtime } from '../runtime.ts'
import type { CliOptions, OptionGroup, OptionSpec } from './args/option.ts'
import { OUTPUT_FORMAT_NAMES } from './output/formats.ts'
import type { Terminal } from './terminal.ts'

/** A command beside get-token; see {@link defineCommand}. */
export interface Subcommand {
  /** Arguments after the command's name in the first line of its help. */
  readonly usage: string
  readonly description: string
  /** The groups of OPTIONS that it takes. */
  readonly optionGroups: readonly OptionGroup[]
  /** Help texts that differ from those in OPTIONS. */
  readonly helpOverrides: Readonly<Record<string, string>>
  /** Options that only this command has. */
  readonly ownOptions: readonly OptionSpec[]
  readonly maxPositionals: number
  /** What the first argument may be; default: anything. */
  readonly choices?: readonly string[]
  /** What it may also be, and is not listed for users. */
  readonly internalChoices?: readonly string[]
  /** The options whose value users write without the option, for hints: `login dev`. */
  readonly impliedOptions?: readonly string[]
  /** Examples, below the options in the help. */
  readonly footer: string
  /** What the exit codes mean, beside those that every command can return (commander.ts); exactly those that it returns. */
  readonly exitCodes: Readonly<Record<number, string>>
  /** @returns the exit code */
  readonly run: (call: ParsedCommand, runtime: Runtime, terminal: Terminal) => Promise<number>
}

/** A subcommand that is not loaded yet. */
export interface CommandEntry {
  readonly name: string
  readonly load: () => Promise<Subcommand>
}

export interface ParsedCommand {
  /** All of them. */
  readonly commands: readonly CommandEntry[]
  readonly positionals: readonly string[]
  /** Option name → its value, or true for a flag. */
  readonly values: ReadonlyMap<string, string | true>
  readonly options: CliOptions
}

/** The exit codes of a command that loads credentials. */
export const CREDENTIAL_EXIT_CODES = {
  253: 'no credentials, or no region where one is required',
  254: 'service error',
}

/** Subcommands print a report for users by default. */
export const OUTPUT_HELP = {
  output: `${OUTPUT_FORMAT_NAMES} (default: human-readable)`,
  query: 'JMESPath filter for the output (default format: json)',
  color: 'color: on, off or auto (default: auto; NO_COLOR is respected)',
}

/** An option of a single command, and how it sets a field of the command's own options. */
export interface OwnOption<Own> extends OptionSpec {
  readonly level: 'own'
  readonly origin: 'own'
  readonly set: (own: Own, value: string) => void
}

interface CommandDefinition<Own> extends Omit<Subcommand, 'ownOptions' | 'helpOverrides' | 'run'> {
  readonly helpOverrides?: Readonly<Record<string, string>>
  /** The fields that `ownOptions` set, with their defaults. */
  readonly own?: () => Own
  readonly ownOptions?: readonly OwnOption<Own>[]
  readonly run: (call: ParsedCommand & { readonly own: Own }, runtime: Runtime, terminal: Terminal) => Promise<number>
}

/** A subcommand whose own options are typed. */
export function defineCommand<Own = Record<never, never>>(definition: CommandDefinition<Own>): Subcommand {
  const { own: defaults = () => ({}) as Own, ownOptions = [], run, helpOverrides = {}, ...rest } = definition
  return {
    ...rest,
    helpOverrides,
    ownOptions,
    run: (call, runtime, terminal) => {
      const own = defaults()
      for (const { name, set } of ownOptions) {
        const value = call.values.get(name)
        if (value !== undefined) set(own, value === true ? '' : value)
      }
      return run({ ...call, own }, runtime, terminal)
    },
  }
}
