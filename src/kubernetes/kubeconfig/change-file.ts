import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { attempt } from '../../errors.ts'
import { OPEN_WITHOUT_WAITING } from '../../process/read-when-ready.ts'
import type { Runtime } from '../../runtime.ts'
import { removeBackups } from './backup.ts'
import { writeErrors } from './file-errors.ts'
import { removeStaleLock, withKubeconfigLock } from './lock.ts'
import { isUnchanged, type KubeconfigFile, parseKubeconfigFile, readBytes, readKubeconfigFile } from './target.ts'
import { createKubeconfigDirectory, prepareWrite, resolveLinks } from './write.ts'

/** The new text of a kubeconfig that was read. */
export interface PlannedChange {
  readonly file: KubeconfigFile
  readonly text: string
}

/** What is done together with the write, under the same lock. */
export interface WriteHooks<Change> {
  /** May throw to prevent the write. */
  readonly beforeWrite?: (change: Change) => void
  readonly afterWrite?: () => void
}

/** How a kubeconfig is changed. */
export interface FileChange<Change extends PlannedChange> extends WriteHooks<Change> {
  /** Plans the change for what is in the file. */
  readonly plan: (file: KubeconfigFile) => Change
  /** Whether a file that another program has written since still has the change. */
  readonly isKept: (file: KubeconfigFile) => boolean
}

/**
 * `kubectl config` reads the file, then acquires its lock, and then deletes the entries that were not there when it read:
 * those that another process has added in between.
 * https://github.com/kubernetes/client-go/blob/v0.32.0/tools/clientcmd/config.go (ModifyConfig)
 */
const MIN_DELAY_MS = 50
const MAX_DELAY_MS = 1000
/** Where others change the file at the same time, as long as kubectl takes from its reading to its lock on a busy machine. */
const CONTENDED_DELAY_MS = 1000
/** How long the file is watched while others change it. */
const MAX_WATCH_MS = 3000

/** More often another process does not change the file between reading and writing. */
const MAX_ATTEMPTS = 10

/**
 * Writes a planned change under kubectl's lock. Reading and editing take longer than kubectl can be kept waiting, so they come
 * before the lock, and again if another process has changed the file meanwhile. A change that another process removes a moment
 * after the write is written again, and so is the change of a process without the lock that had the replaced file open.
 *
 * @returns the change that was written
 * @throws EksTokenError `ERR_KUBECONFIG`
 */
export async function changeFile<Change extends PlannedChange>(
  planned: Change,
  { plan, isKept, beforeWrite, afterWrite }: FileChange<Change>,
  runtime: Runtime,
): Promise<Change> {
  const { path, rules } = planned.file
  const errors = writeErrors(rules)
  createKubeconfigDirectory(path, rules)
  let change = planned
  let isContended = false
  for (let round = 1; ; round++) {
    const startedMs = runtime.now().getTime()
    const prepared = prepareWrite(path, change.text, runtime, errors)
    let replaced: ReplacedFile | undefined
    let isWritten = false
    try {
      await withKubeconfigLock(
        path,
        (hasWaited) => {
          const isCurrent = isUnchanged(change.file)
          isContended ||= hasWaited || !isCurrent
          if (!isCurrent && round < MAX_ATTEMPTS) return
          if (!isCurrent) change = plan(readKubeconfigFile(path, rules))
          beforeWrite?.(change)
          replaced = openReplaced(change.file, runtime)
          if (isCurrent) prepared.write()
          else prepareWrite(path, change.text, runtime, errors).write()
          afterWrite?.()
          isWritten = true
        },
        runtime,
      )
      if (isWritten && round >= MAX_ATTEMPTS) return change
      const writingMs = runtime.now().getTime() - startedMs
      // The write takes longer on a busy machine.
      const delayMs: number = isContended
        ? CONTENDED_DELAY_MS
        : Math.min(Math.max(writingMs, MIN_DELAY_MS), MAX_DELAY_MS)
      const lost: KubeconfigFile | undefined = isWritten
        ? await findLost(change, isKept, replaced, delayMs, runtime)
        : undefined
      if (isWritten && !lost) return change
      isContended ||= lost !== undefined
      if (lost) runtime.trace?.(`another process has changed ${path} at the same time; applying the change again`)
      change = plan(lost ?? (await readAgain(change.file, runtime)))
    } finally {
      prepared.discard()
      replaced?.close()
    }
  }
}

