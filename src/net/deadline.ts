import { EksTokenError } from '../errors.ts'
import { timeoutMs } from '../python/int.ts'

/** The longest that a run may take, in seconds. A client that waits for a plugin has no limit of its own. */
export const DEFAULT_TIMEOUT_SECONDS = 60

export interface Deadline {
  /** Says what is being waited for, in words for activePauses, and goes on to wait for it. */
  readonly waitFor: <T>(what: string, answer: Promise<T>) => Promise<T>
  /** Waits for a person, who may take any time: it does not count. */
  readonly pauseWhile: <T>(answer: Promise<T>) => Promise<T>
  /** Calls `stop` when the limit is reached. @returns what takes that back */
  readonly onExpire: (stop: () => void) => () => void
  /** To be called when all is done: an open timer would keep the process from ending. */
  readonly clear: () => void
}

/**
 * One limit for all waits of a run. Its timer begins to run with the first wait: most runs have none, and the first
 * timer of a process takes longer than reading their settings.
 *
 * @param seconds - 0: none
 * @returns `waitFor` rejects with `ERR_TIMEOUT`, naming what was waited for, when the limit is reached
 */
export function startDeadline(seconds: number, now: () => Date): Deadline {
  const stops = new Set<() => void>()
  let isReached = false
  let leftMs = timeoutMs(seconds)
  let startedAt = now().getTime()
  let timer: NodeJS.Timeout | undefined
  let activePauses = 0
  const sinceStartMs = (): number => Math.max(now().getTime() - startedAt, 0)
  const reach = (): void => {
    isReached = true
    for (const stop of stops) stop()
  }
  const run = (): void => {
    if (seconds > 0 && activePauses === 0) timer ??= setTimeout(reach, Math.max(leftMs - sinceStartMs(), 1))
  }
  const pause = (): void => {
    clearTimeout(timer)
    timer = undefined
    leftMs = Math.max(leftMs - sinceStartMs(), 1)
  }
  const onExpire = (stop: () => void): (() => void) => {
    stops.add(stop)
    return () => stops.delete(stop)
  }
  const waitFor = <T>(what: string, answer: Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      const giveUp = () => reject(new EksTokenError('ERR_TIMEOUT', `no answer within ${seconds} s: waited for ${what}`))
      if (isReached) giveUp()
      run()
      const forget = onExpire(giveUp)
      answer.then(resolve, reject).finally(forget)
    })
  const pauseWhile = async <T>(answer: Promise<T>): Promise<T> => {
    if (activePauses++ === 0) pause()
    try {
      return await answer
    } finally {
      if (--activePauses === 0) {
        startedAt = now().getTime()
        run()
      }
    }
  }
  return { waitFor, pauseWhile, onExpire, clear: () => clearTimeout(timer) }
}
