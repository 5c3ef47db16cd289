import { closeSync, constants, openSync, readFileSync, readSync, statfsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { attempt, EksTokenError } from '../errors.ts'
import { withNativeSeparators } from '../shown-path.ts'
import { abandonThread, useDefaultSignalActions } from './signals.ts'

/** No config file is larger; reading more would only delay the deadline. */
export const MAX_BYTES = 16 << 20

export function tooLarge(path: string): EksTokenError {
  return new EksTokenError(
    'ERR_CONFIG_FILE',
    `${withNativeSeparators(path)} is too large for a config file: more than ${MAX_BYTES} bytes`,
    {
      remedy: 'check that this is the path of a config, credentials or token file',
    },
  )
}

/** Without data, and while another process holds a lease of the file, `open` and `read` fail with EAGAIN. */
export const OPEN_WITHOUT_WAITING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

/** Reads a regular file. @throws an error of `open` or `read` */
export function readWithoutWaiting(path: string): Buffer {
  const descriptor = openSync(path, OPEN_WITHOUT_WAITING)
  try {
    return readFileSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** Interval at which a file without data is read. */
const POLL_MS = 2

/**
 * Reads to its end what may have no data yet: a pipe, e.g. `AWS_CONFIG_FILE=<(…)`, a file that another process holds a
 * lease of, or one such as /proc/kmsg. This thread never blocks in the kernel, where no deadline would end it.
 *
 * @throws EksTokenError `ERR_TIMEOUT`, `ERR_CONFIG_FILE`
 * @throws an error of `open` or `read`
 */
export function readWhenReady(path: string, isPipe: boolean, timeoutSeconds: number): Uint8Array {
  const restoreSignals = useDefaultSignalActions()
  const endMs = timeoutSeconds > 0 ? performance.now() + timeoutSeconds * 1000 : Number.POSITIVE_INFINITY
  const whenReady = (run: () => number): number => {
    for (;;) {
      try {
        return run()
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
        if (performance.now() >= endMs) throw timedOut(path)
        Atomics.wait(newState(), 0, 0, POLL_MS)
      }
    }
  }
  const descriptors: number[] = []
  try {
    // Until the first writer opens a named pipe, it reads as if it had ended.
    if (isPipe && !isAnonymousPipe(path)) descriptors.push(openWithWriter(path, endMs))
    const descriptor = whenReady(() => openSync(path, OPEN_WITHOUT_WAITING))
    descriptors.push(descriptor)
    const chunks: Uint8Array[] = []
    const buffer = Buffer.alloc(65_536)
    for (let size = 0; ; ) {
      const count = whenReady(() => readSync(descriptor, buffer))
      if (count === 0) return Buffer.concat(chunks)
      chunks.push(Buffer.from(buffer.subarray(0, count)))
      size += count
      if (size > MAX_BYTES) throw tooLarge(path)
    }
  } finally {
    restoreSignals()
    for (const descriptor of descriptors) closeSync(descriptor)
  }
}

function timedOut(path: string): EksTokenError {
  return new EksTokenError('ERR_TIMEOUT', `timed out waiting for data from ${path}`)
}

/** https://github.com/torvalds/linux/blob/v6.8/include/uapi/linux/magic.h (PIPEFS_MAGIC) */
const PIPEFS_MAGIC = 0x50495045

/** A pipe of the parent process, such as `/dev/fd/63` or `/dev/stdin`: it had its writer from the start. */
function isAnonymousPipe(path: string): boolean {
  return /^\/dev\/(fd\/\d+|stdin)$/.test(path) || attempt(() => statfsSync(path).type) === PIPEFS_MAGIC
}

/** Whether a thread has finished, and the descriptor that it has opened. */
const newState = () => new Int32Array(new SharedArrayBuffer(8))

const OPENER =
  "const{workerData:[p,s]}=require('node:worker_threads');try{s[1]=require('node:fs').openSync(p)}catch{s[1]=-1}Atomics.store(s,0,1);Atomics.notify(s,0)"

/**
 * Opens a named pipe when a writer has opened it. Only a blocking `open` notices a writer that writes nothing, so it is
 * left to a thread.
 */
function openWithWriter(path: string, endMs: number): number {
  // Not imported: every run would load the module.
  const { Worker } = createRequire(process.execPath)('node:worker_threads')
  const state = newState()
  new Worker(OPENER, { eval: true, workerData: [path, state], execArgv: [], trackUnmanagedFds: false }).on(
    'error',
    () => {},
  )
  Atomics.wait(state, 0, 0, endMs - performance.now())
  if (Atomics.load(state, 0) === 0) {
    // A writer of our own lets the thread continue, and end.
    const writer = attempt(() => openSync(path, constants.O_RDWR | constants.O_NONBLOCK))
    if (writer === undefined || Atomics.wait(state, 0, 0, 1000) === 'timed-out') abandonThread()
    throw timedOut(path)
  }
  const descriptor = state[1] ?? -1
  if (descriptor < 0) throw new Error('cannot be opened')
  return descriptor
}
