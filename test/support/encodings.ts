/** How services, proxies and libraries write a text that they quote. */
export const ENCODINGS: Readonly<Record<string, (text: string) => string>> = {
  plain: (text) => text,
  'percent-encoded': (text) => percent(text),
  'percent-encoded in lower case': (text) => lowerPercent(text),
  'percent-encoded twice': (text) => percent(percent(text)),
  'percent-encoded twice in lower case': (text) => lowerPercent(lowerPercent(text)),
  'a JSON string': (text) => JSON.stringify(text).slice(1, -1),
  'a JSON string with escaped slashes': (text) => JSON.stringify(text).slice(1, -1).replaceAll('/', '\\/'),
  'a JSON string with Unicode escapes': (text) =>
    text.replace(/\W/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  "Python's repr": (text) => text.replaceAll('\\', '\\\\').replaceAll("'", "\\'"),
  XML: (text) =>
    text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll("'", '&apos;').replaceAll('/', '&#x2F;'),
  Base64: (text) => Buffer.from(text).toString('base64'),
  'Base64 at another alignment': (text) => Buffer.from(`a${text}b`).toString('base64'),
  'URL-safe Base64': (text) => Buffer.from(`ab${text}`).toString('base64url'),
  hex: (text) => Buffer.from(text).toString('hex'),
  'hex in upper case': (text) => Buffer.from(text).toString('hex').toUpperCase(),
  'hex with colons': (text) => bytesOf(text).join(':'),
  'hex as a dump': (text) => bytesOf(text).join(' '),
  'hex as an array': (text) =>
    bytesOf(text)
      .map((byte) => `0x${byte}`)
      .join(', '),
  Base32: (text) => base32(text),
  'Base32 at another alignment, in lower case': (text) => base32(`abc${text}de`).toLowerCase(),
  backwards: (text) => [...text].reverse().join(''),
  'Base64 with line breaks': (text) => broken(Buffer.from(text).toString('base64'), 8),
  'broken into short lines': (text) => broken(text, 5),
  'with spaces between the characters': (text) => [...text].join(' '),
  'backwards in short lines': (text) => broken([...text].reverse().join(''), 7),
  'octal escapes': (text) =>
    bytesOf(text)
      .map((byte) => `\\${Number.parseInt(byte, 16).toString(8)}`)
      .join(''),
  'long Unicode escapes': (text) =>
    bytesOf(text)
      .map((byte) => `\\U000000${byte}`)
      .join(''),
  'Unicode escapes in braces': (text) =>
    bytesOf(text)
      .map((byte) => `\\u{${byte}}`)
      .join(''),
  'decimal bytes': (text) => `[${[...Buffer.from(text)].join(', ')}]`,
  'without its start': (text) => text.slice(4),
  'without its end': (text) => text.slice(0, -4),
}

const broken = (text: string, width: number) => text.replace(new RegExp(`.{${width}}`, 'g'), '$&\n')

export const bytesOf = (text: string) => [...Buffer.from(text)].map((byte) => byte.toString(16).padStart(2, '0'))

/** https://www.rfc-editor.org/rfc/rfc4648#section-6, without padding. */
export function base32(text: string): string {
  const bits = [...Buffer.from(text)].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  const groups = bits.match(/.{1,5}/g) ?? []
  return groups.map((group) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(group.padEnd(5, '0'), 2)]).join('')
}

function percent(text: string): string {
  return text.replace(/[^\w.~-]/g, (unit) => `%${unit.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
}

function lowerPercent(text: string): string {
  return percent(text).replace(/%../g, (code) => code.toLowerCase())
}

/** A part of the secret that a text contains in any of the encodings: at least this many characters. */
const PART = 16

/** The parts of secrets in a text; empty where it contains none. */
export function leaksIn(text: string, secrets: readonly string[]): string[] {
  return secrets.flatMap((secret) =>
    Object.entries(ENCODINGS).flatMap(([name, encode]) => {
      const encoded = encode(secret)
      for (let index = 0; index + PART <= encoded.length; index++) {
        const part = encoded.slice(index, index + PART)
        if (text.includes(part)) return [`${name}: ${part}`]
      }
      return []
    }),
  )
}
