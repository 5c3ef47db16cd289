import { withLock } from '../../credentials/cache/lock.ts'
import { removeLockOfEndedProcess } from '../../credentials/cache/lock-file.ts'
import { lockFile } from '../../credentials/cache/paths.ts'
import { attempt } from '../../errors.ts'
import type { Runtime } from '../../runtime.ts'
import { removeBackups } from './backup.ts'
import { writeErrors } from './file-errors.ts'
import { findLost, openReplaced, type PlannedChange, type ReplacedFile, readAgain, type Written } from './find-lost.ts'
import { removeStaleLock, withKubeconfigLock } from './lock.ts'
import { isUnchanged, type KubeconfigFile, readKubeconfigFile } from './target.ts'
import { createKubeconfigDirectory, prepareWrite, resolveLinks } from './write.ts'

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

/** More often another process does not remove a change. */
const MAX_WRITES = 10
/** Where others change the file more often than it can be edited, it is edited under the lock, which kubectl does not wait for. */
const MAX_EDITS = 3

/**
 * Writes a planned change. A change that another process removes a moment after the write is written again, and so is the
 * change of a process without the lock that had the replaced file open.
 *
 * @returns the change that was written
 * @throws EksTokenError `ERR_KUBECONFIG`
 */
export async function changeFile<Change extends PlannedChange>(
  planned: Change,
  fileChange: FileChange<Change>,
  runtime: Runtime,
): Promise<Change> {
  const { path, rules } = planned.file
  createKubeconfigDirectory(path, rules)
  let change = planned
  let isContended = false
  for (let round = 1; ; round++) {
    const written: Written<Change> = await inTurn(path, () => write(change, fileChange, runtime), runtime)
    try {
      if (round >= MAX_WRITES) return written.change
      isContended ||= written.isContended
      const lost = await findLost(written, fileChange.isKept, isContended, runtime)
      if (!lost) return written.change
      runtime.trace?.(`another process changed ${path} at the same time; applying the change again`)
      isContended = true
      change = fileChange.plan(lost)
    } finally {
      written.replaced?.close()
    }
  }
}

/**
 * Processes of this program edit a file one after the other: at the same time, all but one would have edited in vain, and a
 * busy machine keeps kubectl from its lock for longer.
 */
function inTurn<T>(path: string, refresh: () => Promise<T>, runtime: Runtime): Promise<T> {
  const task = { description: path, readCached: () => undefined, refresh, exclusive: true }
  const context = {
    runtime,
    waitFor: <R>(_: string, wait: Promise<R>) => wait,
    pauseWhile: <R>(wait: Promise<R>) => wait,
  }
  return withLock(turnFile(path, runtime), task, context)
}

const turnFile = (path: string, runtime: Runtime) => lockFile(attempt(() => resolveLinks(path)) ?? path, runtime)

/**
 * Writes under kubectl's lock. Reading and editing take longer than kubectl can be kept waiting, so they come before the
 * lock, and again if another process has changed the file meanwhile, but not forever.
 */
async function write<Change extends PlannedChange>(
  planned: Change,
  { plan, beforeWrite, afterWrite }: FileChange<Change>,
  runtime: Runtime,
): Promise<Written<Change>> {
  const { path, rules } = planned.file
  const errors = writeErrors(rules)
  let isContended = !isUnchanged(planned.file)
  let change = isContended ? plan(await readAgain(planned.file, runtime)) : planned
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
          if (!isCurrent && round < MAX_EDITS) return
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
      if (isWritten) return { change, replaced, isContended, durationMs: runtime.now().getTime() - startedMs }
      change = plan(await readAgain(change.file, runtime))
    } catch (error) {
      replaced?.close()
      throw error
    } finally {
      prepared.discard()
    }
  }
}

/** Removes what killed runs have left of a file, where this run has nothing to write. */
export function removeLeftovers(path: string, runtime: Runtime): void {
  removeStaleLock(path, runtime)
  const turn = turnFile(path, runtime)
  if (turn !== undefined) removeLockOfEndedProcess(turn, runtime)
  removeBackups(attempt(() => resolveLinks(path)) ?? path, runtime)
}
