import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import type { ProcessHost } from '../../runtime.ts'
import type { LoadContext, WhilePrompting } from '../context.ts'
import { isPrivateDir, removeIfPresent } from './private-file.ts'

type LockContext = Pick<LoadContext, 'runtime' | 'waitFor' | 'pauseWhile'>

/** What is to be done once, by whichever process comes first. */
export interface LockedTask<T> {
  /** In words for people. */
  readonly description: string
  /** What another process has done in the meantime; undefined: nothing that could be used. */
  readonly readCached: () => T | undefined
  /** Does it. `askPerson` waits for a person, and lets the other processes know why they wait. */
  readonly refresh: (whilePrompting: WhilePrompting) => Promise<T>
  /**
   * False: where the process that was waited for has failed, the others try side by side, as each has to report its
   * own failure and a queue of failures would be long. True: strictly one after the other, because two refreshes at a
   * time would spoil each other, or two questions would confuse a person.
   */
  readonly exclusive: boolean
  /** What serves as long as another process is at it; undefined: nothing, that process is waited for. */
  readonly fallback?: T | undefined
}

/** How often the lock of another process is looked at. */
const POLL_MS = 40
const RENEW_MS = 1000
/** A holder that is stopped, or that runs on another host and is gone, has not renewed its lock for so long. */
const STALE_MS = 5000
/** A person has two minutes to answer; nobody else waits longer for that. */
const MAX_PROMPT_MS = 130_000

/**
 * One refresh at a time, however many processes need it. A lock is a file that names host and process and is renewed
 * while it is held; one whose process is gone, or that was not renewed for 5 s, is taken over. Lock libraries were
 * looked at and left: proper-lockfile, the usual one, has stood still since 2021.
 *
 * @param file - of the lock, made with its folder; undefined, or a place that cannot be written: no lock, and each
 *   process does it for itself
 */
export async function withLock<T>(file: string | undefined, turn: LockedTask<T>, context: LockContext): Promise<T> {
  const alone = async (): Promise<T> => turn.readCached() ?? (await turn.refresh(context.pauseWhile))
  if (file === undefined) return alone()
  let hold = take(file, context)
  if (hold === 'held') {
    if (turn.fallback !== undefined && !isDead(file, context)) return turn.fallback
    const waited = await waitForOther(file, turn, context)
    if ('result' in waited) return waited.result
    hold = waited.hold
  }
  if (hold === 'unavailable') return alone()
  const held = hold
  try {
    const done = turn.readCached()
    if (done !== undefined) return done
    return await turn.refresh((answer) => held.whilePrompting(context.pauseWhile(answer)))
  } finally {
    held.release()
  }
}

type Waited<T> = { readonly result: T } | { readonly hold: LockHandle | 'unavailable' }

async function waitForOther<T>(file: string, turn: LockedTask<T>, context: LockContext): Promise<Waited<T>> {
  const { processHost, trace } = context.runtime
  let before: LockState | undefined
  let unchangedMs = 0
  let personMs = 0
  for (;;) {
    const lock = readLock(file)
    if (lock?.id !== before?.id || lock === undefined) {
      const result = turn.readCached()
      if (result !== undefined) return { result }
      // It vanishes only when its holder is done, which has left nothing to use: it failed.
      if (lock === undefined && before && !turn.exclusive) return { hold: 'unavailable' }
      const hold = lock === undefined ? take(file, context) : 'held'
      if (hold !== 'held') return { hold }
      if (lock) trace(`wait for ${nameOf(lock)}, which gets ${turn.description}`)
    }
    unchangedMs = lock?.id === before?.id && lock?.renewed === before?.renewed ? unchangedMs + POLL_MS : 0
    before = lock
    if (lock && (unchangedMs >= STALE_MS || isGone(lock, processHost))) {
      const hold = takeOver(file, lock, processHost)
      if (hold !== 'held') {
        trace(`${nameOf(lock)} is gone or stopped: its lock is taken over`)
        return { hold }
      }
      if (unchangedMs >= 2 * STALE_MS) return { hold: clear(file) }
    }
    const pause = new Promise<void>((resolve) => setTimeout(resolve, POLL_MS))
    const asks = lock?.holder?.isPrompting === true && personMs < MAX_PROMPT_MS
    if (asks) personMs += POLL_MS
    await context.waitFor(`${nameOf(lock)}, which gets ${turn.description}`, asks ? context.pauseWhile(pause) : pause)
  }
}

