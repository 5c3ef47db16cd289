/** Every function of Windows takes longer ones, but for the names of cache files that follow. */
const MAX_LENGTH = 240
const ROOT = /^(?:[a-z]:[\\/]?|[\\/]{2}[^\\/?.]+[\\/]+[^\\/]+)/i
/** Not in the name of a file: a wildcard, or a stream of one. */
const SPECIAL = /[<>:"|?*]/
/** https://learn.microsoft.com/windows/win32/fileio/naming-a-file#naming-conventions */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9\xb9\xb2\xb3]|lpt[0-9\xb9\xb2\xb3]|conin\$|conout\$) *(?:\.|$)/i

/**
 * Whether a path names the same file for Windows as it is, and for Node, which makes it absolute and writes `\\\\?\\` in front
 * of it: a device, or a dot at the end of a name, has its meaning only without that.
 */
export function isPlainPath(path: string): boolean {
  const [root = ''] = ROOT.exec(path) ?? []
  if (path.length > MAX_LENGTH || (root === '' && /^[\\/]{2}/.test(path))) return false
  const names = path.slice(root.length).split(/[\\/]/)
  return names.every((name) => name === '.' || name === '..' || isPlainName(name))
}

function isPlainName(name: string): boolean {
  return !SPECIAL.test(name) && !/[. ]$/.test(name) && !DEVICE.test(name)
}
