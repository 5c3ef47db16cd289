import type { EksTokenError, ErrorCode } from '../../errors.ts'

/** The errors for a kind of file. */
export interface WriteErrors {
  readonly code: ErrorCode
  /** How to choose another file, for hints. */
  readonly otherFile: string
  readonly failed: (error: unknown, path: string) => EksTokenError
}
