import { chmodSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { signerOf, useAwsHome } from '../../support/aws-home.ts'

const context = useAwsHome()
const KEYS = '{"Version":1,"AccessKeyId":"AKIDP","SecretAccessKey":"secret-of-AKIDP"}'

/** Runs get-token with this program as credential_process. */
function run(
  program: string,
  args: readonly string[] = [],
  { mode = 0o755, env = {}, line = '{{HOME}}/process' } = {},
) {
  context.home.write('process', program)
  chmodSync(join(context.home.folder, 'process'), mode)
  const command = line.replaceAll('{{HOME}}', context.home.folder)
  context.home.write('.aws/config', `[profile x]\ncredential_process = ${command}\n`)
  return context.home.run(['--profile', 'x', ...args], env)
}

describe('a program that the kernel does not execute is an error, as for the AWS CLI', () => {
  test.each([
    ['a script without an interpreter line', `echo '${KEYS}'\n`],
    ['a script that starts with a comment', `# a script\necho '${KEYS}'\n`],
    ['a script with an empty first line', `\n#!/bin/sh\necho '${KEYS}'\n`],
    ['an interpreter line after a byte order mark', `\ufeff#!/bin/sh\necho '${KEYS}'\n`],
    ['an empty file', ''],
  ])('%s', async (_title, program) => {
    const result = await run(program)
    expect(result).toMatchObject({ code: 255, stdout: '' })
    expect(result.stderr).toContain("/process' cannot be started: Exec format error")
  })
  test('found in PATH', async () => {
    const env = { PATH: `${context.home.folder}:/usr/bin:/bin` }
    const result = await run(`echo '${KEYS}'\n`, [], { env, line: 'process' })
    expect(result).toMatchObject({ code: 255, stdout: '', stderr: expect.stringContaining('Exec format error') })
  })
  test('not executable', async () => {
    const result = await run(`#!/bin/sh\necho '${KEYS}'\n`, [], { mode: 0o644 })
    expect(result).toMatchObject({ code: 255, stdout: '', stderr: expect.stringContaining('EACCES') })
  })
})

test('a path with spaces that is not quoted is named in the hint', async () => {
  context.home.write('my tools/get', `#!/bin/sh\necho '${KEYS}'\n`)
  chmodSync(join(context.home.folder, 'my tools/get'), 0o755)
  const path = `${context.home.folder}/my tools/get`
  const result = await run('', [], { line: '{{HOME}}/my tools/get creds' })
  expect(result).toMatchObject({ code: 255, stdout: '' })
  expect(result.stderr).toContain(`'${context.home.folder}/my' cannot be started: no such program`)
  expect(result.stderr).toContain(`hint: quote the path in credential_process, because it contains spaces: "${path}"\n`)
  const quoted = await run('', [], { line: '"{{HOME}}/my tools/get" creds' })
  expect([quoted.code, signerOf(quoted)]).toEqual([0, 'AKIDP'])
})

describe('a program that the kernel executes', () => {
  test.each([
    ['a script with an interpreter line', `#!/bin/sh\necho '${KEYS}'\n`, '{{HOME}}/process'],
    ['a script that a shell runs', `echo '${KEYS}'\n`, '/bin/sh {{HOME}}/process'],
    ['a program in PATH', KEYS, 'cat {{HOME}}/process'],
  ])('%s', async (_title, program, line) => {
    const result = await run(program, [], { line })
    expect([result.code, result.stderr, signerOf(result)]).toEqual([0, '', 'AKIDP'])
  })
})

describe('blank credentials do not sign', () => {
  test.each([
    ['an access key id of spaces', ' ', 's', 'access key id'],
    ['an empty access key id', '', 's', 'access key id'],
    ['an access key id of a tab and a no-break space', '\\t\\u00a0', 's', 'access key id'],
    ['a secret access key of spaces', 'AKIDP', '  ', 'secret access key'],
    ['an empty secret access key', 'AKIDP', '', 'secret access key'],
  ])('%s', async (_title, id, secret, name) => {
    const result = await run(`{"Version":1,"AccessKeyId":"${id}","SecretAccessKey":"${secret}"}`, [], {
      line: '/bin/cat {{HOME}}/process',
    })
    expect(result).toMatchObject({ code: 255, stdout: '' })
    expect(result.stderr).toContain(`the credentials (process) have a blank ${name} (ERR_CREDENTIALS)`)
  })
})

describe('stderr of the process', () => {
  test.each([
    ['it exits with 0 and prints nothing else', 'echo please log in >&2', 'ERR_CREDENTIALS'],
    ['it exits with 0 and prints something else', 'echo please log in >&2; echo done', 'ERR_CREDENTIALS'],
    ['it fails', 'echo please log in >&2; exit 1', 'ERR_CREDENTIALS'],
    ['it is killed', 'echo please log in >&2; kill -9 $$', 'ERR_CREDENTIALS'],
    ['it takes too long', 'echo please log in >&2; sleep 30', 'ERR_TIMEOUT'],
  ])('is printed if %s', async (_title, script, code) => {
    const result = await run(`#!/bin/sh\n${script}\n`, ['--timeout', '2'])
    expect(result).toMatchObject({ code: 255, stdout: '' })
    expect(result.stderr).toMatch(new RegExp(`please log in.* \\(${code}\\)`))
  })
  test('is not printed on success', async () => {
    const result = await run(`#!/bin/sh\necho warning >&2\necho '${KEYS}'\n`)
    expect([result.code, result.stderr]).toEqual([0, ''])
  })
})

describe('a child in the background that keeps the pipes open', () => {
  test.each([
    ['stdout', `sleep 30 & echo '${KEYS}'`],
    ['stderr', `sleep 30 >/dev/null & echo '${KEYS}'`],
    ['both, with a delay before the credentials', `sleep 30 & sleep 0.3; echo '${KEYS}'`],
  ])('%s: the credentials are used when the process has exited', async (_title, script) => {
    const result = await run(`#!/bin/sh\n${script}\n`, ['--timeout', '10'])
    expect([result.code, result.stderr, signerOf(result)]).toEqual([0, '', 'AKIDP'])
    expect(result.seconds).toBeLessThan(8)
  })
  test('the output of the child is awaited if the process has printed nothing', async () => {
    const result = await run(`#!/bin/sh\n(sleep 0.5; echo '${KEYS}') &\n`)
    expect([result.code, result.stderr, signerOf(result)]).toEqual([0, '', 'AKIDP'])
  })
})

test('a process is started once for credentials that are valid for long, and twice for others', async () => {
  const counting = (minutes: number) => {
    const expiration = new Date(Date.now() + minutes * 60_000).toISOString()
    return `#!/bin/sh\necho x >>${context.home.folder}/starts\necho '${KEYS.replace('}', `,"Expiration":"${expiration}"}`)}'\n`
  }
  const starts = () => readFileSync(join(context.home.folder, 'starts'), 'utf8').trim().split('\n').length
  expect((await run(counting(20))).code).toBe(0)
  expect(starts()).toBe(1)
  expect((await run(counting(10))).code).toBe(0)
  expect(starts()).toBe(3)
})
