import { createToken } from '../create-token.ts'
import type { Plan } from '../credentials/plan/types.ts'
import { EksTokenError } from '../errors.ts'
import { DEFAULT_TIMEOUT_SECONDS } from '../net/deadline.ts'
import type { Runtime } from '../runtime.ts'
import { parseTokenText } from '../token/token-text.ts'
import type { ParsedCommand } from './subcommand.ts'
import type { Terminal } from './terminal.ts'
import { tokenOptions } from './token-options.ts'

/** How long to wait for the end of stdin, in seconds: IDEs and Kubernetes clients leave pipes open. */
const STDIN_SECONDS = 2
/** Longer than any text with a token. */
const MAX_STDIN_CHARACTERS = 1 << 20

export interface TokenInput {
  readonly token: string
  /** Where the token comes from, in words: "argument", "stdin", "newly generated". */
  readonly from: string
  /** The plan of a newly generated token. */
  readonly plan: Plan | undefined
}

/**
 * The token that a command works on: the argument, stdin (`-`, or a pipe or file that ends within 2 seconds), else a new
 * token for `--cluster-name`.
 *
 * @throws EksTokenError `ERR_USAGE` without any of them, and the errors of createToken
 */
export async function resolveTokenInput(
  { positionals: [argument], options: cliOptions }: ParsedCommand,
  runtime: Runtime,
  terminal: Terminal,
): Promise<TokenInput> {
  const options = tokenOptions(cliOptions, runtime, terminal)
  const limit = options.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS
  const text = argument === '-' ? await readStdin(terminal, limit) : (argument ?? (await readPipedStdin(terminal)))
  const read = text === undefined ? undefined : parseTokenText(text)
  if (read) {
    const from = argument === undefined || argument === '-' ? 'stdin' : 'argument'
    return { token: read.token, from: read.found === 'token' ? from : `${from} (${read.found})`, plan: undefined }
  }
  if (argument !== undefined) {
    throw new EksTokenError('ERR_USAGE', argument === '-' ? 'no token on stdin' : 'the token is empty', {
      remedy: 'pass a token, an ExecCredential or an Authorization header',
    })
  }
  if (options.clusterName === undefined && options.clusterId === undefined) {
    throw new EksTokenError('ERR_USAGE', 'no token given, and no --cluster-name to generate one for', {
      remedy: "pass a token as the argument or on stdin ('-'), or --cluster-name NAME to generate one",
    })
  }
  const { token, plan } = await createToken(options, runtime)
  return { token, from: 'newly generated', plan }
}

/** Reads stdin unless it is a terminal; undefined for a pipe that stays open. */
async function readPipedStdin(terminal: Terminal): Promise<string | undefined> {
  return terminal.stdin().isTerminal ? undefined : readStdin(terminal, STDIN_SECONDS)
}

/** @returns undefined when stdin does not end in time */
function readStdin(terminal: Terminal, limitSeconds: number): Promise<string | undefined> {
  const { input } = terminal.stdin()
  return new Promise((resolve) => {
    let text = ''
    const timer = limitSeconds > 0 ? setTimeout(() => resolve(undefined), limitSeconds * 1000) : undefined
    const done = (result: string | undefined): void => {
      clearTimeout(timer)
      resolve(result)
    }
    input.setEncoding('utf8')
    input.on('data', (chunk: string) => {
      text += chunk
      if (text.length > MAX_STDIN_CHARACTERS) done(text)
    })
    input.on('end', () => done(text))
    input.on('error', () => done(undefined))
  })
}
