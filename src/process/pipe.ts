import { closeSync, constants, openSync, readSync, statfsSync } from 'node:fs'
import { attempt, EksTokenError } from '../errors.ts'
import { useDefaultSignalActions } from './signals.ts'

/** No config file is larger; reading more would only delay the deadline. */
export const MAX_BYTES = 16 << 20

export function tooLarge(path: string): EksTokenError {
  return new EksTokenError('ERR_CONFIG_FILE', `${path} is too large for a config file: more than ${MAX_BYTES} bytes`, {
    remedy: 'check that this is the path of a config, credentials or token file',
  })
}

export const DEFAULT_PIPE_TIMEOUT_SECONDS = 60

/** Interval at which a pipe without data is read. */
const PIPE_POLL_MS = 2

/**
 * Reads a pipe to its end, e.g. `AWS_CONFIG_FILE=<(…)`, without blocking: a named pipe may have no writer, and would block
 * `open` for ever.
 *
 * @returns undefined if it cannot be opened
 * @throws EksTokenError `ERR_TIMEOUT`, `ERR_CONFIG_FILE`
 */
export function readPipe(path: string, timeoutSeconds: number): Uint8Array | undefined {
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
