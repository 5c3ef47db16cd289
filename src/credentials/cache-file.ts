import {
  closeSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'

/** A cache file holds a few hundred bytes; what is larger is none, and is not read into memory. */
const MAX_BYTES = 1 << 20

/**
 * The text of a file that only its owner can write, and whose owner we are; undefined for any other, for none, and
 * for one that cannot be read.
 */
export function readPrivateFile(file: string, userId: number | undefined): string | undefined {
  let descriptor: number | undefined
  try {
    if (!isOurs(dirname(file), userId) || !statSync(file).isFile()) return undefined
    descriptor = openSync(file, 'r')
    const { uid, mode, size } = fstatSync(descriptor)
    if (!isOwner(uid, userId) || isWritableByOthers(mode) || size > MAX_BYTES) return undefined
    return readFileSync(descriptor, 'utf8')
  } catch {
    return undefined
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

/**
 * Writes a file whole or not at all: into a sibling, which is then renamed. A new file is 0600, one that is there
 * keeps its mode. A cache that cannot be written is no reason to fail.
 *
 * @returns whether it was written
 */
export function writeWholeFile(file: string, text: string, userId: number | undefined): boolean {
  const folder = dirname(file)
  const sibling = `${file}.${Math.random().toString(36).slice(2)}.tmp`
  try {
    // The AWS CLI makes it with the umask; under a lax one others could write into it.
    mkdirSync(folder, { recursive: true, mode: 0o755 })
    if (!isOurs(folder, userId)) return false
    const descriptor = openSync(sibling, 'wx', modeOf(file))
    try {
      writeSync(descriptor, text)
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    renameSync(sibling, file)
    return true
  } catch {
    removeQuietly(sibling)
    return false
  }
}

/** `force` forgives a file that is missing, not a folder that is a file. */
function removeQuietly(file: string): void {
  try {
    rmSync(file, { force: true })
  } catch {
    // What could not be made need not be removed.
  }
}

function modeOf(file: string): number {
  try {
    return statSync(file).mode & 0o777
  } catch {
    return 0o600
  }
}

function isOurs(folder: string, userId: number | undefined): boolean {
  const { uid, mode } = statSync(folder)
  return isOwner(uid, userId) && !isWritableByOthers(mode)
}

/** @param userId - ours; undefined on Windows, which has no owners of this kind */
function isOwner(uid: number, userId: number | undefined): boolean {
  return userId === undefined || uid === userId
}

function isWritableByOthers(mode: number): boolean {
  return (mode & 0o022) !== 0
}
