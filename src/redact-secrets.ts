/** Shorter parts of a secret are not recognized: they would match by chance. */
export const MIN_RUN = 12

/** More nested encodings than this are not decoded. */
const MAX_DECODINGS = 4

/** More text than this is not searched, and removed instead. */
export const MAX_SEARCHED_CHARACTERS = 64 * 1024

/**
 * Replaces secrets by `…`: in whole, or any run of at least 12 characters of one, written plainly, percent-encoded (in
 * either case, also repeatedly), with the escapes of JSON, Python or XML, in Base64 or Base32, or in hex with or without
 * separators.
 */
export function redactSecrets(text: string, secrets: readonly (string | undefined)[]): string {
  const present = secrets.filter((secret): secret is string => Boolean(secret))
  if (present.length === 0) return text
  const searched = text.slice(0, MAX_SEARCHED_CHARACTERS)
  const runs = RUNS.get(secrets) ?? runsOf(present.flatMap((secret) => [secret, ...encodedForms(secret)]))
  RUNS.set(secrets, runs)
  const hidden = new Uint8Array(searched.length)
  let decoded = plainText(searched)
  hideRuns(
    runs,
    replaceIn(decoded, HEX_SEPARATOR, () => ''),
    hidden,
  )
  for (let round = 0; round < MAX_DECODINGS; round++) {
    hideRuns(runs, decoded, hidden)
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

/** The runs of a list of secrets: to find them takes longer than to search a message, and several have the same list. */
const RUNS = new WeakMap<readonly (string | undefined)[], ReadonlyMap<number, ReadonlySet<string>>>()

/** Decoded text; the character at `index` was decoded from the original text between `starts[index]` and `starts[index + 1]`. */
interface DecodedText {
  readonly text: string
  readonly starts: readonly number[]
}

function plainText(text: string): DecodedText {
  return { text, starts: Array.from({ length: text.length + 1 }, (_, index) => index) }
}

/** `%2F`, `\u002f`, `\x2f`, `\/`, `&#47;`, `&#x2f;`, `&amp;`. */
const ESCAPE =
  /%([\da-f]{2})|\\u([\da-f]{4})|\\x([\da-f]{2})|\\([\\/'"])|&#(\d{1,5});|&#x([\da-f]{1,4});|&(amp|lt|gt|quot|apos);/gi

const XML_ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function unescapeMatch([, percent, unicode, byte, character, decimal, hex, entity]: RegExpExecArray): string {
  const digits = percent ?? unicode ?? byte ?? hex
  const unit = digits === undefined ? Number(decimal) : Number.parseInt(digits, 16)
  return character ?? XML_ENTITIES[entity?.toLowerCase() ?? ''] ?? String.fromCharCode(unit)
}

/** Between the bytes of `41:4b`, `41 4b`, `0x41, 0x4b`. */
const HEX_SEPARATOR = /(?<=(?:\b|0x)[\da-f]{2})[\s:,-]{1,2}(?:0x)?(?=[\da-f]{2}\b)/gi

function replaceIn(
  { text, starts }: DecodedText,
  pattern: RegExp,
  replacement: (match: RegExpExecArray) => string,
): DecodedText {
  let decoded = ''
  const decodedStarts: number[] = []
  const append = (part: string, from: number): void => {
    for (let index = 0; index < part.length; index++) decodedStarts.push(starts[from + index] ?? 0)
    decoded += part
  }
  let end = 0
  for (const match of text.matchAll(pattern)) {
    append(text.slice(end, match.index), end)
    append(replacement(match), match.index)
    end = match.index + match[0].length
  }
  append(text.slice(end), end)
  decodedStarts.push(starts[text.length] ?? 0)
  return { text: decoded, starts: decodedStarts }
}

/** All runs of {@link MIN_RUN} characters of the patterns, and the whole of a shorter one, by their length. */
function runsOf(patterns: readonly string[]): ReadonlyMap<number, ReadonlySet<string>> {
  const runs = new Map<number, Set<string>>()
  for (const pattern of patterns) {
    const length = Math.min(MIN_RUN, pattern.length)
    const sameLength = runs.get(length) ?? new Set()
    runs.set(length, sameLength)
    for (let index = 0; index + length <= pattern.length; index++) sameLength.add(pattern.slice(index, index + length))
  }
  return runs
}

function hideRuns(
  runs: ReadonlyMap<number, ReadonlySet<string>>,
  { text, starts }: DecodedText,
  hidden: Uint8Array,
): void {
  for (const [length, sameLength] of runs) {
    for (let index = 0; index + length <= text.length; index++) {
      if (sameLength.has(text.slice(index, index + length))) hidden.fill(1, starts[index], starts[index + length])
    }
  }
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const DIGITS = '0123456789'

/** The characters of encodings that write a fixed number of bits as one character. */
const ALPHABETS: readonly string[] = [
  `${LETTERS}${LETTERS.toLowerCase()}${DIGITS}+/`,
  `${LETTERS}${LETTERS.toLowerCase()}${DIGITS}-_`,
  `${LETTERS}234567`,
  `${DIGITS}ABCDEFGHIJKLMNOPQRSTUV`,
  `${DIGITS}ABCDEF`,
]

/**
 * What Base64, Base32 and hex of any text that contains the secret have in common: its encoding at each alignment, without
 * the characters at both ends that depend on the text around it.
 */
function encodedForms(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const forms = ALPHABETS.flatMap((alphabet) => {
    const bits = Math.log2(alphabet.length)
    // The bits of the first byte that belong to a character before it: a multiple of what 8 and the bits have in common.
    const step = bits === 6 ? 2 : bits === 5 ? 1 : 4
    const encoded = Array.from({ length: bits / step }, (_, index) => encode(bytes, index * step, bits, alphabet))
    return bits === 6 ? encoded : [...encoded, ...encoded.map((form) => form.toLowerCase())]
  })
  return forms.filter((form) => form.length >= MIN_RUN)
}

function encode(bytes: Uint8Array, skippedBits: number, bits: number, alphabet: string): string {
  let encoded = ''
  let value = 0
  let available = -skippedBits
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xffff
    available += 8
    for (; available >= bits; available -= bits) {
      encoded += alphabet[(value >> (available - bits)) & (alphabet.length - 1)]
    }
  }
  return encoded
}
