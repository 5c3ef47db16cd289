import { closeSync, fstatSync, lstatSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { tryParseJson } from '../../json.ts'
import { sanitizeExternalText } from '../../redact.ts'
import type { ProcessHost } from '../../runtime.ts'
import type { LoadContext, WhilePrompting } from '../context.ts'
import { readRegularFile, removeIfPresent } from './atomic-write.ts'
import { createDirectory } from './directory.ts'
import { isPrivateDir } from './permissions.ts'

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
  /** True: a lock holder that waits for its user is not waited for. */
  readonly ignoresPrompts?: boolean
  /** The result while another process holds the lock; undefined: wait for that process. */
  readonly fallback?: T | undefined
}

/** Interval at which a waiting process reads the lock. */
const POLL_MS = 40
const RENEW_MS = 1000
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
  let handle = acquire(file, context)
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
      const handle = lock === 'missing' ? acquire(file, context) : 'held'
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

function isPrompting(lock: LockState | 'missing'): lock is LockState {
  return isLock(lock) && lock.holder?.isPrompting === true
}

interface LockState {
  /** Differs from that of any earlier or later lock. */
  readonly id: string
  /** Counts the renewals: unlike the modification time of a file it does not depend on the file system. */
  readonly renewals: number | undefined
  /** undefined: the lock is just being written. */
  readonly holder: { readonly host: string; readonly pid: number; readonly isPrompting: boolean } | undefined
}

type MaybeLock = LockState | 'missing' | 'invalid' | undefined

function isLock(lock: MaybeLock): lock is LockState {
  return typeof lock === 'object'
}

function isSameLock(lock: MaybeLock, other: MaybeLock): other is LockState {
  return isLock(lock) && isLock(other) && lock.id === other.id
}

function isUnchanged(lock: MaybeLock, before: MaybeLock): boolean {
  return isSameLock(lock, before) && isLock(lock) && lock.renewals === before.renewals
}

/** A lock has {@link TEXT_BYTES}; other versions of this program may write more. */
const MAX_LOCK_BYTES = 4096

/** `invalid`: not a lock, but a link, a directory, a pipe, a large file, or a file that cannot be read. */
function readLock(file: string): LockState | 'missing' | 'invalid' {
  try {
    const content = readRegularFile(file, { maxBytes: MAX_LOCK_BYTES, followLinks: false })
    if (!content) return 'invalid'
    const { host, pid, isPrompting, nonce, renewals } = parseLock(content.text)
    // Only numbers can be compared; anything else would never become stale.
    if (renewals !== undefined && typeof renewals !== 'number') return 'invalid'
    const holder =
      typeof host === 'string' && typeof pid === 'number' ? { host, pid, isPrompting: isPrompting === true } : undefined
    // Inode numbers are reused immediately, nonces are not.
    return { id: `${content.inode} ${nonce}`, renewals, holder }
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'missing' : 'invalid'
  }
}

function parseLock(text: string): Record<string, unknown> {
  return { ...(tryParseJson(text) as object | undefined) }
}

function describeHolder(lock: LockState | 'missing' | undefined): string {
  if (!isLock(lock) || !lock.holder) return 'another process'
  return `process ${lock.holder.pid} on ${sanitizeExternalText(lock.holder.host)}`
}

/** Whether the holder has ended, which can be known only of a process on this host. */
function hasEnded({ holder }: LockState, processHost: ProcessHost): boolean {
  return holder !== undefined && holder.host === processHost.hostId() && !processHost.isRunning(holder.pid)
}

function isStale(file: string, { runtime: { processHost } }: LockContext): boolean {
  const lock = readLock(file)
  return !isLock(lock) || hasEnded(lock, processHost)
}

function acquire(file: string, { runtime: { processHost, userId } }: LockContext): LockHandle | 'held' | 'unavailable' {
  try {
    createDirectory(dirname(file), 0o700)
    // Other users could block this program with locks of their own.
    if (!isPrivateDir(dirname(file), userId)) return 'unavailable'
  } catch {
    return 'unavailable'
  }
  try {
    return new LockHandle(file, openSync(file, 'wx', 0o600), processHost)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EEXIST' ? 'held' : 'unavailable'
  }
}

/**
 * Replaces a stale lock. Only one of the processes that have found it stale can create the file beside it, which is then
 * renamed to the lock: a lock exists at all times, because waiting processes would take its absence for the end of the
 * refresh. The file of a process that was killed in between is replaced in the same way.
 *
 * @param abandoned - the file beside it, if that is stale because it has not changed
 */
function takeOver(
  file: string,
  stale: LockState,
  processHost: ProcessHost,
  abandoned?: MaybeLock,
): LockHandle | 'held' | 'unavailable' {
  const successor = successorOf(file)
  let handle: LockHandle | 'held' | 'unavailable'
  try {
    handle = new LockHandle(successor, openSync(successor, 'wx', 0o600), processHost)
  } catch {
    const found = readLock(successor)
    if (found === 'invalid') return 'unavailable'
    if (!isLock(found) || !(hasEnded(found, processHost) || isSameLock(found, abandoned))) return 'held'
    handle = takeOver(successor, found, processHost)
  }
  if (typeof handle === 'string') return handle
  try {
    if (isSameLock(readLock(file), stale)) {
      handle.moveTo(file)
      return handle
    }
  } catch {
    // The lock cannot be replaced.
  }
  handle.release()
  return 'held'
}

/** Removes a stale lock that no process could take over, because one that tried has ended, for later processes. */
function removeStaleLock(file: string): 'unavailable' {
  removeIfPresent(successorOf(file))
  removeIfPresent(file)
  return 'unavailable'
}

const successorOf = (file: string) => `${file}.next`

/** Enough for any host name; a text of constant length is overwritten by one write, and never read in part. */
const TEXT_BYTES = 512

/** A lock of this process, which is renewed until it is released. */
class LockHandle {
  #file: string
  readonly #descriptor: number
  readonly #processHost: ProcessHost
  readonly #nonce = Math.random()
  readonly #timer: NodeJS.Timeout
  #renewals = 0
  #isPrompting = false

  constructor(file: string, descriptor: number, processHost: ProcessHost) {
    this.#file = file
    this.#descriptor = descriptor
    this.#processHost = processHost
    this.#write()
    this.#timer = setInterval(() => this.#write(), RENEW_MS)
    this.#timer.unref()
  }

  async whilePrompting<T>(input: Promise<T>): Promise<T> {
    this.#isPrompting = true
    this.#write()
    // The user may end the wait with Ctrl-C.
    const removeExit = this.#processHost.onExit(() => this.release())
    try {
      return await input
    } finally {
      removeExit()
      this.#isPrompting = false
      this.#write()
    }
  }

  /** @throws an error of `rename` */
  moveTo(file: string): void {
    renameSync(this.#file, file)
    this.#file = file
  }

  release(): void {
    clearInterval(this.#timer)
    try {
      // A process that has taken it over, while this one was stopped, has another file.
      if (lstatSync(this.#file).ino === fstatSync(this.#descriptor).ino) unlinkSync(this.#file)
    } catch {
      // The lock was removed.
    }
    closeSync(this.#descriptor)
  }

  #write(): void {
    const text = JSON.stringify({
      host: this.#processHost.hostId().slice(0, TEXT_BYTES / 4),
      pid: this.#processHost.processId,
      isPrompting: this.#isPrompting,
      nonce: this.#nonce,
      renewals: this.#renewals++,
    })
    try {
      writeSync(this.#descriptor, text.padEnd(TEXT_BYTES), 0)
    } catch {
      // The disk is full: the lock becomes stale, and other processes continue.
    }
  }
}
