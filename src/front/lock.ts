import { handOver } from './hand-over.ts'

/** In place of credentials/cache/lock.ts: a lock is acquired to fetch credentials, which the full program does. */
export function withLock(): never {
  return handOver('credentials are not cached')
}
