/**
 * Splits a line into words as a POSIX shell would, without expanding anything: the section names of the config file
 * and the command of a `credential_process` are split so by the AWS CLI (Python's shlex.split).
 * https://docs.python.org/3.11/library/shlex.html#parsing-rules
 *
 * @returns undefined for a quote that is not closed or a backslash at the end
 */
export function shellSplit(line: string): string[] | undefined {
  const words: string[] = []
  let word: string | undefined
  let at = 0
  while (at < line.length) {
    const char = line[at++] as string
    if (/[ \t\r\n]/.test(char)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (char === "'") {
      const end = line.indexOf("'", at)
      if (end < 0) return undefined
      word = (word ?? '') + line.slice(at, end)
      at = end + 1
    } else if (char === '"') {
      word ??= ''
      for (;;) {
        const next = line[at++]
        if (next === undefined) return undefined
        if (next === '"') break
        // Inside double quotes a backslash escapes only itself and the quote.
        if (next === '\\' && (line[at] === '"' || line[at] === '\\')) word += line[at++]
        else word += next
      }
    } else if (char === '\\') {
      const next = line[at++]
      if (next === undefined) return undefined
      word = (word ?? '') + next
    } else {
      word = (word ?? '') + char
    }
  }
  if (word !== undefined) words.push(word)
  return words
}
