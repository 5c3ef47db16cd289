/** A scalar that is read in the same way by every reader of YAML. */
export interface PlainScalar {
  readonly value: unknown
  /** Of its text. */
  readonly length: number
}

/** Begins like a word, an option or a path. */
const TEXT = /^(?:--?)?[A-Za-z/_]/
const DOUBLE = /^"([^"\\]*)"(?: +#.*)?$/
const SINGLE = /^'((?:[^']|'')*)'(?: +#.*)?$/
const WORD = /^(true|false|null|\{\}|\[\]|0|[1-9]\d{0,14})(?: +#.*)?$/

/**
 * @param content - the rest of a line, which may end with a comment
 * @returns undefined: it is something else, which is left to the library
 */
export function scalarOf(content: string): PlainScalar | undefined {
  const plain = plainText(content)
  if (plain !== undefined) return { value: plain, length: plain.length }
  const double = DOUBLE.exec(content)?.[1]
  if (double !== undefined) return { value: double, length: double.length + 2 }
  const single = SINGLE.exec(content)?.[1]
  if (single !== undefined) return { value: single.replaceAll("''", "'"), length: single.length + 2 }
  const word = WORD.exec(content)?.[1]
  return word === undefined ? undefined : { value: JSON.parse(word) as unknown, length: word.length }
}

/** A plain scalar that is text for every reader. */
function plainText(content: string): string | undefined {
  if (!TEXT.test(content)) return undefined
  let text = content
  if (content.includes(' ')) {
    const comment = content.indexOf(' #')
    if (comment >= 0) text = content.slice(0, comment).trimEnd()
    if (text.includes(': ')) return undefined
  }
  return text.endsWith(':') || isWord(text) ? undefined : text
}

/** @returns undefined for a key that is not text, or that has a meaning of its own */
export function plainKey(source: string): string | undefined {
  const isQuoted = source[0] === '"' || source[0] === "'"
  const key = isQuoted ? source.slice(1, -1) : source
  return (!isQuoted && isWord(key)) || key === '<<' || key === '__proto__' ? undefined : key
}

/** Whether plain text is not text in YAML 1.2, or in the library. */
function isWord(text: string): boolean {
  return text.length <= 5 && /^(?:true|false|null)$/i.test(text)
}
