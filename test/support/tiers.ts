import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface Tiers {
  /** Test files that start no process: they need no build. */
  readonly unit: readonly string[]
  /** Test files that start the built program or another one. */
  readonly program: readonly string[]
}

/**
 * Sorts the test files by what they import: a file that imports `node:child_process`, or `createRequire` to load a
 * bundle, itself or through another module of the tests, starts programs. So there is no list to keep up to date.
 *
 * @param folder - the folder of the tests; absolute
 * @returns absolute paths
 */
export function sortTests(folder: string): Tiers {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .sort()
    .map((file) => join(folder, file))
  return {
    unit: files.filter((file) => !startsPrograms(file, folder)),
    program: files.filter((file) => startsPrograms(file, folder)),
  }
}

function startsPrograms(file: string, folder: string, visited = new Set<string>()): boolean {
  if (visited.has(file) || !file.startsWith(folder)) return false
  visited.add(file)
  // Imports of values, over several lines too; those of types leave nothing behind.
  const imports = readFileSync(file, 'utf8').matchAll(/^(?:import|export) (?!type\b)([\w\s{},*]*)'([^']+)'/gm)
  return [...imports].some(([, names = '', from = '']) => {
    if (from === 'node:child_process' || names.includes('createRequire')) return true
    return from.startsWith('.') && startsPrograms(join(dirname(file), from), folder, visited)
  })
}
