import type { SignInScreen } from '../login/login.ts'
import type { Runtime } from '../runtime.ts'
import type { AskLine } from './ask-line.ts'
import type { Terminal } from './terminal.ts'

/** Returns to the start of the line, and erases it. https://www.ecma-international.org/publications-and-standards/standards/ecma-48/ */
const ERASE_LINE = '\r\x1b[K'

/**
 * The screen of a sign-in. The line that says what the program is waiting for goes to stderr, and only to a terminal.
 *
 * @param print - where the instructions go: to stdout where they are the output of the command
 */
export function createSignInScreen(
  print: (text: string) => void,
  { env, processHost }: Runtime,
  terminal: Terminal,
): SignInScreen {
  const showsStatus = terminal.stderr().isTerminal && env.TERM !== 'dumb'
  let isShown = false
  let askLine: AskLine | undefined
  const erase = (): void => {
    if (isShown) terminal.err(ERASE_LINE)
    isShown = false
  }
  return {
    print: (text) => {
      erase()
      print(text)
    },
    status: (line) => {
      if (!showsStatus) return
      erase()
      if (line === undefined) return
      terminal.err(line)
      isShown = true
    },
    ask: async (question, pipeSeconds = 5) => {
      erase()
      const { createLineReader } = await import('./ask-line.ts')
      askLine ??= createLineReader(terminal, processHost)
      return askLine(question, pipeSeconds)
    },
  }
}
