import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Creates a directory and its missing parents. `recursive` of Node's mkdir does not end where the system reports a
 * directory as missing that cannot be created, such as one in /proc or in a deleted directory.
 *
 * @throws an error of `mkdir`
 */
export function createDirectory(directory: string, mode: number): void {
  const missing: string[] = []
  for (let path = directory; !existsSync(path) && dirname(path) !== path; path = dirname(path)) missing.unshift(path)
  for (const path of missing) {
    try {
      mkdirSync(path, { mode })
    } catch (error) {
      // Another process has created it.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}
