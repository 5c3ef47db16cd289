import { closeSync, openSync, statSync } from 'node:fs'
import { attempt } from './errors.ts'
import type { Runtime } from './runtime.ts'

/**
 * Why a file has no text, as the end of a sentence that begins with its path; undefined: it has.
 *
 * @returns e.g. `does not exist`, `is a directory`, `cannot be read (EACCES)`, `is empty`
 */
export function describeFile(path: string, runtime: Pick<Runtime, 'readText'>): string | undefined {
  const text = path === '' ? undefined : attempt(() => runtime.readText(path))
  if (text?.trim() === '') return 'is empty'
  return text === undefined ? describeUnreadable(path) : undefined
}

/** Why a file cannot be read: by what the file system says. */
export function describeUnreadable(path: string): string {
  try {
    const stats = statSync(path)
    if (stats.isDirectory()) return 'is a directory'
    // Opening a pipe would block.
    if (!stats.isFile()) return 'cannot be read'
    closeSync(openSync(path, 'r'))
    return 'cannot be read'
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'does not exist'
    return `cannot be read (${code})`
  }
}
