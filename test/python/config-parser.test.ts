import { describe, expect, test } from 'vitest'
import { parseIni } from '../../src/python/config-parser.ts'
import { toPlainObject } from '../support/sections.ts'

describe('a config file that the AWS CLI accepts', () => {
  test.each([
    ['a key', '[a]\nk = v\n', { a: { k: 'v' } }],
    ['no newline at the end of the file', '[a]\nk=v', { a: { k: 'v' } }],
    ['a colon', '[a]\nk : v = w', { a: { k: 'v = w' } }],
    ['upper case keys', '[a]\nKey = V', { a: { key: 'V' } }],
    ['comments at the start of a line', '# c\n; d\n[a]\n  # e\nk = v', { a: { k: 'v' } }],
    ['# and ; within a value', '[a]\nk = v # w ; x', { a: { k: 'v # w ; x' } }],
    ['quotes, which belong to the value', '[a]\nk = "v"', { a: { k: '"v"' } }],
    ['text after a section header', '[a] # main\nk = v', { a: { k: 'v' } }],
    ['spaces within a section header', '[ a ]\nk = v', { ' a ': { k: 'v' } }],
    ['CRLF and CR', '[a]\r\nk = v\rl = w\r\n', { a: { k: 'v', l: 'w' } }],
    ['a value continued on indented lines', '[a]\nk = v\n  w\n\n  x\nl = y', { a: { k: 'v\nw\n\nx', l: 'y' } }],
    ['keys with the same indentation', '[a]\n  k = v\n  l = w', { a: { k: 'v', l: 'w' } }],
    ['an empty value', '[a]\nk =\nl = w', { a: { k: '', l: 'w' } }],
    ['a nested section', '[a]\ns3 =\n  k = v\n  l = w=x\n', { a: { s3: { k: 'v', l: 'w=x' } } }],
    ['[DEFAULT] applies to every section', '[DEFAULT]\nk = v\n[a]\n[b]\nk = w', { a: { k: 'v' }, b: { k: 'w' } }],
    [
      'a nested section of [DEFAULT] that every section overrides',
      '[DEFAULT]\nk =\n  v\n[a]\nk = w',
      { a: { k: 'w' } },
    ],
    ['a key named __proto__', '[a]\n__proto__ = v', { a: { ['__proto__']: 'v' } }],
    ['an empty file', '', {}],
    [
      'sections that are alike',
      '[a]\nk=1\nl=2\n\n[b]\nk=3\nl=\n  x=y\n[c]\nl=4\nk : 5',
      {
        a: { k: '1', l: '2' },
        b: { k: '3', l: { x: 'y' } },
        c: { l: '4', k: '5' },
      },
    ],
    [
      'a header that starts like a key before it',
      '[a]\n[k=v\n[b]\n[k=v]\nl=w',
      { a: { '[k': 'v' }, b: {}, 'k=v': { l: 'w' } },
    ],
  ])('%s', (_title, text, expected) => expect(toPlainObject(parseIni(text, 'f'))).toEqual(expected))
})

describe('a config file that the AWS CLI rejects', () => {
  test.each([
    ['text before a section', 'k = v\n[a]', /f: line 1: text before/],
    ['a byte order mark', '\ufeff[a]\nk = v', /f: line 1: the file begins with a byte order mark/],
    ['a duplicate section', '[a]\n[b]\n[a]', /f: line 3: duplicate section "a"/],
    ['a duplicate key', '[a]\nk = v\nK = w', /f: line 3: duplicate key "k"/],
    [
      'a duplicate key in a section like the one before',
      '[a]\nk=v\nl=v\n[b]\nk=v\nl=v\nk=v',
      /f: line 7: duplicate key "k"/,
    ],
    ['a duplicate key of [DEFAULT]', '[a]\nk=v\n[DEFAULT]\nk=v\n[DEFAULT]\nk=v', /f: line 6: duplicate key "k"/],
    ['text that was a key before, as a header', '[a]\n[k=v\n[k=v', /f: line 3: duplicate key/],
    ['a line without a delimiter', '[a]\nk = v\nstray\nl = w', /f: line 3: neither a/],
    ['a value without a key', '[a]\n= v', /f: line 2: neither a/],
    [
      'a nested section with a line without a delimiter',
      '[a]\ns3 =\n  foo',
      /f: section "a", key "s3": a line of the nested section has no/,
    ],
    [
      'a misplaced secret, which is not quoted',
      '[a]\nwJalrXUtnFEMI/K7MDENG/==\nwJalrXUtnFEMI/K7MDENG/==',
      /^((?!wjalr).)*$/i,
    ],
    ['a section header without a closing bracket', '[a\nk = v', /f: line 1: a section header is missing its closing/],
    ['random bytes', '\u0000\u0001\u0002', /f: line 1/],
  ])('%s', (_title, text, message) => {
    expect(() => parseIni(text, 'f')).toThrowError(
      expect.objectContaining({ code: 'ERR_CONFIG_FILE', message: expect.stringMatching(message) }),
    )
  })
})

// A parser with quadratic run time would exceed the time limit of the test.
test('parsing time is linear in the length of blank runs', () => {
  const text = `[a]\n${'k'.repeat(100)} = ${' '.repeat(200_000)}v${' '.repeat(200_000)}\n${'#\n'.repeat(200_000)}`
  expect(parseIni(text, 'f').get('a')?.size).toBe(1)
})
