import { expect, test } from 'vitest'
import { shellSplit } from '../../src/python/shlex.ts'

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
])('%j is split into %j', (line, expected) => expect(shellSplit(line)).toEqual(expected))
