import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { attempt } from '../../errors.ts'
import { OPEN_WITHOUT_WAITING } from '../../process/read-when-ready.ts'

/** 0 where it is unsupported. */
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0

/** The text of a regular file with its metadata; undefined for anything else, and for a larger file. */
export interface RegularFile {
  readonly text: string
  readonly mode: number
  readonly uid: number
  readonly inode: number
}

/**
 * Reads a file that another user may have replaced. Never waits: pipes and devices are not read.
 *
 * @throws an error of `open` or `read`
 */
export function readRegularFile(
  file: string,
  { maxBytes, followLinks }: { maxBytes: number; followLinks: boolean },
): RegularFile | undefined {
  const descriptor = openSync(file, OPEN_WITHOUT_WAITING | (followLinks ? 0 : NO_FOLLOW))
  try {
    const stats = fstatSync(descriptor)
    if (!stats.isFile() || stats.size > maxBytes) return undefined
    return { text: readFileSync(descriptor, 'utf8'), mode: stats.mode, uid: stats.uid, inode: stats.ino }
  } finally {
    closeSync(descriptor)
  }
}

export interface FileAttributes {
  /** Permission bits. */
  readonly mode: number
  /** Owner and group; undefined: those of a new file. */
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined
  /** How often a rename is attempted, every 50 ms, while another program has the file open. Default 1. */
  readonly renameAttempts?: number
}

/**
 * Writes a sibling file and renames it, so that a reader, a crash or a full disk never sees a partial file.
 *
 * @throws an error of the file system; the file is then unchanged
 */
export function replaceFile(file: string, text: string, attributes: FileAttributes): void {
  prepareReplacement(file, text, attributes).commit()
}

/** A complete sibling of a file, which takes its place. */
export interface Replacement {
  /** @throws an error of the file system; the file is then unchanged, and the sibling removed */
  readonly commit: () => void
  readonly discard: () => void
}

/**
 * Writes the sibling of {@link replaceFile}, for a caller that replaces the file later.
 *
 * @throws an error of the file system
 */
export function prepareReplacement(
  file: string,
  text: string,
  { mode, owner, renameAttempts = 1 }: FileAttributes,
): Replacement {
  const sibling = `${file}.${Math.random().toString(36).slice(2, 12).padEnd(8, '0')}.tmp`
  const discard = (): void => {
    removeIfPresent(sibling)
  }
  const orDiscard = (task: () => void): void => {
    try {
      task()
    } catch (error) {
      discard()
      throw error
    }
  }
  orDiscard(() => {
    const descriptor = openSync(sibling, 'wx', 0o600)
    try {
      const { uid, gid } = fstatSync(descriptor)
      if (owner && (owner.uid !== uid || owner.gid !== gid)) fchownSync(descriptor, owner.uid, owner.gid)
      if (mode !== 0o600) fchmodSync(descriptor, mode)
      writeAll(descriptor, Buffer.from(text))
      fsyncSync(descriptor)
      attempt(() => removeLeftovers(file, fstatSync(descriptor).mtimeMs))
    } finally {
      closeSync(descriptor)
    }
  })
  return { commit: () => orDiscard(() => rename(sibling, file, renameAttempts)), discard }
}

/** Windows refuses to rename over a file that another program has open, e.g. a virus scanner. This takes a second. */
export const WINDOWS_RENAME_ATTEMPTS = 20
const RENAME_INTERVAL_MS = 50

function rename(from: string, to: string, attempts: number): void {
  try {
    renameSync(from, to)
  } catch (error) {
    if (attempts <= 1 || !['EACCES', 'EPERM', 'EBUSY'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RENAME_INTERVAL_MS)
    rename(from, to, attempts - 1)
  }
}

/**
 * Overwrites a file where it is, for a directory in which no file can be created or renamed, and reads it back. If that
 * fails, the previous content is restored.
 *
 * @throws an error of the file system
 */
export function overwriteFile(file: string, text: string): void {
  const descriptor = openSync(file, 'r+')
  try {
    const previous = readFileSync(descriptor)
    try {
      overwriteAll(descriptor, Buffer.from(text))
      if (readFileSync(file, 'utf8') !== text) throw new Error('the content of the file differs from what was written')
    } catch (error) {
      attempt(() => overwriteAll(descriptor, previous))
      throw error
    }
  } finally {
    closeSync(descriptor)
  }
}

function overwriteAll(descriptor: number, bytes: Uint8Array): void {
  writeAll(descriptor, bytes)
  ftruncateSync(descriptor, bytes.length)
  fsyncSync(descriptor)
}

/** `write` may write only a part, e.g. on a nearly full disk; its next call reports the error. */
function writeAll(descriptor: number, bytes: Uint8Array): void {
  let position = 0
  while (position < bytes.length) {
    const written = writeSync(descriptor, bytes, position, bytes.length - position, position)
    if (written === 0) throw new Error('the file system did not write all of the data')
    position += written
  }
}

/** Writing takes a millisecond; a sibling that is older, in milliseconds, belongs to a process that was killed. */
const LEFTOVER_AGE_MS = 60_000

/**
 * Removes the siblings of killed processes, which contain secrets.
 *
 * @param nowMs - by the clock of the file system
 */
function removeLeftovers(file: string, nowMs: number): void {
  const directory = dirname(file)
  for (const name of readdirSync(directory)) {
    const isSibling =
      name.startsWith(basename(file)) && /^\.[0-9a-z]{8,13}\.tmp$/.test(name.slice(basename(file).length))
    const sibling = join(directory, name)
    if (isSibling && nowMs - lstatSync(sibling).mtimeMs > LEFTOVER_AGE_MS) removeIfPresent(sibling)
  }
}

/** Removes a regular file; a link, a directory or anything else stays. @returns whether it was removed */
export function removeIfPresent(file: string): boolean {
  try {
    if (!lstatSync(file).isFile()) return false
    unlinkSync(file)
    return true
  } catch {
    return false
  }
}
