import { expect, test } from 'vitest'
import { compareCodePoints, jsonNumber, pythonFloatRepr, sortedEntries } from '../../src/python/value.ts'

test.each([
  [0.1, '0.1'],
  [100, '100.0'],
  [1e-5, '1e-05'],
  [1.5e300, '1.5e+300'],
  [Number.NaN, 'nan'],
  [Number.NEGATIVE_INFINITY, '-inf'],
])('repr(%d) is %s', (value, text) => expect(pythonFloatRepr(value)).toBe(text))

test.each([
  [7n, '7'],
  [7, '7.0'],
  [Number.NaN, 'NaN'],
  [Number.POSITIVE_INFINITY, 'Infinity'],
])('the JSON number of %s is %s', (value, text) => expect(jsonNumber(value)).toBe(text))

test('strings are ordered by code point, not by UTF-16 unit', () => {
  expect(compareCodePoints('\u{1f600}', '\uff5e')).toBeGreaterThan(0)
  expect(sortedEntries({ b: 1, a: 2, aa: 3 }).map(([key]) => key)).toEqual(['a', 'aa', 'b'])
})
