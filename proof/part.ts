import { execFileSync, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The longest time that Node's timers and child processes accept: 24 days. */
export const MAX_TIMEOUT_MS = 2 ** 31 - 1

/** How long a part searches, and where it begins. */
export interface Limits {
  /** When the part ends, by `performance.now()`: with what it has to build or to install. Infinity: when it has counted enough. */
  readonly untilMs: number
  /** Of whatever the part counts; Infinity: until the time is over. */
  readonly count: number
  readonly first: number
  readonly seed: number
  /** Prints how far the part is. */
  readonly log: (line: string) => void
}

export interface Result {
  /** How much was tried, or why the part was skipped. */
  readonly summary: string
  readonly problems: readonly string[]
}

export type Part = (limits: Limits) => Promise<Result>

export function skipped(reason: string): Result {
  return { summary: `skipped: ${reason}`, problems: [] }
}

/** Whole milliseconds, as Node's time limits have to be. */
export function remainingMs({ untilMs }: Pick<Limits, 'untilMs'>): number {
  return Math.ceil(Math.min(Math.max(untilMs - performance.now(), 1), MAX_TIMEOUT_MS))
}

export function fromRoot(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url))
}

export function missingProgram(...names: readonly string[]): string | undefined {
  return names.find((name) => spawnSync(name, ['--version']).status !== 0)
}

/**
 * Builds the front into a directory, without a full program beside it.
 *
 * @returns its path
 * @throws when the build fails, or takes longer than the part has
 */
export function buildFront(directory: string, limits: Limits, ...options: readonly string[]): string {
  execFileSync(process.execPath, [fromRoot('build/front.mjs'), '--to', directory, ...options], {
    ...{ stdio: 'pipe', timeout: remainingMs(limits) },
  })
  return `${directory}/eks-get-token`
}
