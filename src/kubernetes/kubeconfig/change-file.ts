import type { Runtime } from '../../runtime.ts'
import { withKubeconfigLock } from './lock.ts'
import { isUnchanged, type KubeconfigFile, readKubeconfigFile } from './target.ts'
import { createKubeconfigDirectory, prepareWrite } from './write.ts'

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

/** More often another process does not change the file between reading and writing. */
const MAX_ATTEMPTS = 10

/**
 * Writes a planned change under kubectl's lock. Reading and editing take longer than kubectl can be kept waiting, so they come
 * before the lock, and again if another process has changed the file meanwhile.
 *
 * @param plan - plans the change for what is in the file
 * @returns the change that was written
 * @throws EksTokenError `ERR_KUBECONFIG`
 */
export async function changeFile<Change extends PlannedChange>(
  planned: Change,
  plan: (file: KubeconfigFile) => Change,
  runtime: Runtime,
  { beforeWrite, afterWrite }: WriteHooks<Change> = {},
): Promise<Change> {
  const { path, firstOfSeveral } = planned.file
  createKubeconfigDirectory(path)
  let change = planned
  for (let attempt = 1; ; attempt++) {
    const prepared = prepareWrite(path, change.text, runtime)
    let isWritten = false
    try {
      await withKubeconfigLock(
        path,
        () => {
          const isCurrent = isUnchanged(change.file)
          if (!isCurrent && attempt < MAX_ATTEMPTS) return
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
    if (isWritten) return change
    change = plan(readKubeconfigFile(path, firstOfSeveral))
  }
}
