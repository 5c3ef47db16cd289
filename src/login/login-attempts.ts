import { removeIfPresent } from '../credentials/cache/atomic-write.ts'
import { sha256Hex } from '../credentials/cache/hash.ts'
import { cacheDir } from '../credentials/cache/paths.ts'
import { readPrivateFile, writePrivateFile } from '../credentials/cache/private-file.ts'
import { textField, tryParseJson } from '../json.ts'
import type { Runtime } from '../runtime.ts'

/** After a login that was denied or abandoned, none starts by itself for this long: `watch` starts a process every second. */
const PAUSE_SECONDS = 60
/** The time of the attempt is updated this often, so that the pause begins when a process is killed. */
const UPDATE_MS = 5000

/** The last attempts to sign in of their own accord: one file for each login file. */
export interface LoginAttempt {
  /** Ends the attempt: if it was denied or abandoned, the pause begins now. */
  readonly end: (mayRepeat: boolean) => void
}

/** @returns seconds until a login may start by itself; 0: now */
export function secondsUntilNextLogin(loginFile: string, runtime: Runtime): number {
  const file = attemptFile(loginFile, runtime)
  const text = file === undefined ? undefined : readPrivateFile(file, runtime.userId)
  const time = Date.parse(textField(tryParseJson(text ?? ''), 'attemptedAt') ?? '')
  const elapsed = (runtime.now().getTime() - time) / 1000
  // The clock may have been set back.
  return elapsed >= 0 && elapsed < PAUSE_SECONDS ? Math.ceil(PAUSE_SECONDS - elapsed) : 0
}

/**
 * Records an attempt before it starts, because a process can be killed at any time.
 *
 * @returns undefined if it cannot be recorded: nothing would then prevent one login after the other
 */
export function startLoginAttempt(loginFile: string, runtime: Runtime): LoginAttempt | undefined {
  const file = attemptFile(loginFile, runtime)
  if (file === undefined) return undefined
  const record = (): boolean =>
    writePrivateFile(file, JSON.stringify({ attemptedAt: runtime.now().toISOString() }), runtime.userId)
  if (!record()) return undefined
  const timer = setInterval(record, UPDATE_MS)
  const removeExit = runtime.processHost.onExit(record)
  const end = (mayRepeat: boolean): void => {
    clearInterval(timer)
    removeExit()
    if (mayRepeat) removeIfPresent(file)
    else record()
  }
  return { end }
}

function attemptFile(loginFile: string, runtime: Runtime): string | undefined {
  const dir = cacheDir(runtime)
  return dir && `${dir}/logins/${sha256Hex(loginFile)}.json`
}
