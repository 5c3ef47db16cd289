import { createHash } from 'node:crypto'
import { closeSync, fchmodSync, lstatSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { readRegularFile, removeIfPresent } from '../../credentials/cache/atomic-write.ts'
import { createDirectory } from '../../credentials/cache/directory.ts'
import { cacheDir } from '../../credentials/cache/paths.ts'
import { attempt, EksTokenError } from '../../errors.ts'
import type { Runtime } from '../../runtime.ts'
import type { WriteErrors } from './write-errors.ts'

/**
 * Writes a copy of a file, beside it or in the cache directory, before the file is overwritten.
 *
 * @param text - what is to be written to the file
 * @returns the path of the copy
 * @throws EksTokenError
 */
export function createBackup(target: string, text: string, runtime: Runtime, { code, otherFile }: WriteErrors): string {
  const content = readFileSync(target)
  removeBackups(target, runtime)
  for (const directory of directoriesOf(target, runtime)) {
    const backup = join(directory, `${basename(target)}.${runtime.processHost.processId}.${hashOf(text)}.backup`)
    const isWritten = attempt(() => {
      if (directory !== dirname(target)) createDirectory(directory, 0o700)
      // A file of this name is not overwritten, nor removed.
      const descriptor = openSync(backup, 'wx', 0o600)
      try {
        fchmodSync(descriptor, 0o600)
        writeFileSync(descriptor, content)
      } catch (error) {
        removeIfPresent(backup)
        throw error
      } finally {
        closeSync(descriptor)
      }
      return true
    })
    if (isWritten) return backup
  }
  const cache = runtime.processHost.platform === 'win32' ? '%LOCALAPPDATA%' : '~/.cache'
  throw new EksTokenError(code, `${target} was not changed: its backup could not be written`, {
    remedy: `make its directory or ${cache} writable, or ${otherFile}`,
  })
}

/** Writing takes a millisecond; a backup that is older belongs to a process that was killed. */
const BACKUP_AGE_MS = 60_000

/**
 * Removes the backups of killed processes that nobody needs: the file has all that is in the backup, or is the one that was to be
 * written, whose hash is in the name. Any other may be all that is left of the file, and stays.
 */
export function removeBackups(target: string, runtime: Runtime): void {
  const isOld = (backup: string): boolean => runtime.now().getTime() - lstatSync(backup).mtimeMs > BACKUP_AGE_MS
  for (const directory of directoriesOf(target, runtime)) {
    for (const { path, hash } of attempt(() => backupsOf(target, directory)) ?? []) {
      if (attempt(() => isOld(path) && isNeedless(path, hash, readFileSync(target)))) removeIfPresent(path)
    }
  }
}

function backupsOf(target: string, directory: string): { readonly path: string; readonly hash: string }[] {
  const prefix = `${basename(target)}.`
  return readdirSync(directory).flatMap((name) => {
    const hash = name.startsWith(prefix) && /^\d+\.([0-9a-f]{16})\.backup$/.exec(name.slice(prefix.length))?.[1]
    return hash ? { path: join(directory, name), hash } : []
  })
}

function isNeedless(backup: string, hash: string, content: Buffer): boolean {
  const previous = readRegularFile(backup, { maxBytes: content.length, followLinks: false })
  return hash === hashOf(content) || (previous !== undefined && content.toString().startsWith(previous.text))
}

/** The directory of the file may be read-only. */
function directoriesOf(target: string, runtime: Runtime): string[] {
  const cache = cacheDir(runtime)
  return [dirname(target), ...(cache === undefined ? [] : [cache])]
}

function hashOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 16)
}
