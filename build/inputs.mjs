// What a build is made from, as one hash: times of files say little after a checkout, a copy or a change of branch.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

const INPUTS = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.types.json']
const INPUT_FOLDERS = ['src', 'build']

/**
 * @param {string} root the project's folder
 * @returns {string} SHA-256 over names and contents of the sources, the build scripts and the versions of dependencies
 */
export function hashInputs(root) {
  const files = INPUT_FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/')),
  )
  const hash = createHash('sha256')
  for (const file of [...INPUTS, ...files.sort()]) {
    const contents = readFileSync(join(root, file))
    hash.update(`${file}\n${contents.length}\n`).update(contents)
  }
  return hash.digest('hex')
}
