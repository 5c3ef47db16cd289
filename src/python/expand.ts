import type { Runtime } from '../runtime.ts'

/**
 * Expands `$NAME`, `${NAME}` and a leading `~` as Python's expandvars and expanduser do: an unknown variable and
 * another user's `~name` stay as they are.
 */
export function expandPath(path: string, { env, homeDirectory }: Pick<Runtime, 'env' | 'homeDirectory'>): string {
  // An unclosed brace matches to the end of the path, so that matching takes linear time.
  const expanded = path.replace(/\$(\w+|\{[^}]*\}?)/g, (match, word: string) => {
    const name = word.startsWith('{') ? word.slice(1, -1) : word
    const isVariable = !word.startsWith('{') || word.endsWith('}')
    return isVariable && Object.hasOwn(env, name) ? (env[name] ?? match) : match
  })
  if (expanded !== '~' && !expanded.startsWith('~/')) return expanded
  const home = homeDirectory()
  if (home === undefined) return expanded
  return home.replace(/\/+$/, '') + expanded.slice(1) || '/'
}
