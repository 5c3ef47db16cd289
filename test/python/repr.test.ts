import { expect, test } from 'vitest'
import { pythonText } from '../../src/python/repr.ts'

test.each([
  [null, 'None'],
  [true, 'True'],
  [1n, '1'],
  [1, '1.0'],
  [1e16, '1e+16'],
  [-0, '-0.0'],
  ['text', 'text'],
  [['a', "it's"], `['a', "it's"]`],
  [['"\'', '\n\\', '\u00ad', '\u{e000}'], `['"\\'', '\\n\\\\', '\\xad', '\\ue000']`],
  [{ a: [null] }, "{'a': [None]}"],
  [new Map([['b', false]]), "{'b': False}"],
])('str(%o) is %s', (value, text) => expect(pythonText(value)).toBe(text))
