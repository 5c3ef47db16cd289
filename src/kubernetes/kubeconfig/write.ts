import {
  accessSync,
  constants,
  lstatSync,
  readFileSync,
  readlinkSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, resolve } from 'node:path'
import {
  type FileAttributes,
  overwriteFile,
  prepareReplacement,
  removeIfPresent,
  WINDOWS_RENAME_ATTEMPTS,
} from '../../credentials/cache/atomic-write.ts'
import { createDirectory } from '../../credentials/cache/directory.ts'
import { attempt, EksTokenError, isEksTokenError } from '../../errors.ts'
import type { Runtime } from '../../runtime.ts'
import { createBackup } from './backup.ts'
import { fileError, type KubeconfigRules } from './file-errors.ts'
import type { WriteErrors } from './write-errors.ts'

/**
 * Creates the directory of a kubeconfig, with the mode of the umask.
 *
 * @throws EksTokenError `ERR_KUBECONFIG`
 */
export function createKubeconfigDirectory(path: string, rules: KubeconfigRules): void {
  const directory = dirname(path)
  try {
    createDirectory(directory, 0o777)
    statSync(directory)
  } catch (error) {
    throw fileError('createDirectory', error, (error as NodeJS.ErrnoException).path ?? directory, rules)
  }
}

/** A new text for a file, which is on the disk already where that is possible. */
export interface PreparedWrite {
  /** @throws EksTokenError; the file then has its old content */
  readonly write: () => void
  readonly discard: () => void
}

/**
 * Prepares to write a kubeconfig, or another file that users edit, so that the lock is held for a rename only. A reader or a crash sees the old file or the new
 * one. Mode, owner and links stay; a new file has the mode 0600. Where a file cannot be replaced (a mount point, a read-only
 * directory, a device, a file with hard links or of another owner) it is overwritten, while a backup exists.
 *
 * @throws EksTokenError
 */
export function prepareWrite(path: string, text: string, runtime: Runtime, errors: WriteErrors): PreparedWrite {
  const target = attempt(() => resolveLinks(path)) ?? path
  const guarded = <T>(task: () => T): T => {
    try {
      return task()
    } catch (error) {
      throw isEksTokenError(error) ? error : errors.failed(error, path)
    }
  }
  const stats = guarded(() => {
    const found = statSync(target, { throwIfNoEntry: false })
    if (found) accessSync(target, constants.W_OK)
    return found
  })
  const inPlace = (task: () => void): PreparedWrite => ({ write: () => guarded(task), discard: () => {} })
  if (stats && !stats.isFile()) return inPlace(() => writeFileSync(target, text))
  const overwrite = (): void => overwriteWithBackup(target, text, runtime, errors)
  if (stats && (stats.nlink > 1 || isOfAnotherUser(stats, runtime))) return inPlace(overwrite)
  const replacement = guarded(() =>
    orElse(() => prepareReplacement(target, text, attributesOf(stats, runtime)), stats && (() => undefined)),
  )
  if (!replacement) return inPlace(overwrite)
  return { write: () => guarded(() => orElse(replacement.commit, stats && overwrite)), discard: replacement.discard }
}

function attributesOf(stats: Stats | undefined, { userId }: Runtime): FileAttributes {
  if (!stats) return { mode: 0o600 }
  const { uid, gid, mode } = stats
  return {
    mode: mode & 0o7777,
    owner: { uid, gid },
    renameAttempts: userId === undefined ? WINDOWS_RENAME_ATTEMPTS : 1,
  }
}

/** A file that exists and cannot be replaced. */
function orElse<T>(task: () => T, instead: (() => T) | undefined): T {
  try {
    return task()
  } catch (error) {
    if (!instead || !CANNOT_REPLACE.includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    return instead()
  }
}

function isOfAnotherUser({ uid }: Stats, { userId }: Runtime): boolean {
  return userId !== undefined && uid !== userId
}

/** The file that a chain of links leads to, whether it exists or not. */
export function resolveLinks(path: string): string {
  let target = path
  for (let links = 0; links < MAX_LINKS; links++) {
    if (!lstatSync(target, { throwIfNoEntry: false })?.isSymbolicLink()) return target
    target = resolve(dirname(target), readlinkSync(target))
  }
  return path
}

/** As in Linux. */
const MAX_LINKS = 40

const CANNOT_REPLACE = ['EACCES', 'EPERM', 'EROFS', 'EBUSY', 'EXDEV', 'ETXTBSY']

/** The backup is beside the file, or in the cache directory; it is removed when the file is complete. */
function overwriteWithBackup(target: string, text: string, runtime: Runtime, errors: WriteErrors): void {
  const backup = createBackup(target, text, runtime, errors)
  try {
    overwriteFile(target, text)
  } catch (error) {
    if (!attempt(() => readFileSync(target).equals(readFileSync(backup)))) {
      throw new EksTokenError(errors.code, `only part of ${target} was written`, {
        cause: error,
        remedy: `restore its previous content from ${backup}`,
      })
    }
    removeIfPresent(backup)
    throw error
  }
  removeIfPresent(backup)
}
