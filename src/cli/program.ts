import { EksTokenError, isEksTokenError, isOpenFilesLimit, openFilesError } from '../errors.ts'
import { sanitizeLine } from '../redact.ts'
import type { Runtime } from '../runtime.ts'
import { applyOptions } from './args/apply-options.ts'
import { parseAwsArguments } from './args/aws-arguments.ts'
import { getToken } from './commands/get-token.ts'
import { COMMANDS, findCommand } from './commands/index.ts'
import type { Terminal } from './terminal.ts'
import { versionText } from './version.ts'

/**
 * Runs one command line. A get-token line is parsed by the AWS CLI's rules and goes straight to its command; commander,
 * which takes longer to load than a token takes to sign, is loaded only for subcommands and help.
 *
 * Every line that goes to stderr from here is sanitized: messages and traces quote text from outside.
 *
 * @returns the exit code; never throws
 */
export async function run(argv: readonly string[], runtime: Runtime, terminal: Terminal): Promise<number> {
  const secrets = environmentSecrets(runtime)
  const traced = async (debug: boolean): Promise<Runtime> =>
    debug ? (await import('./debug-trace.ts')).tracingRuntime(runtime, terminal, secrets) : runtime
  try {
    const entry = findCommand(argv)
    if (entry) {
      const { runSubcommand } = await import('./commander.ts')
      return await runSubcommand(entry, argv, runtime, terminal, async (command, call, readText) =>
        command.run(call, { ...(await traced(call.options.debug)), readText }, terminal),
      )
    }
    const { command, values, rest } = parseAwsArguments(
      argv,
      COMMANDS.map(({ name }) => name),
    )
    if (command === 'version') {
      terminal.out(`${versionText(runtime)}\n`)
    } else if (command === 'help' && !rest.includes('update-kubeconfig')) {
      const { programHelp } = await import('./commander.ts')
      terminal.out(programHelp(terminal, runtime))
    } else if (command !== 'get-token') {
      const { updateKubeconfigCommand } = await import('./commands/update-kubeconfig/index.ts')
      return await updateKubeconfigCommand(command, values, rest, await traced(values.has('debug')), terminal)
    } else {
      const traceRuntime = await traced(values.has('debug'))
      await getToken(applyOptions(values, traceRuntime), traceRuntime, terminal)
    }
    return 0
  } catch (error) {
    const failure = isEksTokenError(error) ? error : unexpectedError(error)
    const needsDetails = failure.mistyped !== undefined || argv.includes('--debug')
    // At the limit for open files there are none.
    const details = needsDetails ? await import('./error-details.ts').catch(() => undefined) : undefined
    for (const line of errorLines(failure, argv, runtime, details)) terminal.err(`${sanitizeLine(line, secrets)}\n`)
    return failure.exitCode
  }
}

/** The cause and the next step; the stack only with `--debug`. */
function errorLines(
  error: EksTokenError,
  argv: readonly string[],
  runtime: Runtime,
  details: typeof import('./error-details.ts') | undefined,
): string[] {
  return [
    ...(argv.length === 0 ? ['usage: eks-get-token --cluster-name <name> [options]'] : []),
    `eks-get-token: ${error.message} (${error.code})`,
    `  hint: ${(error.mistyped && details?.suggestion(error.mistyped, argv, runtime)) ?? error.remedy}`,
    ...((argv.includes('--debug') && details?.stackOf(error)) || []),
  ]
}

/** Secrets that the user may have given in place of a name: they are removed wherever they appear. */
function environmentSecrets({ env }: Runtime): readonly (string | undefined)[] {
  return [
    env.AWS_SECRET_ACCESS_KEY,
    env.AWS_SESSION_TOKEN,
    env.AWS_SECURITY_TOKEN,
    env.AWS_CONTAINER_AUTHORIZATION_TOKEN,
  ]
}

function unexpectedError(cause: unknown): EksTokenError {
  if (isOpenFilesLimit(cause)) return openFilesError(cause)
  if ((cause as NodeJS.ErrnoException | undefined)?.syscall === 'uv_cwd') {
    return new EksTokenError('ERR_CONFIG_FILE', 'a path is relative, and the working directory has been deleted', {
      cause,
      remedy: 'change to another directory, or use absolute paths',
    })
  }
  const message = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
  return new EksTokenError('ERR_INTERNAL', message, { cause })
}
