import { EksTokenError, isEksTokenError } from '../errors.ts'
import { knownErrorName, stackFrames } from '../stack-frames.ts'

/** The same error with causes that can be logged: Node prints them with every uncaught error. */
export function withSafeCause(error: unknown): unknown {
  if (!isEksTokenError(error) || error.cause === undefined) return error
  const { code, message, remedy, cause, stack } = error
  return Object.assign(new EksTokenError(code, message, { remedy, cause: safeCause(cause) }), { stack })
}

/**
 * The cause of an error without its text: services quote requests, and parsers quote files, with the secrets in them. Code and
 * stack stay, and the message of a system call, which contains a path at most.
 *
 * @param cause - of an EksTokenError, whose own message has all of it that may be shown
 */
export function safeCause(cause: unknown): unknown {
  if (isEksTokenError(cause)) return withSafeCause(cause)
  if (!(cause instanceof Error)) return undefined
  const { message, code, syscall, cause: deeper } = cause as NodeJS.ErrnoException
  const safe = new Error(syscall === undefined ? NOT_SHOWN : message)
  safe.name = knownErrorName(cause) ?? 'Error'
  safe.stack = [`${safe.name}: ${safe.message}`, ...stackFrames(cause).map((frame) => `    ${frame}`)].join('\n')
  if (code !== undefined && /^[A-Z][A-Z0-9_]{0,60}$/.test(code)) Object.assign(safe, { code })
  if (deeper !== undefined) safe.cause = safeCause(deeper)
  return safe
}

const NOT_SHOWN = 'its text is not shown, as it may contain secrets'
