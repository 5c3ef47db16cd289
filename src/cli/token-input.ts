import { createToken } from '../create-token.ts'
import type { Plan } from '../credentials/plan/types.ts'
import { EksTokenError } from '../errors.ts'
import { DEFAULT_TIMEOUT_SECONDS } from '../net/deadline.ts'
import type { Runtime } from '../runtime.ts'
import { parseTokenText } from '../token/token-text.ts'
import type { ParsedCommand } from './subcommand.ts'
import type { Terminal } from './terminal.ts'
import { tokenOptions } from './token-options.ts'

/** A pipe that has not ended after this many seconds is one that never will: IDEs and clients leave them open. */
const STDIN_SECONDS = 2
/** No text with a token in it is longer. */
const MAX_STDIN_CHARACTERS = 1 << 20

export interface TokenInput {
  readonly token: string
  /** In words: "the argument", "stdin", "made just now". */
  readonly from: string
  /** Of a token made here. */
  readonly plan: Plan | undefined
}

/**
 * The token that a command is about: the argument, stdin (`-`, or a pipe or file that ends soon), else a fresh one for
 * `--cluster-name`.
 *
 * @throws EksTokenError `ERR_USAGE` when there is none, and all of createToken
 */
export async function resolveTokenInput(
  { positionals: [word], options: cliOptions }: ParsedCommand,
  runtime: Runtime,
  terminal: Terminal,
): Promise<TokenInput> {
  const options = tokenOptions(cliOptions, runtime, terminal)
  const limit = options.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS
  const text = word === '-' ? await readStdin(terminal, limit) : (word ?? (await readWaitingStdin(terminal)))
  const read = text === undefined ? undefined : parseTokenText(text)
  if (read) {
    const from = word === undefined || word === '-' ? 'stdin' : 'the argument'
    return { token: read.token, from: read.found === 'token' ? from : `${from} (${read.found})`, plan: undefined }
  }
  if (word !== undefined) {
    throw new EksTokenError('ERR_USAGE', word === '-' ? 'no token came in on stdin' : 'the TOKEN is empty', {
      remedy: 'give a token, an ExecCredential or an Authorization header',
    })
  }
  if (options.clusterName === undefined && options.clusterId === undefined) {
    throw new EksTokenError('ERR_USAGE', 'there is no TOKEN, and no --cluster-name to make one for', {
      remedy: "give a token, as an argument or with '-' on stdin, or --cluster-name NAME for a fresh one",
    })
  }
  const { token, plan } = await createToken(options, runtime)
  return { token, from: 'made just now', plan }
}

/** A terminal is not read: nobody types a token. Nor is the null device or a pipe that stays open. */
async function readWaitingStdin(terminal: Terminal): Promise<string | undefined> {
  return terminal.stdin().isTerminal ? undefined : readStdin(terminal, STDIN_SECONDS)
}

/** @returns undefined when it does not end in time */
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
