// Puts a finished build in the place of the one before it, while that one may be running.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * Moves every file of `from` into `to`, each by a rename, so that a file is the old one or the new one at any moment and
 * is never missing. New ones come first: what loads them is there already, as it was. One with the same bytes is left
 * alone. At the end, files of an earlier build that `from` does not have are removed.
 *
 * @param {string} from a folder on the file system of `to`
 * @param {string} to created if missing
 * @param {(name: string) => boolean} isOurs which files and folders directly in `to` may be removed
 * @param {readonly string[]} last the files that load the others: they are moved when all the others are there
 */
export function swapIn(from, to, isOurs, last = []) {
  const built = filesIn(from)
  mkdirSync(to, { recursive: true })
  const others = built.filter((file) => !last.includes(file))
  const [added, changed] = [false, true].map((isThere) =>
    others.filter((file) => existsSync(join(to, file)) === isThere),
  )
  for (const file of [...added, ...changed, ...last]) {
    mkdirSync(dirname(join(to, file)), { recursive: true })
    if (!hasSameBytes(join(from, file), join(to, file))) renameSync(join(from, file), join(to, file))
  }
  for (const file of filesIn(to, isOurs)) if (!built.includes(file)) rmSync(join(to, file), { force: true })
}

/** Paths from the folder, with forward slashes. */
function filesIn(folder, isIncluded = () => true) {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => isIncluded(name))
    .flatMap((entry) =>
      entry.isDirectory() ? filesIn(join(folder, entry.name)).map((file) => `${entry.name}/${file}`) : entry.name,
    )
}

function hasSameBytes(file, other) {
  try {
    return readFileSync(file).equals(readFileSync(other))
  } catch {
    return false
  }
}
