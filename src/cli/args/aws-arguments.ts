import { EksTokenError, isEksTokenError } from '../../errors.ts'
import { redactArgument } from '../../redact.ts'
import { type Parsed, parseKnown } from './argparse.ts'
import { OPTIONS, type OptionLevel, type OptionSpec } from './options.ts'
import { closestMatch } from './suggest.ts'

/** A command line in one spelling: `options` are `--name=value` or `--name`, each at most once. */
export interface CanonicalArguments {
  readonly command: 'get-token' | 'help' | 'version'
  readonly options: readonly string[]
}

const GLOBAL = optionsOf('global')
const GET_TOKEN = optionsOf('get-token')

/**
 * Reads argv by the AWS CLI's rules. The words `eks get-token` may be left out, `get-token` may stand alone; a
 * line that the AWS CLI understands always means what it means there.
 *
 * @param others - names of commands that are read elsewhere, for the next step of an error
 * @throws EksTokenError `ERR_USAGE`
 */
export function readArguments(argv: readonly string[], others: readonly string[] = []): CanonicalArguments {
  const first = argv[0]
  if (first === undefined) {
    throw new EksTokenError('ERR_USAGE', 'the following arguments are required: --cluster-name or --cluster-id')
  }
  if (first === 'get-token') return readAsAws(['eks', ...argv], others)
  if (!first.startsWith('-')) return readAsAws(argv, others)
  // Options come first: where the AWS CLI makes nothing of the line, the words may have been left out. A line without
  // any of its words has but one reading, and needs no others that fail.
  const left = argv.some((word) => WORDS.includes(word)) ? [[], ['eks'], ['eks', 'get-token']] : [['eks', 'get-token']]
  const readings: EksTokenError[] = []
  for (const words of left) {
    const reading = attempt(() => readAsAws([...words, ...argv], others))
    if (!isEksTokenError(reading)) return reading
    readings.push(reading)
  }
  // The error is that of the reading which the words on the line speak for.
  throw readings.at(argv.includes('eks') ? 0 : argv.includes('get-token') ? 1 : -1)
}

const WORDS = ['eks', 'get-token', 'help']

function attempt<T>(read: () => T): T | EksTokenError {
  try {
    return read()
  } catch (error) {
    if (isEksTokenError(error)) return error
    throw error
  }
}

/** The three passes of the AWS CLI: its own options and the service, the operation, the operation's options. */
function readAsAws(argv: readonly string[], others: readonly string[]): CanonicalArguments {
  let version = false
  let help = false
  const onOption = (name: string): void => {
    if (name === 'version') version = true
    if (name === 'help') help = true
    if (version || help) throw new Stop()
  }
  let first: Parsed
  try {
    first = parseKnown(argv, {
      options: GLOBAL,
      positional: { name: 'command', check: oneOf('command', ['eks', 'help'], others) },
      onOption,
    })
  } catch (error) {
    if (error instanceof Stop) return { command: version ? 'version' : 'help', options: [] }
    throw error
  }
  if (first.positional === 'help') return { command: 'help', options: [] }
  const second = parseKnown(first.rest, {
    options: [],
    positional: { name: 'operation', check: oneOf('operation', ['get-token', 'help'], others) },
  })
  if (second.positional === 'help') return { command: 'help', options: [] }
  // The AWS CLI knows the word `help` only when it stands alone.
  if (second.rest.length === 1 && second.rest[0] === 'help') return { command: 'help', options: [] }
  const third = parseKnown(second.rest, { options: GET_TOKEN })
  if (third.rest.length > 0) {
    throw new EksTokenError(
      'ERR_USAGE',
      `Unknown options: ${third.rest.map(redactArgument).join(',')}`,
      suggestion(third.rest[0] ?? ''),
    )
  }
  return { command: 'get-token', options: [...canonical(first), ...canonical(third)] }
}

/** Thrown to leave the first pass at an option that answers at once, whatever follows it. */
class Stop extends Error {}

/** Only short words are compared: the rest of a command line may be anything. */
function suggestion(word: string): { remedy: string } | Record<string, never> {
  const name = word.split('=')[0] ?? ''
  const near =
    name.startsWith('--') && name.length < 40
      ? closestMatch(
          name,
          OPTIONS.map((option) => `--${option.name}`),
        )
      : undefined
  return near === undefined ? {} : { remedy: `did you mean ${near}?` }
}

function oneOf(argument: string, choices: readonly string[], others: readonly string[]) {
  return (word: string): void => {
    if (choices.includes(word)) return
    const near = word.length < 40 ? closestMatch(word, others) : undefined
    throw new EksTokenError('ERR_USAGE', `argument ${argument}: Found invalid choice '${redactArgument(word)}'`, {
      remedy: near
        ? `did you mean ${near}?`
        : `a cluster is named by --cluster-name; the commands are ${['get-token', ...others].join(', ')}, and their names come before their own options: run 'eks-get-token --help'`,
    })
  }
}

function canonical(parsed: Parsed): string[] {
  return [...parsed.values].map(([name, value]) => (value === true ? `--${name}` : `--${name}=${value}`))
}

function optionsOf(level: OptionLevel): readonly OptionSpec[] {
  return OPTIONS.filter((option) => option.level === level)
}
