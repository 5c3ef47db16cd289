import {
  closeSync,
  constants,
  existsSync,
  openSync,
  readFileSync,
  readlinkSync,
  readSync,
  statfsSync,
  statSync,
} from 'node:fs'
import { homedir, hostname } from 'node:os'
import { attempt, EksTokenError, isOpenFilesLimit, openFilesError } from './errors.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Everything that the program and the library take from their process; tests pass their own. */
export interface Runtime {
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
  readonly now: () => Date
  /** Receives the lines of `--debug`, without secrets. */
  readonly trace: (line: string) => void
  readonly processHost: ProcessHost
}

/** The signals that this program sends. Not Node's type: users of the library may not have it. */
type Signal = 'SIGINT' | 'SIGKILL' | 'SIGQUIT' | 'SIGSTOP' | 'SIGTSTP'

/** This process, and what it can find out about others that share its home directory. */
export interface ProcessHost {
  /** Node's name for the platform: `linux`, `darwin`, `win32`, … */
  readonly platform: string
  readonly processId: number
  /** The absolute path by which this program can be started again. */
  readonly programPath: () => string
  /** Identifies the scope of process ids: the host, and the container on it. */
  readonly hostId: () => string
  readonly isRunning: (processId: number) => boolean
  /** Whether this process has a controlling terminal. */
  readonly hasTerminal: () => boolean
  /** Tells terminals of this host apart, as far as the platform allows it. */
  readonly terminalId: () => string
  /**
   * Sends a signal to a process; to a whole process group with a negative id, to that of this process with 0, as the terminal
   * does for Ctrl-C. A process that has exited is not an error.
   */
  readonly kill: (processId: number, signal: Signal) => void
  /** Calls `before` when this process is about to be suspended, `after` when it continues. @returns a function that removes both */
  readonly onSuspend: (before: () => void, after: () => void) => () => void
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

/** The runtime of this process: the only reader of `process` beside main.ts. */
export function processRuntime(): Runtime {
  return {
    env: process.env,
    homeDirectory,
    userId: process.getuid?.(),
    readText: textReader(),
    now: () => new Date(),
    trace: () => {},
    processHost: {
      platform: process.platform,
      processId: process.pid,
      programPath,
      hostId,
      isRunning,
      hasTerminal,
      terminalId,
      kill,
      onSuspend,
      readRegistry: registryReader(),
      onExit,
    },
  }
}

/** A container may run with a user id that has no passwd entry, and then has no home directory. */
function homeDirectory(): string | undefined {
  const { USERPROFILE, HOMEDRIVE = '', HOMEPATH } = process.env
  // https://github.com/python/cpython/blob/v3.13.0/Lib/ntpath.py#L359
  if (process.platform === 'win32' && !USERPROFILE && HOMEPATH) return HOMEDRIVE + HOMEPATH
  return attempt(homedir)
}

/** No config file is larger; reading more would only delay the deadline. */
const MAX_BYTES = 16 << 20

/** @returns a `readText` that reads each pipe once: a pipe has no content for a second read */
function textReader(): Runtime['readText'] {
  const pipes = new Map<string, string>()
  return (path, timeoutSeconds = DEFAULT_PIPE_TIMEOUT_SECONDS) => {
    const text = pipes.get(path)
    if (text !== undefined) return text
    // An exception for a missing file would take longer than everything else here.
    const stats = attempt(() => statSync(path, { throwIfNoEntry: false }))
    if (stats?.isFile()) {
      if (stats.size > MAX_BYTES) throw tooLarge(path)
      const bytes = readBytes(path)
      return bytes && decodeText(path, bytes)
    }
    if (!stats?.isFIFO()) return undefined
    const bytes = readPipe(path, timeoutSeconds)
    if (bytes) pipes.set(path, decodeText(path, bytes))
    return pipes.get(path)
  }
}

/** @throws EksTokenError `ERR_OPEN_FILES`: without the file, the credentials would be those of another identity */
function readBytes(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path)
  } catch (error) {
    if (isOpenFilesLimit(error)) throw openFilesError(error)
    return undefined
  }
}

function tooLarge(path: string): EksTokenError {
  return new EksTokenError('ERR_CONFIG_FILE', `${path} is too large for a config file: more than ${MAX_BYTES} bytes`, {
    remedy: 'check that this is the path of a config, credentials or token file',
  })
}

