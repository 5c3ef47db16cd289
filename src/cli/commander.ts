import { Command, CommanderError, Option } from 'commander'
import { closestMatch, closestOption, closestTypo } from '../closest-match.ts'
import { attempt, EksTokenError } from '../errors.ts'
import { DEFAULT_TIMEOUT_SECONDS, remainingSeconds } from '../net/deadline.ts'
import { redactArgument } from '../redact.ts'
import type { Runtime } from '../runtime.ts'
import { applyOptions } from './args/apply-options.ts'
import { type CliOptions, isIgnored, type OptionSpec } from './args/option.ts'
import { OPTIONS } from './args/options.ts'
import { environmentTimeout } from './args/parameter-values.ts'
import { awsLinkNotice } from './aws-link.ts'
import { COMMANDS } from './commands/index.ts'
import {
  helpFooter,
  helpWidth,
  isNarrow,
  programFooter,
  stackedItem,
  usageOf,
  withoutTrailingSpaces,
} from './help-layout.ts'
import { wrapText } from './style.ts'
import { type CommandEntry, CREDENTIAL_EXIT_CODES, type ParsedCommand, type Subcommand } from './subcommand.ts'
import type { Terminal } from './terminal.ts'
import { versionText } from './version.ts'

/** Called with a parsed subcommand, and how it reads files; returns the exit code. */
export type Dispatch = (command: Subcommand, call: ParsedCommand, readText: Runtime['readText']) => Promise<number>

/**
 * Parses the command line of a subcommand and dispatches it: options anywhere, also before the command's name, written
 * out in full. `--help` and `--version` print and end the run.
 *
 * @returns the exit code
 * @throws EksTokenError `ERR_USAGE`, `ERR_PARAMETER`, `ERR_SETTING`, and what the command throws
 */
