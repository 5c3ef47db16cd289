import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { overwriteFile, removeIfPresent, replaceFile } from '../../credentials/cache/atomic-write.ts'
import { cacheDir } from '../../credentials/cache/paths.ts'
import { attempt, EksTokenError, isEksTokenError } from '../../errors.ts'
import type { Runtime } from '../../runtime.ts'
import { fileError } from './target.ts'

/**
 * Creates the directory of a kubeconfig, with the mode of the umask.
 *
 * @throws EksTokenError `ERR_KUBECONFIG`
 */
export function createDirectory(path: string): void {
  const missing: string[] = []
  for (let directory = dirname(path); !existsSync(directory); directory = dirname(directory)) missing.unshift(directory)
  for (const directory of missing) {
    try {
      mkdirSync(directory)
    } catch (error) {
      const isThere =
        (error as NodeJS.ErrnoException).code === 'EEXIST' && attempt(() => statSync(directory).isDirectory())
      if (!isThere) throw fileError('folder', error, directory)
    }
  }
}

/**
 * Writes a kubeconfig, so that a reader or a crash sees the old file or the new one. Mode, owner and links stay; a new file
 * has the mode 0600. Where a file cannot be replaced (a mount point, a read-only directory, a device, a file with hard links
 * or of another owner) it is overwritten, while a backup exists.
 *
 * @throws EksTokenError `ERR_KUBECONFIG`; the file then has its old content
 */
export function writeKubeconfig(path: string, text: string, runtime: Runtime): void {
  const target = attempt(() => resolveLinks(path)) ?? path
  try {
    const stats = statSync(target, { throwIfNoEntry: false })
    if (stats) accessSync(target, constants.W_OK)
    if (!stats) replaceFile(target, text, { mode: 0o600 })
    else if (!stats.isFile()) writeFileSync(target, text)
    else if (stats.nlink > 1 || isOfAnotherUser(stats, runtime)) overwriteWithBackup(target, text, runtime)
    else replaceOrOverwrite(target, text, stats, runtime)
  } catch (error) {
    if (isEksTokenError(error)) throw error
    throw fileError('writing', error, path)
  }
}

function isOfAnotherUser({ uid }: Stats, { userId }: Runtime): boolean {
  return userId !== undefined && uid !== userId
}

/** The file that a chain of links leads to, whether it exists or not. */
function resolveLinks(path: string): string {
  let target = path
  for (let links = 0; links < MAX_LINKS; links++) {
    if (!lstatSync(target, { throwIfNoEntry: false })?.isSymbolicLink()) return target
    target = resolve(dirname(target), readlinkSync(target))
  }
  return path
}

/** As in Linux. */
const MAX_LINKS = 40

const CANNOT_REPLACE = ['EACCES', 'EPERM', 'EROFS', 'EBUSY', 'EXDEV', 'ETXTBSY']

function replaceOrOverwrite(target: string, text: string, { mode, uid, gid }: Stats, runtime: Runtime): void {
  try {
    replaceFile(target, text, { mode: mode & 0o7777, owner: { uid, gid } })
  } catch (error) {
    if (!CANNOT_REPLACE.includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    overwriteWithBackup(target, text, runtime)
  }
}

/** The backup is beside the file, or in the cache directory; it is removed when the file is complete. */
function overwriteWithBackup(target: string, text: string, runtime: Runtime): void {
  const previous = statSync(target).size
  const backup = createBackup(target, runtime)
  try {
    overwriteFile(target, text)
  } catch (error) {
    if (statSync(target).size === previous) removeIfPresent(backup)
    throw error
  }
  removeIfPresent(backup)
}

function createBackup(target: string, runtime: Runtime): string {
  const content = readFileSync(target)
  const cache = cacheDir(runtime)
  for (const directory of [dirname(target), ...(cache === undefined ? [] : [cache])]) {
    const backup = join(directory, `${basename(target)}.${runtime.processHost.processId}.backup`)
    const isWritten = attempt(() => {
      if (directory === cache) mkdirSync(directory, { recursive: true, mode: 0o700 })
      writeFileSync(backup, content, { flag: 'wx', mode: 0o600 })
      chmodSync(backup, 0o600)
      return true
    })
    if (isWritten) return backup
  }
  throw new EksTokenError('ERR_KUBECONFIG', `no backup of ${target} can be written before it is changed`, {
    remedy: 'make its directory or ~/.cache writable, or write to another file with --kubeconfig FILE',
  })
}