interface LockState {
  /** Differs from that of any lock that was there before, or comes after. */
  readonly id: string
  /** By the clock of the file system. */
  readonly renewed: number
  /** undefined: just being written, or no lock of ours. */
  readonly holder: { readonly host: string; readonly pid: number; readonly isPrompting: boolean } | undefined
}

function readLock(file: string): LockState | undefined {
  try {
    const { ino, mtimeMs } = statSync(file)
    const { host, pid, isPrompting, nonce } = readHolder(file)
    const holder =
      typeof host === 'string' && typeof pid === 'number' ? { host, pid, isPrompting: isPrompting === true } : undefined
    // Numbers of files are used again at once; the nonce is not.
    return { id: `${ino} ${nonce}`, renewed: mtimeMs, holder }
  } catch {
    return undefined
  }
}

function readHolder(file: string): Record<string, unknown> {
  try {
    return { ...(JSON.parse(readFileSync(file, 'utf8')) as object) }
  } catch {
    return {}
  }
}

function nameOf(lock: LockState | undefined): string {
  return lock?.holder ? `process ${lock.holder.pid} on ${lock.holder.host}` : 'another process'
}

/** Process ids count on their own host only; elsewhere the lock's age has to say it. */
function isGone({ holder }: LockState, processHost: ProcessHost): boolean {
  return holder !== undefined && holder.host === processHost.hostId() && !processHost.isRunning(holder.pid)
}

function isDead(file: string, { runtime: { processHost } }: LockContext): boolean {
  const lock = readLock(file)
  return lock === undefined || isGone(lock, processHost)
}

function take(file: string, { runtime: { processHost, userId } }: LockContext): LockHandle | 'held' | 'unavailable' {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    // Where others could write, they could keep us waiting.
    if (!isPrivateDir(dirname(file), userId)) return 'unavailable'
    return new LockHandle(file, openSync(file, 'wx', 0o600), processHost)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EEXIST' ? 'held' : 'unavailable'
  }
}

/**
 * Puts our lock in the place of a dead one. Of all who have found it dead only one can make the file beside it, which
 * then takes its place in one step: there is no moment without a lock, in which others would think that the holder is
 * done, or would take one of their own.
 */
function takeOver(file: string, dead: LockState, processHost: ProcessHost): LockHandle | 'held' {
  const next = nextOf(file)
  let hold: LockHandle
  try {
    hold = new LockHandle(file, openSync(next, 'wx', 0o600), processHost)
  } catch {
    return 'held'
  }
  try {
    if (readLock(file)?.id === dead.id) {
      renameSync(next, file)
      return hold
    }
  } catch {
    // What is there cannot be replaced: a folder.
  }
  hold.release()
  removeIfPresent(next)
  return 'held'
}

/** Makes way for those who come later, where nobody could take a dead lock over: it is a folder, or who tried died. */
function clear(file: string): 'unavailable' {
  removeIfPresent(nextOf(file))
  removeIfPresent(file)
  return 'unavailable'
}

const nextOf = (file: string) => `${file}.next`

/** Long enough for any host name; a text of one length is written over in one piece, and never read in halves. */
const TEXT_BYTES = 512

/** A lock that is ours, renewed until it is released. */
class LockHandle {
  readonly #file: string
  readonly #descriptor: number
  readonly #processHost: ProcessHost
  readonly #nonce = Math.random()
  readonly #timer: NodeJS.Timeout
  #isPrompting = false

  constructor(file: string, descriptor: number, processHost: ProcessHost) {
    this.#file = file
    this.#descriptor = descriptor
    this.#processHost = processHost
    this.#write()
    this.#timer = setInterval(() => this.#write(), RENEW_MS)
    this.#timer.unref()
  }

  async whilePrompting<A>(answer: Promise<A>): Promise<A> {
    this.#isPrompting = true
    this.#write()
    try {
      return await answer
    } finally {
      this.#isPrompting = false
      this.#write()
    }
  }

  release(): void {
    clearInterval(this.#timer)
    try {
      // Whoever has taken it over, because we were stopped for a while, holds another file.
      if (statSync(this.#file).ino === fstatSync(this.#descriptor).ino) rmSync(this.#file, { force: true })
    } catch {
      // It is gone.
    }
    closeSync(this.#descriptor)
  }

  #write(): void {
    const host = this.#processHost.hostId().slice(0, TEXT_BYTES / 4)
    const text = JSON.stringify({
      host,
      pid: this.#processHost.processId,
      isPrompting: this.#isPrompting,
      nonce: this.#nonce,
    })
    try {
      writeSync(this.#descriptor, text.padEnd(TEXT_BYTES), 0)
    } catch {
      // A disk that is full: the lock is not renewed, and others go on after a while.
    }
  }
}
