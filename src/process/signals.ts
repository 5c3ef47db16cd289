import { existsSync } from 'node:fs'
import { attempt } from '../errors.ts'

/** The signals that this program sends. Not Node's type: users of the library may not have it. */
export type Signal = 'SIGINT' | 'SIGKILL' | 'SIGQUIT' | 'SIGSTOP' | 'SIGTSTP'

export function kill(processId: number, signal: Signal): void {
  // Windows has neither process groups nor these signals.
  const target = process.platform === 'win32' ? Math.abs(processId) || process.pid : processId
  attempt(() => process.kill(target, signal))
}

/** Node exits at once on these signals, without running exit handlers: child processes or a raw terminal would remain. */
const EXIT_SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGQUIT: 131, SIGUSR2: 140, SIGALRM: 142, SIGTERM: 143 } as const

export function onExit(stop: () => void): () => void {
  const signals = Object.entries(EXIT_SIGNALS) as [keyof typeof EXIT_SIGNALS, number][]
  const handlers = signals.map(([signal, exitCode]) => [signal, () => exitProcess(exitCode)] as const)
  process.once('exit', stop)
  for (const [signal, handler] of handlers) process.once(signal, handler)
  return () => {
    process.off('exit', stop)
    for (const [signal, handler] of handlers) process.off(signal, handler)
  }
}

/**
 * While this thread waits, handlers of signals cannot run. Without them the signals terminate the process, as a user expects
 * of Ctrl-C.
 *
 * @returns a function that restores the handlers
 */
export function useDefaultSignalActions(): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const listeners = signals.map((signal) => [signal, process.rawListeners(signal)] as const)
  for (const signal of signals) process.removeAllListeners(signal)
  return () => {
    for (const [signal, handlers] of listeners) {
      for (const handler of handlers) process.on(signal, handler as NodeJS.SignalsListener)
    }
  }
}

let hasAbandonedThread = false

/** A thread of this process blocks, and the exit of the process must not wait for it. */
export function abandonThread(): void {
  hasAbandonedThread = true
}

/** A lookup of a host name, or a read of a file: of stdin, where it is one. */
function hasBlockedThread(): boolean {
  const isBlocking = (resource: string): boolean => resource === 'GetAddrInfoReqWrap' || resource === 'FSReqCallback'
  return hasAbandonedThread || process.getActiveResourcesInfo().some(isBlocking)
}

/**
 * Ends this process, after the exit handlers. Node joins its thread pool first, and a lookup of a host name, which runs in
 * it, can block for 20 seconds, a read forever. It does not wait for one that does not end soon: the
 * process is replaced by one that exits with the code, or killed where that is impossible (before Node 22.15).
 * https://github.com/nodejs/node/blob/v20.20.2/src/env.cc (uv_library_shutdown)
 */
export function exitProcess(exitCode: number, graceMs = 200): void {
  if (!hasBlockedThread()) process.exit(exitCode)
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
