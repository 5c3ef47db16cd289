import { EksTokenError } from '../../errors.ts'
import type { OptionSpec } from './options.ts'

/**
 * What one pass of Python's argparse makes of a list of words. The AWS CLI reads its command line with three of
 * them, each handing the words that it does not know to the next; its prefixes, its treatment of `--` and of
 * values that begin with `-` are argparse's.
 * https://docs.python.org/3.11/library/argparse.html#partial-parsing
 */
export interface Parsed {
  /** Option name → its value (the last one given), or true for a switch. */
  readonly values: Map<string, string | true>
  /** The one positional word, when the pass has a place for it and found it. */
  readonly positional: string | undefined
  /** The words that this pass does not know, in order. */
  readonly rest: readonly string[]
}

export interface ParserSpec {
  readonly options: readonly OptionSpec[]
  /** Takes the first free word, when given; throws if the word is not one of its choices. */
  readonly positional?: { readonly name: string; readonly check: (word: string) => void }
  /** Ends the pass at once when it is met (`--version`). */
  readonly onOption?: (name: string) => void
}

/** An option as argv has it: the one it stands for (undefined: not known to this pass), and a value after `=`. */
interface Flag {
  readonly spec: OptionSpec | undefined
  readonly value: string | undefined
}

/**
 * Reads `words` by `grammar` as argparse's parse_known_args does.
 *
 * @throws EksTokenError `ERR_USAGE`: ambiguous prefix, missing value, a value for a switch, a word or value that
 *   is not one of the choices, a positional that is not there
 */
export function parseKnown(words: readonly string[], grammar: ParserSpec): Parsed {
  const flags = classify(words, grammar.options)
  const values = new Map<string, string | true>()
  const rest: string[] = []
  let positional: string | undefined
  let wanted = grammar.positional
  let at = 0

  // argparse gives a positional the words of its pattern, `-*A-*`: one free word, and a `--` on either side of it.
  const takePositional = (): boolean => {
    if (!wanted) return false
    let end = at
    if (words[end] === '--' && flags[end] === null) end++
    if (end >= words.length || flags[end] !== undefined) return false
    const word = words[end] as string
    end++
    if (flags[end] === null) end++
    wanted.check(word)
    positional = word
    wanted = undefined
    at = end
    return true
  }

  for (const next of indexesOfOptions(flags)) {
    if (next < at) continue
    while (at < next && takePositional()) {}
    while (at < next) rest.push(words[at++] as string)
    const flag = flags[next] as Flag
    at = next + 1
    if (!flag.spec) {
      rest.push(words[next] as string)
      continue
    }
    grammar.onOption?.(flag.spec.name)
    if (flag.spec.value === undefined) {
      if (flag.value !== undefined) {
        throw usage(`argument --${flag.spec.name}: ignored explicit argument '${flag.value}'`)
      }
      values.set(flag.spec.name, true)
      continue
    }
    let value = flag.value
    if (value === undefined) {
      if (at >= words.length || flags[at] !== undefined) {
        throw usage(`argument --${flag.spec.name}: expected one argument`)
      }
      value = words[at++] as string
    }
    checkChoice(flag.spec, value)
    values.set(flag.spec.name, value)
  }
  takePositional()
  while (at < words.length) rest.push(words[at++] as string)
  if (wanted) throw usage(`the following arguments are required: ${wanted.name}`)
  return { values, positional, rest }
}

/** For each word: undefined for a free word, null for the first `--` (all after it are free), else the option. */
function classify(words: readonly string[], options: readonly OptionSpec[]): (Flag | null | undefined)[] {
  const end = words.indexOf('--')
  return words.map((word, index) => {
    if (end >= 0 && index >= end) return index === end ? null : undefined
    return asFlag(word, options)
  })
}

function indexesOfOptions(flags: readonly (Flag | null | undefined)[]): number[] {
  return flags.flatMap((flag, index) => (flag ? [index] : []))
}

/** @throws EksTokenError `ERR_USAGE` for a prefix of more than one option */
function asFlag(word: string, options: readonly OptionSpec[]): Flag | undefined {
  if (!word.startsWith('-') || word === '-') return undefined
  const equals = word.indexOf('=')
  const name = equals < 0 ? word : word.slice(0, equals)
  const value = equals < 0 ? undefined : word.slice(equals + 1)
  const exact = options.find((option) => word === `--${option.name}` || word === option.short)
  if (exact) return { spec: exact, value: undefined }
  const beforeEquals = options.find((option) => name === `--${option.name}`)
  if (beforeEquals) return { spec: beforeEquals, value }
  const candidates = name.startsWith('--')
    ? options.filter((option) => option.origin === 'aws' && `--${option.name}`.startsWith(name))
    : []
  if (candidates.length > 1) {
    const matches = candidates.map((option) => `--${option.name}`).join(', ')
    throw usage(`ambiguous option: ${word} could match ${matches}`)
  }
  if (candidates[0]) return { spec: candidates[0], value }
  // A negative number is a value, and so is anything with a blank in it.
  if (/^-\d+$|^-\d*\.\d+$/.test(word) || word.includes(' ')) return undefined
  return { spec: undefined, value: undefined }
}

function checkChoice(option: OptionSpec, value: string): void {
  if (option.choices && !option.choices.includes(value)) {
    throw usage(`argument --${option.name}: Found invalid choice '${value}'`, {
      remedy: `--${option.name} takes one of: ${option.choices.join(', ')}`,
    })
  }
}

function usage(message: string, options?: { remedy: string }): EksTokenError {
  return new EksTokenError('ERR_USAGE', message, options)
}
