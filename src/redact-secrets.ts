/** Shorter parts of a secret are not recognized: they would match by chance. */
export const MIN_RUN = 12

/** More nested encodings than this are not decoded. */
const MAX_DECODINGS = 4

/** More text than this is not searched, and removed instead. */
export const MAX_SEARCHED_CHARACTERS = 64 * 1024

/**
 * Replaces secrets by `…`: in whole, or any run of at least 12 characters of one, written plainly, percent-encoded (in
 * either case, also repeatedly), with the escapes of JSON, Python or XML, or in Base64.
 */
export function redactSecrets(text: string, secrets: readonly (string | undefined)[]): string {
  const present = secrets.filter((secret): secret is string => Boolean(secret))
  if (present.length === 0) return text
  const searched = text.slice(0, MAX_SEARCHED_CHARACTERS)
  const patterns = present.flatMap((secret) => [secret, ...base64Forms(secret)])
  const hidden = new Uint8Array(searched.length)
  let decoded = plainText(searched)
  for (let round = 0; round < MAX_DECODINGS; round++) {
    for (const pattern of patterns) hideRuns(pattern, decoded, hidden)
    const next = decodeOnce(decoded)
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

function decodeOnce({ text, starts }: DecodedText): DecodedText {
  let decoded = ''
  const decodedStarts: number[] = []
  const append = (part: string, from: number): void => {
    for (let index = 0; index < part.length; index++) decodedStarts.push(starts[from + index] ?? 0)
    decoded += part
  }
  let end = 0
  for (const match of text.matchAll(ESCAPE)) {
    const [sequence, percent, unicode, byte, character, decimal, hex, entity] = match
    append(text.slice(end, match.index), end)
    const digits = percent ?? unicode ?? byte ?? hex
    const unit = digits === undefined ? Number(decimal) : Number.parseInt(digits, 16)
    append(character ?? XML_ENTITIES[entity?.toLowerCase() ?? ''] ?? String.fromCharCode(unit), match.index)
    end = match.index + sequence.length
  }
  append(text.slice(end), end)
  decodedStarts.push(starts[text.length] ?? 0)
  return { text: decoded, starts: decodedStarts }
}

/** Marks all runs of at least 12 characters of a secret, or the whole of a shorter one. */
function hideRuns(secret: string, { text, starts }: DecodedText, hidden: Uint8Array): void {
  const length = Math.min(MIN_RUN, secret.length)
  const runs = new Set<string>()
  for (let index = 0; index + length <= secret.length; index++) runs.add(secret.slice(index, index + length))
  for (let index = 0; index + length <= text.length; index++) {
    if (runs.has(text.slice(index, index + length))) hidden.fill(1, starts[index], starts[index + length])
  }
}

/**
 * What Base64 of any text that contains the secret has in common: its encoding at each of the three alignments, without the
 * characters at both ends that depend on the text around it. In both alphabets.
 */
function base64Forms(secret: string): string[] {
  const forms = [0, 1, 2].flatMap((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret)]).toString('base64')
    const end = encoded.indexOf('=')
    const common = encoded.slice(Math.ceil((offset * 8) / 6), end < 0 ? undefined : end - 1)
    return [common, common.replaceAll('+', '-').replaceAll('/', '_')]
  })
  return forms.filter((form) => form.length >= MIN_RUN)
}
