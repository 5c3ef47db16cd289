import { describe, expect, test } from 'vitest'
import { ownCommand, startablePath } from '../../src/kubernetes/own-command.ts'
import { runtimeWith } from '../support/runtime.ts'

const GLOBAL = 'C:\\Program Files\\nodejs\\node_modules\\eks-get-token\\bin\\eks-get-token.cjs'
const SHIM = 'C:\\Program Files\\nodejs\\eks-get-token.cmd'

const onWindows = (programPath: string, env: Record<string, string> = {}) =>
  runtimeWith({ platform: 'win32', programPath, env })

describe('the path by which a client can start this program', () => {
  test.each<[string, string, Record<string, string>, string[], string | undefined]>([
    ['a global installation', GLOBAL, {}, [SHIM], SHIM],
    [
      'an installation in a project',
      'D:\\app\\node_modules\\eks-get-token\\bin\\eks-get-token.cjs',
      {},
      ['D:\\app\\node_modules\\.bin\\eks-get-token.cmd'],
      'D:\\app\\node_modules\\.bin\\eks-get-token.cmd',
    ],
    [
      'the store of another package manager, and its command on PATH',
      'D:\\store\\eks-get-token\\bin\\eks-get-token.cjs',
      { PATH: 'D:\\other;D:\\pnpm' },
      ['D:\\pnpm\\eks-get-token.cmd', 'D:\\pnpm\\eks-get-token'],
      'D:\\pnpm\\eks-get-token.cmd',
    ],
    ['a relative entry of PATH', GLOBAL, { PATH: '.' }, ['eks-get-token.cmd'], undefined],
    ['a script on PATH', GLOBAL, { PATH: 'D:\\x', PATHEXT: '.JS' }, ['D:\\x\\eks-get-token.js'], undefined],
    ['only the script', GLOBAL, {}, [GLOBAL], undefined],
    ['the executable', 'C:\\tools\\eks-get-token.exe', {}, [], 'C:\\tools\\eks-get-token.exe'],
  ])('on Windows with %s', (_, programPath, env, files, expected) =>
    expect(startablePath(onWindows(programPath, env), (file) => files.includes(file))).toBe(expected),
  )
  test('elsewhere it is the script itself', () =>
    expect(startablePath(runtimeWith({ programPath: '/usr/bin/eks-get-token' }), () => false)).toBe(
      '/usr/bin/eks-get-token',
    ))
})

describe('the command that is written', () => {
  test('is the name, without --absolute-path', () =>
    expect(ownCommand(false, onWindows(GLOBAL), () => false)).toBe('eks-get-token'))
  test('is the batch file of npm on Windows, with --absolute-path', () =>
    expect(ownCommand(true, onWindows(GLOBAL), (file) => file === SHIM)).toBe(SHIM))
  test('is an error rather than a file that Windows does not start', () =>
    expect(() => ownCommand(true, onWindows(GLOBAL), () => false)).toThrow(
      expect.objectContaining({
        code: 'ERR_USAGE',
        message: `--absolute-path: Windows does not start ${GLOBAL}, and no eks-get-token.cmd was found for it`,
      }),
    ))
})
