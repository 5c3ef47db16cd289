import { Command, Option } from 'commander'
import { EksTokenError, isEksTokenError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import { readArguments } from './args/aws-arguments.ts'
import { OPTIONS, type OptionSpec } from './args/options.ts'
import { type GetTokenOptions, getToken } from './commands/get-token.ts'
import { COMMANDS, type CommandEntry, findCommand, type OwnCommand } from './commands/index.ts'
import type { Terminal } from './terminal.ts'
import { VERSION } from './version.ts'

/**
 * Runs one command line.
 *
 * @returns the exit code; nothing is thrown
 */
export async function run(argv: readonly string[], runtime: Runtime, terminal: Terminal): Promise<number> {
  let debug = false
  const traced = (): Runtime => (debug ? { ...runtime, trace: (line) => terminal.err(`debug: ${line}\n`) } : runtime)
  try {
    const own = findCommand(argv)
    if (own) {
      const { COMMAND, call, options } = await readOwn(own, argv)
      debug = call.values.has('debug')
      if (call.values.has('version')) terminal.out(VERSION_LINE)
      else if (call.values.has('help')) terminal.out(helpOf(own, COMMAND, options))
      else return await COMMAND.run(call, traced(), terminal)
      return 0
    }
    const { command, options } = readArguments(
      argv,
      COMMANDS.map(({ name }) => name),
    )
    debug = options.includes('--debug')
    if (command === 'version') {
      terminal.out(VERSION_LINE)
      return 0
    }
    if (command === 'help') {
      terminal.out(getTokenHelp())
      return 0
    }
    await buildProgram(mentioned(options), traced(), terminal).parseAsync(options, { from: 'user' })
    return 0
  } catch (error) {
    const failure = isEksTokenError(error) ? error : internalError(error)
    terminal.err(describe(failure, argv, debug))
    return failure.exitCode
  }
}

const VERSION_LINE = `eks-get-token/${VERSION}\n`

/** A command of ours, and what the command line says to it; neither is loaded for get-token. */
async function readOwn({ name, load }: CommandEntry, argv: readonly string[]) {
  const [{ COMMAND }, { optionsOf, readCommandArguments }] = await Promise.all([
    load(),
    import('./args/command-arguments.ts'),
  ])
  return { COMMAND, call: readCommandArguments(argv, name, COMMAND), options: optionsOf(COMMAND) }
}

function helpOf({ name }: CommandEntry, { usage, description, footer }: OwnCommand, options: readonly OptionSpec[]) {
  const command = new Command(`eks-get-token ${name}`)
    .usage(usage)
    .description(description)
    .helpOption('--help', 'show this help')
    .configureHelp({ helpWidth: 100 })
  addOptions(command, options)
  return `${command.helpInformation()}${footer}`
}

/**
 * The options that a line has, and those that count when they are left out (`--no-…`). The others are only for the help,
 * and telling commander of each of them in every run takes time.
 */
function mentioned(line: readonly string[]): readonly OptionSpec[] {
  const names = new Set(line.map((word) => word.slice(2).split('=')[0]))
  return OPTIONS.filter(({ name, ignored }) => names.has(name) || (name.startsWith('no-') && !ignored))
}

function buildProgram(options: readonly OptionSpec[], runtime: Runtime, terminal: Terminal): Command {
  const command = new Command('eks-get-token')
    .helpOption(false)
    .exitOverride()
    .action(async (options: GetTokenOptions) => getToken(options, runtime, terminal))
  addOptions(command, options)
  return command
}

function getTokenHelp(): string {
  const command = new Command('eks-get-token')
    .usage('--cluster-name <name> [options]')
    .description("Print a Kubernetes ExecCredential for an Amazon EKS cluster, as 'aws eks get-token' does.")
    .helpOption('--help', 'show this help')
    .configureHelp({ helpWidth: 100 })
  // The command's own options come first, whatever the order in which the AWS CLI reads them.
  const isGlobal = ({ level }: OptionSpec): number => Number(level === 'global')
  addOptions(
    command,
    [...OPTIONS].sort((a, b) => isGlobal(a) - isGlobal(b)),
  )
  return `${command.helpInformation()}${helpFooter()}\n`
}

function addOptions(command: Command, options: readonly OptionSpec[]): void {
  for (const option of options) {
    if (option.name === 'help') continue
    command.addOption(new Option(flagsOf(option), option.help).hideHelp(option.ignored ?? false))
  }
}

function flagsOf({ name, value }: OptionSpec): string {
  return value === undefined ? `--${name}` : `--${name} <${value}>`
}

const helpFooter = (): string => `
Commands beside it, each with a --help of its own:
${COMMANDS.map(({ name, summary }) => `  ${name.padEnd(10)} ${summary}`).join('\n')}

Accepted and checked as the AWS CLI does, without effect here:
${wrap(OPTIONS.filter(({ ignored }) => ignored).map(({ name }) => `--${name}`))}

Examples:
  # what kubectl runs for you
  eks-get-token --cluster-name demo --region us-west-2
  # only the token
  eks-get-token --cluster-name demo --query status.token --output text
  # the AWS CLI's spellings all work: its words, its prefixes, options anywhere
  eks-get-token --region us-west-2 eks get-token --cluster-name demo --role arn:aws:iam::111122223333:role/r

Exit codes: 0 done, 252 command line, 253 no region or no credentials, 254 a service said no,
255 anything else, 130 interrupted`

function wrap(words: readonly string[]): string {
  const lines = ['']
  for (const word of words) {
    if (`${lines.at(-1)}${word}`.length > 94) lines.push('')
    lines[lines.length - 1] += `  ${word}`
  }
  return lines.join('\n')
}

/** Cause and next step; the way through the code only for who asked for it. */
function describe(error: EksTokenError, argv: readonly string[], debug: boolean): string {
  const usage = argv.length === 0 ? `usage: eks-get-token --cluster-name <name> [options]\n` : ''
  const next = error.remedy ? `  next: ${error.remedy}\n` : ''
  const stack = debug ? stackOf(error) : ''
  return `${usage}eks-get-token: ${error.message} (${error.code})\n${next}${stack}`
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  return `${frames.map((line) => `debug: ${line.trim()}\n`).join('')}${error.cause ? `debug: caused by ${(error.cause as Error).name}\n${stackOf(error.cause)}` : ''}`
}

function internalError(cause: unknown): EksTokenError {
  const message = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
  return new EksTokenError('ERR_INTERNAL', message, { cause })
}
