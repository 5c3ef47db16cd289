/**
 * How commands are written that messages propose, so that users can paste them: for a POSIX shell, and on Windows for cmd.exe
 * and PowerShell alike, as a program cannot tell which of them its user has. This is the only place that decides it.
 */
import { shellQuote } from './python/shlex.ts'
import type { Environment } from './runtime.ts'

/** What cmd.exe, PowerShell and the C runtime leave as it is. PowerShell splits `-a.b` and `-a:b`, and `@` begins a splat. */
const PLAIN = /^(?:[\w./:\\+][\w./:\\+=@-]*|-[\w/\\+=@-]*)$/

/**
 * What double quotes cannot hold in both shells: PowerShell expands `$name`, `$(…)` and the backtick, which cmd.exe takes as
 * they are, and takes “, ” and „ for `"`; `"` itself is escaped in three ways. A tab and a line break would be typed.
 * A dollar sign before a separator or at the end expands nothing (`\\server\home$\me`).
 * https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_quoting_rules
 */
const NOT_IN_BOTH = /["`“”„]|[^\S ]|\$(?![\\/ .,-]|$)/g

/**
 * Quotes a word of a command, if it needs it.
 *
 * On Windows a character that cmd.exe and PowerShell read differently is replaced by `…`, as a hidden one is: the user sees
 * which name is meant, and neither shell runs a part of it. Two cases are left, which run nothing either: cmd.exe replaces
 * `%NAME%` also between quotes, if there is a variable of this name, and Windows PowerShell 5.1 and PowerShell up to 7.2 drop
 * an empty word (see {@link optionWithValue}). A backslash before the closing quote is doubled, as the C runtime requires; the
 * PowerShell versions that double it themselves pass two, which is the same path.
 *
 * @param platform - Node's name for it
 */
export function quoteWord(word: string, platform: string): string {
  if (platform !== 'win32') return shellQuote(word)
  if (PLAIN.test(word)) return word
  return `"${word.replace(NOT_IN_BOTH, '…').replace(/\\+$/, '$&$&')}"`
}

/** An option with its value. On Windows one that is empty has no word of its own, which PowerShell may drop. */
export function optionWithValue(name: string, value: string, platform: string): string {
  return platform === 'win32' && value === '' ? `--${name}=` : `--${name} ${quoteWord(value, platform)}`
}

/**
 * A whole command line.
 *
 * @returns undefined if none can be pasted: on Windows also for a program whose name needs quotes, which PowerShell takes for a
 *   text, and for words that both shells cannot get
 */
export function commandLine([program = '', ...args]: readonly string[], platform: string): string | undefined {
  const words = [program, ...args]
  const isWindows = platform === 'win32'
  if (isWindows && (!PLAIN.test(program) || words.some((word) => word.search(NOT_IN_BOTH) >= 0))) return undefined
  return words.map((word) => quoteWord(word, platform)).join(' ')
}

/**
 * A command line that needs variables. POSIX shells set them for one command; on Windows, where each shell has a syntax of its
 * own and none for one command, a remark after it names them.
 *
 * @param quote - put around the command
 */
export function withVariables(line: string, variables: Environment, platform: string, quote = ''): string {
  const entries = Object.entries(variables).map(([name, value = '']) => [name, value] as const)
  if (platform !== 'win32') {
    return quote + [...entries.map(([name, value]) => `${name}=${shellQuote(value)}`), line].join(' ') + quote
  }
  const settings = entries.map(([name, value]) => `${name} set to ${value}`).join(' and ')
  return `${quote}${line}${quote}${settings && ` (with ${settings})`}`
}

/** A long command on several lines. Windows has no common way to continue one: it gets a single line. */
export function continuedLine(parts: readonly string[], platform: string): string {
  return parts.join(platform === 'win32' ? ' ' : ' \\\n  ')
}
