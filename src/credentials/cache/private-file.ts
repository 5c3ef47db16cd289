import {
  closeSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** A cache file holds a few hundred bytes; what is larger is none, and is not read into memory. */
const MAX_BYTES = 1 << 20

/**
 * The text of a file that only its owner can write, and whose owner we are; undefined for any other, for none, and
 * for one that cannot be read.
 */
export function readPrivateFile(file: string, userId: number | undefined): string | undefined {
  let descriptor: number | undefined
  try {
    if (!isPrivateDir(dirname(file), userId) || !statSync(file).isFile()) return undefined
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
 * keeps its mode, unless others could write it. A cache that cannot be written is no reason to fail.
 *
 * @param folderMode - of folders that are made on the way; by default as the AWS CLI makes them
 * @returns whether it was written
 */
export function writeFileAtomic(file: string, text: string, userId: number | undefined, folderMode = 0o755): boolean {
  const folder = dirname(file)
  const sibling = `${file}.${Math.random().toString(36).slice(2)}.tmp`
  try {
    // Under a lax umask others could write into a folder that is made without a mode.
    mkdirSync(folder, { recursive: true, mode: folderMode })
    if (!isPrivateDir(folder, userId)) return false
    const descriptor = openSync(sibling, 'wx', modeOf(file))
    try {
      writeSync(descriptor, text)
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    renameSync(sibling, file)
    removeLeftovers(file)
    return true
  } catch {
    removeIfPresent(sibling)
    return false
  }
}

/** A process that was killed between writing and renaming has left its sibling, with what is secret in it. */
function removeLeftovers(file: string): void {
  const folder = dirname(file)
  const newest = statSync(file).mtimeMs
  for (const name of readdirSync(folder)) {
    const isSibling = name.startsWith(`${basename(file)}.`) && name.endsWith('.tmp')
    if (isSibling && newest - statSync(join(folder, name)).mtimeMs > LEFTOVER_MS) removeIfPresent(join(folder, name))
  }
}

/** Writing takes a millisecond. */
const LEFTOVER_MS = 60_000

/** Whatever is there, a folder too. `force` forgives what is missing, not a folder that is a file. */
export function removeIfPresent(file: string): void {
  try {
    rmSync(file, { force: true, recursive: true })
  } catch {
    // What could not be made need not be removed.
  }
}

function modeOf(file: string): number {
  try {
    const mode = statSync(file).mode & 0o777
    return isWritableByOthers(mode) ? 0o600 : mode
  } catch {
    return 0o600
  }
}

/** True for a folder that only we can write. @throws when there is none */
export function isPrivateDir(folder: string, userId: number | undefined): boolean {
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
