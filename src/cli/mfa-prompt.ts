import type { TokenOptions } from '../create-token.ts'
import { withLock } from '../credentials/cache/lock.ts'
import { lockFile } from '../credentials/cache/paths.ts'
import type { MfaRequest } from '../credentials/mfa.ts'
import { EksTokenError } from '../errors.ts'
import type { ExecInfo } from '../kubernetes/exec-info.ts'
import { onSuspend, terminalId } from '../process/terminal.ts'
import { redactValue } from '../redact.ts'
import type { ProcessHost, Runtime } from '../runtime.ts'
import { identityLine, missingVariables } from './identity-line.ts'
import type { Terminal } from './terminal.ts'
import { claimTerminal } from './terminal-claim.ts'
import { openTerminal, type TerminalDevice } from './terminal-device.ts'
import { createKeyDecoder, type Key } from './terminal-keys.ts'

/** A user needs time to find the device; a script has the code ready. */
const TERMINAL_TIMEOUT_MS = 120_000
const STDIN_TIMEOUT_MS = 2_000

/** A longer line is not a code. */
const MAX_LENGTH = 1024

/**
 * Gets the code of an MFA device. With `interactive: false` in the exec info there is no prompt. On a terminal the prompt
 * goes to the terminal device itself, without echo: stdout is for the result, and stdin and stderr may be redirected.
 * Without a terminal one line of stdin is read, with a short time limit: many callers leave it open. An empty line is an
 * empty code, as in the AWS CLI.
 *
 * @throws EksTokenError `ERR_CREDENTIALS` where no code can be entered, `ERR_INTERRUPTED`
 */
export async function promptForMfaCode(
  mfaRequest: MfaRequest,
  execInfo: ExecInfo,
  options: TokenOptions,
  runtime: Runtime,
  terminal: Terminal,
): Promise<string> {
  const line = lineToCacheSession(mfaRequest, execInfo, options, runtime)
  const request: PromptRequest = { ...mfaRequest, line }
  if (execInfo.isSet && !execInfo.interactive)
    throw mfaCodeUnavailable(request, 'the client set interactive: false, so nobody can be prompted for it')
  if (!execInfo.isSet) {
    const { isTerminal, input } = terminal.stdin()
    if (!isTerminal) return readLine(request, input)
  }
  return promptInTurn(request, runtime)
}

interface PromptRequest extends MfaRequest {
  /** The command to run in a terminal, in quotes. */
  readonly line: string
}

/** The session is cached for the same identity, role and region; a client has variables that a shell may not have. */
function lineToCacheSession(
  { profile }: MfaRequest,
  { isSet }: ExecInfo,
  options: TokenOptions,
  { env, processHost }: Runtime,
): string {
  const { useCache: _, ...given } = options
  const variables = isSet
    ? missingVariables(env, { HTTPS_PROXY: env.HTTPS_PROXY, AWS_CA_BUNDLE: env.AWS_CA_BUNDLE })
    : {}
  return identityLine('', { ...given, profile: given.profile || profile }, processHost.platform, {
    variables,
    quote: "'",
  })
}

function mfaCodeUnavailable({ line, ...request }: PromptRequest, why: string): EksTokenError {
  const serial = redactValue(request.serial)
  const roleArn = redactValue(request.roleArn)
  return new EksTokenError('ERR_CREDENTIALS', `role ${roleArn} requires an MFA code (device ${serial}): ${why}`, {
    remedy: `run ${line} once in a terminal to cache the session, or pass the code on stdin`,
  })
}

function readLine(request: PromptRequest, input: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const finish = (problem: string): void => {
      clearTimeout(timer)
      input.removeAllListeners()
      input.pause()
      if (text === '') reject(mfaCodeUnavailable(request, problem))
      else resolve((text.split('\n')[0] ?? '').trim())
    }
    const timer = setTimeout(() => finish(`no code on stdin within ${STDIN_TIMEOUT_MS / 1000} s`), STDIN_TIMEOUT_MS)
    input.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8')
      if (text.includes('\n') || text.length > MAX_LENGTH) finish('')
    })
    input.on('end', () => finish('there is no terminal, and stdin is empty'))
    input.on('error', () => finish('there is no terminal, and stdin cannot be read'))
  })
}

