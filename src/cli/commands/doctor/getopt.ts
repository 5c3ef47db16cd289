/** The options of a program, without dashes: a name of one character is a short option. */
export interface OptionTable {
  readonly flags?: readonly string[]
  readonly values?: readonly string[]
  /** Long options whose value, if there is one, follows `=`. */
  readonly optionalValues?: readonly string[]
}

export interface ParsedOption {
  readonly name: string
  readonly value: string | undefined
}

export interface ParsedOptions {
  readonly options: readonly ParsedOption[]
  readonly rest: readonly string[]
}

/**
 * The options before the first operand, as GNU programs parse them: short options can share a dash, and long ones can be
 * abbreviated. https://man7.org/linux/man-pages/man3/getopt.3.html
 *
 * @returns undefined for an option that is not in the table; `nothing` for `--help` and `--version`, and for a missing value:
 *   the program then does nothing else
 */
export function parseOptions(words: readonly string[], table: OptionTable): ParsedOptions | 'nothing' | undefined {
  const { flags = [], values = [], optionalValues = [] } = table
  const long = [...flags, ...values, ...optionalValues, 'help', 'version'].filter((name) => name.length > 1)
  const options: ParsedOption[] = []
  for (let index = 0; index < words.length; index++) {
    const word = words[index] as string
    if (word === '--') return { options, rest: words.slice(index + 1) }
    if (!word.startsWith('-') || word === '-') return { options, rest: words.slice(index) }
    if (word.startsWith('--')) {
      const [, given = '', value] = /^--([^=]*)(?:=(.*))?$/s.exec(word) ?? []
      const name = completed(given, long)
      if (name === undefined) return undefined
      if (name === 'help' || name === 'version') return 'nothing'
      const next = values.includes(name) && value === undefined ? words[++index] : value
      if (values.includes(name) && next === undefined) return 'nothing'
      options.push({ name, value: next })
      continue
    }
    for (let at = 1; at < word.length; at++) {
      const name = word[at] as string
      if (flags.includes(name)) {
        options.push({ name, value: undefined })
        continue
      }
      if (!values.includes(name)) return undefined
      const value = word.slice(at + 1) || words[++index]
      if (value === undefined) return 'nothing'
      options.push({ name, value })
      break
    }
  }
  return { options, rest: [] }
}

/** The option of which a name is an unambiguous abbreviation. */
function completed(given: string, names: readonly string[]): string | undefined {
  if (names.includes(given)) return given
  const matches = names.filter((name) => name.startsWith(given))
  return matches.length === 1 ? matches[0] : undefined
}
