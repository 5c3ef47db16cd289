import { eastAsianWidth } from 'get-east-asian-width'

/** The number of columns that a text takes on a terminal. */
export function textWidth(text: string): number {
  let width = 0
  for (const character of graphemes(text)) width += graphemeWidth(character)
  return width
}

function graphemes(text: string): string[] {
  if (/^[\x20-\x7e]*$/.test(text)) return [...text]
  return Array.from(new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text), ({ segment }) => segment)
}

/** The width of what is seen as one character: that of its base, which an emoji selector makes wide. */
function graphemeWidth(grapheme: string): number {
  if (/^\p{Mark}/u.test(grapheme)) return 0
  return grapheme.includes('\ufe0f') ? 2 : eastAsianWidth(grapheme.codePointAt(0) ?? 0)
}

/** Fills a text with spaces to a width. */
export function padToWidth(text: string, width: number): string {
  return text + ' '.repeat(Math.max(width - textWidth(text), 0))
}

/** A text of at most this width: the middle of a longer one is left out, because names differ at their ends. */
export function truncateMiddle(text: string, width: number): string {
  if (textWidth(text) <= width) return text
  const characters = graphemes(text)
  const take = (from: readonly string[], limit: number): string[] => {
    let used = 0
    return from.filter((character) => {
      used += graphemeWidth(character)
      return used <= limit
    })
  }
  const tail = take(characters.toReversed(), Math.floor((width - 1) / 2)).toReversed()
  const head = take(characters, width - 1 - textWidth(tail.join('')))
  return `${head.join('')}…${tail.join('')}`
}
