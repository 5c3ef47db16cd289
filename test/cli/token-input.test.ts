import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import type { Terminal } from '../../src/cli/terminal.ts'
import { noteSilence, resolveTokenInput } from '../../src/cli/token-input.ts'
import { startDeadline } from '../../src/net/deadline.ts'
import { recordingTerminal } from '../support/recording-terminal.ts'
import { runtimeWith } from '../support/runtime.ts'

const CREDENTIAL = '{"kind":"ExecCredential","status":{"token":"k8s-aws-v1.aHR0cHM6Ly9zdHMu"}}'

function resolveInput(argument: string, stdin = '', platform = 'linux') {
  const runtime = runtimeWith({ platform, files: { 'token.json': CREDENTIAL, 'my token.json': CREDENTIAL, empty: '' } })
  const terminal = { stdin: () => ({ isTerminal: false, input: Readable.from([stdin]) }) } as unknown as Terminal
  const call = { positionals: [argument], options: { token: {}, output: {}, debug: false } }
  return resolveTokenInput(
    call as never,
    runtime,
    terminal,
    startDeadline(0, () => new Date(0)),
  )
}

test.each([
  [
    'the name of a file',
    'token.json',
    '',
    'token.json is a file, not a token',
    'pass its content on stdin: < token.json',
  ],
  ['JSON without a token', '{"status":{}}', '', 'the JSON has no status.token', "'eks-get-token --cluster-name NAME'"],
  ['such JSON on stdin', '-', '{"kind":"Status","code":401}', 'the JSON has no status.token', 'or the token alone'],
])('%s is not checked as a token', async (_, argument, stdin, message, remedy) => {
  await expect(resolveInput(argument, stdin)).rejects.toMatchObject({
    code: 'ERR_USAGE',
    message: expect.stringContaining(message),
    remedy: expect.stringContaining(remedy),
  })
})

test('on Windows the hint for a file is a command of both shells', async () => {
  await expect(resolveInput('my token.json', '', 'win32')).rejects.toMatchObject({
    remedy: 'pass its content on stdin: put \'type "my token.json" |\' before the command',
  })
})

test('any other text is checked, so that the checks say what is wrong', async () => {
  expect(await resolveInput('hello')).toMatchObject({ token: 'hello', from: 'argument' })
  expect(await resolveInput(CREDENTIAL)).toMatchObject({ from: 'argument (ExecCredential)' })
  expect(await resolveInput('-', CREDENTIAL)).toMatchObject({ from: 'stdin (ExecCredential)' })
})

test.each([
  ['a format for programs, and stderr is a terminal', false, true, 'no token arrived within 2 s', true],
  ['a report, which has the note', true, true, 'no token arrived within 2 s', false],
  ['a script', false, false, 'no token arrived within 2 s', false],
  ['no silent pipe', false, true, undefined, false],
])('a note about a silent pipe on stderr: %s', (_, isHumanReadable, isTerminal, silence, isPrinted) => {
  const { terminal, written } = recordingTerminal()
  const input = { token: 'k8s-aws-v1.', from: 'newly generated', silence, plan: undefined }
  noteSilence(input, { isHumanReadable }, { ...terminal, stderr: () => ({ isTerminal, columns: 80 }) })
  expect(written).toEqual({ out: '', err: isPrinted ? `note: this is a newly generated token: ${silence}\n` : '' })
})
