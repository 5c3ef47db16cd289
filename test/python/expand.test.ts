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
