import { statSync } from 'node:fs'
import { attempt } from '../../errors.ts'
import type { Runtime } from '../../runtime.ts'
import { removeBackups } from './backup.ts'
import { removeStaleLock, withKubeconfigLock } from './lock.ts'
import { isUnchanged, type KubeconfigFile, readBytes, readKubeconfigFile } from './target.ts'
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
/** How long the file is watched while others change it. */
const MAX_WATCH_MS = 3000

/** More often another process does not change the file between reading and writing. */
const MAX_ATTEMPTS = 10

/**
 * Writes a planned change under kubectl's lock. Reading and editing take longer than kubectl can be kept waiting, so they come
 * before the lock, and again if another process has changed the file meanwhile. A change that another process removes a moment
 * after the write is written again.
 *
 * @returns the change that was written
 * @throws EksTokenError `ERR_KUBECONFIG`
 */
export async function changeFile<Change extends PlannedChange>(
  planned: Change,
  { plan, isKept, beforeWrite, afterWrite }: FileChange<Change>,
  runtime: Runtime,
): Promise<Change> {
  const { path, firstOfSeveral } = planned.file
  createKubeconfigDirectory(path)
  let change = planned
  for (let round = 1; ; round++) {
    const startedMs = runtime.now().getTime()
    const prepared = prepareWrite(path, change.text, runtime)
    let isWritten = false
    try {
      await withKubeconfigLock(
        path,
        () => {
          const isCurrent = isUnchanged(change.file)
          if (!isCurrent && round < MAX_ATTEMPTS) return
          if (!isCurrent) change = plan(readKubeconfigFile(path, firstOfSeveral))
          beforeWrite?.(change)
          if (isCurrent) prepared.write()
          else prepareWrite(path, change.text, runtime).write()
          afterWrite?.()
          isWritten = true
        },
        runtime,
      )
    } finally {
      prepared.discard()
    }
    if (isWritten && (round >= MAX_ATTEMPTS || (await stays(change, isKept, startedMs, runtime)))) return change
    if (isWritten) runtime.trace(`another process has overwritten the change to ${path}; applying it again`)
    change = plan(readKubeconfigFile(path, firstOfSeveral))
  }
}

/** Looks again after as long as the write took, which is longer on a busy machine, and until nobody changes the file. */
async function stays(
  { file: { path }, text }: PlannedChange,
  isKept: (file: KubeconfigFile) => boolean,
  startedMs: number,
  { now }: Pick<Runtime, 'now'>,
): Promise<boolean> {
  const writtenMs = now().getTime()
  const delayMs = Math.min(Math.max(writtenMs - startedMs, MIN_DELAY_MS), MAX_DELAY_MS)
  const written = Buffer.from(text)
  for (let last: Uint8Array | undefined = written; ; ) {
    await new Promise<void>((resolve) => setTimeout(resolve, delayMs))
    // A device has no content.
    const current = attempt(() => (statSync(path).isFile() ? readBytes(path) : undefined))
    if (!current || written.equals(current)) return true
    // A file that is written at this moment may be incomplete.
    const file = attempt(() => readKubeconfigFile(path, true))
    if (file && attempt(() => isKept(file)) === false) return false
    if (now().getTime() - writtenMs > MAX_WATCH_MS || (last && Buffer.compare(current, last) === 0)) return true
    last = file?.bytes
  }
}

/** Removes what killed runs have left of a file, where this run has nothing to write. */
export function removeLeftovers(path: string, runtime: Runtime): void {
  removeStaleLock(path, runtime)
  removeBackups(attempt(() => resolveLinks(path)) ?? path, runtime)
}
