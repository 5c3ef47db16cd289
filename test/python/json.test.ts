import { describe, expect, test } from 'vitest'
import { parsePythonJson, pythonJson } from '../../src/python/json.ts'

describe('json.loads', () => {
  test.each([
    ['{"a":NaN,"b":-Infinity}', { a: 0, b: 0 }],
    ['{"a":"NaN"}', { a: 'NaN' }],
    ['{"a":"\\"NaN","b":NaN}', { a: '"NaN', b: 0 }],
    ['[1]', [1]],
  ])('%s', (text, value) => expect(parsePythonJson(text)).toEqual(value))
  test.each(['', '{', 'NaNs', '{"a":+NaN}', '"NaN'])('%j is invalid', (text) => {
    expect(() => parsePythonJson(text)).toThrow(SyntaxError)
  })
})

describe('json.dumps with sorted keys', () => {
  test.each([
    [{ b: 1, a: 'x', c: undefined }, '{"a": "x", "b": 1}'],
    [{ a: 'é\n"' }, '{"a": "\\u00e9\\n\\""}'],
    [{}, '{}'],
  ])('%o', (members, text) => expect(pythonJson(members)).toBe(text))
  test('with compact separators', () => expect(pythonJson({ a: 1, b: 2 }, ',', ':')).toBe('{"a":1,"b":2}'))
})
