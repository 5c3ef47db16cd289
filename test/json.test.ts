import { expect, test } from 'vitest'
import { asList, field, textField, tryParseJson } from '../src/json.ts'

test('invalid JSON is undefined', () => {
  expect([tryParseJson('{"a":1}'), tryParseJson('{'), tryParseJson('')]).toEqual([{ a: 1 }, undefined, undefined])
})

test.each([[undefined], [null], [5], ['text'], [[]], [{}], [{ b: 1 }]])('%j has no field "a"', (value) => {
  expect(field(value, 'a')).toBeUndefined()
})

test('inherited properties are not fields', () => {
  expect(field({}, 'constructor')).toBeUndefined()
})

test('a text field is a string, a list is an array', () => {
  expect([textField({ a: 'x' }, 'a'), textField({ a: 5 }, 'a')]).toEqual(['x', undefined])
  expect([asList([1]), asList('x'), asList(undefined)]).toEqual([[1], [], []])
})