export async function runSubcommand(
  entry: CommandEntry,
  argv: readonly string[],
  runtime: Runtime,
  terminal: Terminal,
  dispatch: Dispatch,
): Promise<number> {
  const subcommand = await entry.load()
  const { command, values } = defineSubcommand(entry, subcommand, runtime, terminal)
  // `help doctor`, and `doctor help`: no argument of a subcommand is this word.
  if (argv[0] === 'help' || withoutName(entry.name, argv).join() === 'help') {
    command.outputHelp()
    return 0
  }
  let exitCode = 0
  command.action(async (positionals: readonly string[]) => {
    checkArguments(entry.name, subcommand, positionals)
    const options = applyOptions(values, runtime)
    const call = { commands: COMMANDS, positionals, values, options }
    exitCode = await dispatch(subcommand, call, limitedReader(options, runtime))
  })
  try {
    await command.parseAsync(withoutName(entry.name, argv), { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode !== 0) throw usageError(error, entry.name, optionNames(command))
  }
  return exitCode
}

/** All pipes together are subject to the time limit of the run. */
function limitedReader({ token }: CliOptions, { env, now, readText }: Runtime): Runtime['readText'] {
  // An invalid variable is an error of the commands that have a time limit.
  const seconds = token.timeoutSeconds ?? attempt(() => environmentTimeout(env)) ?? DEFAULT_TIMEOUT_SECONDS
  const secondsLeft = remainingSeconds(seconds, now)
  return (path, ownSeconds = secondsLeft()) => readText(path, ownSeconds)
}

/** The help of get-token, which is that of the program. */
export function programHelp(terminal: Terminal, runtime: Runtime): string {
  const usage = usageOf('eks-get-token', '--cluster-name <name> [options]', helpWidth(terminal))
  const command = newCommand('eks-get-token', terminal)
    .usage(`${usage}\n       eks-get-token <command> [options]`)
    .description("Print a Kubernetes ExecCredential for an Amazon EKS cluster, as 'aws eks get-token' does.")
  addOptions(command, OPTIONS, {})
  const notice = awsLinkNotice(runtime)
  const lines = notice === undefined ? [] : [...wrapText(`${notice}.`, helpWidth(terminal)), '', '']
  return `${lines.join('\n')}${withoutTrailingSpaces(command.helpInformation())}${programFooter(helpWidth(terminal), runtime.processHost.platform)}`
}

/** The help of an operation of the AWS CLI, with the global options that have an effect. */
export function awsCommandHelp(
  terminal: Terminal,
  runtime: Runtime,
  help: {
    readonly name: string
    readonly usage: string
    readonly description: string
    readonly options: readonly OptionSpec[]
    readonly footer: string
  },
): string {
  const name = `eks-get-token ${help.name}`
  const usage = usageOf(name, help.usage, helpWidth(terminal))
  const command = newCommand(name, terminal).usage(usage).description(help.description)
  addOptions(command, help.options, {})
  return (
    withoutTrailingSpaces(command.helpInformation()) +
    helpFooter(help.footer, CREDENTIAL_EXIT_CODES, helpWidth(terminal), runtime.processHost.platform)
  )
}

/** @returns the command, and the values of its options, which are filled in when it is parsed */
function defineSubcommand({ name }: CommandEntry, subcommand: Subcommand, runtime: Runtime, terminal: Terminal) {
  const values = new Map<string, string | true>()
  const { platform } = runtime.processHost
  const footer = helpFooter(subcommand.footer, subcommand.exitCodes, helpWidth(terminal), platform)
  const command = newCommand(`eks-get-token ${name}`, terminal)
    .usage(usageOf(`eks-get-token ${name}`, subcommand.usage, helpWidth(terminal)))
    .description(subcommand.description)
    .addHelpText('after', footer.trimEnd())
    .argument('[arguments...]')
  const { optionGroups, ownOptions, helpOverrides } = subcommand
  const shared = OPTIONS.filter(({ group }) => group !== undefined && optionGroups.includes(group))
  const options = [...ownOptions, ...shared]
  addOptions(command, options, helpOverrides, versionText(runtime))
  for (const option of options) {
    command.on(`option:${option.name}`, (value: string | null) => {
      const earlier = option.repeatable ? values.get(option.name) : undefined
      values.set(option.name, earlier === undefined ? (value ?? true) : `${earlier}\n${value}`)
    })
  }
  return { command, values }
}

function newCommand(name: string, terminal: Terminal): Command {
  return new Command(name)
    .helpOption('-h, --help', 'show this help')
    .configureHelp({
      helpWidth: helpWidth(terminal),
      minWidthToWrap: 15,
      ...(isNarrow(helpWidth(terminal)) && { formatItem: stackedItem(helpWidth(terminal)) }),
      // The help texts name choices and defaults.
      optionDescription: ({ description }) => description,
      argumentTerm: () => '',
      visibleArguments: () => [],
    })
    .configureOutput({ writeOut: (text) => terminal.out(withoutTrailingSpaces(text)), writeErr: () => {} })
    .exitOverride()
}

/** The options of the command itself come first, the global ones last. */
function addOptions(
  command: Command,
  options: readonly OptionSpec[],
  helpOverrides: Readonly<Record<string, string>>,
  version = '',
) {
  const isGlobal = ({ level }: OptionSpec): number => Number(level === 'global')
  for (const spec of [...options].sort((a, b) => isGlobal(a) - isGlobal(b))) {
    // Help and version are commander's.
    if ('prints' in spec) continue
    const flags = spec.value === undefined ? `--${spec.name}` : `--${spec.name} <${spec.value}>`
    const option = new Option(flags, helpOverrides[spec.name] ?? spec.help).hideHelp(isIgnored(spec))
    command.addOption(spec.choices ? option.choices(spec.choices) : option)
  }
  command.version(version, '--version', 'show the version')
}

/** The line without the command's name: options may come before it. */
function withoutName(name: string, argv: readonly string[]): string[] {
  const index = argv.indexOf(name)
  return argv.filter((_, position) => position !== index)
}

/**
 * Checks the arguments that are not options. Whatever a command takes, it is not a mistyped `help`.
 *
 * @throws EksTokenError `ERR_USAGE`
 */
function checkArguments(name: string, subcommand: Subcommand, positionals: readonly string[]): void {
  const { maxPositionals, choices, internalChoices = [] } = subcommand
  const [word] = positionals
  if (word === undefined) return
  const isUnknown = maxPositionals === 0 || (choices !== undefined && ![...choices, ...internalChoices].includes(word))
  const isHelp = positionals.length === 1 && closestTypo(word, ['help']) !== undefined
  if (isUnknown || isHelp) {
    throw new EksTokenError('ERR_USAGE', `unknown argument for ${name}: ${redactArgument(word)}`, {
      remedy: argumentHint(word, name, subcommand),
    })
  }
  if (positionals.length > maxPositionals) {
    throw new EksTokenError(
      'ERR_USAGE',
      `too many arguments: ${name} takes ${maxPositionals}, got ${positionals.length}`,
      { remedy: `run 'eks-get-token ${name} --help' for its arguments` },
    )
  }
}

/** What was meant by an argument that a command does not have. */
function argumentHint(word: string, name: string, { choices, ownOptions, impliedOptions = [] }: Subcommand): string {
  if (closestTypo(word, ['help']) !== undefined) return `did you mean 'eks-get-token ${name} --help'?`
  const choice = closestMatch(word, choices ?? [])
  if (choice !== undefined) return `did you mean 'eks-get-token ${name} ${choice}'?`
  const option = closestTypo(
    word,
    ownOptions.map((own) => own.name),
  )
  if (option !== undefined) return `did you mean --${option}?`
  const implied = impliedOptions.map((candidate) => `--${candidate} ${redactArgument(word)}`)
  if (implied.length > 0) return `did you mean ${implied.join(' or ')}?`
  return choices ? `use one of: ${choices.join(', ')}` : `run 'eks-get-token ${name} --help' for its options`
}

/** With their hyphens. */
function optionNames({ options }: Command): string[] {
  return options.filter(({ hidden }) => !hidden).flatMap(({ long }) => (long ? [long] : []))
}

/**
 * Commander's message `error: … (Did you mean --x?)` as an error of this program, without quoting what may be a secret.
 *
 * @param options - with their hyphens
 */
function usageError({ message }: CommanderError, name: string, options: readonly string[]): EksTokenError {
  const [, text = message, suggestion] =
    /^(?:error: )?([\s\S]*?)(?:\n\(Did you mean (?:one of )?(.*)\?\))?$/.exec(message) ?? []
  const redacted = text.replace(/'([^']*)'/g, (_, quoted: string) => `'${redactArgument(quoted)}'`)
  const word = /^unknown option '([^']*)'/.exec(text)?.[1]
  const meant = (word && closestOption(word, options)) ?? suggestion
  return new EksTokenError('ERR_USAGE', redacted, {
    remedy: meant ? `did you mean ${meant}?` : `run 'eks-get-token ${name} --help' for its options`,
  })
}
