import { closeSync, openSync } from 'node:fs'
import { ReadStream, WriteStream } from 'node:tty'
import type { MfaRequest } from '../credentials/mfa.ts'
import { EksTokenError } from '../errors.ts'
import type { ExecInfo } from '../kubernetes/exec-info.ts'
import type { Terminal } from './terminal.ts'

/** A person needs time to find the device; a script has its answer ready. */
const TERMINAL_TIMEOUT_MS = 120_000
const STDIN_TIMEOUT_MS = 2_000

/**
 * Gets the code of an MFA device. A client that says nobody is there is believed. Where a person is there, the
 * question goes to the terminal itself, without echo: stdout belongs to the answer, and stdin and stderr may be
 * taken. Without a terminal one line of stdin is read, but not for long: many callers leave it open.
 *
 * @throws EksTokenError `ERR_CREDENTIALS` where no code comes, `ERR_INTERRUPTED`
 */
export async function promptForMfaCode(request: MfaRequest, execInfo: ExecInfo, terminal: Terminal): Promise<string> {
  if (execInfo.given && !execInfo.interactive)
    throw mfaCodeUnavailable(request, 'the client says that nobody is there to ask')
  if (!execInfo.given) {
    const { isTerminal, input } = terminal.stdin()
    if (!isTerminal) return readLine(request, input)
  }
  return askOnTerminal(request, execInfo)
}

function mfaCodeUnavailable({ serial, roleArn, profile }: MfaRequest, why: string): EksTokenError {
  const who = profile === undefined ? `--role-arn ${roleArn} --mfa-serial ${serial}` : `--profile ${profile}`
  return new EksTokenError('ERR_CREDENTIALS', `the role ${roleArn} wants a code of the MFA device ${serial}: ${why}`, {
    remedy: `run 'eks-get-token --cluster-name NAME ${who}' once in a terminal, which keeps the session for other runs; or give the code on stdin`,
  })
}

function readLine(request: MfaRequest, input: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const finish = (why: string): void => {
      clearTimeout(timer)
      input.removeAllListeners()
      input.pause()
      const [line = ''] = text.split('\n')
      const code = line.trim()
      if (code) resolve(code)
      else reject(mfaCodeUnavailable(request, why))
    }
    const timer = setTimeout(
      () => finish(`no code came on stdin within ${STDIN_TIMEOUT_MS / 1000} s`),
      STDIN_TIMEOUT_MS,
    )
    input.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8')
      if (text.includes('\n') || text.length > MAX_CHARACTERS) finish('stdin has no code')
    })
    input.on('end', () => finish('there is no terminal, and stdin has no code'))
    input.on('error', () => finish('there is no terminal, and stdin cannot be read'))
  })
}

/** More is no code. */
const MAX_CHARACTERS = 1024

/** https://learn.microsoft.com/windows/console/console-handles for the names on Windows */
const DEVICES = [
  ['/dev/tty', '/dev/tty'],
  ['\\\\.\\CONIN$', '\\\\.\\CONOUT$'],
] as const

function openTerminal(): { keyboard: ReadStream; screen: WriteStream } | undefined {
  for (const [input, output] of DEVICES) {
    let opened: number | undefined
    try {
      opened = openSync(input, 'r')
      return { keyboard: new ReadStream(opened), screen: new WriteStream(openSync(output, 'w')) }
    } catch {
      if (opened !== undefined) closeQuietly(opened)
    }
  }
  return undefined
}

function closeQuietly(descriptor: number): void {
  try {
    closeSync(descriptor)
  } catch {
    // The stream has closed it.
  }
}

function askOnTerminal(request: MfaRequest, execInfo: ExecInfo): Promise<string> {
  const device = openTerminal()
  if (!device) {
    const why = execInfo.given
      ? 'the client says that a person is there, but there is no terminal'
      : 'there is no terminal'
    throw mfaCodeUnavailable(request, why)
  }
  const { keyboard, screen } = device
  return new Promise((resolve, reject) => {
    let typed = ''
    const finish = (end: () => void): void => {
      clearTimeout(timer)
      keyboard.setRawMode(false)
      screen.write('\n')
      keyboard.destroy()
      screen.destroy()
      end()
    }
    const timer = setTimeout(() => {
      finish(() => reject(mfaCodeUnavailable(request, `no code was typed within ${TERMINAL_TIMEOUT_MS / 1000} s`)))
    }, TERMINAL_TIMEOUT_MS)
    // No echo, and no signals: what Ctrl-C would have done is done below.
    keyboard.setRawMode(true)
    // Only now: whoever types at once must not see it.
    screen.write(`Enter MFA code for ${request.serial}: `)
    keyboard.on('error', () => finish(() => reject(mfaCodeUnavailable(request, 'the terminal cannot be read'))))
    keyboard.on('data', (chunk: Buffer) => {
      for (const key of chunk.toString('utf8')) {
        if (key === '\r' || key === '\n') {
          const code = typed.trim()
          return finish(() => (code ? resolve(code) : reject(mfaCodeUnavailable(request, 'no code was typed'))))
        }
        if (key === '\u0003') return finish(() => reject(new EksTokenError('ERR_INTERRUPTED', 'interrupted')))
        if (key === '\u0004') return finish(() => reject(mfaCodeUnavailable(request, 'no code was typed')))
        typed = key === '\u007f' || key === '\b' ? typed.slice(0, -1) : `${typed}${key}`.slice(0, MAX_CHARACTERS)
      }
    })
  })
}
