import { describe, expect, test } from 'vitest'
import { windowsProgramStart } from '../../../src/credentials/sources/program-path.ts'

const ENV = {
  SystemRoot: 'C:\\Windows',
  PATH: '.;tools;;"C:\\Program Files\\x";C:\\bin\\;C:rel',
  PATHEXT: '.COM;.EXE;.BAT;.CMD;.VBS;.JS',
}
const start = (
  files: readonly string[],
  program: string,
  args: readonly string[] = [],
  env: Record<string, string> = ENV,
) => windowsProgramStart(program, args, env, (path) => files.includes(path))

describe('the program', () => {
  test.each<[string, readonly string[], string | undefined]>([
    ['tool', ['C:\\bin\\tool.exe'], 'C:\\bin\\tool.exe'],
    ['tool.exe', ['C:\\bin\\tool.exe'], 'C:\\bin\\tool.exe'],
    ['tool', ['C:\\bin\\tool.exe', 'C:\\Program Files\\x\\tool.com'], 'C:\\Program Files\\x\\tool.com'],
    ['tool', ['C:\\Windows\\System32\\tool.exe', 'C:\\bin\\tool.exe'], 'C:\\Windows\\System32\\tool.exe'],
    ['C:\\x\\tool', ['C:\\x\\tool', 'C:\\x\\tool.exe'], 'C:\\x\\tool.exe'],
    ['C:/x/tool.exe', ['C:/x/tool.exe'], 'C:/x/tool.exe'],
    ['\\\\host\\share\\tool.exe', ['\\\\host\\share\\tool.exe'], '\\\\host\\share\\tool.exe'],
    // Never from the current directory, and no script that only the shell could run.
    ['tool', ['tool.exe', '.\\tool.exe', 'tools\\tool.exe', 'C:rel\\tool.exe'], undefined],
    ['tool', ['C:\\bin\\tool', 'C:\\bin\\tool.vbs', 'C:\\bin\\tool.js'], undefined],
    ['tool.js', ['C:\\bin\\tool.js'], undefined],
  ])('%j with the files %j is %j', (program, files, expected) => expect(start(files, program)?.file).toBe(expected))

  test('gets its arguments as they are', () => {
    const args = ['a b', '"', '%PATH%', '&']
    const expected = { file: 'C:\\bin\\tool.exe', args, windowsVerbatimArguments: false }
    expect(start(['C:\\bin\\tool.exe'], 'tool', args)).toEqual(expected)
  })
})

describe('a batch file', () => {
  const line = (...args: string[]) => start(['C:\\bin\\t.cmd'], 't', args)
  test('is started by the cmd.exe of Windows', () => {
    expect(line('a')).toEqual({
      file: 'C:\\Windows\\System32\\cmd.exe',
      args: ['/e:on', '/v:off', '/d', '/c', '""C:\\bin\\t.cmd" a"'],
      windowsVerbatimArguments: true,
    })
  })
  test.each([{ SystemRoot: 'here' }, {}])('also with the environment %j', (env) => {
    expect(start(['C:\\bin\\t.cmd'], 'C:\\bin\\t.cmd', [], env)?.file).toBe('C:\\Windows\\System32\\cmd.exe')
  })
  test.each([
    ['a&calc', '"a&calc"'],
    ['a"&calc&"', '"a""&calc&"""'],
    ['', '""'],
    ['a b', '"a b"'],
    ['^', '"^"'],
    ['!A!', '"!A!"'],
    ['%PATH%', '"%%cd:~,%PATH%%cd:~,%"'],
    ['a\\', '"a\\\\"'],
    ['a\\"b', '"a\\\\""b"'],
    ['--url=x', '"--url=x"'],
    ['arn:aws:iam::1:role/x', 'arn:aws:iam::1:role/x'],
  ])('gets %j as %j, which is not a command', (arg, quoted) => {
    expect(line(arg)?.args.at(-1)).toBe(`""C:\\bin\\t.cmd" ${quoted}"`)
  })
  test.each(['a\nb', 'a\rb', 'a\0b'])('cannot get %j', (arg) => expect(() => line(arg)).toThrow(RangeError))
})
