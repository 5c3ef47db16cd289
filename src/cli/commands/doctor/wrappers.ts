import { basename } from 'node:path'
import { type CommandLine, WRAPPERS, within } from './known-wrappers.ts'

/** What a command line runs in the end. Nothing is started: arguments are parsed. */
export interface Unwrapped extends CommandLine {
  /** The wrappers, outermost first; empty: none. */
  readonly wrappers: readonly string[]
  /** Whether a wrapper supplies credentials, so that those of this shell are not used. */
  readonly suppliesCredentials: boolean
  /** Whether a wrapper is unknown: what it runs, and with which credentials, is not known. */
  readonly isUnknown: boolean
  /** Whether the innermost wrapper runs no command at all, or rejects its arguments: no credential is printed. */
  readonly runsNothing: boolean
}

/**
 * Follows wrappers to the program that prints the token. An unknown wrapper is searched for a known program among its
 * arguments.
 *
 * @param isPlugin - whether a program is an EKS plugin, by its name
 */
export function unwrapCommand(
  { command, args }: Pick<CommandLine, 'command' | 'args'>,
  platform: string,
  isPlugin: (name: string) => boolean,
): Unwrapped {
  let line: CommandLine = { command, args, env: {}, clearsEnvironment: false }
  const wrappers: string[] = []
  let suppliesCredentials = false
  for (;;) {
    const name = programName(line.command, platform)
    const known = { wrappers, suppliesCredentials, isUnknown: false, runsNothing: false }
    if (isPlugin(name)) return { ...line, ...known }
    const inner = Object.hasOwn(WRAPPERS, name) ? WRAPPERS[name]?.(line.args) : undefined
    wrappers.push(name)
    if (!inner) return { ...searchPlugin(line, platform, isPlugin), ...known, isUnknown: true }
    if (!inner.command) return { ...line, ...known, runsNothing: true }
    suppliesCredentials ||= inner.suppliesCredentials ?? false
    line = within(line, { ...inner, command: inner.command })
  }
}

function searchPlugin(line: CommandLine, platform: string, isPlugin: (name: string) => boolean): CommandLine {
  const index = line.args.findIndex((word) => isPlugin(programName(word, platform)))
  return index < 0 ? line : { ...line, command: line.args[index] ?? '', args: line.args.slice(index + 1) }
}

/** The name of a program, without its directory and extension. File names have no case on Windows. */
export function programName(command: string, platform: string): string {
  const name = basename(command.replaceAll('\\', '/')).replace(/\.(exe|cmd|bat|cjs|js)$/i, '')
  return platform === 'win32' ? name.toLowerCase() : name
}
