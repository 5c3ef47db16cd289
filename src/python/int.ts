import { strip } from './strip.ts'

/**
 * A whole number as the AWS CLI reads it from an option, a variable or a file (Python's int): blanks around it, a
 * sign, and single underscores between digits are allowed; nothing else is.
 * https://docs.python.org/3.11/library/functions.html#int
 *
 * @returns undefined when the text is no such number
 */
export function parsePythonInt(text: string): number | undefined {
  const trimmed = strip(text)
  return /^[+-]?\d+(_\d+)*$/.test(trimmed) ? Number(trimmed.replaceAll('_', '')) : undefined
}

/** A switch of the AWS CLI: `true` in any case is on, everything else (also `1` and `yes`) is off. */
export function parseBoolean(text: string): boolean {
  return text.toLowerCase() === 'true'
}

/**
 * Seconds as a time-out in milliseconds. Node runs a timer of more than 2^31 - 1 ms at once, with a warning on stderr,
 * and the SDK adds up two of them; eleven days are as good as for ever.
 */
export function timeoutMs(seconds: number): number {
  return Math.min(seconds * 1000, 1_000_000_000)
}
