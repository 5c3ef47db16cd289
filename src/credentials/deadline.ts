import { EksTokenError } from '../errors.ts'
import { timeoutMs } from '../settings/numbers.ts'

/** The longest that a run may take, in seconds. A client that waits for a plugin has no limit of its own. */
export const DEFAULT_TIMEOUT_SECONDS = 60

export interface Deadline {
  readonly waitFor: <T>(what: string, answer: Promise<T>) => Promise<T>
  readonly signal: AbortSignal
  /** To be called when all is done: an open timer would keep the process from ending. */
  readonly clear: () => void
}

/**
 * One limit for all waits of a run.
 *
 * @param seconds - 0: none
 * @returns `waitFor` rejects with `ERR_TIMEOUT`, naming what was waited for, when the limit is reached
 */
export function startDeadline(seconds: number): Deadline {
  const controller = new AbortController()
  const timer = seconds > 0 ? setTimeout(() => controller.abort(), timeoutMs(seconds)) : undefined
  const { signal } = controller
  const waitFor = <T>(what: string, answer: Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      const giveUp = () => reject(new EksTokenError('ERR_TIMEOUT', `no answer within ${seconds} s: waited for ${what}`))
      if (signal.aborted) giveUp()
      signal.addEventListener('abort', giveUp, { once: true })
      answer.then(resolve, reject)
    })
  return { waitFor, signal, clear: () => clearTimeout(timer) }
}
