import type { ProcessHost } from '../../runtime.ts'
import type { LoadContext, WhilePrompting } from '../context.ts'
import {
  acquire,
  describeHolder,
  hasEnded,
  isLock,
  isPrompting,
  isSameLock,
  isUnchanged,
  type LockHandle,
  type LockState,
  type MaybeLock,
  readLock,
  removeStaleLock,
  successorOf,
  takeOver,
} from './lock-file.ts'

type LockContext = Pick<LoadContext, 'runtime' | 'waitFor' | 'pauseWhile' | 'interactiveLogin'>

/** A refresh that one process at a time performs. */
export interface LockedTask<T> {
  /** What is refreshed, for messages. */
  readonly description: string
  /** The result that another process has stored in the meantime; undefined if there is none or it cannot be used. */
  readonly readCached: () => T | undefined
  /** Performs the refresh. `whilePrompting` waits for user input, and tells the processes that wait for the lock. */
  readonly refresh: (whilePrompting: WhilePrompting) => Promise<T>
  /**
   * False: if the lock holder fails, the waiting processes continue without a lock, so that each reports its own error and
   * they do not fail one after the other. True: always one at a time, because concurrent refreshes would invalidate each
   * other, or prompt at the same time.
   */
  readonly exclusive: boolean
  /** True: do not wait for a lock holder that waits for its user. */
  readonly ignoresPrompts?: boolean
  /** The result while another process holds the lock; undefined: wait for that process. */
  readonly fallback?: T | undefined
}

/** Interval at which a waiting process reads the lock. */
const POLL_MS = 40
/** A lock that was not renewed for this long is stale: its holder was stopped, or has ended on another host. */
const STALE_MS = 5000
/** A prompt ends after two minutes, a login after ten: only who could also sign in waits for that. */
const MAX_PROMPT_MS = 130_000
const MAX_LOGIN_MS = 620_000

/**
 * Runs a refresh in one process at a time. The lock is a file with host and process id of its holder, who renews it once
 * a second; a lock whose holder has ended, or that was not renewed for 5 s, is taken over. No library is used: proper-lockfile,
 * the usual one, has had no release since 2021.
 *
 * @param file - the lock file, which is created together with its directory. If it is undefined or cannot be created, or if
 *   something else than a lock is in its place, each process refreshes for itself
 */
export async function withLock<T>(file: string | undefined, task: LockedTask<T>, context: LockContext): Promise<T> {
  const runWithoutLock = async (): Promise<T> => task.readCached() ?? (await task.refresh(context.pauseWhile))
  if (file === undefined) return runWithoutLock()
  let handle = acquire(file, context.runtime)
  if (handle === 'held') {
    if (task.fallback !== undefined && !isStale(file, context)) return task.fallback
    const outcome = await waitForHolder(file, task, context)
    if ('result' in outcome) return outcome.result
    handle = outcome.handle
  }
  if (handle === 'unavailable') return runWithoutLock()
  const lock = handle
  try {
    return task.readCached() ?? (await task.refresh((input) => lock.whilePrompting(context.pauseWhile(input))))
  } finally {
    lock.release()
  }
}

type WaitOutcome<T> = { readonly result: T } | { readonly handle: LockHandle | 'unavailable' }

async function waitForHolder<T>(file: string, task: LockedTask<T>, context: LockContext): Promise<WaitOutcome<T>> {
  const { processHost, trace } = context.runtime
  let previous: LockState | 'missing' | undefined
  let previousSuccessor: MaybeLock
  let unchangedMs = 0
  let successorUnchangedMs = 0
  let promptMs = 0
  const maxPromptMs = context.interactiveLogin ? MAX_LOGIN_MS : MAX_PROMPT_MS
  for (;;) {
    const lock = readLock(file)
    if (lock === 'invalid') return { handle: 'unavailable' }
    const before = previous
    if (!isSameLock(lock, before)) {
      const result = task.readCached()
      if (result !== undefined) return { result }
      // The holder has released the lock without storing a result: it has failed.
      if (lock === 'missing' && isLock(before) && !task.exclusive) return { handle: 'unavailable' }
      const handle = lock === 'missing' ? acquire(file, context.runtime) : 'held'
      if (handle !== 'held') return { handle }
      if (isLock(lock)) trace?.(`waiting for ${describeHolder(lock)} to refresh ${task.description}`)
    }
    const successor = readLock(successorOf(file))
    unchangedMs = isUnchanged(lock, before) ? unchangedMs + POLL_MS : 0
    successorUnchangedMs = isUnchanged(successor, previousSuccessor) ? successorUnchangedMs + POLL_MS : 0
    previous = lock
    previousSuccessor = successor
    if (isLock(lock) && (unchangedMs >= STALE_MS || hasEnded(lock, processHost))) {
      const handle = takeOver(file, lock, processHost, successorUnchangedMs >= STALE_MS ? successor : undefined)
      if (handle !== 'held') {
        trace?.(`taking over the stale lock of ${describeHolder(lock)}`)
        return { handle }
      }
      if (unchangedMs >= 2 * STALE_MS) return { handle: removeStaleLock(file) }
    }
    const description = `${describeHolder(lock)} to refresh ${task.description}`
    if (isPrompting(lock) && task.ignoresPrompts) return { handle: 'unavailable' }
    if (isPrompting(lock) && promptMs < maxPromptMs) {
      const login = await context.interactiveLogin?.()
      login?.onWait(describeHolder(lock))
      const waited = await context.waitFor(
        description,
        context.pauseWhile(whileHolderPrompts(file, lock, maxPromptMs, processHost)),
      )
      promptMs += waited.totalMs
      unchangedMs = waited.unchangedMs
      previous = waited.last
    } else {
      await context.waitFor(description, poll())
    }
  }
}

const poll = () => new Promise<void>((resolve) => setTimeout(resolve, POLL_MS))

/** Waits until the holder no longer waits for its user, or has stopped; in milliseconds. */
async function whileHolderPrompts(file: string, lock: LockState, maxMs: number, processHost: ProcessHost) {
  let last = lock
  let unchangedMs = 0
  let totalMs = 0
  while (unchangedMs < STALE_MS && totalMs < maxMs && !hasEnded(last, processHost)) {
    await poll()
    totalMs += POLL_MS
    const current = readLock(file)
    if (!isLock(current) || current.id !== lock.id || !isPrompting(current)) break
    unchangedMs = current.renewals === last.renewals ? unchangedMs + POLL_MS : 0
    last = current
  }
  return { last, unchangedMs, totalMs }
}

function isStale(file: string, { runtime: { processHost } }: LockContext): boolean {
  const lock = readLock(file)
  return !isLock(lock) || hasEnded(lock, processHost)
}
