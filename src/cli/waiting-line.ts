import type { WaitObserver } from '../net/deadline.ts'
import { sanitizeLine } from '../redact.ts'
import type { ProcessHost } from '../runtime.ts'
import type { Terminal } from './terminal.ts'

/** Users begin to wonder after about a second. */
const DELAY_MS = 1000
const ERASE = '\r\x1b[K'

export interface WaitingLine extends WaitObserver {
  /** Erases the line for good. */
  readonly close: () => void
}

/**
 * A line on stderr that says what a run waits for, where that takes more than a second and stderr is a terminal. It is
 * erased at the end, on a signal, and for as long as a user enters something.
 */
export function createWaitingLine(terminal: Terminal, processHost: Pick<ProcessHost, 'onExit'>): WaitingLine {
  const waits: string[] = []
  let pauses = 0
  let isDue = false
  let shown = ''
  let timer: NodeJS.Timeout | undefined
  let removeExit: (() => void) | undefined
  const show = (text: string): void => {
    if (text === shown) return
    const { columns = 80 } = terminal.stderr()
    terminal.err(ERASE + text.slice(0, Math.max(columns - 1, 0)))
    shown = text
    removeExit ??= processHost.onExit(() => show(''))
  }
  const update = (): void => {
    const what = isDue && pauses === 0 ? waits.at(-1) : undefined
    show(what === undefined ? '' : sanitizeLine(`waiting for ${what}`))
  }
  return {
    onWait: (what) => {
      waits.push(what)
      timer ??= setTimeout(() => {
        isDue = terminal.stderr().isTerminal
        update()
      }, DELAY_MS)
      update()
      return () => {
        waits.splice(waits.lastIndexOf(what), 1)
        // A wait for a lock is many short ones.
        if (shown !== '') setImmediate(update)
      }
    },
    onPause: () => {
      pauses++
      update()
      return () => {
        pauses--
        update()
      }
    },
    close: () => {
      clearTimeout(timer)
      isDue = false
      update()
      removeExit?.()
    },
  }
}
