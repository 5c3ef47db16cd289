import type { TokenUrl } from './token-url.ts'

/** Whether a token follows a rule; `skipped`: an earlier rule failed, so there is nothing to check. */
type RuleStatus = 'pass' | 'fail' | 'skipped'

/** The result of a rule for a token. */
export interface RuleResult {
  /** Stable; for programs. */
  readonly id: string
  /** `server`: the API server of the cluster, before it calls STS. */
  readonly enforcedBy: 'server' | 'STS'
  /** The result. */
  readonly status: RuleStatus
  /** The value that was checked or what is wrong with it, in a few words. */
  readonly finding: string
}

export interface Rule {
  readonly id: string
  readonly enforcedBy: 'server' | 'STS'
  readonly check: (token: TokenUrl, now: Date) => Verdict
}

/** undefined: nothing to check. */
export type Verdict = readonly [passes: boolean, finding: string] | undefined
