import { EksTokenError } from '../../errors.ts'
import { redactArgument } from '../../redact.ts'
import type { OptionSpec } from './option.ts'

/**
 * The result of one pass of Python's argparse over a list of words. The AWS CLI parses its command line in three passes, each of
 * which leaves the words that it does not know to the next; prefixes, `--` and values that begin with `-` follow argparse.
 * https://docs.python.org/3.11/library/argparse.html#partial-parsing
 */
export interface ParsedArguments {
  /** Option name → its last value, or true for a flag. */
  readonly values: ReadonlyMap<string, string | true>
  /** The positional argument, when the pass has one. */
  readonly positional: string | undefined
  /** The words that this pass does not know, in order. */
  readonly rest: readonly string[]
}

export interface ParserSpec<Option extends OptionSpec> {
  readonly options: readonly Option[]
  /** A required positional argument; `check` throws for a word that is not one of its choices. */
  readonly positional?: { readonly name: string; readonly check: (word: string) => void }
  /** Called for each flag, in the order of the line; may throw to end the pass. */
  readonly onFlag?: (option: Option) => void
}

/** A word that looks like an option; `option` is undefined where this pass does not know it. */
interface Flag<Option> {
  readonly option?: Option | undefined
  /** The value after `=`. */
  readonly value?: string | undefined
}

/**
 * Parses `words` as argparse's parse_known_args does.
 *
 * @throws EksTokenError `ERR_USAGE`: ambiguous prefix, missing value, value for a flag, invalid choice, missing positional
 *   argument
 */
export function parseKnown<Option extends OptionSpec>(
  words: readonly string[],
  spec: ParserSpec<Option>,
): ParsedArguments {
  const flags = classify(words, spec.options)
  const values = new Map<string, string | true>()
  const rest: string[] = []
  let positional: string | undefined
  let pendingPositional = spec.positional
  let index = 0

  // argparse matches a positional by the pattern `-*A-*`: one free word, with a `--` on either side of it.
  const takePositional = (): boolean => {
    if (!pendingPositional) return false
    let end = index
    if (words[end] === '--' && flags[end] === null) end++
    if (end >= words.length || flags[end] !== undefined) return false
    const word = words[end] as string
    end++
    if (flags[end] === null) end++
    pendingPositional.check(word)
    positional = word
    pendingPositional = undefined
    index = end
    return true
  }

  for (const next of flagIndexes(flags)) {
    if (next < index) continue
    while (index < next && takePositional()) {}
    while (index < next) rest.push(words[index++] as string)
    const { option, value: inlineValue } = flags[next] as Flag<Option>
    index = next + 1
    if (!option) {
      rest.push(words[next] as string)
      continue
    }
    if (option.value === undefined) {
      if (inlineValue !== undefined) {
        throw usageError(`argument --${option.name}: ignored explicit argument '${redactArgument(inlineValue)}'`)
      }
      spec.onFlag?.(option)
      values.set(option.name, true)
      continue
    }
    let value = inlineValue
    if (value === undefined) {
      if (index >= words.length || flags[index] !== undefined) {
        throw usageError(`argument --${option.name}: expected one argument`)
      }
      value = words[index++] as string
    }
    checkChoice(option, value)
    values.set(option.name, value)
  }
  takePositional()
  while (index < words.length) rest.push(words[index++] as string)
  if (pendingPositional) throw usageError(`the following arguments are required: ${pendingPositional.name}`)
  return { values, positional, rest }
}

/** For each word: undefined for a free word, null for the first `--` (all words after it are free), else the flag. */
function classify<Option extends OptionSpec>(
  words: readonly string[],
  options: readonly Option[],
): (Flag<Option> | null | undefined)[] {
  const end = words.indexOf('--')
  return words.map((word, index) => {
    if (end >= 0 && index >= end) return index === end ? null : undefined
    return asFlag(word, options)
  })
}

function flagIndexes(flags: readonly unknown[]): number[] {
  return flags.flatMap((flag, index) => (flag ? [index] : []))
}

/** @throws EksTokenError `ERR_USAGE` for a prefix of more than one option */
function asFlag<Option extends OptionSpec>(word: string, options: readonly Option[]): Flag<Option> | undefined {
  if (!word.startsWith('-') || word === '-') return undefined
  const equals = word.indexOf('=')
  const value = equals < 0 ? undefined : word.slice(equals + 1)
  const name = word.startsWith('--') ? word.slice(2, equals < 0 ? undefined : equals) : undefined
  const exact = options.find((option) => option.name === name || option.short === word)
  if (exact) return { option: exact, value }
  const candidates =
    name === undefined ? [] : options.filter((option) => option.origin === 'aws' && option.name.startsWith(name))
  if (candidates.length > 1) {
    const matches = candidates.map((option) => `--${option.name}`).join(', ')
    throw usageError(`ambiguous option: ${redactArgument(word)} could match ${matches}`, 'write the option in full')
  }
  if (candidates[0]) return { option: candidates[0], value }
  // Two kinds of words are values.
  if (word.includes(' ') || (name === undefined && isNegativeNumber(word))) return undefined
  return {}
}

/** In any digits and with a line break, as for Python. */
function isNegativeNumber(word: string): boolean {
  // biome-ignore lint/complexity/useRegexLiterals: of a literal, V8 would build the set of all digits in every run
  return RegExp('^-\\p{Nd}*\\.?\\p{Nd}+\\n?$', 'u').test(word)
}

function checkChoice(option: OptionSpec, value: string): void {
  if (option.choices && !option.choices.includes(value)) {
    throw usageError(
      `argument --${option.name}: Found invalid choice '${redactArgument(value)}'`,
      `use one of: ${option.choices.join(', ')}`,
    )
  }
}

function usageError(message: string, remedy?: string): EksTokenError {
  return new EksTokenError('ERR_USAGE', message, remedy === undefined ? {} : { remedy })
}
