import { EksTokenError, isEksTokenError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import { parseAwsArguments } from './args/aws-arguments.ts'
import { applyOptions } from './args/options.ts'
import { getToken } from './commands/get-token.ts'
import { COMMANDS, findCommand } from './commands/index.ts'
import type { Terminal } from './terminal.ts'
import { VERSION } from './version.ts'

/**
 * Runs one command line. A get-token line is parsed by the AWS CLI's rules and goes straight to its command; commander,
 * which takes longer to load than a token takes to sign, is loaded only for subcommands and help.
 *
 * @returns the exit code; never throws
 */
export async function run(argv: readonly string[], runtime: Runtime, terminal: Terminal): Promise<number> {
  const traced = (debug: boolean): Runtime =>
    debug ? { ...runtime, trace: (line) => terminal.err(`debug: ${line}\n`) } : runtime
  try {
    const entry = findCommand(argv)
    if (entry) {
      const { runSubcommand } = await import('./commander.ts')
      return await runSubcommand(entry, argv, runtime, terminal, (command, call) =>
        command.run(call, traced(call.options.debug), terminal),
      )
    }
    const { command, values, rest } = parseAwsArguments(
      argv,
      COMMANDS.map(({ name }) => name),
    )
    if (command === 'version') {
      terminal.out(`eks-get-token/${VERSION}\n`)
    } else if (command === 'help' && !rest.includes('update-kubeconfig')) {
      const { programHelp } = await import('./commander.ts')
      terminal.out(programHelp(terminal))
    } else if (command !== 'get-token') {
      const { updateKubeconfigCommand } = await import('./commands/update-kubeconfig/index.ts')
      return await updateKubeconfigCommand(command, values, rest, traced(values.has('debug')), terminal)
    } else {
      const traceRuntime = traced(values.has('debug'))
      await getToken(applyOptions(values, traceRuntime), traceRuntime, terminal)
    }
    return 0
  } catch (error) {
    const failure = isEksTokenError(error) ? error : internalError(error)
    terminal.err(formatError(failure, argv))
    return failure.exitCode
  }
}

/** The cause and the next step; the stack only with `--debug`. */
function formatError(error: EksTokenError, argv: readonly string[]): string {
  const usage = argv.length === 0 ? 'usage: eks-get-token --cluster-name <name> [options]\n' : ''
  const hint = error.remedy ? `  hint: ${error.remedy}\n` : ''
  const stack = argv.includes('--debug') ? stackOf(error) : ''
  return `${usage}eks-get-token: ${error.message} (${error.code})\n${hint}${stack}`
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  const cause = error.cause ? `debug: caused by ${(error.cause as Error).name}\n${stackOf(error.cause)}` : ''
  return `${frames.map((line) => `debug: ${line.trim()}\n`).join('')}${cause}`
}

function internalError(cause: unknown): EksTokenError {
  const message = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
  return new EksTokenError('ERR_INTERNAL', message, { cause })
}
