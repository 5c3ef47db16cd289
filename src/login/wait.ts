import { EksTokenError } from '../errors.ts'
import type { SignInContext } from './login.ts'

/** The limit for the authorization by the user; codes expire after it. */
export const SIGN_IN_SECONDS = 10 * 60

/**
 * Waits for what the user does in the browser, and shows the awaited step and the time left. This time does not count
 * against the deadline of the run.
 *
 * @param what - completes "Waiting for"
 * @throws EksTokenError `ERR_LOGIN` after 10 minutes, or `seconds` if that is less
 */
export function waitForUser<T>(
  what: string,
  result: Promise<T>,
  { screen, pauseWhile, runtime }: Pick<SignInContext, 'screen' | 'pauseWhile' | 'runtime'>,
  seconds = SIGN_IN_SECONDS,
): Promise<T> {
  let left = Math.min(seconds, SIGN_IN_SECONDS)
  const show = (): void => screen.status(`Waiting for ${what} (${formatLeft(left)} left, Ctrl-C to cancel)`)
  show()
  const removeExit = runtime.processHost.onExit(() => screen.status(undefined))
  let timer: NodeJS.Timeout | undefined
  const waiting = new Promise<T>((resolve, reject) => {
    timer = setInterval(() => {
      left -= 1
      if (left > 0) show()
      else reject(expiredError())
    }, 1000)
    result.then(resolve, reject)
  })
  return pauseWhile(waiting).finally(() => {
    clearInterval(timer)
    removeExit()
    screen.status(undefined)
  })
}

/** The error where the user did not sign in in time, whoever notices it first. */
export function expiredError(cause?: unknown): EksTokenError {
  return new EksTokenError(
    'ERR_LOGIN',
    'the sign-in was not completed in time: the pending authorization has expired',
    {
      cause,
      remedy: 'run the command again, and approve the request in the browser',
    },
  )
}

/** `9:59` */
function formatLeft(seconds: number): string {
  const whole = Math.ceil(seconds)
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}
