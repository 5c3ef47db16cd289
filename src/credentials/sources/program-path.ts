import { statSync } from 'node:fs'
import { attempt } from '../../errors.ts'
import type { Environment } from '../../runtime.ts'

/** What `spawn` starts. */
export interface ProgramStart {
  readonly file: string
  readonly args: readonly string[]
  /** The arguments are quoted already. */
  readonly windowsVerbatimArguments: boolean
}

/** What CreateProcess starts by itself, which excludes the scripts in PATHEXT (`.VBS`, `.JS`). */
export const STARTABLE = /\.(com|exe|bat|cmd)$/i
const BATCH_FILE = /\.(bat|cmd)$/i

/**
 * How a program is started on Windows. Unlike CreateProcess, which looks there first, it is never taken from the current
 * directory. A batch file is started by cmd.exe, as CreateProcess does, but so that no argument is a command.
 * https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-createprocessw
 *
 * @param program - a path, or a name that is looked up in the system directories and PATH
 * @returns undefined if the program is not found
 * @throws RangeError for an argument that cannot be passed to a batch file
 */
export function windowsProgramStart(
  program: string,
  args: readonly string[],
  env: Environment,
  isFile: (path: string) => boolean = isRegularFile,
): ProgramStart | undefined {
  const file = candidates(program, env).find((path) => STARTABLE.test(path) && isFile(path))
  if (file === undefined) return undefined
  if (!BATCH_FILE.test(file)) return { file, args, windowsVerbatimArguments: false }
  const command = [file, ...args].map((word, index) => quoteForBatch(word, index === 0)).join(' ')
  // /d: no AutoRun commands; /e:on: the extensions that the escape of % needs; /v:off: no !VARIABLE!.
  const switches = ['/e:on', '/v:off', '/d', '/c', `"${command}"`]
  return { file: systemProgram('cmd.exe', env), args: switches, windowsVerbatimArguments: true }
}

/** The path of a program that belongs to Windows. */
export function systemProgram(name: string, env: Environment): string {
  return `${systemRoot(env)}\\System32\\${name}`
}

function systemRoot({ SystemRoot = '' }: Environment): string {
  return isAbsolute(SystemRoot) ? SystemRoot : 'C:\\Windows'
}

function candidates(program: string, env: Environment): string[] {
  // A name with a drive is a path: `C:tool` is relative to the current directory of the drive.
  const paths = /[\\/:]/.test(program) ? [program] : directories(env).map((directory) => `${directory}\\${program}`)
  const extensions = (env.PATHEXT || '.COM;.EXE;.BAT;.CMD').split(';').filter((extension) => extension !== '')
  return paths.flatMap((path) => [path, ...extensions.map((extension) => path + extension.toLowerCase())])
}

/** A relative entry of PATH is left out: it would be in the current directory. */
function directories(env: Environment): string[] {
  const onPath = (env.PATH ?? '').split(';').map((entry) => entry.replaceAll('"', '').replace(/[\\/]+$/, ''))
  return [`${systemRoot(env)}\\System32`, systemRoot(env), ...onPath].filter(isAbsolute)
}

function isAbsolute(path: string): boolean {
  return /^([A-Za-z]:([\\/]|$)|[\\/]{2}[^\\/])/.test(path)
}

function isRegularFile(path: string): boolean {
  return attempt(() => statSync(path).isFile()) ?? false
}

/**
 * Quotes a word for a batch file: cmd.exe evaluates the command line before the program in the file parses it. Inside quotes only
 * `%` is special to cmd.exe; a `%` before it that is a variable without characters (`%cd:~,%`) keeps it from being expanded.
 * https://github.com/rust-lang/rust/blob/1.85.0/library/std/src/sys/pal/windows/args.rs#L193 (append_bat_arg)
 */
function quoteForBatch(word: string, isProgram: boolean): string {
  // Characters that end a command line. A quote in the name of a file does not exist on Windows.
  if (/[\0\r\n]/.test(word) || (isProgram && word.includes('"')))
    throw new RangeError('not an argument of a batch file')
  const escaped = word.replace(/(\\*)"/g, '$1$1""').replaceAll('%', '%%cd:~,%')
  if (!isProgram && /^[\w#$*+\-./:?@\\]+$/.test(word) && !word.endsWith('\\')) return word
  return `"${escaped.replace(/(\\+)$/, '$1$1')}"`
}
