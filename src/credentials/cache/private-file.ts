import { dirname } from 'node:path'
import { attempt } from '../../errors.ts'
import { readRegularFile, replaceFile } from './atomic-write.ts'
import { createDirectory } from './directory.ts'
import { isPrivate, isPrivateDir } from './permissions.ts'

/** A cache file has a few hundred bytes. */
export const MAX_CACHE_FILE_BYTES = 1 << 20

/**
 * The text of a file in this program's cache; undefined if it cannot be read, or if other users can write it or its
 * directory.
 */
export function readPrivateFile(file: string, userId: number | undefined): string | undefined {
  return attempt(() => {
    if (!isPrivateDir(dirname(file), userId)) return undefined
    const content = readRegularFile(file, { maxBytes: MAX_CACHE_FILE_BYTES, followLinks: false })
    return content && isPrivate(content, userId) ? content.text : undefined
  })
}

/**
 * Writes a file (0600) of this program's cache atomically, and creates its directory (0700).
 *
 * @returns false if it cannot be written, which is not an error
 */
export function writePrivateFile(file: string, text: string, userId: number | undefined): boolean {
  try {
    createDirectory(dirname(file), 0o700)
    if (!isPrivateDir(dirname(file), userId)) return false
    replaceFile(file, text, { mode: 0o600 })
    return true
  } catch {
    return false
  }
}
