import { connect, createServer } from 'node:net'
import { terminalId } from '../process/terminal.ts'
import type { Runtime } from '../runtime.ts'

/** A prompt of another process ends after this time. */
const MAX_WAIT_MS = 120_000

let isClaimed = false

/**
 * Takes the name of the terminal: a socket in Linux's abstract namespace, which the kernel removes with its process. Unlike a
 * lock it needs no cache directory, and it lasts as long as the process: Bun resets the terminal when the process exits,
 * which would break the prompt of the next one. Node and Bun write such names differently, so this keeps apart processes of
 * one kind. https://man7.org/linux/man-pages/man7/unix.7.html
 */
export async function claimTerminal({ processHost, userId }: Runtime): Promise<void> {
  if (processHost.platform !== 'linux' || isClaimed) return
  isClaimed = true
  const name = `\0eks-get-token ${userId} ${terminalId()} ${processHost.hostId()}`.slice(0, MAX_SOCKET_NAME)
  // Other users can take the same name, so the wait is limited.
  const end = AbortSignal.timeout(MAX_WAIT_MS)
  while (!end.aborted && (await listen(name)) === 'held') {
    await holderEnd(name, end)
    // Those that have waited do not continue at the same moment.
    await new Promise<void>((resolve) => setTimeout(resolve, Math.random() * MAX_PAUSE_MS))
  }
}

const MAX_SOCKET_NAME = 107
const MAX_PAUSE_MS = 200

/** Connects to the holder of a name, which ends with its process. */
function holderEnd(path: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(path)
    const stop = (): void => {
      socket.destroy()
    }
    signal.addEventListener('abort', stop)
    socket.on('error', () => {})
    socket.on('close', () => {
      signal.removeEventListener('abort', stop)
      resolve()
    })
    socket.resume()
  })
}

/** Whoever connects waits for the end of this process. */
function listen(path: string): Promise<'held' | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.on('error', () => {}).unref())
    server.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'EADDRINUSE' ? 'held' : undefined))
    server.listen(path, () => resolve(undefined))
    server.unref()
  })
}
