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
import { isOurs, removeQuietly } from './cache-file.ts'
import type { Deadline } from './deadline.ts'
import type { Machine } from './machine.ts'

export interface LockContext extends Pick<Deadline, 'waitFor' | 'waitForPerson'> {
  readonly machine: Machine
  /** Ours; undefined on Windows. */
  readonly userId: number | undefined
  readonly trace: (line: string) => void
}

/** What is to be done once, by whichever process comes first. */
export interface Turn<T> {
  /** In words for people. */
  readonly what: string
  /** What another process has done in the meantime; undefined: nothing that could be used. */
  readonly recall: () => T | undefined
  /** Does it. `askPerson` waits for a person, and lets the other processes know why they wait. */
  readonly refresh: (askPerson: <A>(answer: Promise<A>) => Promise<A>) => Promise<T>
  /**
   * False: where the process that was waited for has failed, the others try side by side, as each has to report its
   * own failure and a queue of failures would be long. True: strictly one after the other, because two refreshes at a
   * time would spoil each other, or two questions would confuse a person.
   */
  readonly strict: boolean
  /** What serves as long as another process is at it; undefined: nothing, that process is waited for. */
  readonly meanwhile?: T | undefined
}

/** How often the lock of another process is looked at. */
const LOOK_MS = 40
const RENEW_MS = 1000
/** A holder that is stopped, or that runs on another host and is gone, has not renewed its lock for so long. */
const STALE_MS = 5000
/** A person has two minutes to answer; nobody else waits longer for that. */
const MAX_PERSON_MS = 130_000

/**
 * One refresh at a time, however many processes need it. A lock is a file that names host and process and is renewed
 * while it is held; one whose process is gone, or that was not renewed for 5 s, is taken over. Lock libraries were
 * looked at and left: proper-lockfile, the usual one, has stood still since 2021.
 *
 * @param file - of the lock, made with its folder; undefined, or a place that cannot be written: no lock, and each
 *   process does it for itself
 */
export async function oneAtATime<T>(file: string | undefined, turn: Turn<T>, context: LockContext): Promise<T> {
  const alone = async (): Promise<T> => turn.recall() ?? (await turn.refresh(context.waitForPerson))
  if (file === undefined) return alone()
  let hold = take(file, context)
  if (hold === 'held') {
    if (turn.meanwhile !== undefined && !isDead(file, context)) return turn.meanwhile
    const waited = await waitForOther(file, turn, context)
    if ('result' in waited) return waited.result
    hold = waited.hold
  }
  if (hold === 'no place') return alone()
  const held = hold
  try {
    const done = turn.recall()
    if (done !== undefined) return done
    return await turn.refresh((answer) => held.askPerson(context.waitForPerson(answer)))
  } finally {
    held.release()
  }
}

type Waited<T> = { readonly result: T } | { readonly hold: Hold | 'no place' }

async function waitForOther<T>(file: string, turn: Turn<T>, context: LockContext): Promise<Waited<T>> {
  const { machine, trace } = context
  let before: Lock | undefined
  let unchangedMs = 0
  let personMs = 0
  for (;;) {
    const lock = look(file)
    if (lock?.id !== before?.id || lock === undefined) {
      const result = turn.recall()
      if (result !== undefined) return { result }
      // It vanishes only when its holder is done, which has left nothing to use: it failed.
      if (lock === undefined && before && !turn.strict) return { hold: 'no place' }
      const hold = lock === undefined ? take(file, context) : 'held'
      if (hold !== 'held') return { hold }
      if (lock) trace(`wait for ${nameOf(lock)}, which gets ${turn.what}`)
    }
    unchangedMs = lock?.id === before?.id && lock?.renewed === before?.renewed ? unchangedMs + LOOK_MS : 0
    before = lock
    if (lock && (unchangedMs >= STALE_MS || isGone(lock, machine))) {
      const hold = takeOver(file, lock, machine)
      if (hold !== 'held') {
        trace(`${nameOf(lock)} is gone or stopped: its lock is taken over`)
        return { hold }
      }
      if (unchangedMs >= 2 * STALE_MS) return { hold: clear(file) }
    }
    const pause = new Promise<void>((resolve) => setTimeout(resolve, LOOK_MS))
    const asks = lock?.holder?.asks === true && personMs < MAX_PERSON_MS
    if (asks) personMs += LOOK_MS
    await context.waitFor(`${nameOf(lock)}, which gets ${turn.what}`, asks ? context.waitForPerson(pause) : pause)
  }
}

