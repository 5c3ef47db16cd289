import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  escapeControlsInJson,
  redactArgument,
  redactLikelySecrets,
  redactUrl,
  redactValue,
  sanitizeExternalText,
  sanitizeLine,
} from '../src/redact.ts'
import { redactSecrets } from '../src/redact-secrets.ts'
import { base32, bytesOf } from './support/encodings.ts'

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
  ['hex', (text) => Buffer.from(text).toString('hex')],
  ['hex in upper case', (text) => Buffer.from(text).toString('hex').toUpperCase()],
  ['hex with colons', (text) => bytesOf(text).join(':')],
  ['hex as a dump', (text) => bytesOf(text).join(' ')],
  [
    'hex as an array',
    (text) =>
      bytesOf(text)
        .map((byte) => `0x${byte}`)
        .join(', '),
  ],
  ['Base32', base32],
  ['Base32 in lower case', (text) => base32(text).toLowerCase()],
  ...[1, 2, 3, 4].map((length): [string, (text: string) => string] => [
    `Base32 with a prefix of ${length} characters`,
    (text) => base32(`${'abcd'.slice(0, length)}${text}xyz`),
  ]),
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
  test('a megabyte is searched in less than a second of CPU time', () => {
    const before = process.cpuUsage()
    const text = redactSecrets('%25'.repeat(350_000), [SECRET.repeat(20)])
    expect(text.length).toBeLessThan(70_000)
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(1000)
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
    ['user:secret@h:1', 'h:1'],
    ['secret:@h', 'h'],
    ['//secret@h', '//h'],
  ])('%j is shown as %j', (url, shown) => expect(redactUrl(url)).toBe(shown))
})

const ACCESS_KEY = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
/** Random bytes, the same in each run. */
const randomText = (bytes: number, seed: string, encoding: 'base64' | 'base64url') =>
  Buffer.concat(
    Array.from({ length: Math.ceil(bytes / 32) }, (_, index) =>
      createHash('sha256').update(`${seed} ${index}`).digest(),
    ),
  )
    .subarray(0, bytes)
    .toString(encoding)

