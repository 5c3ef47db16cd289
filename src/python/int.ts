import { strip } from './strip.ts'

/**
 * Parses an integer as Python's `int` does, which the AWS CLI uses for options, variables and config files: white space
 * around it, a sign, and single underscores between digits are allowed.
 * https://docs.python.org/3.11/library/functions.html#int
 *
 * @returns undefined for an invalid literal
 */
export function parsePythonInt(text: string): number | undefined {
  const trimmed = strip(text)
  return /^[+-]?\d+(_\d+)*$/.test(trimmed) ? Number(trimmed.replaceAll('_', '')) : undefined
}

/** Parses a boolean as the AWS CLI does: `true` in any case is true, everything else (also `1` and `yes`) is false. */
export function parseBoolean(text: string): boolean {
  return text.toLowerCase() === 'true'
}

/**
 * Converts seconds to a timer's milliseconds, at most eleven days. Node fires a timer of more than 2^31 - 1 ms immediately,
 * with a warning on stderr, and the SDK adds two of them.
 */
export function timeoutMs(seconds: number): number {
  return Math.min(seconds * 1000, 1_000_000_000)
}