interface Lock {
  /** Differs from that of any lock that was there before, or comes after. */
  readonly id: string
  /** By the clock of the file system. */
  readonly renewed: number
  /** undefined: just being written, or no lock of ours. */
  readonly holder: { readonly host: string; readonly pid: number; readonly asks: boolean } | undefined
}

function look(file: string): Lock | undefined {
  try {
    const { ino, mtimeMs } = statSync(file)
    const { host, pid, asks, nonce } = readHolder(file)
    const holder = typeof host === 'string' && typeof pid === 'number' ? { host, pid, asks: asks === true } : undefined
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

function nameOf(lock: Lock | undefined): string {
  return lock?.holder ? `process ${lock.holder.pid} on ${lock.holder.host}` : 'another process'
}

/** Process ids count on their own host only; elsewhere the lock's age has to say it. */
function isGone({ holder }: Lock, machine: Machine): boolean {
  return holder !== undefined && holder.host === machine.name() && !machine.isRunning(holder.pid)
}

function isDead(file: string, { machine }: LockContext): boolean {
  const lock = look(file)
  return lock === undefined || isGone(lock, machine)
}

function take(file: string, { machine, userId }: LockContext): Hold | 'held' | 'no place' {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    // Where others could write, they could keep us waiting.
    if (!isOurs(dirname(file), userId)) return 'no place'
    return new Hold(file, openSync(file, 'wx', 0o600), machine)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EEXIST' ? 'held' : 'no place'
  }
}

/**
 * Puts our lock in the place of a dead one. Of all who have found it dead only one can make the file beside it, which
 * then takes its place in one step: there is no moment without a lock, in which others would think that the holder is
 * done, or would take one of their own.
 */
function takeOver(file: string, dead: Lock, machine: Machine): Hold | 'held' {
  const next = nextOf(file)
  let hold: Hold
  try {
    hold = new Hold(file, openSync(next, 'wx', 0o600), machine)
  } catch {
    return 'held'
  }
  try {
    if (look(file)?.id === dead.id) {
      renameSync(next, file)
      return hold
    }
  } catch {
    // What is there cannot be replaced: a folder.
  }
  hold.release()
  removeQuietly(next)
  return 'held'
}

/** Makes way for those who come later, where nobody could take a dead lock over: it is a folder, or who tried died. */
function clear(file: string): 'no place' {
  removeQuietly(nextOf(file))
  removeQuietly(file)
  return 'no place'
}

const nextOf = (file: string) => `${file}.next`

/** Long enough for any host name; a text of one length is written over in one piece, and never read in halves. */
const TEXT_BYTES = 512

/** A lock that is ours, renewed until it is released. */
class Hold {
  readonly #file: string
  readonly #descriptor: number
  readonly #machine: Machine
  readonly #nonce = Math.random()
  readonly #timer: NodeJS.Timeout
  #asks = false

  constructor(file: string, descriptor: number, machine: Machine) {
    this.#file = file
    this.#descriptor = descriptor
    this.#machine = machine
    this.#write()
    this.#timer = setInterval(() => this.#write(), RENEW_MS)
    this.#timer.unref()
  }

  async askPerson<A>(answer: Promise<A>): Promise<A> {
    this.#asks = true
    this.#write()
    try {
      return await answer
    } finally {
      this.#asks = false
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
    const host = this.#machine.name().slice(0, TEXT_BYTES / 4)
    const text = JSON.stringify({ host, pid: this.#machine.processId, asks: this.#asks, nonce: this.#nonce })
    try {
      writeSync(this.#descriptor, text.padEnd(TEXT_BYTES), 0)
    } catch {
      // A disk that is full: the lock is not renewed, and others go on after a while.
    }
  }
}
