import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

/** Runs a task on a file system that behaves differently: these functions of `node:fs` are replaced until it returns. */
export function withFileSystem<T>(replacements: Partial<typeof fs>, task: () => T): T {
  const original = Object.fromEntries(Object.keys(replacements).map((name) => [name, fs[name as keyof typeof fs]]))
  Object.assign(fs, replacements)
  syncBuiltinESMExports()
  try {
    return task()
  } finally {
    Object.assign(fs, original)
    syncBuiltinESMExports()
  }
}

/** An error of the file system with this code. */
export function fileError(code: string): Error {
  return Object.assign(new Error(`${code}: of the test`), { code })
}

/** The paths of the files in a directory that this process has open; undefined where the system does not tell. */
export function openFiles(directory: string): string[] | undefined {
  if (process.platform !== 'linux') return undefined
  return fs.readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      const path = fs.readlinkSync(`/proc/self/fd/${descriptor}`)
      return path.startsWith(`${directory}/`) ? [path] : []
    } catch {
      // It was closed meanwhile.
      return []
    }
  })
}
