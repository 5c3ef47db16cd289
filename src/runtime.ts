import { closeSync, existsSync, openSync, readlinkSync } from 'node:fs'
import { homedir, hostname } from 'node:os'
import { attempt } from './errors.ts'
import { textReader } from './process/read-text.ts'
import { registryReader } from './process/registry.ts'
import { kill, onExit, type Signal } from './process/signals.ts'

/** Environment variables by their names. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Everything that the program and the library take from their process; tests pass their own. */
export interface Runtime {
  /** Environment variables. */
  readonly env: Environment
  /** undefined: HOME is not set, and the user id has no passwd entry. */
  readonly homeDirectory: () => string | undefined
  /** undefined where user ids do not exist (Windows). */
  readonly userId: number | undefined
  /**
   * The text of a file or a pipe; undefined if it does not exist, cannot be read, or is a directory or a device.
   *
   * @param timeoutSeconds - limit for the data of a pipe; 0: no limit. Default 60
   * @throws EksTokenError `ERR_CONFIG_FILE` for a file that is too large or not UTF-8, `ERR_TIMEOUT`
   */
  readonly readText: (path: string, timeoutSeconds?: number) => string | undefined
  /** The current time. */
  readonly now: () => Date
  /** Receives the lines of `--debug`, without secrets. undefined: they are not composed. */
  readonly trace?: (line: string) => void
  /** This process. */
  readonly processHost: ProcessHost
}

/** This process, and what it can find out about others that share its home directory. */
export interface ProcessHost {
  /** Node's name for the platform: `linux`, `darwin`, `win32`, … */
  readonly platform: string
  /** Id of this process. */
  readonly processId: number
  /** What runs this program: `node/20.20.2`, `executable`, `front`, or `executable+front` for a run that a front has handed over. */
  readonly program: () => string
  /** The absolute path by which this program can be started again. */
  readonly programPath: () => string
  /** Identifies the scope of process ids: the host, and the container on it. */
  readonly hostId: () => string
  /** Whether a process with this id exists, of whichever user. */
  readonly isRunning: (processId: number) => boolean
  /** Whether this process has a controlling terminal. */
  readonly hasTerminal: () => boolean
  /**
   * Sends a signal to a process; to a whole process group with a negative id, to that of this process with 0, as the terminal
   * does for Ctrl-C. A process that has exited is not an error.
   */
  readonly kill: (processId: number, signal: Signal) => void
  /** The values of a key of the Windows registry by their names, as text; empty elsewhere and if it cannot be read. */
  readonly readRegistry: (key: string) => ReadonlyMap<string, string>
  /** Calls `stop` when this process exits, also on a signal that can be caught. @returns a function that removes it */
  readonly onExit: (stop: () => void) => () => void
}

/** Environment variables with others that replace them. On Windows the case of a name makes no difference. */
export function mergeEnvironment(env: Environment, more: Environment, platform: string): Environment {
  if (platform !== 'win32') return { ...env, ...more }
  const variables: Record<string, string | undefined> = {}
  for (const [name, value] of [...Object.entries(env), ...Object.entries(more)]) variables[name.toUpperCase()] = value
  const nameOf = (name: string | symbol): string | symbol => (typeof name === 'string' ? name.toUpperCase() : name)
  return new Proxy(variables, {
    get: (target, name) => Reflect.get(target, nameOf(name)),
    has: (target, name) => Reflect.has(target, nameOf(name)),
    getOwnPropertyDescriptor: (target, name) => Reflect.getOwnPropertyDescriptor(target, nameOf(name)),
  })
}

// With process/, the only reader of `process` beside main.ts.
/**
 * The runtime of this process, which every function uses by default. A copy with another clock, home directory or file
 * reader can be passed to them instead.
 *
 * @example
 * import { createToken, processRuntime } from 'eks-get-token'
 *
 * const runtime = { ...processRuntime(), now: () => new Date('2026-01-02T03:04:05Z') }
 * const { expiresAt } = await createToken({ clusterName: 'demo', region: 'us-west-2' }, runtime)
 * console.log(expiresAt.toISOString())
 *
 * @returns a new object; nothing is read yet
 */
export function processRuntime(): Runtime {
  return {
    env: process.env,
    homeDirectory,
    userId: process.getuid?.(),
    readText: textReader(),
    now: () => new Date(),
    processHost: {
      platform: process.platform,
      processId: process.pid,
      program,
      programPath,
      hostId,
      isRunning,
      hasTerminal,
      kill,
      readRegistry: registryReader(),
      onExit,
    },
  }
}

/** The variable that names the home directory, for hints. */
export function homeVariable({ platform }: Pick<ProcessHost, 'platform'>): string {
  return platform === 'win32' ? 'USERPROFILE' : 'HOME'
}

/** A container may run with a user id that has no passwd entry, and then has no home directory. */
function homeDirectory(): string | undefined {
  const { HOME, USERPROFILE, HOMEDRIVE = '', HOMEPATH } = process.env
  // https://github.com/python/cpython/blob/v3.13.0/Lib/ntpath.py#L359
  if (process.platform === 'win32' && !USERPROFILE && HOMEPATH) return HOMEDRIVE + HOMEPATH
  // As Node does it, without loading node:os.
  if (process.platform !== 'win32' && HOME !== undefined) return HOME
  // Bun would look up the user's home directory, and another identity could sign.
  return HOME === '' && !USERPROFILE ? HOME : attempt(homedir)
}

function program(): string {
  const { versions } = process
  if ('bun' in versions) return programPath() === process.execPath ? 'executable' : 'executable+front'
  // The front has no versions.
  return versions.node ? `node/${versions.node}` : 'front'
}

/** The script that Node runs, or the executable that contains the program: the front, where this is what it hands over to. */
function programPath(): string {
  const [, script] = process.argv
  const { execPath } = process
  if (script !== undefined && !('bun' in process.versions)) return script
  const front = execPath.replace(/-full(\.exe)?$/, '$1')
  return existsSync(front) ? front : execPath
}

/** On Linux with the PID namespace: containers may share the host name. */
function hostId(): string {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return hostname()
  }
}

/** Signal 0 only checks the process. EPERM: it exists and belongs to another user. */
function isRunning(processId: number): boolean {
  try {
    return process.kill(processId, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** True on Windows, where process groups do not exist and the console terminates its processes. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'))
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
  }
}
