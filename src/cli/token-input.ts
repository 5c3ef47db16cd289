import { quoteWord } from '../command-line.ts'
import { createToken } from '../create-token.ts'
import type { Plan } from '../credentials/sources/registry.ts'
import { attempt, EksTokenError } from '../errors.ts'
import { isRecord, tryParseJson } from '../json.ts'
import type { Deadline } from '../net/deadline.ts'
import { redactArgument } from '../redact.ts'
import type { Runtime } from '../runtime.ts'
import { PREFIX } from '../token/token.ts'
import { parseTokenText } from '../token/token-text.ts'
import { requireClusterName } from './cluster-arn.ts'
import type { Reporter } from './output-mode.ts'
import type { ParsedCommand } from './subcommand.ts'
import type { Terminal } from './terminal.ts'
import { tokenOptions } from './token-options.ts'

/** How long to wait for the end of stdin, in seconds: IDEs and Kubernetes clients leave pipes open. */
const STDIN_SECONDS = 2
/** Longer than any text with a token. */
const MAX_STDIN_CHARACTERS = 1 << 20

export interface TokenInput {
  readonly token: string
  /** Where the token comes from, in words: "argument", "stdin", "newly generated", also with why it does not come from a pipe. */
  readonly from: string
  /** Why the token does not come from a pipe that is there. */
  readonly silence?: string | undefined
  /** The plan of a newly generated token. */
  readonly plan: Plan | undefined
}

/**
 * The token that a command works on: the argument, stdin (`-`, or a pipe or file that ends within 2 seconds), else a new
 * token for `--cluster-name`.
 *
 * @throws EksTokenError `ERR_USAGE` without any of them, `ERR_TIMEOUT`, and the errors of createToken
 */
export async function resolveTokenInput(
  { positionals: [argument], options: cliOptions }: ParsedCommand,
  runtime: Runtime,
  terminal: Terminal,
  deadline: Deadline,
): Promise<TokenInput> {
  const options = tokenOptions(cliOptions, runtime, terminal)
  const piped = argument === undefined ? await readPipedStdin(terminal, options.timeoutSeconds) : undefined
  const text =
    argument === '-' ? await deadline.waitFor('a token on stdin', readStdin(terminal)) : (argument ?? piped?.text)
  const read = text === undefined ? undefined : parseTokenText(text)
  if (read) {
    rejectOtherInput(read.token, argument, runtime)
    const from = argument === undefined || argument === '-' ? 'stdin' : 'argument'
    return { token: read.token, from: read.kind === 'token' ? from : `${from} (${read.kind})`, plan: undefined }
  }
  if (argument !== undefined) {
    throw new EksTokenError('ERR_USAGE', argument === '-' ? 'no token on stdin' : 'the token is empty', {
      remedy: 'pass a token, an ExecCredential or an Authorization header',
    })
  }
  if (options.clusterName === undefined && options.clusterId === undefined) {
    const cause = piped?.silence ?? 'no token given'
    throw new EksTokenError('ERR_USAGE', `${cause}, and a token cannot be generated without --cluster-name`, {
      remedy: piped?.silence
        ? "pass '-' to wait for a token on stdin, a token as the argument, or --cluster-name NAME to generate one"
        : "pass a token as the argument or on stdin ('-'), or --cluster-name NAME to generate one",
    })
  }
  requireClusterName(options)
  const { token, plan } = await createToken(options, runtime, deadline)
  const silence = piped?.silence && `${piped.silence}; to wait for one, pass '-'`
  return { token, from: `newly generated${silence ? `: ${silence}` : ''}`, silence, plan }
}

/**
 * Reports say in their first line that a pipe was silent. Other formats have no place for it; a user at a terminal, who may
 * take the result for that of another token, reads it on stderr, and a script gets nothing there.
 */
export function noteSilence(
  { silence }: TokenInput,
  { isHumanReadable }: Pick<Reporter, 'isHumanReadable'>,
  terminal: Terminal,
): void {
  if (silence === undefined || isHumanReadable || !terminal.stderr().isTerminal) return
  terminal.err(`note: this is a newly generated token: ${silence}\n`)
}

/**
 * What users pass in place of a token, for which every check of a token would fail.
 *
 * @throws EksTokenError `ERR_USAGE`
 */
function rejectOtherInput(token: string, argument: string | undefined, { readText, processHost }: Runtime): void {
  if (token.startsWith(PREFIX)) return
  if (isRecord(tryParseJson(token))) {
    throw new EksTokenError('ERR_USAGE', 'the JSON has no status.token: it is not an ExecCredential with a token', {
      remedy: "pass the output of 'eks-get-token --cluster-name NAME', or of another plugin, or the token alone",
    })
  }
  if (argument === undefined || argument !== token || attempt(() => readText(argument)) === undefined) return
  const file = quoteWord(redactArgument(argument), processHost.platform)
  // PowerShell has no `<`.
  const redirection = processHost.platform === 'win32' ? `put 'type ${file} |' before the command` : `< ${file}`
  throw new EksTokenError('ERR_USAGE', `${redactArgument(argument)} is a file, not a token`, {
    remedy: `pass its content on stdin: ${redirection}`,
  })
}

interface PipedInput {
  readonly text?: string | undefined
  /** A pipe stayed open: the program before it may need longer, or a client has left it open. */
  readonly silence?: string
}

/** Reads stdin unless it is a terminal. */
async function readPipedStdin(terminal: Terminal, timeoutSeconds = 0): Promise<PipedInput | undefined> {
  if (terminal.stdin().isTerminal) return undefined
  // The time limit is also for generating a token.
  const seconds = timeoutSeconds === 0 ? STDIN_SECONDS : Math.min(STDIN_SECONDS, timeoutSeconds / 2)
  const tooLate = new Promise<PipedInput>((resolve) => {
    setTimeout(() => resolve({ silence: `no token was received on stdin within ${seconds} s` }), seconds * 1000)
  })
  return Promise.race([readStdin(terminal).then((text) => ({ text })), tooLate])
}

/** @returns undefined when stdin cannot be read */
function readStdin(terminal: Terminal): Promise<string | undefined> {
  const { input } = terminal.stdin()
  return new Promise((resolve) => {
    let text = ''
    input.setEncoding('utf8')
    input.on('data', (chunk: string) => {
      text += chunk
      if (text.length > MAX_STDIN_CHARACTERS) resolve(text)
    })
    input.on('end', () => resolve(text))
    input.on('error', () => resolve(undefined))
  })
}
