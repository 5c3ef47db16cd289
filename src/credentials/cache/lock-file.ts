import { closeSync, fstatSync, lstatSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { tryParseJson } from '../../json.ts'
import { sanitizeExternalText } from '../../redact.ts'
import type { ProcessHost, Runtime } from '../../runtime.ts'
import { readRegularFile, removeIfPresent } from './atomic-write.ts'
import { createDirectory } from './directory.ts'
import { isPrivateDir } from './permissions.ts'

/** While a lock is held, at this interval. */
const RENEW_MS = 1000

/** The content of a lock file. */
export interface LockState {
  /** Differs from that of any earlier or later lock. */
  readonly id: string
  /** Counts the renewals: unlike the modification time of a file it does not depend on the file system. */
  readonly renewals: number | undefined
  /** undefined: the lock is just being written. */
  readonly holder: { readonly host: string; readonly pid: number; readonly isPrompting: boolean } | undefined
}

export type MaybeLock = LockState | 'missing' | 'invalid' | undefined

export function isPrompting(lock: LockState | 'missing'): lock is LockState {
  return isLock(lock) && lock.holder?.isPrompting === true
}

export function isLock(lock: MaybeLock): lock is LockState {
  return typeof lock === 'object'
}

export function isSameLock(lock: MaybeLock, other: MaybeLock): other is LockState {
  return isLock(lock) && isLock(other) && lock.id === other.id
}

export function isUnchanged(lock: MaybeLock, before: MaybeLock): boolean {
  return isSameLock(lock, before) && isLock(lock) && lock.renewals === before.renewals
}

/** A lock has {@link TEXT_BYTES}; other versions of this program may write more. */
const MAX_LOCK_BYTES = 4096

/** `invalid`: not a lock, but a link, a directory, a pipe, a large file, or a file that cannot be read. */
export function readLock(file: string): LockState | 'missing' | 'invalid' {
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

export function describeHolder(lock: LockState | 'missing' | undefined): string {
  if (!isLock(lock) || !lock.holder) return 'another process'
  return `process ${lock.holder.pid} on ${sanitizeExternalText(lock.holder.host)}`
}

/** Whether the holder has ended, which can be known only of a process on this host. */
export function hasEnded({ holder }: LockState, processHost: ProcessHost): boolean {
  return holder !== undefined && holder.host === processHost.hostId() && !processHost.isRunning(holder.pid)
}

/** `held`: by another process. `unavailable`: the file cannot be created, or its directory is not private. */
export function acquire(file: string, { processHost, userId }: Runtime): LockHandle | 'held' | 'unavailable' {
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
export function takeOver(
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

/** Removes what a killed process has left, where this one needs no lock. */
export function removeLockOfEndedProcess(file: string, { processHost }: Runtime): void {
  const lock = readLock(file)
  const handle = isLock(lock) && hasEnded(lock, processHost) ? takeOver(file, lock, processHost) : 'held'
  if (handle instanceof LockHandle) handle.release()
}

/** Removes a stale lock that no process could take over, because one that tried has ended, for later processes. */
export function removeStaleLock(file: string): 'unavailable' {
  removeIfPresent(successorOf(file))
  removeIfPresent(file)
  return 'unavailable'
}

export const successorOf = (file: string) => `${file}.next`

/** Enough for any host name; a text of constant length is overwritten by one write, and never read in part. */
const TEXT_BYTES = 512

/** A lock of this process, which is renewed until it is released. */
export class LockHandle {
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
