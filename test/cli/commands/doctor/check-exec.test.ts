import { expect, test } from 'vitest'
import { commandCheck } from '../../../../src/cli/commands/doctor/check-exec.ts'
import type { DoctorContext } from '../../../../src/cli/commands/doctor/context.ts'
import { runtimeWith } from '../../../support/runtime.ts'

const SCRIPT = 'C:\\npm\\node_modules\\eks-get-token\\bin\\eks-get-token.cjs'
const SHIM = 'C:\\npm\\eks-get-token.cmd'
const NOT_STARTED = 'Windows starts only programs'

const exec = (command: string) => ({ command, args: [], env: {} }) as never

function checkOnWindows(command: string, files: readonly string[], path = 'C:\\npm') {
  const runtime = runtimeWith({ platform: 'win32', programPath: SCRIPT, env: { PATH: path } })
  const startProblem = (file: string) => (/\.(exe|cmd)$/.test(file) ? undefined : NOT_STARTED)
  const context = { runtime, files: { isExecutable: (file: string) => files.includes(file), startProblem } }
  return commandCheck.run({ exec: exec(command) }, context as unknown as DoctorContext)
}

test.each([
  [
    'a script of this program fails, and the hint names the batch file',
    SCRIPT,
    [SCRIPT, SHIM],
    {
      status: 'fail',
      message: `${SCRIPT} cannot be started: ${NOT_STARTED}`,
      remedy: `set command: in the exec block to ${SHIM}`,
    },
  ],
  [
    'another script fails, and the hint is to start what runs it',
    'D:\\get.py',
    ['D:\\get.py'],
    { status: 'fail', remedy: expect.stringContaining('the program that runs this file') },
  ],
  [
    'a path that does not exist is replaced by the batch file',
    'D:\\old\\eks-get-token.cmd',
    [SCRIPT, SHIM],
    { status: 'fail', remedy: `set command: in the exec block to ${SHIM}, the path of this program` },
  ],
  ['the batch file passes', SHIM, [SHIM], { status: 'ok', message: SHIM }],
  ['the name passes', 'eks-get-token', [SHIM], { status: 'ok', message: SHIM }],
])('as a command on Windows, %s', (_, command, files, expected) =>
  expect(checkOnWindows(command, files)).toMatchObject(expected),
)

test('off PATH, the hint for this program on Windows never names its script', () => {
  expect(checkOnWindows('eks-get-token', [SHIM], 'D:\\other')).toMatchObject({
    message: 'eks-get-token was not found on PATH',
    remedy: `set command: in the exec block to ${SHIM}, the path of this program, or add its directory to PATH`,
  })
  expect(checkOnWindows('eks-get-token', [SCRIPT], 'D:\\other')).toMatchObject({
    remedy: expect.stringContaining("'npm install -g'"),
  })
})
