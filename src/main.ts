import { createReadStream, fstatSync, writeSync } from 'node:fs'
import { run } from './cli/program.ts'
import type { Terminal } from './cli/terminal.ts'
import { attempt, EksTokenError } from './errors.ts'
import { exitProcess, useDefaultSignalActions } from './process/signals.ts'
import { processRuntime } from './runtime.ts'

/** The reader of a pipe that is full for longer has stopped. */
const MAX_FULL_PIPE_MS = 60_000

/**
 * Writes to a stream without loading `process.stdout`, which takes longer than signing. A write to a pipe may be partial, and
 * fails with EAGAIN while a non-blocking pipe is full. Signals have their default action meanwhile: their handlers could not
 * run.
 */
function writeAll(stream: 1 | 2, text: string): void {
  if (process.platform === 'win32' && writeToConsole(stream, text)) return
  const restoreSignalHandlers = useDefaultSignalActions()
  try {
    writeBytes(stream, text)
  } finally {
    restoreSignalHandlers()
  }
}

/** @throws EksTokenError `ERR_OUTPUT` if stdout cannot be written */
function writeBytes(stream: 1 | 2, text: string): void {
  let rest = Buffer.from(text)
  let waitedMs = 0
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(stream, rest))
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EAGAIN' && waitedMs++ < MAX_FULL_PIPE_MS) {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
        continue
      }
      // A closed pipe is not reported, as in the AWS CLI; an error of stderr itself cannot be.
      if (code === 'EPIPE' || stream === 2) return
      throw new EksTokenError('ERR_OUTPUT', `the output could not be written (${code})`, {
        cause: error,
        remedy: 'check the destination of stdout: the disk may be full, or its reader has stopped',
      })
    }
  }
}

/**
 * Bytes on a Windows console are text in its code page, which is not UTF-8: beyond ASCII it gets characters.
 * https://learn.microsoft.com/windows/console/writeconsole
 *
 * @returns false if the stream is not a console, or if its bytes are the characters
 */
function writeToConsole(stream: 1 | 2, text: string): boolean {
  if (/^[\0-\x7f]*$/.test(text)) return false
  const output = stream === 1 ? process.stdout : process.stderr
  // Node has written to a console when this returns.
  if (output.isTTY) output.write(text)
  return output.isTTY === true
}

/** Bun reads a file in this thread, where a file such as /proc/kmsg would block it past any deadline; a stream does not. */
function standardInput(): ReturnType<Terminal['stdin']> {
  if (attempt(() => fstatSync(0).isFile())) return { isTerminal: false, input: createReadStream('', { fd: 0 }) }
  return { isTerminal: process.stdin.isTTY === true, input: process.stdin }
}

const terminal: Terminal = {
  out: (text) => writeAll(1, text),
  err: (text) => writeAll(2, text),
  stdin: standardInput,
  stdout: () => ({ isTerminal: process.stdout.isTTY === true, columns: process.stdout.columns }),
  stderr: () => ({ isTerminal: process.stderr.isTTY === true, columns: process.stderr.columns }),
}

// Ctrl-C ends the process at once, and nothing is on stdout that a client could take for a result.
process.once('SIGINT', () => exitProcess(130))
// Warnings of the runtime would be output on success, e.g. the one about NODE_TLS_REJECT_UNAUTHORIZED, which has no effect
// here. https://nodejs.org/api/process.html#event-warning
process.removeAllListeners('warning')

// Everything is written by now. The event loop may not be empty: a proxy that accepts a connection and sends nothing keeps
// its socket open.
run(process.argv.slice(2), processRuntime(), terminal).then((exitCode) => exitProcess(exitCode))
