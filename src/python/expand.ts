import type { Runtime } from '../runtime.ts'

type PathContext = Pick<Runtime, 'env' | 'homeDirectory' | 'processHost'>

/**
 * Expands variables and a leading `~` as Python's expandvars and expanduser do: `$NAME` and `${NAME}`, on Windows also
 * `%NAME%`. An unknown variable and another user's `~name` stay as they are.
 */
export function expandPath(path: string, context: PathContext): string {
  return expandHome(expandVariables(path, context), context)
}

// An unclosed brace or percent sign matches to the end of the path, so that matching takes linear time.
const POSIX_VARIABLE = /\$(\w+|\{[^}]*\}?)/g
/** https://github.com/python/cpython/blob/v3.13.0/Lib/ntpath.py#L391 (no expansion within single quotes, `%%` and `$$`) */
const WINDOWS_VARIABLE = /'[^']*'?|%(%|[^%]*%?)|\$(\$|[-\w]+|\{[^}]*\}?)/g

function expandVariables(path: string, { env, processHost: { platform } }: PathContext): string {
  const lookUp = (name: string, match: string): string => (Object.hasOwn(env, name) ? (env[name] ?? match) : match)
  const dollar = (match: string, word: string): string => {
    if (word === '$') return word
    if (!word.startsWith('{')) return lookUp(word, match)
    return word.endsWith('}') ? lookUp(word.slice(1, -1), match) : match
  }
  // Compiling a regular expression takes longer than all of this.
  if (!path.includes('$') && !path.includes('%')) return path
  if (platform !== 'win32') return path.replace(POSIX_VARIABLE, dollar)
  return path.replace(WINDOWS_VARIABLE, (match, percent?: string, word?: string) => {
    if (word !== undefined) return dollar(match, word)
    if (percent === undefined || percent === '%') return percent ?? match
    return percent.endsWith('%') ? lookUp(percent.slice(0, -1), match) : match
  })
}

/** `~` and `~/…`, on Windows also `~\…`. */
export function expandHome(
  path: string,
  { homeDirectory, processHost: { platform } }: Omit<PathContext, 'env'>,
): string {
  const isWindows = platform === 'win32'
  if (path !== '~' && !path.startsWith('~/') && !(isWindows && path.startsWith('~\\'))) return path
  const home = homeDirectory()
  if (home === undefined) return path
  if (isWindows) return home + path.slice(1)
  return (home.endsWith('/') ? home.replace(/\/+$/, '') : home) + path.slice(1) || '/'
}
