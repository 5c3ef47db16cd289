import { EksTokenError, isEksTokenError } from '../../errors.ts'
import { redactArgument } from '../../redact.ts'
import { type ParsedArguments, parseKnown } from './argparse.ts'
import type { OptionSpec } from './option.ts'
import { OPTIONS } from './options.ts'

/** A command line in the AWS CLI's words. */
export interface AwsCommandLine {
  readonly command: 'get-token' | 'update-kubeconfig' | 'help' | 'version'
  /** Option name → the last value given, or true for a flag. Of update-kubeconfig: its global options. */
  readonly values: ReadonlyMap<string, string | true>
  /** The words after update-kubeconfig that are not global options, for the parser of its own options. */
  readonly rest: readonly string[]
}

const GLOBAL = OPTIONS.filter(({ level }) => level === 'global')
const GET_TOKEN = OPTIONS.filter(({ level }) => level === 'get-token')

/**
 * Parses argv by the AWS CLI's rules. The words `eks get-token` may be omitted, and so may `eks` before an operation; a
 * line that the AWS CLI accepts always has its meaning there.
 *
 * @param subcommands - names of the commands that are parsed elsewhere, for hints
 * @throws EksTokenError `ERR_USAGE`
 */
export function parseAwsArguments(argv: readonly string[], subcommands: readonly string[] = []): AwsCommandLine {
  const first = argv[0]
  if (first === undefined) {
    throw new EksTokenError('ERR_USAGE', 'the following arguments are required: --cluster-name or --cluster-id')
  }
  if (OPERATIONS.includes(first)) return parseAsAws(['eks', ...argv], subcommands)
  if (!first.startsWith('-')) return parseAsAws(argv, subcommands)
  // Options come first: if the AWS CLI does not accept the line, the words may have been omitted. A line without any of
  // the words has only one reading.
  const hasWords = argv.some((word) => COMMAND_WORDS.includes(word))
  const omittedPrefixes = hasWords ? [[], ['eks'], ['eks', 'get-token']] : [['eks', 'get-token']]
  const errors: EksTokenError[] = []
  for (const prefix of omittedPrefixes) {
    try {
      return parseAsAws([...prefix, ...argv], subcommands)
    } catch (error) {
      if (!isEksTokenError(error)) throw error
      errors.push(error)
    }
  }
  // The error of the reading that the words on the line suggest.
  throw errors.at(argv.includes('eks') ? 0 : argv.some((word) => OPERATIONS.includes(word)) ? 1 : -1)
}

/** The operations of `aws eks` that this program has. */
const OPERATIONS: readonly string[] = ['get-token', 'update-kubeconfig']
/** Their place on a line decides what it means. */
export const COMMAND_WORDS: readonly string[] = ['eks', ...OPERATIONS, 'help']

/** The three passes of the AWS CLI: global options and the service, the operation, the operation's options. */
function parseAsAws(argv: readonly string[], subcommands: readonly string[]): AwsCommandLine {
  let global: ParsedArguments
  try {
    global = parseKnown(argv, {
      options: GLOBAL,
      positional: { name: 'command', check: requireChoice('command', ['eks', 'help'], subcommands) },
      onFlag: (option) => {
        if ('prints' in option) throw new EarlyExit(option.prints as 'help' | 'version')
      },
    })
  } catch (error) {
    if (error instanceof EarlyExit) return { command: error.command, values: new Map(), rest: argv }
    throw error
  }
  if (global.positional === 'help') {
    const topic = global.rest.find((word) => !word.startsWith('-'))
    if (topic !== undefined) requireChoice('command', ['eks', 'help', ...OPERATIONS], subcommands)(topic)
    return { ...HELP, rest: global.rest }
  }
  const operation = parseKnown(global.rest, {
    options: [],
    positional: { name: 'operation', check: requireChoice('operation', [...OPERATIONS, 'help'], subcommands) },
  })
  // After the operation the AWS CLI knows the word `help` only when it is alone.
  const asksForHelp = operation.rest.length === 1 && operation.rest[0] === 'help'
  if (operation.positional === 'help' || asksForHelp) return { ...HELP, rest: [operation.positional ?? ''] }
  if (operation.positional === 'update-kubeconfig') {
    return { command: 'update-kubeconfig', values: global.values, rest: operation.rest }
  }
  const own = parseKnown(operation.rest, { options: GET_TOKEN })
  rejectUnknown(own.rest, OPTIONS)
  return { command: 'get-token', values: new Map([...global.values, ...own.values]), rest: [] }
}

/** @throws EksTokenError `ERR_USAGE` for words that no pass knows */
export function rejectUnknown(words: readonly string[], options: readonly OptionSpec[]): void {
  if (words.length === 0) return
  throw new EksTokenError('ERR_USAGE', `Unknown options: ${words.map(redactArgument).join(',')}`, {
    mistyped: { word: words[0] ?? '', candidates: options.map(({ name }) => `--${name}`) },
  })
}

const HELP: AwsCommandLine = { command: 'help', values: new Map(), rest: [] }

/** Thrown to end the first pass at `--help` or `--version`; the arguments after it are ignored. */
class EarlyExit extends Error {
  readonly command: 'help' | 'version'

  constructor(command: 'help' | 'version') {
    super()
    this.command = command
  }
}

function requireChoice(argument: string, choices: readonly string[], subcommands: readonly string[]) {
  return (word: string): void => {
    if (choices.includes(word)) return
    throw new EksTokenError('ERR_USAGE', `argument ${argument}: Found invalid choice '${redactArgument(word)}'`, {
      mistyped: { word, candidates: [...OPERATIONS, ...subcommands] },
    })
  }
}
