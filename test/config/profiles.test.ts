import { describe, expect, test } from 'vitest'
import { readSharedFiles } from '../../src/config/profiles.ts'
import { parseIni, type Section } from '../../src/python/config-parser.ts'
import { expandPath } from '../../src/python/expand.ts'
import { shellSplit } from '../../src/python/shlex.ts'
import { runtimeWith } from '../support/runtime.ts'

const plain = (sections: ReadonlyMap<string, Section>) =>
  Object.fromEntries(
    [...sections].map(([name, section]) => [
      name,
      Object.fromEntries(
        [...section].map(([key, value]) => [key, typeof value === 'string' ? value : Object.fromEntries(value)]),
      ),
    ]),
  )

describe('what the AWS CLI reads', () => {
  test.each([
    ['a key', '[a]\nk = v\n', { a: { k: 'v' } }],
    ['no end of line at the end', '[a]\nk=v', { a: { k: 'v' } }],
    ['a colon', '[a]\nk : v = w', { a: { k: 'v = w' } }],
    ['upper case keys', '[a]\nKey = V', { a: { key: 'V' } }],
    ['comments on lines of their own', '# c\n; d\n[a]\n  # e\nk = v', { a: { k: 'v' } }],
    ['no comments elsewhere', '[a]\nk = v # w ; x', { a: { k: 'v # w ; x' } }],
    ['quotes as they are', '[a]\nk = "v"', { a: { k: '"v"' } }],
    ['text behind a heading', '[a] # main\nk = v', { a: { k: 'v' } }],
    ['blanks in a heading', '[ a ]\nk = v', { ' a ': { k: 'v' } }],
    ['CRLF and CR', '[a]\r\nk = v\rl = w\r\n', { a: { k: 'v', l: 'w' } }],
    ['a value that goes on', '[a]\nk = v\n  w\n\n  x\nl = y', { a: { k: 'v\nw\n\nx', l: 'y' } }],
    ['keys indented alike', '[a]\n  k = v\n  l = w', { a: { k: 'v', l: 'w' } }],
    ['an empty value', '[a]\nk =\nl = w', { a: { k: '', l: 'w' } }],
    ['a block', '[a]\ns3 =\n  k = v\n  l = w=x\n', { a: { s3: { k: 'v', l: 'w=x' } } }],
    ['[DEFAULT] for all', '[DEFAULT]\nk = v\n[a]\n[b]\nk = w', { a: { k: 'v' }, b: { k: 'w' } }],
    ['a block of [DEFAULT] that nobody uses', '[DEFAULT]\nk =\n  v\n[a]\nk = w', { a: { k: 'w' } }],
    ['a key named __proto__', '[a]\n__proto__ = v', { a: { ['__proto__']: 'v' } }],
    ['nothing', '', {}],
  ])('%s', (_title, text, expected) => expect(plain(parseIni(text, 'f'))).toEqual(expected))
})

describe('what the AWS CLI refuses', () => {
  test.each([
    ['text before a section', 'k = v\n[a]', /f: line 1: there is text before/],
    ['a byte order mark', '\ufeff[a]\nk = v', /f: line 1: there is text before/],
    ['a section twice', '[a]\n[b]\n[a]', /f: line 3: the section "a" is there twice/],
    ['a key twice', '[a]\nk = v\nK = w', /f: line 3: the key "k" is there twice/],
    ['a stray line', '[a]\nk = v\nstray\nl = w', /f: line 3: this line is neither/],
    ['a value without a key', '[a]\n= v', /f: line 2: this line is neither/],
    ['a block with a stray line', '[a]\ns3 =\n  foo', /f: section "a", key "s3": a line indented below it/],
    [
      'a secret in the wrong place, which is not shown',
      '[a]\nwJalrXUtnFEMI/K7MDENG/==\nwJalrXUtnFEMI/K7MDENG/==',
      /^((?!wjalr).)*$/i,
    ],
    ['a heading that does not end', '[a\nk = v', /begins with \[ and does not end/],
    ['random bytes', '\u0000\u0001\u0002', /f: line 1/],
  ])('%s', (_title, text, message) => {
    expect(() => parseIni(text, 'f')).toThrowError(
      expect.objectContaining({ code: 'ERR_CONFIG_FILE', message: expect.stringMatching(message) }),
    )
  })
})

// A reader that tries every start of every run of blanks would not come to an end within the test's time.
test('long runs of blanks are read once', () => {
  const text = `[a]\n${'k'.repeat(100)} = ${' '.repeat(200_000)}v${' '.repeat(200_000)}\n${'#\n'.repeat(200_000)}`
  expect(parseIni(text, 'f').get('a')?.size).toBe(1)
})

describe('both files together', () => {
  const read = (config: string, credentials: string) =>
    readSharedFiles(runtimeWith({ files: { '/home/u/.aws/config': config, '/home/u/.aws/credentials': credentials } }))

  test('profile headings of the config file are shell words, those of the credentials file plain', () => {
    const files = read(
      '[profile a]\nk=1\n[profile  "b c" ]\nk=2\n[profile d e]\nk=3\n[profilex f]\nk=4\n[g]\nk=5\n[default]\nk=6\n[profile \'h]\nk=7',
      '[profile i]\nk=8\n[j]\nk=9',
    )
    expect(plain(files.profiles)).toEqual({
      a: { k: '1' },
      'b c': { k: '2' },
      f: { k: '4' },
      default: { k: '6' },
      'profile i': { k: '8' },
      j: { k: '9' },
    })
  })
  test.each([
    ['[default]\nk=1\n[profile default]\nk=2', '2'],
    ['[profile default]\nk=2\n[default]\nk=1', '1'],
  ])('of [default] and [profile default] the later counts', (config, expected) => {
    expect(read(config, '').profiles.get('default')?.get('k')).toBe(expected)
  })
  test('keys of the credentials file win; each file keeps its own view', () => {
    const files = read('[profile a]\nk=1\nl=1', '[a]\nl=2\nm=2')
    expect(plain(files.profiles)).toEqual({ a: { k: '1', l: '2', m: '2' } })
    expect(plain(files.configProfiles)).toEqual({ a: { k: '1', l: '1' } })
    expect(plain(files.credentialsProfiles)).toEqual({ a: { l: '2', m: '2' } })
  })
  test('a file that is no text is named', () => {
    const host = {
      ...runtimeWith(),
      readText: () => {
        throw new TypeError('not UTF-8')
      },
    }
    expect(() => readSharedFiles(host)).toThrowError(expect.objectContaining({ code: 'ERR_CONFIG_FILE' }))
  })
})

test.each([
  ['~/x', '/home/u/x'],
  ['~', '/home/u'],
  ['~other/x', '~other/x'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the braces are the shell's, not JavaScript's
  ['$A/${B}/$C', '/a/b/$C'],
  ['a/~', 'a/~'],
  ['', ''],
])('path %s', (path, expected) => {
  expect(expandPath(path, runtimeWith({ env: { A: '/a', B: 'b' } }))).toBe(expected)
})

test.each([
  ['a b', ['a', 'b']],
  ['  a\t b \n', ['a', 'b']],
  ['"a b" c', ['a b', 'c']],
  ["'a \\' b", ['a \\', 'b']],
  ['"a \\" \\\\ \\x"', ['a " \\ \\x']],
  ['a\\ b', ['a b']],
  ["''", ['']],
  ['', []],
  ['"a', undefined],
  ["'a", undefined],
  ['a\\', undefined],
])('words of %j', (line, expected) => expect(shellSplit(line)).toEqual(expected))
