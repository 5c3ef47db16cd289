import { closeSync, openSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { homedir, hostname } from 'node:os'
import { EksTokenError, isEksTokenError } from './errors.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Everything that the program and the library take from their process; a test hands in its own. */
export interface Runtime {
  readonly env: Environment
  /** undefined: HOME is not set, and the user id has no passwd entry. */
  readonly homeDirectory: () => string | undefined
  /** undefined where user ids do not exist (Windows). */
  readonly userId: number | undefined
  /**
   * The text of a file; undefined when it does not exist or is not a regular file.
   *
   * @throws EksTokenError `ERR_CONFIG_FILE` for a file that is too large or not UTF-8
   */
  readonly readText: (path: string) => string | undefined
  readonly now: () => Date
  /** Receives the lines of `--debug`, without secrets. */
  readonly trace: (line: string) => void
  readonly processHost: ProcessHost
}

/** This process among the processes that share its home directory. */
export interface ProcessHost {
  /** As Node names it: `linux`, `darwin`, `win32`, … */
  readonly platform: string
  readonly processId: number
  /** Identifies the scope of process ids: the host, and the container on it. */
  readonly hostId: () => string
  readonly isRunning: (processId: number) => boolean
  /** Whether this process has a controlling terminal. */
  readonly hasTerminal: () => boolean
  /** Tells terminals of this host apart, as far as the platform allows it. */
  readonly terminalId: () => string
  /** Sends a signal to the foreground processes of the terminal, as its driver does for Ctrl-C, Ctrl-\\ and Ctrl-Z. */
  readonly signalGroup: (signal: 'SIGINT' | 'SIGQUIT' | 'SIGTSTP') => void
  /** Calls `before` when this process is about to be suspended, `after` when it continues. @returns a function that removes both */
  readonly onSuspend: (before: () => void, after: () => void) => () => void
  /** Kills a process and its whole group. */
  readonly killGroup: (processId: number) => void
  /** Calls `stop` when this process exits, also on a signal that can be caught. @returns a function that removes it */
  readonly onExit: (stop: () => void) => () => void
}

/** The runtime of this process: the only reader of `process` beside main.ts. */
export function processRuntime(): Runtime {
  return {
    env: process.env,
    homeDirectory,
    userId: process.getuid?.(),
    readText,
    now: () => new Date(),
    trace: () => {},
    processHost: {
      platform: process.platform,
      processId: process.pid,
      hostId,
      isRunning,
      hasTerminal,
      terminalId,
      signalGroup,
      onSuspend,
      killGroup,
      onExit,
    },
  }
}

/** Containers run with user ids that have no passwd entry, and then without a home directory. */
function homeDirectory(): string | undefined {
  try {
    return homedir()
  } catch {
    return undefined
  }
}

/** A config file is never larger; reading more would only delay the deadline. */
const MAX_BYTES = 16 << 20

/** A missing file, a directory, a device and an unreadable file are absent, as for the AWS CLI. Pipes are not opened. */
function readText(path: string): string | undefined {
  let bytes: Uint8Array
  try {
    // An exception for a missing file would cost more than everything else here.
    const stats = statSync(path, { throwIfNoEntry: false })
    if (!stats?.isFile()) return undefined
    if (stats.size > MAX_BYTES) {
      throw new EksTokenError('ERR_CONFIG_FILE', `${path} is too large for a config file: ${stats.size} bytes`)
    }
    bytes = readFileSync(path)
  } catch (error) {
    if (isEksTokenError(error)) throw error
    return undefined
  }
  try {
    // A byte order mark stays in the text: the AWS CLI rejects a file that has one.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new EksTokenError('ERR_CONFIG_FILE', `${path} is not UTF-8 text`, { cause })
  }
}

/** On Linux with the namespace of process ids: containers may share the host's name. */
function hostId(): string {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return hostname()
  }
}

/** Signal 0 is only checked, not sent; a process of another user runs although it may not be signalled. */
function isRunning(processId: number): boolean {
  try {
    return process.kill(processId, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** True on Windows, where process groups do not exist and the console ends its processes. */
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

function signalGroup(signal: NodeJS.Signals): void {
  // Windows has neither process groups nor these signals.
  process.kill(process.platform === 'win32' ? process.pid : 0, signal)
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

function killGroup(processId: number): void {
  try {
    process.kill(-processId, 'SIGKILL')
  } catch {
    // The group has already exited.
  }
}

/** Node exits at once on these signals, without running exit handlers: child processes or a raw terminal would remain. */
const EXIT_SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGQUIT: 131, SIGALRM: 142, SIGTERM: 143 } as const

function onExit(stop: () => void): () => void {
  const signals = Object.entries(EXIT_SIGNALS) as [keyof typeof EXIT_SIGNALS, number][]
  const handlers = signals.map(([signal, exitCode]) => [signal, () => process.exit(exitCode)] as const)
  process.once('exit', stop)
  for (const [signal, handler] of handlers) process.once(signal, handler)
  return () => {
    process.off('exit', stop)
    for (const [signal, handler] of handlers) process.off(signal, handler)
  }
}
