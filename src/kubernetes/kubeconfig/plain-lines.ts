/** The lines of a plain YAML text that are not blank and not a comment, by their number. */
export interface PlainLines {
  readonly text: string
  readonly indents: readonly number[]
  readonly starts: readonly number[]
  readonly isListItem: readonly boolean[]
  /** Without white space at the end. The parser takes the comment off. */
  readonly ends: number[]
  /** After the colon of the key of a line; set by the parser, as the following. 0: the line has none. */
  readonly keyEnds: number[]
  /** Of the scalar of a line. */
  readonly valueStarts: number[]
}

/** White space other than spaces and line breaks. */
const OTHER_SPACES = /[\t\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/
/** The spaces at the start of a line, up to the first character of its content. */
const CONTENT = /(?<=^|\n|^\ufeff) *[^ \r\n#\ufeff]/g
/** The first characters of directives and of lines that begin or end a document. */
const MARKERS = ['-', '.', '%']

/** @returns undefined for white space other than spaces and line breaks, directives, and more than one document */
export function scanLines(text: string): PlainLines | undefined {
  if (OTHER_SPACES.test(text) || text.includes('\ufeff', 1)) return undefined
  if (text.includes('\r') && /\r(?!\n)/.test(text)) return undefined
  const [indents, starts, ends, isListItem]: [number[], number[], number[], boolean[]] = [[], [], [], []]
  let isStarted = false
  CONTENT.lastIndex = 0
  for (let match = CONTENT.exec(text); match; match = CONTENT.exec(text)) {
    const lineStart = match.index
    const start = CONTENT.lastIndex - 1
    const lineBreak = text.indexOf('\n', start)
    let end = lineBreak < 0 ? text.length : lineBreak
    while (text[end - 1] === ' ' || text[end - 1] === '\r') end--
    CONTENT.lastIndex = end
    const first = text[start] as string
    if (start === lineStart && MARKERS.includes(first) && /^(?:---|\.\.\.|%)/.test(text.slice(start, start + 3))) {
      if (isStarted || text.slice(start, end) !== '---') return undefined
    } else {
      indents.push(start - lineStart)
      starts.push(start)
      ends.push(end)
      isListItem.push(first === '-' && (start + 1 >= end || text[start + 1] === ' '))
    }
    isStarted = true
  }
  return { text, indents, starts, ends, isListItem, keyEnds: starts.map(() => 0), valueStarts: starts.map(() => 0) }
}
