import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The program itself: a shim of pyenv's wants an environment that the tests do not give. */
export function findProgram(name: string): string | undefined {
  const found = (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(existsSync)
  if (!found || !readFileSync(found).subarray(0, 2000).includes('pyenv')) return found
  const { stdout } = spawnSync('pyenv', ['which', name], { encoding: 'utf8' })
  return stdout?.trim() || undefined
}
