/** What may be shown of any error: without its message, which is not redacted, and without a name that came from a service. */

/** The frames of the stack, each a line such as `at function (file:line:column)`. */
export function stackFrames({ stack = '', message }: Error): string[] {
  const lines = stack.replace(message, '').split('\n')
  return lines.filter((line) => STACK_FRAME.test(line)).map((line) => line.trim())
}

/** `at function (file:line:column)`, `at file:line:column` */
const STACK_FRAME = /^\s+at (?:.*\(|async )?(?:[^\s()]+:\d+:\d+|<anonymous>|native)\)?$/

/** The name of a class of this program or of JavaScript; undefined for others: the SDK names errors after what a service has sent. */
export function knownErrorName({ name }: Error): string | undefined {
  return /^(EksTokenError|RequestFailure|(Type|Range|Syntax|Aggregate)?Error)$/.test(name) ? name : undefined
}
