import { posix, win32 } from 'node:path'
import type { Environment } from '../runtime.ts'

/** A program that a command names. */
export interface FoundCommand {
  readonly path: string
  /** Found by a relative entry of PATH, such as `.`: Go does not run it. */
  readonly isRelative: boolean
}

/**
 * The file that kubectl runs for a command: the first on PATH that is executable. On Windows only a name with an extension of
 * PATHEXT is a program.
 * https://pkg.go.dev/os/exec#LookPath
 *
 * @param env - kubectl's own: a PATH in the exec block is only passed to the plugin
 */
export function findCommand(
  command: string,
  env: Environment,
  platform: string,
  isExecutable: (path: string) => boolean,
): FoundCommand | undefined {
  const isWindows = platform === 'win32'
  const { isAbsolute, join } = isWindows ? win32 : posix
  const isNamedByPath = isPath(command, platform)
  // An empty entry is the current directory, except on Windows.
  const directories = searchPath(env.PATH ?? '', isWindows).map((entry) => entry || '.')
  const paths = isNamedByPath ? [command] : directories.map((directory) => join(directory, command))
  const path = paths
    .flatMap((candidate) => (isWindows ? withExtensions(candidate, env) : [candidate]))
    .find(isExecutable)
  return path === undefined ? undefined : { path, isRelative: !isNamedByPath && !isAbsolute(path) }
}

function withExtensions(path: string, env: Environment): string[] {
  const extensions = windowsExtensions(env.PATHEXT).map((extension) => path + extension)
  return [...(/\.[^\\/.]*$/.test(path) ? [path] : []), ...extensions]
}

/** Whether a command is a path: it is not looked up in PATH. */
export function isPath(command: string, platform: string): boolean {
  return platform === 'win32' ? /[\\/:]/.test(command) : command.includes('/')
}

function searchPath(path: string, isWindows: boolean): string[] {
  if (!isWindows) return path === '' ? [] : path.split(':')
  // A directory with a semicolon is quoted.
  return (path.match(/("[^"]*"?|[^;"])+/g) ?? []).map((entry) => entry.replaceAll('"', ''))
}

function windowsExtensions(pathext: string | undefined): string[] {
  const extensions = (pathext || '.com;.exe;.bat;.cmd').toLowerCase().split(';')
  return extensions.filter((extension) => extension !== '').map((extension) => extension.replace(/^(?!\.)/, '.'))
}
