import { posix, win32 } from 'node:path'
import type { Environment } from '../runtime.ts'

/**
 * The files that a command may be, in the order in which kubectl looks for them. On Windows only a name with an extension of
 * PATHEXT is a program. A relative entry of PATH is left out: kubectl does not run what it finds there.
 * https://pkg.go.dev/os/exec#LookPath
 *
 * @param env - kubectl's own: a PATH in the exec block is only passed to the plugin
 */
export function commandCandidates(command: string, env: Environment, platform: string): string[] {
  const isWindows = platform === 'win32'
  const { isAbsolute, join } = isWindows ? win32 : posix
  const directories = searchPath(env.PATH ?? '', isWindows).filter(isAbsolute)
  const paths = isPath(command, platform) ? [command] : directories.map((directory) => join(directory, command))
  if (!isWindows) return paths
  const extensions = windowsExtensions(env.PATHEXT)
  return paths.flatMap((path) => [
    ...(/\.[^\\/.]*$/.test(path) ? [path] : []),
    ...extensions.map((extension) => path + extension),
  ])
}

/** Whether a command is a path: it is not looked up in PATH. */
export function isPath(command: string, platform: string): boolean {
  return platform === 'win32' ? /[\\/:]/.test(command) : command.includes('/')
}

function searchPath(path: string, isWindows: boolean): string[] {
  if (!isWindows) return path.split(':')
  // A directory with a semicolon is quoted.
  return (path.match(/("[^"]*"?|[^;"])+/g) ?? []).map((entry) => entry.replaceAll('"', ''))
}

function windowsExtensions(pathext: string | undefined): string[] {
  const extensions = (pathext || '.com;.exe;.bat;.cmd').toLowerCase().split(';')
  return extensions.filter((extension) => extension !== '').map((extension) => extension.replace(/^(?!\.)/, '.'))
}
