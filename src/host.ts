import { closeSync, openSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
import type { Machine } from './credentials/machine.ts'
import { EksTokenError, isEksTokenError } from './errors.ts'
import type { FileSystem } from './settings/profiles.ts'

/** What the program and the library take from the machine; a test gives its own. */
export interface Host extends FileSystem {
  readonly now: () => Date
  /** Takes the lines of `--debug`; none holds a secret. */
  readonly trace: (line: string) => void
  readonly machine: Machine
}

/** Windows has groups of another kind, and ends children with their console. */
export function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'))
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
  }
}

/** Of the host, and on Linux of the space of process ids: containers may share the host's name. */
export function machineName(): string {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return hostname()
  }
}

/**
 * The text of a regular file; undefined for a missing one, a folder, a device or one that may not be read, which
 * the AWS CLI all treats as absent. A pipe is not opened, so it cannot make the program wait.
 *
 * @throws EksTokenError `ERR_CONFIG_FILE` for a file that is too large, and for bytes that are not UTF-8
 */
export function readText(path: string): string | undefined {
  let bytes: Uint8Array
  try {
    // An exception for a file that is not there would cost more than all else here.
    const found = statSync(path, { throwIfNoEntry: false })
    if (!found?.isFile()) return undefined
    if (found.size > MAX_BYTES) {
      throw new EksTokenError('ERR_CONFIG_FILE', `${path} has ${found.size} bytes: that is no file of settings`)
    }
    bytes = readFileSync(path)
  } catch (error) {
    if (isEksTokenError(error)) throw error
    return undefined
  }
  try {
    // A byte order mark stays in the text: the AWS CLI refuses a file with one.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new EksTokenError('ERR_CONFIG_FILE', `${path} is not UTF-8 text`, { cause })
  }
}

/** Reading more would only keep the program from its time limit. */
const MAX_BYTES = 16 << 20
