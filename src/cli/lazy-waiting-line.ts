import type { WaitObserver } from '../net/deadline.ts'
import type { ProcessHost } from '../runtime.ts'
import type { Terminal } from './terminal.ts'
import type { WaitingLine } from './waiting-line.ts'

/** A waiting line whose code is loaded with the first wait: most runs have none. */
export function lazyWaitingLine(
  terminal: Terminal,
  processHost: Pick<ProcessHost, 'onExit'>,
): WaitObserver & { readonly close: () => Promise<void> } {
  let line: Promise<WaitingLine> | undefined
  const begin = (start: (line: WaitingLine) => () => void): (() => void) => {
    line ??= import('./waiting-line.ts').then(({ createWaitingLine }) => createWaitingLine(terminal, processHost))
    const end = line.then(start)
    return () => {
      end.then((stop) => stop())
    }
  }
  return {
    onWait: (what) => begin(({ onWait }) => onWait(what)),
    onPause: () => begin(({ onPause }) => onPause()),
    close: async () => (await line)?.close(),
  }
}