describe('text that looks like a secret is removed', () => {
  test.each([
    ['a secret access key', ACCESS_KEY, '…'],
    ['a secret access key in quotes', `'${ACCESS_KEY}'`, "'…'"],
    ['a secret access key as the value of an option', `--secret=${ACCESS_KEY}`, '--secret=…'],
    ['a secret access key in a list', `a,${ACCESS_KEY},b`, 'a,…,b'],
    ['a secret access key as a password in a URL', `https://me:${ACCESS_KEY}@host/p`, 'https://me:…@host/p'],
    ['a secret access key after the access key id', `AKIDEXAMPLE:${ACCESS_KEY}`, 'AKIDEXAMPLE:…'],
    ['a session token', 'IQoJb3JpZ2luX2VjEXAMPLE/+=session', '…'],
    ['a session token of the first kind', 'FwoGZXIvYXdzEXAMPLETOKEN/+==', '…'],
    ['the start of a session token', 'FwoGZXIvYXdzEXAM', '…'],
    ['a percent-encoded session token', 'IQoJb3JpZ2luX2VjEXAMPLE%2F%2B%3Dx', '…'],
    ['a token', 'k8s-aws-v1.aHR0cHM6Ly9zdHMu', 'k8s-aws-v1.…'],
    ['a token as an option', '--k8s-aws-v1.aHR0cHM6Ly9zdHMu', '--k8s-aws-v1.…'],
    ['a token without its prefix', 'aHR0cHM6Ly9zdHMuYW1hem9uYXdz', '…'],
    ['a secret access key in hex', Buffer.from(ACCESS_KEY).toString('hex'), '…'],
    ['a secret access key in hex, in upper case', Buffer.from(ACCESS_KEY).toString('hex').toUpperCase(), '…'],
    ['a secret access key in Base32', base32(ACCESS_KEY), '…'],
    ['a JSON Web Token', 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln', '…'],
    [
      'a presigned URL',
      'https://sts.amazonaws.com/?Action=GetCallerIdentity&X-Amz-Signature=0123',
      'https://sts.amazonaws.com/?…',
    ],
  ])('%s', (_title, text, shown) => expect(redactLikelySecrets(text)).toBe(shown))

  test.each([30, 48, 100, 300, 2000])('%i random bytes in Base64', (bytes) => {
    const texts = Array.from({ length: 500 }, (_, seed) =>
      randomText(bytes, `seed ${seed}`, bytes === 30 || seed % 2 === 0 ? 'base64' : 'base64url'),
    )
    const shown = texts.filter((text) => redactLikelySecrets(`--profile ${text}`).includes(text))
    // A few of them look like words or paths.
    expect(shown.length).toBeLessThanOrEqual(bytes < 100 ? 10 : 0)
  })
})

describe('text that does not look like a secret is not changed', () => {
  test.each([
    'a name',
    'my-very-long-cluster-name-for-Production-in-eu-west-1-number-2',
    'AKIAIOSFODNN7EXAMPLE',
    'arn:aws:iam::123456789012:role/AWSReservedSSO_AdministratorAccess_0123456789abcdef',
    'arn:aws:sts::123456789012:assumed-role/SomeVeryLongRoleName0123/i-0123456789abcdef0Session',
    'arn:aws:eks:us-west-2:123456789012:cluster/Team1ProductionClusterWithALongName00012',
    'https://0123456789ABCDEF0123456789ABCDEF.gr7.us-west-2.eks.amazonaws.com',
    'https://oidc.eks.us-west-2.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE',
    'https://device.sso.us-east-1.amazonaws.com/?user_code=ABCD-EFGH',
    'https://d-1234567890.awsapps.com/start/#/',
    '/root/.aws/cli/cache/9fc85b5c70f0ed0cee47c5f0f1656a8710ab57d4.json',
    '/Users/JohnDoe/Documents/MyProject2/Conf',
    '/home/me/MyProject2024Conf1/some/longer/path/x',
    '/tmp/eks-get-token-hostile-AbC12x/config',
    'C:\\Users\\JohnDoe\\AppData\\Local\\Programs\\Node20\\eks-get-token.cmd',
    '3fa85f64-5717-4562-b3fc-2c963f66afa6',
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    'debug: at run (/usr/lib/node_modules/eks-get-token/dist/main.cjs:12:34567)',
  ])('%s', (text) => expect(redactLikelySecrets(text)).toBe(text))
})

test.each([
  ['demo', 'demo'],
  [ACCESS_KEY, '…'],
  ['a\u001b[2Jb\u009b\u202ec\u007f', 'a [2Jb  c '],
  ['demo\neks-get-token: done', 'demo…'],
  ['x'.repeat(61), `${'x'.repeat(40)}…`],
  ['x'.repeat(60), 'x'.repeat(60)],
])('the argument %j is quoted as %j', (argument, shown) => expect(redactArgument(argument)).toBe(shown))

describe('a line for the terminal', () => {
  test.each([
    ['a\n  hint: b', 'a hint: b'],
    ['  hint: a\n  b  ', '  hint: a b'],
    ['a\r\ndebug: b', 'a debug: b'],
    ['a\u2028b\u2029c', 'a b c'],
    ['a\u0000\u0007\u001b]0;x\u007f\u0085\u009b31m', 'a   ]0;x   31m'],
    ['a\u202e\u2066\u200fb', 'a   b'],
    [`${'x'.repeat(600)} y`, `${'x'.repeat(256)}… y`],
    [`--profile ${ACCESS_KEY}: not found`, '--profile …: not found'],
  ])('%j is printed as %j', (text, line) => expect(sanitizeLine(text)).toBe(line))
  test('a secret of the environment is removed, whatever it looks like', () => {
    expect(sanitizeLine('profile secret-of-AKIDEXAMPLE', [undefined, '', 'secret-of-AKIDEXAMPLE'])).toBe('profile …')
  })
  test('a short secret is not removed, because it would match by chance', () => {
    expect(sanitizeLine('a profile', ['a'])).toBe('a profile')
  })
  test('a long line is truncated', () => expect(sanitizeLine('x '.repeat(10_000)).length).toBeLessThan(4100))
})

test.each(['\u007f', '\u0080', '\u0085', '\u009b', '\u009f', '\u202e', '\u2028'])(
  '%j is escaped in JSON',
  (character) => {
    const escaped = escapeControlsInJson(JSON.stringify({ [`a${character}`]: `b${character}` }))
    expect(escaped).toMatch(/^[ -~]+$/)
    expect(JSON.parse(escaped)).toEqual({ [`a${character}`]: `b${character}` })
  },
)

describe('hostile text does not take long', () => {
  const LENGTH = 400_000
  const units = [
    'a',
    'A',
    'aA1',
    '%25',
    '%2',
    '\\',
    '\\u',
    '&#',
    '&amp;',
    ' ',
    '\n',
    '\t\u2028',
    '?X-Amz-',
    '@',
    'aHR0c',
    'eyJ.',
  ]
  const texts: readonly (readonly [string, string])[] = [
    ...units,
    'IQoJ',
    'k8s-aws-v1.',
    'Signature=',
    'secret_access_key',
    '0x41, ',
    '41 ',
    '41:',
    SECRET.slice(0, 11),
    SECRET,
    `${SECRET.slice(0, 20)} `,
  ].map((unit) => [JSON.stringify(unit), unit.repeat(LENGTH / unit.length)])
  // A quadratic search takes minutes. CPU time: on a busy machine a test waits for its turn.
  const MAX_MS = 8000
  test.each(texts)('%s, repeated', (_title, text) => {
    const start = process.cpuUsage()
    for (const redact of [redactLikelySecrets, redactValue, redactArgument, redactUrl, sanitizeLine]) redact(text)
    for (const secrets of [[SECRET.repeat(50)], [SECRET, text.slice(0, 4000)]]) {
      expect(sanitizeExternalText(text, secrets).length).toBeLessThanOrEqual(2001)
      sanitizeLine(text, secrets)
    }
    const { user, system } = process.cpuUsage(start)
    expect((user + system) / 1000).toBeLessThan(MAX_MS)
  })
})
