import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import type { Terminal } from '../../src/cli/terminal.ts'
import { resolveTokenInput } from '../../src/cli/token-input.ts'
import { startDeadline } from '../../src/net/deadline.ts'
import { runtimeWith } from '../support/runtime.ts'

const CREDENTIAL = '{"kind":"ExecCredential","status":{"token":"k8s-aws-v1.aHR0cHM6Ly9zdHMu"}}'

function resolveInput(argument: string, stdin = '') {
  const runtime = runtimeWith({ files: { 'token.json': CREDENTIAL, empty: '' } })
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

test('any other text is checked, so that the checks say what is wrong', async () => {
  expect(await resolveInput('hello')).toMatchObject({ token: 'hello', from: 'argument' })
  expect(await resolveInput(CREDENTIAL)).toMatchObject({ from: 'argument (ExecCredential)' })
  expect(await resolveInput('-', CREDENTIAL)).toMatchObject({ from: 'stdin (ExecCredential)' })
})
