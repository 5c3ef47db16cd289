import { fileURLToPath } from 'node:url'

/** How long a part searches, and where it begins. */
export interface Limits {
  readonly seconds: number
  /** Of whatever the part counts; Infinity: until the time is over. */
  readonly count: number
  readonly first: number
  readonly seed: number
  readonly log: (line: string) => void
}

/** @returns the problems that were found */
export type Part = (limits: Limits) => Promise<string[]>

export function fromRoot(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url))
}
