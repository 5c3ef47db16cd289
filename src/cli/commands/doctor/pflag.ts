import { redactArgument } from '../../../redact.ts'

/** A flag, by its long name. */
interface Flag {
  /** One letter. */
  readonly short?: string
  /** False: its value may follow `=` only. */
  readonly takesValue: boolean
}

export interface ParsedFlags {
  /** By long name; `true` for a switch without a value. */
  readonly flags: ReadonlyMap<string, string>
  readonly words: readonly string[]
}

/**
 * Parses arguments as Go's pflag does: `--name value`, `--name=value`, `-n value`, `-nvalue`, `-n=value`, and letters of
 * switches together; `--` ends the flags. https://pkg.go.dev/github.com/spf13/pflag#hdr-Command_line_flag_syntax
 *
 * @returns a string: why the program rejects the arguments
 */
export function parseFlags(args: readonly string[], known: Readonly<Record<string, Flag>>): ParsedFlags | string {
  const flags = new Map<string, string>()
  const words: string[] = []
  const byLetter = new Map(Object.entries(known).map(([name, { short }]) => [short, name]))
  for (let index = 0; index < args.length; index++) {
    const word = args[index] as string
    if (word === '--') {
      words.push(...args.slice(index + 1))
      break
    }
    if (!word.startsWith('-') || word === '-') {
      words.push(word)
      continue
    }
    if (word.startsWith('--')) {
      const equals = word.indexOf('=')
      const name = equals < 0 ? word.slice(2) : word.slice(2, equals)
      const flag = Object.hasOwn(known, name) ? known[name] : undefined
      if (!flag) return `unknown flag: ${redactArgument(word)}`
      const value = equals >= 0 ? word.slice(equals + 1) : flag.takesValue ? args[++index] : 'true'
      if (value === undefined) return `flag needs an argument: --${name}`
      flags.set(name, value)
      continue
    }
    for (let letters = word.slice(1); letters !== ''; ) {
      const name = byLetter.get(letters[0])
      if (name === undefined) return `unknown shorthand flag: ${redactArgument(word)}`
      const after = letters.slice(1)
      if (known[name]?.takesValue) {
        const value = after === '' ? args[++index] : after.replace(/^=/, '')
        if (value === undefined) return `flag needs an argument: -${letters[0]}`
        flags.set(name, value)
        letters = ''
      } else if (after.startsWith('=')) {
        flags.set(name, after.slice(1))
        letters = ''
      } else {
        flags.set(name, 'true')
        letters = after
      }
    }
  }
  return { flags, words }
}
