/** Shorter parts of a secret are not recognized: they would match by chance. */
export const MIN_RUN = 12

/** Of letters and digits only, whatever is between them. */
const MIN_SEPARATED_RUN = 16

/** What a line break, a quoting style or a dump may put between characters of a secret. */
export const SEPARATOR = /[^A-Za-z\d]+/g

/** Calls back with the range of each run of a pattern that is in the text. */
export type FindRuns = (text: string, found: (from: number, to: number) => void) => void

/** What is searched for. */
export interface Patterns {
  readonly findRuns: FindRuns
  /** Without separators. */
  readonly findSeparatedRuns: FindRuns
}

/** The patterns of the last lists of secrets: many texts are searched for the same. */
const PATTERNS = new Map<string, Patterns>()
const MAX_LISTS = 8

/** Secrets in every encoding that is recognized. */
export function patternsOf(secrets: readonly string[]): Patterns {
  const list = secrets.join('\0')
  const known = PATTERNS.get(list)
  if (known !== undefined) return known
  const texts = secrets.flatMap((secret) => [secret, ...encodedForms(secret)])
  const separated = texts.map((text) => text.replace(SEPARATOR, '')).filter(({ length }) => length >= MIN_SEPARATED_RUN)
  const patterns = {
    findRuns: finderOf(texts, MIN_RUN),
    findSeparatedRuns: finderOf(separated, MIN_SEPARATED_RUN),
  }
  const [oldest] = PATTERNS.keys()
  if (oldest !== undefined && PATTERNS.size >= MAX_LISTS) PATTERNS.delete(oldest)
  PATTERNS.set(list, patterns)
  return patterns
}

/** Finds all runs of `runLength` characters of the patterns, and the whole of a shorter one, forwards and backwards. */
function finderOf(patterns: readonly string[], runLength: number): FindRuns {
  const short = patterns.filter(({ length }) => length < runLength)
  const long = patterns.filter(({ length }) => length >= runLength)
  const hashes = new Uint8Array(1 << (HASH_BITS - 3))
  for (const pattern of long) {
    for (const hash of runHashes(pattern, runLength)) hashes[hash >> 3] = (hashes[hash >> 3] ?? 0) | (1 << (hash & 7))
  }
  const find: FindRuns = (text, found) => {
    for (const pattern of short) {
      for (let from = text.indexOf(pattern); from >= 0; from = text.indexOf(pattern, from + 1))
        found(from, from + pattern.length)
    }
    const ofText = runHashes(text, runLength)
    // In a text that repeats itself, which is compared each time otherwise.
    const compared = new Map<string, boolean>()
    for (let from = 0; from < ofText.length; from++) {
      const hash = ofText[from] ?? 0
      if (((hashes[hash >> 3] ?? 0) & (1 << (hash & 7))) === 0) continue
      const run = text.slice(from, from + runLength)
      const isRun = compared.get(run) ?? long.some((pattern) => pattern.includes(run))
      compared.set(run, isRun)
      if (isRun) found(from, from + runLength)
    }
  }
  return (text, found) => {
    find(text, found)
    find([...text].reverse().join(''), (from, to) => found(text.length - to, text.length - from))
  }
}

/** The encodings of a token have 50,000 runs: as strings in a set, they would take 10 ms. */
const HASH_BITS = 21
const BASE = 0x01000193
const MIX = 0x9e3779b1

/** The rolling hash (Rabin–Karp) of each run, by its first character. */
function runHashes(text: string, runLength: number): Int32Array {
  const hashes = new Int32Array(Math.max(text.length - runLength + 1, 0))
  let leaving = 1
  for (let index = 0; index < runLength; index++) leaving = Math.imul(leaving, BASE)
  let sum = 0
  for (let index = 0; index < text.length; index++) {
    sum = (Math.imul(sum, BASE) + text.charCodeAt(index)) | 0
    const from = index - runLength + 1
    if (from > 0) sum = (sum - Math.imul(text.charCodeAt(from - 1), leaving)) | 0
    if (from >= 0) hashes[from] = Math.imul(sum, MIX) >>> (32 - HASH_BITS)
  }
  return hashes
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
