/** Counts what a group has tried, and collects the violations. */
export class Report {
  readonly #counts = new Map<string, number>()
  readonly violations: string[] = []

  count(what: string, by = 1): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + by)
  }

  /** Keeps the largest value, e.g. of seconds. */
  max(what: string, value: number): void {
    this.#counts.set(what, Math.max(this.#counts.get(what) ?? 0, Math.round(value * 10) / 10))
  }

  /** @param details - shown only if the expectation is not met, in full */
  expect(holds: boolean, what: string, details: unknown = ''): void {
    this.count('expectations')
    if (!holds) this.violations.push(`${what}: ${typeof details === 'string' ? details : JSON.stringify(details)}`)
  }

  /** Whether anything was tried. */
  get isEmpty(): boolean {
    return !this.#counts.has('expectations')
  }

  toString(): string {
    return [...this.#counts].map(([what, count]) => `${what}: ${count}`).join(', ')
  }
}
