import { handOver } from './hand-over.ts'

/** Loads built-ins of Node that few runs need. */
export function createRequire(): never {
  return handOver('the run must wait for a pipe')
}
