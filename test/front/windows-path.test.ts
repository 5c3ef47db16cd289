import { expect, test } from 'vitest'
import { isPlainPath } from '../../src/front/windows-path.ts'

const HOME = 'C:\\Users\\Jürgen M'

test.each([
  [`${HOME}/.aws/config`],
  ['c:/a\\b/c.json'],
  ['config'],
  ['..\\.\\my conf.ini'],
  ['\\\\server\\share\\home\\.aws\\config'],
  ['/proc/self/ns/pid'],
  ['C:\\console\\auxiliary\\com10.txt'],
  [''],
])('%s is read by the front', (path) => {
  expect(isPlainPath(path)).toBe(true)
})

test.each([
  ['a device', `${HOME}\\nul`],
  ['a device with an extension', 'con.txt'],
  ['a device with blanks', 'C:\\aux .d'],
  ['a device with a superscript digit', 'com¹'],
  ['a dot at the end of a name', `${HOME}\\config.`],
  ['a blank at the end of a directory', 'C:\\a \\b'],
  ['a stream', `${HOME}\\config:stream`],
  ['a wildcard', 'C:\\*'],
  ['a named pipe', '\\\\.\\pipe\\x'],
  ['a named pipe with slashes', '//./pipe/x'],
  ['a path that is not parsed', '\\\\?\\C:\\a'],
  ['a path that other functions of Windows do not take', `C:\\${'a'.repeat(240)}`],
])('%s is left to the full program', (_title, path) => {
  expect(isPlainPath(path)).toBe(false)
})
