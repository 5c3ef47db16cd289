import { expect, test } from 'vitest'
import { shellSplit, windowsSplit } from '../../src/python/shlex.ts'

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

// Recorded with _windows_shell_split of the AWS CLI.
test.each([
  ['C:\\a\\b.exe x', ['C:\\a\\b.exe', 'x']],
  ['"C:\\Program Files\\b.exe" x', ['C:\\Program Files\\b.exe', 'x']],
  ['a\t "" b', ['a', '', 'b']],
  ['a"b c"d', ['ab cd']],
  ["'a b'", ["'a", "b'"]],
  ['a\\"b', ['a"b']],
  ['"a\\\\" b', ['a\\', 'b']],
  ['"a \\\\\\" b"', ['a \\" b']],
  ['a\nb', ['a\nb']],
  ['\\', ['\\']],
  ['', []],
  ['  ', []],
  ['"a', undefined],
  ['a\\""', undefined],
])('on Windows %j is split into %j', (line, expected) => expect(windowsSplit(line)).toEqual(expected))
