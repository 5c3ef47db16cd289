import { expect, test } from 'vitest'
import { collapseWhitespace, strip, stripEnd, stripStart } from '../../src/python/strip.ts'

test.each([
  [' a ', 'a'],
  ['\t\n\v\f\r a b \x1c\x1d\x1e\x1f\x85', 'a b'],
  ['\u3000a\u2028', 'a'],
  // JavaScript's trim() removes a byte order mark, Python's strip() does not.
  ['\ufeffa', '\ufeffa'],
  [' ', ''],
  ['', ''],
])('strip(%j) is %j', (text, expected) => expect(strip(text)).toBe(expected))

test('each end is stripped alone', () => {
  expect([stripStart(' a '), stripEnd(' a ')]).toEqual(['a ', ' a'])
})

test.each([
  ['  a \t\n b ', 'a b'],
  ['a\u2003b', 'a b'],
  ['', ''],
])('white space of %j is collapsed to %j', (text, expected) => expect(collapseWhitespace(text)).toBe(expected))