function decodeText(path: string, bytes: Uint8Array): string {
  try {
    // A byte order mark stays in the text: the AWS CLI rejects a file that has one.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    const text = process.platform === 'win32' ? decodeAnsi(bytes) : undefined
    if (text !== undefined) return text
    throw new EksTokenError('ERR_CONFIG_FILE', `${path} is not UTF-8 text`, {
      cause,
      remedy: 'save the file with UTF-8 encoding',
    })
  }
}

/** The script that Node runs, or the executable that contains the program. */
function programPath(): string {
  const [, script] = process.argv
  return script === undefined || 'bun' in process.versions ? process.execPath : script
}

/**
 * Windows editors save text in the ANSI code page of the system, in which Python reads it. UTF-16 is not text for either.
 *
 * @returns undefined for other data, and for a code page that this runtime does not know
 */
function decodeAnsi(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined
  return attempt(() => new TextDecoder(encodingLabel(ansiCodePage()), { fatal: true }).decode(bytes))
}

/** https://learn.microsoft.com/windows/win32/intl/code-page-identifiers */
function encodingLabel(codePage: string): string {
  const labels: Readonly<Record<string, string>> = { 932: 'shift_jis', 936: 'gbk', 949: 'euc-kr', 950: 'big5' }
  return labels[codePage] ?? `windows-${codePage}`
}

function ansiCodePage(): string {
  return registryReader()('HKLM\\SYSTEM\\CurrentControlSet\\Control\\Nls\\CodePage').get('ACP') ?? '1252'
}

/** Node cannot read the registry: a program of Windows does, once for each key. */
function registryReader(): ProcessHost['readRegistry'] {
  const keys = new Map<string, ReadonlyMap<string, string>>()
  return (key) => {
    const known = keys.get(key)
    if (known) return known
    const values = process.platform === 'win32' ? parseRegistry(attempt(() => queryRegistry(key)) ?? '') : new Map()
    keys.set(key, values)
    return values
  }
}

function queryRegistry(key: string): string | undefined {
  const program = `${process.env.SystemRoot ?? 'C:\\Windows'}\\System32\\reg.exe`
  // Not imported: that would take a millisecond of every run.
  const childProcess = process.getBuiltinModule?.('node:child_process')
  return childProcess?.execFileSync(program, ['query', key], { encoding: 'utf8', timeout: 5000, stdio: 'pipe' })
}

/** Lines of `reg query`: four spaces, the name, the type and the value. */
function parseRegistry(output: string): ReadonlyMap<string, string> {
  const lines = output.matchAll(/^ {4}(\S+) +REG_\w+ +(.*?)\r?$/gm)
  return new Map([...lines].map(([, name = '', value = '']) => [name, value]))
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

/** On Linux the device number of the controlling terminal. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function terminalId(): string {
  try {
    const stat = readFileSync('/proc/self/stat', 'latin1')
    // The program's name, in parentheses, may contain spaces; state, ppid, pgrp, session and tty_nr follow.
    return `tty ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[4]}`
  } catch {
    return 'tty'
  }
}

function kill(processId: number, signal: Signal): void {
  // Windows has neither process groups nor these signals.
  const target = process.platform === 'win32' ? Math.abs(processId) || process.pid : processId
  attempt(() => process.kill(target, signal))
}

function onSuspend(before: () => void, after: () => void): () => void {
  if (process.platform === 'win32') return () => {}
  const suspend = (): void => {
    before()
    // By the default action, not by SIGSTOP: the kernel ignores it where no shell could continue the process.
    process.off('SIGTSTP', suspend)
    process.kill(process.pid, 'SIGTSTP')
    process.on('SIGTSTP', suspend)
    after()
  }
  process.on('SIGTSTP', suspend)
  return () => process.off('SIGTSTP', suspend)
}

/** Node exits at once on these signals, without running exit handlers: child processes or a raw terminal would remain. */
const EXIT_SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGQUIT: 131, SIGUSR2: 140, SIGALRM: 142, SIGTERM: 143 } as const

function onExit(stop: () => void): () => void {
  const signals = Object.entries(EXIT_SIGNALS) as [keyof typeof EXIT_SIGNALS, number][]
  const handlers = signals.map(([signal, exitCode]) => [signal, () => exitProcess(exitCode)] as const)
  process.once('exit', stop)
  for (const [signal, handler] of handlers) process.once(signal, handler)
  return () => {
    process.off('exit', stop)
    for (const [signal, handler] of handlers) process.off(signal, handler)
  }
}

