import { accessSync, constants, realpathSync, type Stats, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { attempt } from '../../errors.ts'
import { withNativeSeparators } from '../../shown-path.ts'
import {
  type FileAttributes,
  overwriteFile,
  prepareReplacement,
  readRegularFile,
  replaceFile,
  WINDOWS_RENAME_ATTEMPTS,
} from './atomic-write.ts'
import { createDirectory } from './directory.ts'
import { sharedDirProblem, worldWritableProblem } from './permissions.ts'
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
    if (!content)
      return {
        problem: 'unreadable',
        message: `${withNativeSeparators(file)} is not a regular file, or is larger than 1 MB`,
      }
    const insecure = sharedDirProblem(file, userId) ?? worldWritableProblem(file, userId)
    return insecure ? { problem: 'world-writable', message: insecure.message, remedy: insecure.remedy } : content
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR')
      return { problem: 'missing', message: `${withNativeSeparators(file)} does not exist` }
    return { problem: 'unreadable', message: `${withNativeSeparators(file)} cannot be read (${code})` }
  }
}

/** No file can be created in, or moved to, the directory; the file itself may be writable, e.g. a mounted one. */
const NO_RENAME = ['EACCES', 'EPERM', 'EBUSY', 'EXDEV']

/**
 * Writes a file of the AWS CLI's caches and logins: atomically, with owner and mode of the previous file, through links to
 * it. Where the directory permits no new file, it is overwritten in place, as the AWS CLI does. Missing directories are
 * created with 0755; a new file, and one that replaces a world-writable one, with 0600.
 *
 * @throws an error of the file system, or one that says that every user can write the directory, or that the file is one
 */
export function storeSharedFile(file: string, text: string, userId: number | undefined): void {
  const { target, attributes } = prepareTarget(file, userId)
  try {
    replaceFile(target, text, attributes ?? { mode: 0o600 })
  } catch (error) {
    if (!attributes || !isRenameProblem(error)) throw error
    overwriteFile(target, text)
  }
}

/** As {@link storeSharedFile}. @returns false if the file cannot be written */
export function writeSharedFile(file: string, text: string, userId: number | undefined): boolean {
  return (
    attempt(() => {
      storeSharedFile(file, text, userId)
      return true
    }) ?? false
  )
}

/**
 * Checks that {@link storeSharedFile} will be possible, before work is done for it that cannot be repeated.
 *
 * @param bytes - how much will be written
 * @throws as {@link storeSharedFile}
 */
export function checkSharedFile(file: string, bytes: number, userId: number | undefined): void {
  const { target, attributes } = prepareTarget(file, userId)
  try {
    prepareReplacement(target, ' '.repeat(bytes), attributes ?? { mode: 0o600 }).discard()
  } catch (error) {
    if (!attributes || !isRenameProblem(error)) throw error
    accessSync(target, constants.W_OK)
  }
}

/** The file behind links, and what stays of it; its directory is created. */
function prepareTarget(file: string, userId: number | undefined) {
  createDirectory(dirname(file), 0o755)
  const target = attempt(() => realpathSync(file)) ?? file
  const stats = statSync(target, { throwIfNoEntry: false })
  const insecure = sharedDirProblem(target, userId)
  if (insecure) throw new Error(insecure.message)
  if (stats?.isDirectory()) throw new Error('it is a directory')
  return { target, attributes: preservedAttributes(stats, userId) }
}

function isRenameProblem(error: unknown): boolean {
  return NO_RENAME.includes((error as NodeJS.ErrnoException).code ?? '')
}

/** @returns undefined for a file that is not kept: a missing one, a pipe, or one that every user can write */
function preservedAttributes(stats: Stats | undefined, userId: number | undefined): FileAttributes | undefined {
  if (!stats?.isFile()) return undefined
  if (userId === undefined) return { mode: 0o600, renameAttempts: WINDOWS_RENAME_ATTEMPTS }
  const { uid, gid, mode } = stats
  return (mode & 0o002) === 0 ? { mode: mode & 0o777, owner: { uid, gid } } : undefined
}
