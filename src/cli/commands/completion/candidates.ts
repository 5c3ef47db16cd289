import type { OptionSpec } from '../../args/option.ts'

/** What can be completed: a word, and its description where the shell shows one. */
export interface Candidate {
  readonly value: string
  readonly description?: string | undefined
}

/** A command as it is completed. */
export interface CommandSyntax {
  /** '' for get-token, whose words may be left out. */
  readonly name: string
  readonly summary: string
  readonly options: readonly OptionSpec[]
  /** Its words, where they are a fixed choice. */
  readonly words: readonly string[]
}

/** Reads the values that options take from files, only when they are requested. */
export interface ValueSources {
  readonly profiles: () => readonly string[]
  readonly ssoSessions: () => readonly string[]
  readonly regions: () => readonly string[]
  readonly contexts: () => readonly string[]
  readonly clusters: () => readonly string[]
}

/** Options whose value is one of a list that files define; every other value is left to the shell, which offers files. */
const VALUES: Readonly<Record<string, keyof ValueSources>> = {
  profile: 'profiles',
  'exec-profile': 'profiles',
  'sso-session': 'ssoSessions',
  region: 'regions',
  context: 'contexts',
  'cluster-name': 'clusters',
  name: 'clusters',
}

/**
 * The candidates for the last of the words of a command line.
 *
 * @param words - those after the program's name; the last one is being typed, and may be empty
 * @returns none: the shell completes file names
 */
export function candidatesFor(
  words: readonly string[],
  commands: readonly CommandSyntax[],
  sources: ValueSources,
): readonly Candidate[] {
  const typed = words.at(-1) ?? ''
  const before = words.slice(0, -1)
  const { command, positionals, pending, given } = readWords(before, commands)
  if (pending) return startingWith(typed, valuesOf(pending, sources))
  const [, name, value] = /^--([a-z-]+)=(.*)$/s.exec(typed) ?? []
  const glued = name === undefined ? undefined : command.options.find((option) => option.name === name)
  if (glued?.value !== undefined) {
    const values = startingWith(value ?? '', valuesOf(glued, sources))
    return values.map((candidate) => ({ ...candidate, value: `--${name}=${candidate.value}` }))
  }
  const options = command.options
    .filter((option) => option.help !== '' && (option.repeatable || !given.has(option.name)))
    .map((option) => ({ value: `--${option.name}`, description: option.help }))
  if (typed.startsWith('-')) return startingWith(typed, options)
  const commandNames = commands
    .filter((entry) => entry.name !== '')
    .map((entry) => ({ value: entry.name, description: entry.summary }))
  if (positionals[0] === 'help') return startingWith(typed, commandNames)
  if (command.name !== '') {
    const choices = positionals.length === 0 ? command.words.map((word) => ({ value: word })) : []
    return startingWith(typed, choices.length > 0 ? choices : options)
  }
  const isFirst = positionals.length === 0 && given.size === 0
  return startingWith(typed, isFirst ? [...commandNames, ...options] : options)
}

interface ReadWords {
  readonly command: CommandSyntax
  /** Without the command's own name and the AWS CLI's words before it. */
  readonly positionals: readonly string[]
  /** The option whose value comes next. */
  readonly pending: OptionSpec | undefined
  readonly given: ReadonlySet<string>
}

function readWords(words: readonly string[], commands: readonly CommandSyntax[]): ReadWords {
  const getToken = commands.find(({ name }) => name === '') as CommandSyntax
  const isOmitted = (word: string): boolean => word === 'eks' || word === 'sso' || word === 'get-token'
  let command = getToken
  let pending: OptionSpec | undefined
  const given = new Set<string>()
  const positionals: string[] = []
  for (const word of words) {
    if (pending) {
      pending = undefined
      continue
    }
    const [, name, glued] = /^--([a-z-]+)(=.*)?$/s.exec(word) ?? []
    if (name !== undefined) {
      given.add(name)
      const option = [...command.options, ...getToken.options].find((candidate) => candidate.name === name)
      if (option?.value !== undefined && glued === undefined) pending = option
      continue
    }
    const named = command === getToken ? commands.find((entry) => entry.name === word && word !== '') : undefined
    if (named && positionals.length === 0) command = named
    else if (!(isOmitted(word) && positionals.length === 0)) positionals.push(word)
  }
  return { command, positionals, pending, given }
}

function valuesOf(option: OptionSpec, sources: ValueSources): readonly Candidate[] {
  const source = VALUES[option.name]
  const values = option.choices ?? (source ? sources[source]() : [])
  return [...new Set(values)].filter(isSafe).map((value) => ({ value }))
}

function startingWith(typed: string, candidates: readonly Candidate[]): readonly Candidate[] {
  return candidates.filter(({ value }) => value.startsWith(typed))
}

/** A name with control characters could not be distinguished from two candidates, and could control the terminal. */
function isSafe(name: string): boolean {
  return name !== '' && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name)
}
