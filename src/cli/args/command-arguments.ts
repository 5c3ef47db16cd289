import { EksTokenError } from '../../errors.ts'
import { redactArgument } from '../../redact.ts'
import type { CommandCall, OwnCommand } from '../commands/index.ts'
import { parseKnown } from './argparse.ts'
import { OPTIONS, type OptionSpec } from './options.ts'
import { closestMatch } from './suggest.ts'

/** What has no meaning for a command of ours, or another one there. */
const NOT_SHARED = ['no-sign-request']

/** Help that differs from get-token's. */
const OTHER_HELP: Readonly<Record<string, string>> = {
  output: 'json, text, table, yaml, yaml-stream or off (default: a picture for people)',
  query: 'print this part of the answer only (as JSON, unless --output says otherwise)',
  color: 'colour: on, off or auto (default: auto, and NO_COLOR is respected)',
}

/** The options of a command: its own, those that it shares with get-token, and the global ones. */
export function optionsOf(command: OwnCommand): readonly OptionSpec[] {
  const shared = OPTIONS.filter(({ name, level }) =>
    level === 'global' ? !NOT_SHARED.includes(name) : command.shares.includes(name),
  )
  const told = shared.map((option) => ({ ...option, help: OTHER_HELP[option.name] ?? option.help }))
  const isGlobal = ({ level }: OptionSpec): number => Number(level === 'global')
  return [...command.options, ...told].sort((a, b) => isGlobal(a) - isGlobal(b))
}

/**
 * Reads the command line of a command of ours: options anywhere, also before the command's name, by the rules of
 * get-token (`--opt=value`, prefixes of the AWS CLI's own options, `--`).
 *
 * @throws EksTokenError `ERR_USAGE` for an option that the command does not have, and for a word too many
 */
export function readCommandArguments(argv: readonly string[], name: string, command: OwnCommand): CommandCall {
  const options = optionsOf(command)
  const words: string[] = []
  const unknown: string[] = []
  const { values, rest } = parseKnown(argv, { options, positional: { name: 'command', check: () => {} } })
  if (values.has('help') || values.has('version') || (argv[0] === 'help' && argv.length === 2)) {
    return { words: [], values: values.has('version') ? values : new Map([['help', true]]) }
  }
  const afterDashes = argv.includes('--') ? argv.slice(argv.indexOf('--') + 1) : []
  for (const word of rest.filter((text) => text !== '--')) {
    const isFree = word === '-' || !word.startsWith('-') || word.includes(' ') || afterDashes.includes(word)
    ;(isFree ? words : unknown).push(word)
  }
  const [first] = unknown
  if (first !== undefined) {
    const near = closestMatch(
      first.split('=')[0] ?? '',
      options.map((option) => `--${option.name}`),
    )
    const help = `run 'eks-get-token ${name} --help' for its options`
    throw new EksTokenError('ERR_USAGE', `Unknown options: ${unknown.map(redactArgument).join(',')}`, {
      remedy: near ? `did you mean ${near}?` : help,
    })
  }
  if (words.length > command.maxWords) {
    throw new EksTokenError('ERR_USAGE', `${name} takes ${taken(command.maxWords)}, and ${words.length} are given`, {
      remedy: `run 'eks-get-token ${name} --help' for its options`,
    })
  }
  return { words, values }
}

function taken(maxWords: number): string {
  return maxWords === 0 ? 'no word beside its options' : maxWords === 1 ? 'one word' : `at most ${maxWords} words`
}
