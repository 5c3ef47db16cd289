import { expect, test } from 'vitest'
import { unquotedPath } from '../../../src/credentials/explain/unquoted-path.ts'
import { runtimeWith } from '../../support/runtime.ts'

test.each<[string, string, string[], string | undefined]>([
  ['linux', '/opt/my tools/get creds', ['/opt/my tools/get'], '/opt/my tools/get'],
  ['linux', '/opt/my tools/a b --x', ['/opt/my tools/a b'], '/opt/my tools/a b'],
  ['linux', '/opt/get creds', ['/opt/get'], undefined],
  ['linux', 'get creds', ['get creds'], undefined],
  [
    'win32',
    'C:\\Program Files\\foo\\bar.exe --x',
    ['C:\\Program Files\\foo\\bar.exe'],
    'C:\\Program Files\\foo\\bar.exe',
  ],
  ['win32', 'C:\\Program Files\\foo\\bar --x', ['C:\\Program Files\\foo\\bar.cmd'], 'C:\\Program Files\\foo\\bar'],
  ['win32', 'C:\\Program Files\\foo\\bar --x', ['C:\\Program Files\\foo\\bar.py'], undefined],
])('on %s, %j with the files %j means %j', (platform, line, files, expected) => {
  expect(unquotedPath(line.split(' '), runtimeWith({ platform }), (file) => files.includes(file))).toBe(expected)
})
