import { describe, expect, test } from 'vitest'
import { redactSecrets, redactUrl, redactValue, sanitizeExternalText } from '../src/redact.ts'

const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCY==EXAMPLE\'"\\KEY'

const percent = (text: string) =>
  text.replace(/[^\w.~-]/g, (unit) => `%${unit.charCodeAt(0).toString(16).toUpperCase()}`)
const lowerPercent = (text: string) => percent(text).replace(/%../g, (code) => code.toLowerCase())
const unicodeEscaped = (text: string) =>
  text.replace(/[^\w]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

const ENCODINGS: readonly [string, (text: string) => string][] = [
  ['plain', (text) => text],
  ['percent-encoded by encodeURIComponent', encodeURIComponent],
  ['percent-encoded in upper case', percent],
  ['percent-encoded in lower case', lowerPercent],
  ['percent-encoded twice', (text) => percent(percent(text))],
  ['percent-encoded twice in lower case', (text) => lowerPercent(lowerPercent(text))],
  ['percent-encoded three times', (text) => percent(percent(percent(text)))],
  ['a JSON string', (text) => JSON.stringify(text)],
  ['a JSON string with escaped slashes', (text) => JSON.stringify(text).replaceAll('/', '\\/')],
  ['a JSON string with Unicode escapes', unicodeEscaped],
  ['a JSON string in a JSON string', (text) => JSON.stringify(JSON.stringify(text))],
  ["Python's repr", (text) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`],
  ['XML', (text) => text.replaceAll('"', '&quot;').replaceAll('+', '&#43;').replaceAll('/', '&#x2F;')],
  ['Base64', (text) => Buffer.from(text).toString('base64')],
  ['Base64 with a prefix of one character', (text) => Buffer.from(`a${text}z`).toString('base64')],
  ['Base64 with a prefix of two characters', (text) => Buffer.from(`ab${text}`).toString('base64')],
  ['URL-safe Base64', (text) => Buffer.from(`user:${text}`).toString('base64url')],
  ['percent-encoded Base64', (text) => percent(Buffer.from(text).toString('base64'))],
]

/** Whether a text contains a part of the secret, however it is encoded. */
function leaks(text: string, encode: (text: string) => string): boolean {
  const encoded = encode(SECRET).replace(/^['"]+|['"]+$/g, '')
  for (let index = 0; index + 16 <= encoded.length; index++)
    if (text.includes(encoded.slice(index, index + 16))) return true
  return false
}

describe.each(ENCODINGS)('a secret that a service quotes as %s', (_title, encode) => {
  test.each([
    ['alone', (secret: string) => secret],
    ['within a sentence', (secret: string) => `The request ${secret} is invalid: ${secret}.`],
    ['without its start', (secret: string) => `…${secret.slice(3)}`],
    ['without its end', (secret: string) => `${secret.slice(0, -3)}…`],
  ])('is removed %s', (_where, quote) => {
    const text = redactSecrets(quote(encode(SECRET)), [undefined, '', SECRET])
    expect(leaks(text, encode)).toBe(false)
    expect(text).toContain('…')
  })
})

describe('text without secrets', () => {
  test.each(['', 'a message', '100 % of C:\\users\\x &amp; %zz \\u12', 'wJalrXUtnFE'])('%j is unchanged', (text) => {
    expect(redactSecrets(text, [SECRET])).toBe(text)
  })
  test('the text around a secret is unchanged', () => {
    expect(redactSecrets(`a%20b ${percent(SECRET)} c&amp;d`, [SECRET])).toBe('a%20b … c&amp;d')
  })
  test('a short secret is removed as a whole', () => {
    expect(redactSecrets('code 314159 of 3141', ['314159'])).toBe('code … of 3141')
  })
  test('a megabyte is searched in less than a second', () => {
    const start = performance.now()
    const text = redactSecrets('%25'.repeat(350_000), [SECRET.repeat(20)])
    expect(text.length).toBeLessThan(70_000)
    expect(performance.now() - start).toBeLessThan(1000)
  })
})

test.each([
  ['Signature=abcdef0123, x', 'Signature=…, x'],
  ['x-amz-security-token:FwoG/+== y', 'x-amz-security-token:… y'],
  ['a\u001b[2Jb\u009b\u202ec\u007f', 'a [2Jb  c '],
])('external text %j is printed as %j', (text, safe) => expect(sanitizeExternalText(text)).toBe(safe))

describe('a value in a message', () => {
  test.each([
    ['us-west-2', 'us-west-2'],
    ['', ''],
    ['us-west-2\naws_secret_access_key = secret-of-AKIDEXAMPLE', 'us-west-2…'],
    ['us-west-2\r\nsecret', 'us-west-2…'],
    ['\nsecret', '…'],
    ['us-west-2\u2028secret', 'us-west-2…'],
    ['us-west-2 aws_secret_access_key=secret', 'us-west-2 secret_access_key=…'.replace('secret_', 'aws_secret_')],
    ['wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLE1Ky', '…'],
    [`FwoGZXIvYXdz${'a1B/'.repeat(50)}`, '…'],
    ['a\u001b[31mb', 'a [31mb'],
    ['arn:aws:iam::123456789012:role/Some-Role', 'arn:aws:iam::123456789012:role/Some-Role'],
    ['9fc85b5c70f0ed0cee47c5f0f1656a8710ab57d4', '9fc85b5c70f0ed0cee47c5f0f1656a8710ab57d4'],
    ['x'.repeat(127), 'x'.repeat(127)],
  ])('%j is shown as %j', (value, shown) => expect(redactValue(value)).toBe(shown))
})

describe('a URL in a message', () => {
  test.each([
    ['https://h/p', 'https://h/p'],
    ['https://user:secret@h/p?q=secret#secret', 'https://h/p'],
    ['https://user:sec/r?et@h@h2/p', 'https://h2/p'],
    ['https://h/p\naws_secret_access_key = secret', 'https://h/p'],
    ['https://h\nx@y/secret', 'https://h'],
    ['https://user:sec\nret@h', 'https://…'],
    ['h:1\nsecret', 'h:1'],
  ])('%j is shown as %j', (url, shown) => expect(redactUrl(url)).toBe(shown))
})
