import { environment } from './environment.ts'
import { isWindows, native, wellFormed } from './native.ts'

const [SEPARATOR, PATH_SEPARATOR, EXTENSION] = isWindows ? ['\\', ';', '.exe'] : ['/', ':', '']
/** The program for all that the front leaves to it, in the directory of the front. */
const FULL_PROGRAM = `eks-get-token-full${EXTENSION}`
/** The script of the npm package, from dist/front of the package. */
const PACKAGE_SCRIPT = ['..', '..', 'bin', 'eks-get-token.cjs'].join(SEPARATOR)

/**
 * Leaves the run to the full program, which starts from the same arguments, environment and files: nothing has been
 * written yet, and no lock acquired. It replaces this process; on Windows, this process waits for it. Without a full program
 * the run ends with an error.
 *
 * @param reason - why the front cannot continue, a clause: `credentials are not cached`
 */
export function handOver(reason: string): never {
  const debug = native.arguments().includes('--debug')
  const executable = native.executable()
  const directory = executable?.slice(0, executable.lastIndexOf(SEPARATOR))
  let failure = ''
  if (directory !== undefined) {
    const full = directory + SEPARATOR + FULL_PROGRAM
    if (debug) write(`debug: handed over by the front, because ${reason}\n`)
    if (!isSameFile(full, executable as string)) {
      const code = native.errorName(-native.become(full, undefined))[0]
      if (code !== 'ENOENT') failure = ` (${full}: ${code})`
    }
    const script = directory + SEPARATOR + PACKAGE_SCRIPT
    const node = isFile(script) ? findNode() : undefined
    if (node !== undefined) native.become(node, script)
  }
  const beside = directory === undefined ? '' : ` in ${directory}`
  write(
    `eks-get-token: the front needs the full program, because ${reason}${failure} (ERR_FULL_PROGRAM)\n` +
      `  hint: install the executable as ${FULL_PROGRAM}${beside}, or use the npm package instead of the front\n`,
  )
  return native.exit(255)
}

/** A copy of the front in place of the full program would hand over forever. */
function isSameFile(a: string, b: string): boolean {
  const [first, second] = [native.stat(a, 0), native.stat(b, 0)]
  if (typeof first === 'number' || typeof second === 'number') return false
  // On Windows, the first can have more digits than a number: size and time must be the same also.
  return [0, 4, 5, 6].every((field) => first[field] === second[field])
}

function isFile(path: string): boolean {
  const stats = native.stat(path, 0)
  return typeof stats !== 'number' && ((stats[1] as number) & 0o170000) === 0o100000
}

/** Nothing in the current directory is ever started. */
function findNode(): string | undefined {
  const isAbsolute = isWindows ? /^(?:[a-z]:[\\/]|\\\\)/i : /^\//
  const entries = (environment.PATH ?? '').split(PATH_SEPARATOR)
  // Windows takes them without quotes.
  const directories = isWindows ? entries.map((entry) => entry.replaceAll('"', '')) : entries
  return directories
    .filter((directory) => isAbsolute.test(directory))
    .map((directory) => `${directory}${SEPARATOR}node${EXTENSION}`)
    .find(isFile)
}

function write(text: string): void {
  native.write(2, new Uint8Array(native.encode(wellFormed(text))))
}
