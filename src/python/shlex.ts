/**
 * Splits a line into words as a POSIX shell does, without expansion (Python's `shlex.split`). The AWS CLI uses it for the
 * section headers of the config file and for `credential_process`.
 * https://docs.python.org/3.11/library/shlex.html#parsing-rules
 *
 * @returns undefined for an unclosed quote or a trailing backslash
 */
export function shellSplit(line: string): string[] | undefined {
  const words: string[] = []
  let word: string | undefined
  let index = 0
  while (index < line.length) {
    const char = line[index++] as string
    if (/[ \t\r\n]/.test(char)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (char === "'") {
      const end = line.indexOf("'", index)
      if (end < 0) return undefined
      word = (word ?? '') + line.slice(index, end)
      index = end + 1
    } else if (char === '"') {
      word ??= ''
      for (;;) {
        const next = line[index++]
        if (next === undefined) return undefined
        if (next === '"') break
        // Inside double quotes a backslash escapes only itself and the quote.
        if (next === '\\' && (line[index] === '"' || line[index] === '\\')) word += line[index++]
        else word += next
      }
    } else if (char === '\\') {
      const next = line[index++]
      if (next === undefined) return undefined
      word = (word ?? '') + next
    } else {
      word = (word ?? '') + char
    }
  }
  if (word !== undefined) words.push(word)
  return words
}

/**
 * Splits a command line as the C runtime of Windows does, and the AWS CLI for `credential_process` there: spaces and tabs
 * separate, double quotes quote, and a backslash is literal unless it is in a sequence before a quote.
 * https://github.com/aws/aws-cli/blob/2.36.7/awscli/botocore/compat.py (_windows_shell_split)
 *
 * @returns undefined for an unclosed quote
 */
export function windowsSplit(line: string): string[] | undefined {
  const words: string[] = []
  let word: string | undefined
  let isQuoted = false
  for (const [, backslashes = '', quote, separator, text = ''] of line.matchAll(
    /(\\*)(?:(")|([ \t])|([^\\" \t]+|$))/g,
  )) {
    if (quote) {
      word = (word ?? '') + '\\'.repeat(backslashes.length >> 1)
      if (backslashes.length % 2 === 1) word += '"'
      else isQuoted = !isQuoted
      continue
    }
    const literal = backslashes + (isQuoted ? (separator ?? text) : text)
    if (literal !== '') word = (word ?? '') + literal
    if (separator === undefined || isQuoted) continue
    if (word !== undefined) words.push(word)
    word = undefined
  }
  if (isQuoted) return undefined
  return word === undefined ? words : [...words, word]
}

/** The words of a `credential_process`. @returns undefined for an unclosed quote */
export function splitCommand(line: string, platform: string): string[] | undefined {
  return platform === 'win32' ? windowsSplit(line) : shellSplit(line)
}

/** Quotes a word for a POSIX shell, where it needs quoting (Python's `shlex.quote`). */
export function shellQuote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
