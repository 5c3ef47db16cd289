import { redactValue } from './redact.ts'

/**
 * A path as messages show it. On Windows, paths are made as by the AWS CLI, `C:\Users\me/.aws/config`: Windows reads it, but
 * not every program into which a user pastes it.
 */
export function shownPath(path: string): string {
  return withNativeSeparators(redactValue(path))
}

/** Only a path of Windows begins with a drive or with two backslashes. */
export function withNativeSeparators(path: string): string {
  return /^([a-z]:)?\\/i.test(path) ? path.replaceAll('/', '\\') : path
}
