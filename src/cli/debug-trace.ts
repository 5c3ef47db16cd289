import { sanitizeLine } from '../redact.ts'
import type { Runtime } from '../runtime.ts'
import { formatTime } from '../time-format.ts'
import type { Terminal } from './terminal.ts'
import { versionText } from './version.ts'

/** A time as `Date.toISOString` writes it. */
const ISO_TIME = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g

/**
 * The runtime of a run with `--debug`, whose trace goes to stderr. Times are shown in the form that messages have.
 *
 * @param secrets - removed wherever they appear
 */
export function tracingRuntime(
  runtime: Runtime,
  terminal: Terminal,
  secrets: readonly (string | undefined)[],
): Runtime {
  const trace = (line: string): void => {
    const text = line.replace(ISO_TIME, (time) => formatTime(new Date(time), runtime.now()))
    terminal.err(`debug: ${sanitizeLine(text, secrets)}\n`)
  }
  trace(versionText(runtime))
  return { ...runtime, trace }
}
