import type { Terminal } from '../../src/cli/terminal.ts'

/**
 * A terminal that records what is written. stderr is not a terminal.
 *
 * @param columns - of stdout; undefined: it is not a terminal
 */
export function recordingTerminal(columns?: number): {
  readonly terminal: Terminal
  readonly written: { out: string; err: string }
} {
  const written = { out: '', err: '' }
  const terminal: Terminal = {
    out: (text) => {
      written.out += text
    },
    err: (text) => {
      written.err += text
    },
    stdin: () => ({ isTerminal: true, input: process.stdin }),
    stdout: () => ({ isTerminal: columns !== undefined, columns }),
    stderr: () => ({ isTerminal: false, columns: undefined }),
  }
  return { terminal, written }
}
