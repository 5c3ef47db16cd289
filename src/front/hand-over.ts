import { native, wellFormed } from './native.ts'

/** The program for all that the front leaves to it, in the directory of the front. */
const FULL_PROGRAM = 'eks-get-token-full'
/** The script of the npm package, from dist/front of the package. */
const PACKAGE_SCRIPT = '../../bin/eks-get-token.cjs'

/**
 * Replaces this process by the full program, which starts from the same arguments, environment and files: nothing has been
 * written yet, and no lock acquired. Without a full program the run ends with an error.
 *
 * @param reason - why the front cannot continue, a clause: `credentials are not cached`
 */
export function handOver(reason: string): never {
  const debug = native.arguments().includes('--debug')
  const executable = ownPath()
  const directory = executable?.slice(0, executable.lastIndexOf('/'))
  let failure = ''
  if (directory !== undefined) {
    const full = `${directory}/${FULL_PROGRAM}`
    if (debug) write(`debug: handed over by the front, because ${reason}\n`)
    if (!isSameFile(full, executable as string)) {
      const code = native.errorName(-native.replace(full, undefined))[0]
      if (code !== 'ENOENT') failure = ` (${full}: ${code})`
    }
    const script = `${directory}/${PACKAGE_SCRIPT}`
    const node = isFile(script) ? findNode() : undefined
    if (node !== undefined) native.replace(node, script)
  }
  const beside = directory === undefined ? '' : ` in ${directory}`
  write(
    `eks-get-token: the front needs the full program, because ${reason}${failure} (ERR_FULL_PROGRAM)\n` +
      `  hint: install the executable as ${FULL_PROGRAM}${beside}, or use the npm package instead of the front\n`,
  )
  return native.exit(255)
}

/** undefined without /proc. */
function ownPath(): string | undefined {
  const link = native.readlink('/proc/self/exe')
  if (typeof link === 'string') return link
  const [command = ''] = native.arguments()
  return command.startsWith('/') ? command : undefined
}

/** A copy of the front in place of the full program would hand over for ever. */
function isSameFile(a: string, b: string): boolean {
  const [first, second] = [native.stat(a, 0), native.stat(b, 0)]
  if (typeof first === 'number' || typeof second === 'number') return false
  return first[0] === second[0] && first[6] === second[6]
}

function isFile(path: string): boolean {
  const stats = native.stat(path, 0)
  return typeof stats !== 'number' && ((stats[1] as number) & 0o170000) === 0o100000
}

/** Nothing in the current directory is ever started. */
function findNode(): string | undefined {
  const directories = (native.environment().PATH ?? '').split(':').filter((entry) => entry.startsWith('/'))
  return directories.map((directory) => `${directory}/node`).find(isFile)
}

function write(text: string): void {
  native.write(2, new Uint8Array(native.encode(wellFormed(text))))
}