const DEFAULT_PIPE_TIMEOUT_SECONDS = 60

/** Interval at which a pipe without data is read. */
const PIPE_POLL_MS = 2

/**
 * Reads a pipe to its end, e.g. `AWS_CONFIG_FILE=<(…)`, without blocking: a named pipe may have no writer, and would block
 * `open` for ever.
 *
 * @returns undefined if it cannot be opened
 * @throws EksTokenError `ERR_TIMEOUT`, `ERR_CONFIG_FILE`
 */
function readPipe(path: string, timeoutSeconds: number): Uint8Array | undefined {
  const descriptor = attempt(() => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK))
  if (descriptor === undefined) return undefined
  const restoreSignals = useDefaultSignalActions()
  try {
    const endMs = timeoutSeconds > 0 ? performance.now() + timeoutSeconds * 1000 : Number.POSITIVE_INFINITY
    // Until the first writer opens a named pipe, it reads as if it had ended.
    let hasWriter = isAnonymousPipe(path)
    const chunks: Uint8Array[] = []
    let size = 0
    const buffer = Buffer.alloc(65_536)
    for (;;) {
      const count = readAvailable(descriptor, buffer)
      if (count === 0 && hasWriter) return Buffer.concat(chunks)
      if (count !== 0) hasWriter = true
      if (typeof count === 'number' && count > 0) {
        chunks.push(Buffer.from(buffer.subarray(0, count)))
        size += count
        if (size > MAX_BYTES) throw tooLarge(path)
        continue
      }
      if (performance.now() >= endMs) {
        throw new EksTokenError('ERR_TIMEOUT', `timed out waiting for data from the pipe ${path}`)
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PIPE_POLL_MS)
    }
  } finally {
    restoreSignals()
    closeSync(descriptor)
  }
}

/** @returns the number of bytes; 0: no writer has the pipe open; `empty`: a writer has, and has written nothing more yet */
function readAvailable(descriptor: number, buffer: Buffer): number | 'empty' {
  try {
    return readSync(descriptor, buffer)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 'empty'
    throw error
  }
}

/** https://github.com/torvalds/linux/blob/v6.8/include/uapi/linux/magic.h (PIPEFS_MAGIC) */
const PIPEFS_MAGIC = 0x50495045

/** A pipe of the parent process, such as `/dev/fd/63` or `/dev/stdin`: it had its writer from the start. */
function isAnonymousPipe(path: string): boolean {
  return /^\/dev\/(fd\/\d+|stdin)$/.test(path) || attempt(() => statfsSync(path).type) === PIPEFS_MAGIC
}

/**
 * While this thread waits, handlers of signals cannot run. Without them the signals terminate the process, as a user expects
 * of Ctrl-C.
 *
 * @returns a function that restores the handlers
 */
function useDefaultSignalActions(): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const listeners = signals.map((signal) => [signal, process.rawListeners(signal)] as const)
  for (const signal of signals) process.removeAllListeners(signal)
  return () => {
    for (const [signal, handlers] of listeners) {
      for (const handler of handlers) process.on(signal, handler as NodeJS.SignalsListener)
    }
  }
}

/**
 * Ends this process, after the exit handlers. Node joins its thread pool first, and a lookup of a host name, which runs in
 * it, can block for 20 seconds. One that does not end soon is not waited for: the process is replaced by one that exits with
 * the code, or killed where that is impossible (before Node 22.15).
 * https://github.com/nodejs/node/blob/v20.20.2/src/env.cc (uv_library_shutdown)
 */
export function exitProcess(exitCode: number, graceMs = 200): void {
  if (!process.getActiveResourcesInfo().includes('GetAddrInfoReqWrap')) process.exit(exitCode)
  if (graceMs > 0) {
    setTimeout(() => exitProcess(exitCode, graceMs - 20), 20)
    return
  }
  process.emit('exit', exitCode)
  const { execve } = process as { execve?: (file: string, args: string[], env: NodeJS.ProcessEnv) => never }
  if (execve && existsSync(SHELL)) execve.call(process, SHELL, [SHELL, '-c', `exit ${exitCode}`], {})
  process.kill(process.pid, 'SIGKILL')
}

const SHELL = '/bin/sh'
