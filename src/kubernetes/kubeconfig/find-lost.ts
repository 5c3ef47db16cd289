import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { attempt } from '../../errors.ts'
import { OPEN_WITHOUT_WAITING } from '../../process/read-when-ready.ts'
import type { Runtime } from '../../runtime.ts'
import { type KubeconfigFile, parseKubeconfigFile, readBytes, readKubeconfigFile } from './target.ts'

/** The new text of a kubeconfig that was read. */
export interface PlannedChange {
  readonly file: KubeconfigFile
  readonly text: string
}

/** A change that is in the file. */
export interface Written<Change> {
  readonly change: Change
  readonly replaced: ReplacedFile | undefined
  /** Others have changed the file meanwhile, or had its lock. */
  readonly isContended: boolean
  readonly durationMs: number
}

/**
 * `kubectl config` reads the file, then acquires its lock, and then deletes the entries that were not there when it read:
 * those that another process has added in between.
 * https://github.com/kubernetes/client-go/blob/v0.32.0/tools/clientcmd/config.go (ModifyConfig)
 */
const MIN_DELAY_MS = 50
const MAX_DELAY_MS = 1000
/** Where others change the file at the same time, as long as kubectl takes from its reading to its lock on a busy machine. */
const CONTENDED_DELAY_MS = 1000
/** How long the file is watched while others change it. */
const MAX_WATCH_MS = 3000

/**
 * Looks again after as long as the write took, which is longer on a busy machine, or longer where others change the file at
 * the same time, and until the file no longer changes.
 *
 * @returns undefined: the change is in the file, and nothing of another process is lost; else the file to change again
 */
export async function findLost<Change extends PlannedChange>(
  { change: { file, text }, replaced, durationMs }: Written<Change>,
  isKept: (file: KubeconfigFile) => boolean,
  isContended: boolean,
  { now }: Pick<Runtime, 'now'>,
): Promise<KubeconfigFile | undefined> {
  const { path, rules } = file
  const writtenMs = now().getTime()
  const delayMs = isContended ? CONTENDED_DELAY_MS : Math.min(Math.max(durationMs, MIN_DELAY_MS), MAX_DELAY_MS)
  const written = Buffer.from(text)
  let last: Uint8Array | undefined = written
  let lastLate: Uint8Array | undefined
  for (;;) {
    await sleep(delayMs)
    const isOver = now().getTime() - writtenMs > MAX_WATCH_MS
    // A device has no content.
    const current = attempt(() => (statSync(path).isFile() ? readBytes(path, rules) : undefined))
    if (!current || written.equals(current)) {
      const late = replaced?.lateBytes()
      if (!late || isOver) return undefined
      // What is still being written is incomplete.
      const other = lastLate && Buffer.compare(late, lastLate) === 0 && attempt(() => parseKubeconfigFile(file, late))
      if (other && other.config !== null) return { ...other, bytes: written }
      lastLate = late
      continue
    }
    const found = attempt(() => readKubeconfigFile(path, rules))
    if (found && attempt(() => isKept(found)) === false) return readAgain(found, { now })
    if (isOver || (last && Buffer.compare(current, last) === 0)) return undefined
    last = found?.bytes
  }
}

/** A file that is replaced: a process that opened it before still writes to it. */
export interface ReplacedFile {
  /** Its content, if a process has changed it since it was read. */
  readonly lateBytes: () => Uint8Array | undefined
  readonly close: () => void
}

/** @returns undefined on Windows, where an open file cannot be replaced, and for a file that does not exist */
export function openReplaced({ path, bytes }: KubeconfigFile, { userId }: Runtime): ReplacedFile | undefined {
  if (userId === undefined || bytes === undefined) return undefined
  const descriptor = attempt(() => openSync(path, OPEN_WITHOUT_WAITING))
  if (descriptor === undefined) return undefined
  const lateBytes = (): Uint8Array | undefined => {
    const { nlink, size } = fstatSync(descriptor)
    // Otherwise it was overwritten, and is the file that is read anyway.
    if (nlink > 0) return undefined
    const late = Buffer.alloc(size)
    const length = readSync(descriptor, late, 0, size, 0)
    return Buffer.compare(late.subarray(0, length), bytes) === 0 ? undefined : late.subarray(0, length)
  }
  return { lateBytes: () => attempt(lateBytes), close: () => closeSync(descriptor) }
}

/**
 * Reads a file again that another process changes. The AWS CLI truncates it first, and writes it over seconds.
 *
 * @throws EksTokenError `ERR_KUBECONFIG`
 */
export async function readAgain(previous: KubeconfigFile, { now }: Pick<Runtime, 'now'>): Promise<KubeconfigFile> {
  const { path, rules } = previous
  for (const endMs = now().getTime() + MAX_WATCH_MS; now().getTime() < endMs; await sleep(MIN_DELAY_MS)) {
    const file = attempt(() => readKubeconfigFile(path, rules))
    if (file && (file.config !== null || previous.config === null)) return file
  }
  return readKubeconfigFile(path, rules)
}

function sleep(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs))
}
