import { expect, test } from 'vitest'
import { expandPath } from '../../src/python/expand.ts'
import { runtimeWith } from '../support/runtime.ts'

test.each([
  ['~/x', '/home/u/x'],
  ['~', '/home/u'],
  ['~other/x', '~other/x'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the braces are the shell's, not JavaScript's
  ['$A/${B}/$C', '/a/b/$C'],
  ['a/~', 'a/~'],
  ['', ''],
])('%j is expanded to %j', (path, expected) => {
  expect(expandPath(path, runtimeWith({ env: { A: '/a', B: 'b' } }))).toBe(expected)
})

// Recorded with ntpath.expandvars and ntpath.expanduser of Python 3.11.
test.each([
  ['%A%\\x', '/a\\x'],
  ['%A%%B%', '/ab'],
  ['%%A%%', '%A%'],
  ['%A', '%A'],
  ['%NO%\\x', '%NO%\\x'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the braces are the shell's, not JavaScript's
  ['$A/${B}/$NO', '/a/b/$NO'],
  ['$X-Y', 'xy'],
  ['$$A', '$A'],
  ["'%A%'x%A%", "'%A%'x/a"],
  ['~/x', 'C:\\Users\\u/x'],
  ['~\\x', 'C:\\Users\\u\\x'],
  ['~', 'C:\\Users\\u'],
  ['a~', 'a~'],
])('on Windows %j is expanded to %j', (path, expected) => {
  const env = { A: '/a', B: 'b', 'X-Y': 'xy' }
  expect(expandPath(path, runtimeWith({ env, platform: 'win32' }))).toBe(expected)
})
