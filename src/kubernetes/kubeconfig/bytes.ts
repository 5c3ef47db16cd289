import { statSync } from 'node:fs'
import { readWhenReady, readWithoutWaiting } from '../../process/read-when-ready.ts'

/**
 * The bytes of a kubeconfig, which may be a pipe (`--kubeconfig <(…)`). A device is empty, as `/dev/null` is.
 *
 * @returns undefined: the file does not exist
 * @throws Error with Node's code for a file that cannot be read; EksTokenError `ERR_TIMEOUT` for a pipe without data
 */
export function readKubeconfigBytes(path: string, timeoutSeconds: number): Uint8Array | undefined {
  try {
    const stats = statSync(path)
    if (stats.isFIFO()) return readWhenReady(path, true, timeoutSeconds)
    return stats.isFile() || stats.isDirectory() ? readWithoutWaiting(path) : new Uint8Array()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
