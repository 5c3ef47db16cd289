import { EksTokenError } from '../errors.ts'
import { timeoutMs } from '../settings/numbers.ts'

/** The longest that a run may take, in seconds. A client that waits for a plugin has no limit of its own. */
export const DEFAULT_TIMEOUT_SECONDS = 60

export interface Deadline {
  /** Says what is being waited for, in words for people, and goes on to wait for it. */
  readonly waitFor: <T>(what: string, answer: Promise<T>) => Promise<T>
  /** Waits for a person, who may take any time: it does not count. */
  readonly waitForPerson: <T>(answer: Promise<T>) => Promise<T>
  /** Aborted when the limit is reached. */
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
export function startDeadline(seconds: number, now: () => Date): Deadline {
  const controller = new AbortController()
  const { signal } = controller
  let leftMs = timeoutMs(seconds)
  let startedAt = now().getTime()
  let timer: NodeJS.Timeout | undefined
  let people = 0
  const start = (): void => {
    startedAt = now().getTime()
    if (seconds > 0) timer = setTimeout(() => controller.abort(), leftMs)
  }
  const pause = (): void => {
    clearTimeout(timer)
    leftMs = Math.max(leftMs - Math.max(now().getTime() - startedAt, 0), 1)
  }
  start()
  const waitFor = <T>(what: string, answer: Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      const giveUp = () => reject(new EksTokenError('ERR_TIMEOUT', `no answer within ${seconds} s: waited for ${what}`))
      if (signal.aborted) giveUp()
      signal.addEventListener('abort', giveUp, { once: true })
      answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
    })
  const waitForPerson = async <T>(answer: Promise<T>): Promise<T> => {
    if (people++ === 0) pause()
    try {
      return await answer
    } finally {
      if (--people === 0) start()
    }
  }
  return { waitFor, waitForPerson, signal, clear: () => clearTimeout(timer) }
}
