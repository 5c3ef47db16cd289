import { type FindRuns, MIN_RUN, patternsOf, SEPARATOR } from './secret-patterns.ts'

/** More nested encodings than this are not decoded. */
const MAX_DECODINGS = 4

/** More text than this is not searched, and removed instead. */
export const MAX_SEARCHED_CHARACTERS = 64 * 1024

/**
 * Replaces secrets by `…`: in whole, or any run of at least 12 characters of one, written plainly, percent-encoded (in
 * either case, also repeatedly), with the escapes of JSON, Python, C or XML, in Base64 or Base32, or as bytes in hex or
 * decimal. All of them also backwards, and with line breaks, spaces or other separators anywhere in them.
 */
export function redactSecrets(text: string, secrets: readonly (string | undefined)[]): string {
  const present = secrets.filter((secret): secret is string => Boolean(secret))
  if (present.length === 0) return text
  const searched = text.slice(0, MAX_SEARCHED_CHARACTERS)
  const { findRuns, findSeparatedRuns } = patternsOf(present)
  const hidden = new Uint8Array(searched.length)
  let decoded = plainText(searched)
  const views = [replaceIn(decoded, HEX_SEPARATOR, () => ''), replaceIn(decoded, DECIMAL_BYTE, decimalCharacter)]
  for (const view of views) hideRuns(findRuns, view, hidden)
  for (let round = 0; round < MAX_DECODINGS; round++) {
    hideRuns(findRuns, decoded, hidden)
    const separated = replaceIn(decoded, SEPARATOR, () => '')
    hideRuns(findSeparatedRuns, separated, hidden)
    const next = replaceIn(decoded, ESCAPE, unescapeMatch)
    if (next.text === decoded.text) break
    decoded = next
  }
  let redacted = ''
  for (let index = 0; index < searched.length; index++) {
    if (hidden[index] === 0) redacted += searched[index]
    else if (index === 0 || hidden[index - 1] === 0) redacted += '…'
  }
  return text.length > searched.length ? `${redacted}…` : redacted
}

/**
 * Whether a text contains part of a secret, in any of these encodings. Secrets with fewer than 12 characters are not checked:
 * `test` is in many names.
 */
export function containsSecret(text: string, secrets: readonly (string | undefined)[]): boolean {
  const long = secrets.filter((secret) => secret !== undefined && secret.length >= MIN_RUN)
  return redactSecrets(text, long) !== text
}

/** Decoded text; the character at `index` was decoded from the original text from `starts[index]` to `ends[index]`. */
interface DecodedText {
  readonly text: string
  readonly starts: Int32Array
  readonly ends: Int32Array
}

function plainText(text: string): DecodedText {
  const starts = new Int32Array(text.length).map((_, index) => index)
  return { text, starts, ends: starts.map((start) => start + 1) }
}

/** `%2F`, `\u002f`, `\U0000002f`, `\u{2f}`, `\x2f`, `\057`, `\/`, `&#47;`, `&#x2f;`, `&amp;`. */
const ESCAPE =
  /%([\da-f]{2})|\\U0000([\da-f]{4})|\\u([\da-f]{4})|\\u\{0*([\da-f]{1,4})\}|\\x([\da-f]{2})|\\([\\/'"])|\\([0-3]?[0-7]{2})|&#(\d{1,5});|&#x([\da-f]{1,4});|&(amp|lt|gt|quot|apos);/gi

const XML_ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function unescapeMatch(match: RegExpExecArray): string {
  const [, percent, long, unicode, braces, byte, character, octal, decimal, hex, entity] = match
  const digits = percent ?? long ?? unicode ?? braces ?? byte ?? hex
  const other = octal === undefined ? Number(decimal) : Number.parseInt(octal, 8)
  const unit = digits === undefined ? other : Number.parseInt(digits, 16)
  return character ?? XML_ENTITIES[entity?.toLowerCase() ?? ''] ?? String.fromCharCode(unit)
}

/** Between the bytes of `41:4b`, `41 4b`, `0x41, 0x4b`. */
const HEX_SEPARATOR = /(?<=(?:\b|0x)[\da-f]{2})[\s:,-]{1,2}(?:0x)?(?=[\da-f]{2}\b)/gi

/** The bytes of `[65, 75, 73]`. */
const DECIMAL_BYTE = /(?<![\w.])(\d{2,3})(?![\w.])[\s,;]*/g

function decimalCharacter([, byte]: RegExpExecArray): string {
  return String.fromCharCode(Number(byte))
}

/** @param replacement - no longer than what was matched */
function replaceIn(
  { text, starts, ends }: DecodedText,
  pattern: RegExp,
  replacement: (match: RegExpExecArray) => string,
): DecodedText {
  let decoded = ''
  const decodedStarts = new Int32Array(text.length)
  const decodedEnds = new Int32Array(text.length)
  const keep = (from: number, to: number): void => {
    decodedStarts.set(starts.subarray(from, to), decoded.length)
    decodedEnds.set(ends.subarray(from, to), decoded.length)
    decoded += text.slice(from, to)
  }
  let end = 0
  for (const match of text.matchAll(pattern)) {
    keep(end, match.index)
    end = match.index + match[0].length
    const replaced = replacement(match)
    decodedStarts.fill(starts[match.index] ?? 0, decoded.length, decoded.length + replaced.length)
    decodedEnds.fill(ends[end - 1] ?? 0, decoded.length, decoded.length + replaced.length)
    decoded += replaced
  }
  keep(end, text.length)
  return { text: decoded, starts: decodedStarts, ends: decodedEnds }
}

function hideRuns(find: FindRuns, { text, starts, ends }: DecodedText, hidden: Uint8Array): void {
  find(text, (from, to) => hidden.fill(1, starts[from], ends[to - 1]))
}
