import { expect, test } from 'vitest'
import { parseBoolean, parsePythonInt, timeoutMs } from '../../src/python/int.ts'

test.each([
  ['5', 5],
  [' +1_000 ', 1000],
  ['-3', -3],
  ['', undefined],
  ['1.0', undefined],
  ['1__0', undefined],
  ['0x10', undefined],
  ['1e3', undefined],
])('int(%j) is %j', (text, number) => expect(parsePythonInt(text)).toBe(number))

test.each([
  ['true', true],
  ['TRUE', true],
  ['1', false],
  ['yes', false],
  ['', false],
])('the setting %j is %j', (text, value) => expect(parseBoolean(text)).toBe(value))

test.each([
  [0, 0],
  [1.5, 1500],
  [99_999_999_999, 1_000_000_000],
])('%d s are %d ms', (seconds, milliseconds) => expect(timeoutMs(seconds)).toBe(milliseconds))
