import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where `.ci/kubectl` installs kubectl. */
const INSTALLED = fileURLToPath(new URL('../../.tools/kubectl', import.meta.url))

/** The kubectl on PATH, else the one of `.ci/kubectl`, else undefined. */
export function findKubectl(path: string): string | undefined {
  const onPath = path.split(delimiter).map((directory) => join(directory, 'kubectl'))
  return [...onPath, INSTALLED].find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
