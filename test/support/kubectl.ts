import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where `.ci/kubectl` puts one when the machine has none. */
const UNPACKED = fileURLToPath(new URL('../../.tools/kubectl', import.meta.url))

/** The kubectl on PATH, else the unpacked one, else undefined. */
export function findKubectl(path: string): string | undefined {
  const onPath = path.split(delimiter).map((folder) => join(folder, 'kubectl'))
  return [...onPath, UNPACKED].find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
