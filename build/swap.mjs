// Puts a finished build in the place of the one before it, while that one may be running.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Moves every file of `from` into `to`, each by a rename, so that a file is the old one or the new one at any moment and
 * is never missing. One with the same bytes is left alone. Files of an earlier build that `from` does not have are
 * removed at the end.
 *
 * @param {string} from a folder on the file system of `to`
 * @param {string} to created if missing
 * @param {(path: string) => boolean} isStale which files of `to` that `from` does not have are to be removed; paths are
 *   relative to `to`, with forward slashes
 * @param {readonly string[]} last the files that load the others: they are moved when all the others are there
 */
export function swapIn(from, to, isStale, last = []) {
  const built = filesIn(from)
  for (const file of [...built.filter((file) => !last.includes(file)), ...last]) {
    mkdirSync(join(to, file, '..'), { recursive: true })
    if (!hasSameBytes(join(from, file), join(to, file))) renameSync(join(from, file), join(to, file))
  }
  for (const file of filesIn(to)) if (!built.includes(file) && isStale(file)) rmSync(join(to, file))
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort()
}

function hasSameBytes(file, other) {
  try {
    return readFileSync(file).equals(readFileSync(other))
  } catch {
    return false
  }
}
