/**
 * The white space of Python's `str.strip`. JavaScript's `trim` also removes U+FEFF (a byte order mark, which the AWS CLI
 * rejects in a file) and keeps five control characters.
 * https://docs.python.org/3.11/library/stdtypes.html#str.isspace
 */
const SPACE =
  '\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000'

export function isSpace(char: string): boolean {
  return SPACE.includes(char)
}

export function stripStart(text: string): string {
  let start = 0
  while (start < text.length && isSpace(text.charAt(start))) start++
  return text.slice(start)
}

export function stripEnd(text: string): string {
  let end = text.length
  while (end > 0 && isSpace(text.charAt(end - 1))) end--
  return text.slice(0, end)
}

export function strip(text: string): string {
  return stripEnd(stripStart(text))
}

/** Replaces each run of white space by one space, and removes it at both ends. */
export function collapseWhitespace(text: string): string {
  return strip(text).replace(RUN, ' ')
}

const RUN = new RegExp(`[${SPACE}]+`, 'g')
