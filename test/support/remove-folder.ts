import { rmSync } from 'node:fs'

const ATTEMPTS = 20
const PAUSE_MS = 100

/**
 * Removes a folder to which a program that a test has started, such as a browser, may still write: if a file appears after
 * the others were removed, all of it is done again. The retries of Node 20 only repeat the last step:
 * https://github.com/nodejs/node/blob/v20.20.2/lib/internal/fs/rimraf.js
 */
export function removeFolder(folder: string): void {
  for (let attempt = 1; ; attempt++) {
    try {
      rmSync(folder, { recursive: true, force: true })
      return
    } catch (error) {
      if (attempt === ATTEMPTS) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS)
    }
  }
}
