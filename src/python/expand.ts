import type { Runtime } from '../runtime.ts'

/**
 * Expands `$NAME`, `${NAME}` and a leading `~` as Python's expandvars and expanduser do: an unknown variable and
 * another user's `~name` stay as they are.
 */
export function expandPath(path: string, system: Pick<Runtime, 'env' | 'homeDirectory'>): string {
  // A brace that is not closed takes the rest with it, so that the rest is not looked through again.
  const expanded = path.replace(/\$(\w+|\{[^}]*\}?)/g, (whole, word: string) => {
    const name = word.startsWith('{') ? word.slice(1, -1) : word
    const isVariable = !word.startsWith('{') || word.endsWith('}')
    return isVariable && Object.hasOwn(system.env, name) ? (system.env[name] ?? whole) : whole
  })
  if (expanded !== '~' && !expanded.startsWith('~/')) return expanded
  const home = system.homeDirectory()
  if (home === undefined) return expanded
  return home.replace(/\/+$/, '') + expanded.slice(1) || '/'
}
