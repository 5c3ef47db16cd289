import { EksTokenError } from '../errors.ts'
import { timeoutMs } from '../python/int.ts'

/** Default limit of a run, in seconds. Kubernetes clients wait for a plugin without a limit. */
export const DEFAULT_TIMEOUT_SECONDS = 60

/**
 * What is left of a time limit that starts now, for reads that block this thread: no timer could end them.
 *
 * @param seconds - 0: no limit
 * @returns a function that returns the seconds that are left; 0: no limit
 */
export function remainingSeconds(seconds: number, now: () => Date): () => number {
  const startMs = now().getTime()
  return () => (seconds === 0 ? 0 : Math.max(seconds - (now().getTime() - startMs) / 1000, MIN_SECONDS))
}

/** 0 would be no limit. */
const MIN_SECONDS = 0.001

export interface Deadline {
  /**
   * Waits for a result, at most until the deadline.
   *
   * @param what - the awaited result, for the error message and the observer
   * @param isQuiet - the observer is not notified: the awaited operation may use the terminal itself
   * @throws EksTokenError `ERR_TIMEOUT`
   */
  readonly waitFor: <T>(what: string, result: Promise<T>, isQuiet?: boolean) => Promise<T>
  /** Waits for user input; this time does not count. */
  readonly pauseWhile: <T>(input: Promise<T>) => Promise<T>
  /** Calls `stop` at the deadline. @returns a function that removes it */
  readonly onExpire: (stop: () => void) => () => void
  readonly isExpired: () => boolean
  /** Stops the timer, which would keep the process alive. */
  readonly clear: () => void
}

/** Is notified of what a run waits for, to show it to a user. */
export interface WaitObserver {
  /** Called when a wait begins. @returns a function that is called at its end */
  readonly onWait: (what: string) => () => void
  /** Called when a user is about to enter something. @returns a function that is called after that */
  readonly onPause: () => () => void
}

/**
 * One time limit for everything that a run waits for. The timer starts with the first wait: most runs have none, and the
 * first timer of a process takes longer than reading the settings.
 *
 * @param seconds - 0: no limit
 */
export function startDeadline(seconds: number, now: () => Date, observer?: WaitObserver): Deadline {
  const stops = new Set<() => void>()
  let isExpired = false
  let remainingMs = timeoutMs(seconds)
  let startedAt = now().getTime()
  let timer: NodeJS.Timeout | undefined
  let activePauses = 0
  const elapsedMs = (): number => Math.max(now().getTime() - startedAt, 0)
  const expire = (): void => {
    isExpired = true
    for (const stop of stops) stop()
  }
  const run = (): void => {
    if (seconds > 0 && activePauses === 0) timer ??= setTimeout(expire, Math.max(remainingMs - elapsedMs(), 1))
  }
  const pause = (): void => {
    clearTimeout(timer)
    timer = undefined
    remainingMs = Math.max(remainingMs - elapsedMs(), 1)
  }
  const onExpire = (stop: () => void): (() => void) => {
    stops.add(stop)
    return () => stops.delete(stop)
  }
  const waitFor = <T>(what: string, result: Promise<T>, isQuiet = false): Promise<T> =>
    new Promise((resolve, reject) => {
      const giveUp = () => reject(new EksTokenError('ERR_TIMEOUT', `timed out after ${seconds} s waiting for ${what}`))
      if (isExpired) giveUp()
      run()
      const removeGiveUp = onExpire(giveUp)
      const endWait = isQuiet ? undefined : observer?.onWait(what)
      result.then(resolve, reject).finally(() => {
        removeGiveUp()
        endWait?.()
      })
    })
  const pauseWhile = async <T>(input: Promise<T>): Promise<T> => {
    if (activePauses++ === 0) pause()
    const endPause = observer?.onPause()
    try {
      return await input
    } finally {
      endPause?.()
      if (--activePauses === 0) {
        startedAt = now().getTime()
        run()
      }
    }
  }
  return { waitFor, pauseWhile, onExpire, isExpired: () => isExpired, clear: () => clearTimeout(timer) }
}
