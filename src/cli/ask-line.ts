import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { onSuspend } from '../process/terminal.ts'
import type { ProcessHost } from '../runtime.ts'
import type { Terminal } from './terminal.ts'

/** A user needs time to sign in and copy a code. */
const TERMINAL_SECONDS = 600

/** Asks a question on stderr, and reads the answer, one line, from stdin. */
export type AskLine = (question: string, pipeSeconds: number) => Promise<string | undefined>

/**
 * @returns a function that resolves to undefined where there is no answer: at the end of stdin, or after `pipeSeconds` where
 *   it is not a terminal, because many callers leave it open
 */
export function createLineReader(terminal: Terminal, processHost: ProcessHost): AskLine {
  const { isTerminal, input } = terminal.stdin()
  if (isTerminal) return (question) => askOnTerminal(question, input, terminal, processHost)
  const nextLine = pipeReader(input)
  return async (question, pipeSeconds) => {
    terminal.err(question)
    const line = await nextLine(pipeSeconds)
    // No terminal has shown an answer with its line break.
    terminal.err('\n')
    return line
  }
}

/**
 * In raw mode the terminal sends no signals. They go to the whole process group, as if it did: kubectl must end or stop
 * with this process.
 */
function askOnTerminal(
  question: string,
  input: NodeJS.ReadableStream,
  terminal: Terminal,
  processHost: ProcessHost,
): Promise<string | undefined> {
  const output = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      terminal.err(chunk.toString('utf8'))
      done()
    },
  })
  return new Promise((resolve) => {
    const lines = createInterface({ input, output, terminal: true, historySize: 0 })
    const timer = setTimeout(() => lines.close(), TERMINAL_SECONDS * 1000)
    // Restores the terminal.
    const removeExit = processHost.onExit(() => lines.close())
    const removeSuspend = onSuspend(
      () => setRawMode(input, false),
      () => {
        setRawMode(input, true)
        lines.prompt(true)
      },
    )
    // The handler of the signal ends the process, and closes the reader.
    const end = (signal: 'SIGINT' | 'SIGQUIT'): void => {
      terminal.err('\n')
      processHost.kill(0, signal)
    }
    const quit = (chunk: Buffer | string): void => {
      if (chunk.includes(CTRL_BACKSLASH)) end('SIGQUIT')
    }
    input.on('data', quit)
    lines.once('close', () => {
      clearTimeout(timer)
      removeExit()
      removeSuspend()
      input.off('data', quit)
      resolve(undefined)
    })
    lines.once('SIGINT', () => end('SIGINT'))
    lines.on('SIGTSTP', () => processHost.kill(0, 'SIGTSTP'))
    lines.question(question, (answer) => {
      resolve(answer)
      lines.close()
    })
  })
}

const CTRL_BACKSLASH = '\x1c'

function setRawMode(input: NodeJS.ReadableStream, isRaw: boolean): void {
  const { setRawMode } = input as { setRawMode?: (isRaw: boolean) => unknown }
  setRawMode?.call(input, isRaw)
}

/** A longer line is not an answer. */
const MAX_LINE_CHARACTERS = 65_536

/** Reads a pipe line by line: what follows a line is the answer to the next question. */
function pipeReader(input: NodeJS.ReadableStream): (seconds: number) => Promise<string | undefined> {
  let text = ''
  let hasEnded = false
  let notify = (): void => {}
  input.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8')
    notify()
  })
  for (const event of ['end', 'error']) {
    input.on(event, () => {
      hasEnded = true
      notify()
    })
  }
  const takeLine = (): string | undefined => {
    const [line = ''] = text.split('\n', 1)
    const isComplete = line.length < text.length || (hasEnded && text !== '') || line.length > MAX_LINE_CHARACTERS
    if (!isComplete) return undefined
    text = text.slice(line.length + 1)
    return line
  }
  return (seconds) =>
    new Promise((resolve) => {
      const finish = (line: string | undefined): void => {
        clearTimeout(timer)
        notify = () => {}
        resolve(line)
      }
      const timer = setTimeout(() => finish(undefined), seconds * 1000)
      notify = () => {
        const line = takeLine()
        if (line !== undefined || hasEnded) finish(line)
      }
      notify()
    })
}
