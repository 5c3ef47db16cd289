import { closeSync, fstatSync, lstatSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs'
import { readRegularFile } from '../../credentials/cache/atomic-write.ts'
import { attempt, EksTokenError } from '../../errors.ts'
import type { ProcessHost, Runtime } from '../../runtime.ts'

/** Longer than any command of kubectl holds the lock. */
const WAIT_MS = 5000
const POLL_MS = 20

/**
 * Runs a synchronous task while this process has kubectl's lock on a kubeconfig: the file `<path>.lock`, created exclusively.
 * kubectl fails at once where it exists, so it is held for as short as possible. Its content, process id and host, lets a later
 * run recognize a lock whose process was killed; the locks of kubectl are empty, and the program waits for them.
 * https://github.com/kubernetes/client-go/blob/v0.32.0/tools/clientcmd/loader.go (lockFile)
 *
 * @throws EksTokenError `ERR_KUBECONFIG` if another process holds the lock for 5 s, and what `task` throws
 */
export async function withKubeconfigLock<T>(
  path: string,
  task: (hasWaited: boolean) => T,
  runtime: Runtime,
): Promise<T> {
  const file = `${path}.lock`
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    const lock = acquire(file, runtime)
    const hasWaited = waitedMs > 0
    if (lock === 'unavailable') return task(hasWaited)
    if (lock !== 'held') {
      try {
        removeStaleSuccessor(file, runtime)
        return task(hasWaited)
      } finally {
        release(file, lock)
      }
    }
    if (!hasWaited) runtime.trace?.(`waiting for the lock ${file}`)
    if (waitedMs >= WAIT_MS) throw heldError(file)
    await new Promise<void>((resolve) => setTimeout(resolve, POLL_MS))
  }
}

/** Removes the lock of a process that was killed, which would hinder kubectl, where this run has nothing to write. */
export function removeStaleLock(path: string, runtime: Runtime): void {
  const file = `${path}.lock`
  if (staleLock(file, runtime) === undefined) return
  const lock = acquire(file, runtime)
  if (typeof lock === 'number') release(file, lock)
}

function heldError(file: string): EksTokenError {
  return new EksTokenError('ERR_KUBECONFIG', `the kubeconfig is locked by another process: ${file} exists`, {
    remedy: `try again; if no other program is changing the kubeconfig, remove ${file}`,
  })
}

/** @returns a descriptor; `unavailable`: no lock can be created here, e.g. in a read-only directory */
function acquire(file: string, runtime: Runtime): number | 'held' | 'unavailable' {
  try {
    return create(file, runtime.processHost)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return 'unavailable'
  }
  const id = staleLock(file, runtime)
  return id === undefined ? 'held' : (attempt(() => takeOver(file, id, runtime)) ?? 'held')
}

function create(file: string, host: ProcessHost): number {
  const descriptor = openSync(file, 'wx', 0o600)
  attempt(() => writeSync(descriptor, `${host.processId}\n${host.hostId()}\n`))
  return descriptor
}

/**
 * Replaces a stale lock. Only one process can create the file beside it, and a stale lock is not removed by any other, so
 * the lock that is replaced is the one that was found stale. The file of a process that was killed in between is replaced in
 * the same way: removed and created again, it could be the new file of yet another process.
 */
function takeOver(file: string, stale: string, runtime: Runtime): number | undefined {
  const successor = successorOf(file)
  const abandoned = staleLock(successor, runtime)
  const descriptor =
    abandoned === undefined ? create(successor, runtime.processHost) : takeOver(successor, abandoned, runtime)
  if (descriptor === undefined) return undefined
  if (staleLock(file, runtime) === stale && isRenamed(successor, file)) return descriptor
  release(successor, descriptor)
  return undefined
}

function isRenamed(from: string, to: string): boolean {
  return attempt(() => renameSync(from, to) === undefined) ?? false
}

/**
 * Removes what a process has left that was killed while it replaced a lock. Only for the holder of the lock: whoever still
 * replaces the previous lock finds that it is gone, whether its file beside it is there or not.
 */
function removeStaleSuccessor(file: string, runtime: Runtime): void {
  const successor = successorOf(file)
  if (staleLock(successor, runtime) === undefined) return
  removeStaleSuccessor(successor, runtime)
  attempt(() => unlinkSync(successor))
}

const successorOf = (file: string) => `${file}.next`

/** Identifies a lock whose process has ended on this host; undefined for any other file. */
function staleLock(file: string, { processHost: host, now }: Runtime): string | undefined {
  const lock = attempt(() => readRegularFile(file, { maxBytes: 4096, followLinks: false }))
  if (!lock) return undefined
  const [, processId, hostId] = /^(\d{1,10})\n(?:(.*)\n)?$/.exec(lock.text) ?? []
  const isHere = hostId === undefined || hostId === host.hostId()
  if (processId === undefined) return isAbandoned(file, lock.text, now()) ? `${lock.inode}` : undefined
  return isHere && !host.isRunning(Number(processId)) ? `${lock.inode} ${lock.text}` : undefined
}

/** A process that was killed before it had written its lock leaves a part of it; kubectl's locks are empty, with mode 000. */
function isAbandoned(file: string, text: string, now: Date): boolean {
  const stats = attempt(() => lstatSync(file))
  const isLeftover = /^(?:\d{1,10}(?:\n.*)?)?$/.test(text) && stats !== undefined && (stats.mode & 0o777) === 0o600
  return isLeftover && now.getTime() - stats.ctimeMs > WAIT_MS / 2
}

function release(file: string, descriptor: number): void {
  // A lock that was removed and created again by another process is not released.
  attempt(() => {
    if (lstatSync(file).ino === fstatSync(descriptor).ino) unlinkSync(file)
  })
  closeSync(descriptor)
}
