import { expect, test } from 'vitest'
import { findCommand } from '../../src/kubernetes/look-path.ts'

const found = (path: string, isRelative = false) => ({ path, isRelative })

test.each<[string, string, string[], ReturnType<typeof found> | undefined]>([
  ['aws', '/usr/bin:/bin', ['/bin/aws'], found('/bin/aws')],
  ['aws', '/usr/bin:/bin', ['/usr/bin/aws', '/bin/aws'], found('/usr/bin/aws')],
  ['aws', '', ['aws'], undefined],
  ['aws', '/usr/bin', [], undefined],
  // The first one counts, and Go does not run it.
  ['aws', '.:/bin', ['aws', '/bin/aws'], found('aws', true)],
  ['aws', 'bin:/bin', ['bin/aws', '/bin/aws'], found('bin/aws', true)],
  ['aws', ':/bin', ['aws'], found('aws', true)],
  ['aws', '.:/bin', ['/bin/aws'], found('/bin/aws')],
  ['/opt/aws', '/usr/bin', ['/opt/aws', '/usr/bin/aws'], found('/opt/aws')],
  ['./aws', '/usr/bin', ['./aws'], found('./aws')],
  ['C:\\aws', '/usr/bin', ['/usr/bin/C:\\aws'], found('/usr/bin/C:\\aws')],
])('%j on PATH %j with the files %j is %j', (command, path, files, expected) =>
  expect(findCommand(command, { PATH: path }, 'linux', (file) => files.includes(file))).toEqual(expected),
)

test.each<[string, Record<string, string>, string[], string | undefined]>([
  ['aws', { PATH: 'C:\\a;"C:\\b;c";', PATHEXT: '.EXE;cmd' }, ['C:\\a\\aws.cmd', 'C:\\b;c\\aws.exe'], 'C:\\a\\aws.cmd'],
  ['aws', { PATH: 'C:\\a;"C:\\b;c";', PATHEXT: '.EXE;cmd' }, ['C:\\b;c\\aws.exe'], 'C:\\b;c\\aws.exe'],
  ['aws', { PATH: 'C:\\a' }, ['C:\\a\\aws'], undefined],
  ['aws.exe', { PATH: 'C:\\a', PATHEXT: '.EXE' }, ['C:\\a\\aws.exe'], 'C:\\a\\aws.exe'],
  ['C:\\x\\aws', {}, ['C:\\x\\aws.bat'], 'C:\\x\\aws.bat'],
])('on Windows %j with %j and the files %j is %j', (command, env, files, expected) =>
  expect(findCommand(command, env, 'win32', (file) => files.includes(file))?.path).toBe(expected),
)