/** One prompt at a time on a terminal, whichever roles the processes on it assume: each would read half of the keys. */
function promptInTurn(request: PromptRequest, runtime: Runtime): Promise<string> {
  const { processHost } = runtime
  const task = {
    description: 'an MFA code on this terminal',
    readCached: () => undefined,
    refresh: (whilePrompting: <T>(input: Promise<T>) => Promise<T>) =>
      whilePrompting(claimTerminal(runtime).then(() => promptOnTerminal(request, processHost))),
    exclusive: true,
  }
  // The caller has paused the deadline.
  const context = {
    runtime,
    waitFor: async <T>(_: string, input: Promise<T>) => input,
    pauseWhile: async <T>(input: Promise<T>) => input,
  }
  return withLock(lockFile(`terminal ${processHost.hostId()} ${terminalId()}`, runtime), task, context)
}

async function promptOnTerminal(request: PromptRequest, processHost: ProcessHost): Promise<string> {
  const device = openTerminal()
  if (!device) throw mfaCodeUnavailable(request, 'there is no terminal')
  const { input, output } = device
  // Raw mode also stops the terminal from sending signals, which is done here instead: to the whole process group, so that
  // the client that has started this process ends too, and does not start the next one.
  let isRaw = false
  const prompt = (): void => {
    input.setRawMode(true)
    isRaw = true
    output.write(`Enter MFA code for ${redactValue(request.serial)}: `)
  }
  const restore = (): void => {
    if (!isRaw) return
    isRaw = false
    input.setRawMode(false)
    output.write('\n')
  }
  const removeExit = processHost.onExit(restore)
  const removeSuspend = onSuspend(restore, prompt)
  try {
    prompt()
    return await readCode(input, request, (signal) => {
      if (signal === 'SIGTSTP') return processHost.kill(0, signal)
      restore()
      processHost.kill(0, signal)
    })
  } finally {
    removeExit()
    removeSuspend()
    restore()
    input.destroy()
    output.destroy()
  }
}

function readCode(
  input: TerminalDevice['input'],
  request: PromptRequest,
  signal: (name: 'SIGINT' | 'SIGQUIT' | 'SIGTSTP') => void,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const decode = createKeyDecoder()
    let code = ''
    const timer = setTimeout(() => {
      reject(mfaCodeUnavailable(request, `no code was entered within ${TERMINAL_TIMEOUT_MS / 1000} s`))
    }, TERMINAL_TIMEOUT_MS)
    const interrupt = (name: 'SIGINT' | 'SIGQUIT'): void => {
      signal(name)
      // The handler of the signal ends the process; this is for a platform that does not deliver it.
      setTimeout(() => reject(new EksTokenError('ERR_INTERRUPTED', 'interrupted')), 1000)
    }
    const actions: Record<Exclude<Key['type'], 'digit'>, () => void> = {
      erase: () => {
        code = code.slice(0, -1)
      },
      clear: () => {
        code = ''
      },
      submit: () => resolve(code),
      'end-of-input': () => reject(mfaCodeUnavailable(request, 'no code was entered')),
      interrupt: () => interrupt('SIGINT'),
      quit: () => interrupt('SIGQUIT'),
      suspend: () => {
        code = ''
        signal('SIGTSTP')
      },
    }
    input.on('data', (chunk: Buffer) => {
      for (const key of decode(chunk.toString('latin1'))) {
        if (key.type !== 'digit') actions[key.type]()
        else if (code.length < MAX_LENGTH) code += key.digit
      }
    })
    for (const event of ['error', 'end']) {
      input.on(event, () => reject(mfaCodeUnavailable(request, 'the terminal cannot be read')))
    }
    input.once('close', () => clearTimeout(timer))
  })
}