/**
 * Looks again after this delay, and until the file no longer changes.
 *
 * @returns undefined: the change is in the file, and nothing of another process is lost; else the file to change again
 */
async function findLost(
  { file, text }: PlannedChange,
  isKept: (file: KubeconfigFile) => boolean,
  replaced: ReplacedFile | undefined,
  delayMs: number,
  { now }: Pick<Runtime, 'now'>,
): Promise<KubeconfigFile | undefined> {
  const { path, rules } = file
  const writtenMs = now().getTime()
  const written = Buffer.from(text)
  let last: Uint8Array | undefined = written
  let lastLate: Uint8Array | undefined
  for (;;) {
    await sleep(delayMs)
    const isOver = now().getTime() - writtenMs > MAX_WATCH_MS
    // A device has no content.
    const current = attempt(() => (statSync(path).isFile() ? readBytes(path, rules) : undefined))
    if (!current || written.equals(current)) {
      const late = replaced?.lateBytes()
      if (!late || isOver) return undefined
      // What is still being written is incomplete.
      const other = lastLate && Buffer.compare(late, lastLate) === 0 && attempt(() => parseKubeconfigFile(file, late))
      if (other && other.config !== null) return { ...other, bytes: written }
      lastLate = late
      continue
    }
    const found = attempt(() => readKubeconfigFile(path, rules))
    if (found && attempt(() => isKept(found)) === false) return readAgain(found, { now })
    if (isOver || (last && Buffer.compare(current, last) === 0)) return undefined
    last = found?.bytes
  }
}

/** A file that is replaced: a process that opened it before still writes to it. */
interface ReplacedFile {
  /** Its content, if a process has changed it since it was read. */
  readonly lateBytes: () => Uint8Array | undefined
  readonly close: () => void
}

/** @returns undefined on Windows, where an open file cannot be replaced, and for a file that does not exist */
function openReplaced({ path, bytes }: KubeconfigFile, { userId }: Runtime): ReplacedFile | undefined {
  if (userId === undefined || bytes === undefined) return undefined
  const descriptor = attempt(() => openSync(path, OPEN_WITHOUT_WAITING))
  if (descriptor === undefined) return undefined
  const lateBytes = (): Uint8Array | undefined => {
    const { nlink, size } = fstatSync(descriptor)
    // Otherwise it was overwritten, and is the file that is looked at anyway.
    if (nlink > 0) return undefined
    const late = Buffer.alloc(size)
    const length = readSync(descriptor, late, 0, size, 0)
    return Buffer.compare(late.subarray(0, length), bytes) === 0 ? undefined : late.subarray(0, length)
  }
  return { lateBytes: () => attempt(lateBytes), close: () => closeSync(descriptor) }
}

/**
 * Reads a file again that another process changes. The AWS CLI truncates it first, and writes it over seconds.
 *
 * @throws EksTokenError `ERR_KUBECONFIG`
 */
async function readAgain(previous: KubeconfigFile, { now }: Pick<Runtime, 'now'>): Promise<KubeconfigFile> {
  const { path, rules } = previous
  for (const endMs = now().getTime() + MAX_WATCH_MS; now().getTime() < endMs; await sleep(MIN_DELAY_MS)) {
    const file = attempt(() => readKubeconfigFile(path, rules))
    if (file && (file.config !== null || previous.config === null)) return file
  }
  return readKubeconfigFile(path, rules)
}

function sleep(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs))
}

/** Removes what killed runs have left of a file, where this run has nothing to write. */
export function removeLeftovers(path: string, runtime: Runtime): void {
  removeStaleLock(path, runtime)
  removeBackups(attempt(() => resolveLinks(path)) ?? path, runtime)
}
