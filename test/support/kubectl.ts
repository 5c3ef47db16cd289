import { accessSync, constants, readdirSync, realpathSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where `.ci/kubectl` installs kubectl. */
const INSTALLED = fileURLToPath(new URL('../../.tools/kubectl', import.meta.url))

/** The kubectl on PATH, else the one of `.ci/kubectl`, else undefined. */
export function findKubectl(path: string): string | undefined {
  const onPath = path.split(delimiter).map((directory) => join(directory, 'kubectl'))
  return [...onPath, INSTALLED].find(isExecutable)
}

/**
 * The same, but not the dispatcher of the Google Cloud SDK, which calls the server by itself to choose among the versions
 * beside it: the newest of them.
 */
export function findPlainKubectl(path: string): string | undefined {
  const found = findKubectl(path)
  if (found === undefined) return undefined
  const directory = dirname(realpathSync(found))
  const versions = readdirSync(directory).flatMap((name) => /^kubectl\.1\.(\d+)$/.exec(name)?.[1] ?? [])
  const newest = versions.map(Number).sort((a, b) => b - a)[0]
  return newest === undefined ? found : join(directory, `kubectl.1.${newest}`)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
