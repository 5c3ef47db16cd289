import { realpathSync, type Stats, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { attempt } from '../../errors.ts'
import {
  type FileAttributes,
  overwriteFile,
  readRegularFile,
  replaceFile,
  WINDOWS_RENAME_ATTEMPTS,
} from './atomic-write.ts'
import { createDirectory } from './directory.ts'
import { worldWritableProblem } from './permissions.ts'
import { MAX_CACHE_FILE_BYTES } from './private-file.ts'

/** The content of a file that is shared with the AWS CLI, or why it cannot be used. */
export type SharedFile = { readonly text: string } | UnusableFile

export interface UnusableFile {
  readonly problem: 'missing' | 'unreadable' | 'world-writable'
  readonly message: string
  readonly remedy?: string | undefined
}

/**
 * Reads a file of the AWS CLI's caches and logins, with any owner and group, as the AWS CLI does. A file that every
 * user could have written, or in such a directory, is not used.
 */
export function readSharedFile(file: string, userId: number | undefined): SharedFile {
  try {
    const content = readRegularFile(file, { maxBytes: MAX_CACHE_FILE_BYTES, followLinks: true })
    if (!content) return { problem: 'unreadable', message: `${file} is not a regular file, or is larger than 1 MB` }
    const insecure = worldWritableProblem(dirname(file), userId) ?? worldWritableProblem(file, userId)
    return insecure ? { problem: 'world-writable', message: insecure.message, remedy: insecure.remedy } : content
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return { problem: 'missing', message: `${file} does not exist` }
    return { problem: 'unreadable', message: `${file} cannot be read (${code})` }
  }
}

/** No file can be created in, or moved to, the directory; the file itself may be writable, e.g. a mounted one. */
const NO_RENAME = ['EACCES', 'EPERM', 'EBUSY', 'EXDEV']

/**
 * Writes a file of the AWS CLI's caches and logins: atomically, with owner and mode of the previous file, through links to
 * it. Where the directory permits no new file, it is overwritten in place, as the AWS CLI does. Missing directories are
 * created with 0755; a new file, and one that replaces a world-writable one, with 0600.
 *
 * @returns false if it cannot be written, or if every user can write its directory
 */
export function writeSharedFile(file: string, text: string, userId: number | undefined): boolean {
  try {
    createDirectory(dirname(file), 0o755)
    const target = attempt(() => realpathSync(file)) ?? file
    const stats = statSync(target, { throwIfNoEntry: false })
    if (worldWritableProblem(dirname(target), userId)) return false
    const attributes = preservedAttributes(stats, userId)
    try {
      replaceFile(target, text, attributes ?? { mode: 0o600 })
    } catch (error) {
      if (!attributes || !NO_RENAME.includes((error as NodeJS.ErrnoException).code ?? '')) throw error
      overwriteFile(target, text)
    }
    return true
  } catch {
    return false
  }
}

/** @returns undefined for a file that is not kept: a missing one, a pipe, or one that every user can write */
function preservedAttributes(stats: Stats | undefined, userId: number | undefined): FileAttributes | undefined {
  if (!stats?.isFile()) return undefined
  if (userId === undefined) return { mode: 0o600, renameAttempts: WINDOWS_RENAME_ATTEMPTS }
  const { uid, gid, mode } = stats
  return (mode & 0o002) === 0 ? { mode: mode & 0o777, owner: { uid, gid } } : undefined
}
