import { expect, test } from 'vitest'
import { commandCandidates } from '../../src/kubernetes/look-path.ts'

test.each<[string, Record<string, string>, string[]]>([
  ['aws', { PATH: '/usr/bin:bin::/bin' }, ['/usr/bin/aws', '/bin/aws']],
  ['/opt/aws', { PATH: '/usr/bin' }, ['/opt/aws']],
  ['C:\\aws', { PATH: '/usr/bin' }, ['/usr/bin/C:\\aws']],
])('%j with %j may be %j', (command, env, paths) => expect(commandCandidates(command, env, 'linux')).toEqual(paths))

test.each<[string, Record<string, string>, string[]]>([
  [
    'aws',
    { PATH: 'C:\\a;.;"C:\\b;c";', PATHEXT: '.EXE;cmd' },
    ['C:\\a\\aws.exe', 'C:\\a\\aws.cmd', 'C:\\b;c\\aws.exe', 'C:\\b;c\\aws.cmd'],
  ],
  ['aws.exe', { PATH: 'C:\\a', PATHEXT: '.EXE' }, ['C:\\a\\aws.exe', 'C:\\a\\aws.exe.exe']],
  ['C:\\x\\aws', {}, ['C:\\x\\aws.com', 'C:\\x\\aws.exe', 'C:\\x\\aws.bat', 'C:\\x\\aws.cmd']],
])('on Windows %j with %j may be %j', (command, env, paths) => {
  expect(commandCandidates(command, env, 'win32')).toEqual(paths)
})
