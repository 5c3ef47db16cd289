import { readFileSync, statSync } from 'node:fs'
import type { FileSystem } from './settings/profiles.ts'

/** What the program and the library take from the machine; a test gives its own. */
export interface Host extends FileSystem {
  readonly now: () => Date
  /** Takes the lines of `--debug`; none holds a secret. */
  readonly trace: (line: string) => void
}

/**
 * The text of a regular file; undefined for a missing one, a folder, a device or one that may not be read, which
 * the AWS CLI all treats as absent. A pipe is not opened, so it cannot make the program wait.
 *
 * @throws TypeError for bytes that are not UTF-8
 */
export function readText(path: string): string | undefined {
  let bytes: Uint8Array
  try {
    if (!statSync(path).isFile()) return undefined
    bytes = readFileSync(path)
  } catch {
    return undefined
  }
  // A byte order mark stays in the text: the AWS CLI refuses a file with one.
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
}
