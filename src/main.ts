import { writeSync } from 'node:fs'
import { run } from './cli/program.ts'
import type { Terminal } from './cli/terminal.ts'
import { EksTokenError } from './errors.ts'
import { processRuntime } from './runtime.ts'

/**
 * Writes to a stream without loading `process.stdout`, which takes longer than all the signing. A pipe may take less
 * than it is given, or nothing for a while (EAGAIN) when its reader set it to non-blocking.
 */
function writeAll(stream: 1 | 2, text: string): void {
  let rest = Buffer.from(text)
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(stream, rest))
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      // Nobody reads any more: not an error worth words, as for the AWS CLI. Nor is there a place for words about
      // stderr itself.
      if (code === 'EPIPE' || (stream === 2 && code !== 'EAGAIN')) return
      if (code !== 'EAGAIN') {
        throw new EksTokenError('ERR_OUTPUT', `the answer could not be written (${code})`, {
          cause: error,
          remedy: 'see where the output goes: the disk may be full',
        })
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
    }
  }
}

const terminal: Terminal = {
  out: (text) => writeAll(1, text),
  err: (text) => writeAll(2, text),
  stdin: () => ({ isTerminal: process.stdin.isTTY === true, input: process.stdin }),
  stdout: () => ({ isTerminal: process.stdout.isTTY === true, columns: process.stdout.columns }),
  stderr: () => ({ isTerminal: process.stderr.isTTY === true }),
}

// Ctrl-C ends at once, and prints nothing that a client could take for an answer.
process.once('SIGINT', () => process.exit(130))
// The SDK would tell users on stderr that it is going to drop their version of Node.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'

// All is written by now. Waiting for the loop to run empty would wait for whoever has not answered: a proxy that
// accepts a connection and says nothing keeps its socket open.
run(process.argv.slice(2), processRuntime(), terminal).then((exitCode) => process.exit(exitCode))
