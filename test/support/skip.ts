import type { TestOptions } from 'vitest'

declare module 'vitest' {
  interface TaskMeta {
    /** Why a test or a group of tests is skipped; the summary at the end of a run names it (skip-summary.ts). */
    skipReason?: string
  }
}

/**
 * Options for a test, or a group of tests, that needs something that this machine may not have.
 *
 * @param missing - what is missing, and how to get it; undefined: nothing, and the test runs
 */
export function skipUnlessAvailable(missing: string | undefined): Pick<TestOptions, 'skip' | 'meta'> {
  return missing === undefined ? {} : { skip: true, meta: { skipReason: missing } }
}
