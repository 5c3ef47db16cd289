import type { TokenOptions } from '../../create-token.ts'
import type { Runtime } from '../../runtime.ts'
import type { OutputRequest } from '../output/formats.ts'

/** What the options of a command line set. */
export interface CliOptions {
  /** Arguments of createToken. */
  readonly token: { -readonly [Key in keyof TokenOptions]: TokenOptions[Key] }
  readonly output: OutputRequest
  debug: boolean
  login?: string
}

/** How an option is written and described. */
export interface OptionSpec {
  readonly name: string
  /** Where the AWS CLI reads it: anywhere, or after the operation; `own`: an option of a subcommand. */
  readonly level: 'global' | 'get-token' | 'update-kubeconfig' | 'own'
  /** A subcommand takes whole groups; options without a group are for get-token only. */
  readonly group?: OptionGroup
  /** A second spelling, of options that the AWS CLI does not have. */
  readonly short?: string
  /** Name of the value in the help; an option without one is a flag. */
  readonly value?: string
  readonly choices?: readonly string[]
  /** Of a subcommand: the values of a repeated option are joined with line breaks. */
  readonly repeatable?: true
  readonly help: string
  /**
   * `aws`: an option of the AWS CLI, which may be abbreviated to an unambiguous prefix. `own`: an option that the AWS CLI
   * does not have; it must be written out, so that it never changes the meaning of a prefix.
   */
  readonly origin: 'aws' | 'own'
}

export type OptionGroup = 'general' | 'output' | 'credentials' | 'cluster'

/** What an option does. */
export type Effect =
  | {
      readonly set: (options: CliOptions, value: string, name: string, runtime: Runtime) => void
      /** The argument of createToken that it sets. */
      readonly tokenOption?: keyof TokenOptions
    }
  /** Accepted and checked as in the AWS CLI, where get-token does not use it either. */
  | { readonly ignored: true; readonly check?: (value: string, name: string) => void }
  /** Prints the help or the version, and ends the run. */
  | { readonly prints: 'help' | 'version' }

export function isIgnored(option: OptionSpec & Partial<Effect>): boolean {
  return 'ignored' in option
}

/** The effect of an option whose value is a field of the command's options, as it is. */
export function setsText<Key extends string>(key: Key) {
  const set = (own: { [Field in Key]?: string }, value: string): void => {
    Object.assign(own, { [key]: value })
  }
  return { set }
}

/** The effect of a flag that is a field of the command's options. */
export function setsFlag<Key extends string>(key: Key) {
  const set = (own: { [Field in Key]?: boolean }): void => {
    Object.assign(own, { [key]: true })
  }
  return { set }
}
