/**
 * Text out of a token as it may be shown: whoever made the token chose it. What is not plain ASCII is escaped, so that
 * a look-alike letter is seen and no terminal obeys, and it is cut, so that no secret in the wrong place is whole.
 */
export function shown(text: string, longest = 60): string {
  const plain = text.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return `"${plain.length > longest ? `${plain.slice(0, longest)}…` : plain}"`
}

/** A name is shown only where it looks like one; a secret in its place does not. */
export function shownName(name: string): string {
  return /^[A-Za-z][\w.-]{0,39}$/.test(name) ? name : '(a name that is not shown)'
}

/** Upper case letters and digits, as AWS makes them: a secret key that stands in its place has others, too. */
export function shownKeyId(accessKeyId: string): string {
  return /^[A-Z0-9]{1,32}$/.test(accessKeyId) ? accessKeyId : '(not shown: no access key id looks like this)'
}
