import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ROLE_A, signerOf, useAwsHome } from '../support/aws-home.ts'
import { eksGetToken, runEksGetToken } from '../support/command.ts'
import { findProgram } from '../support/programs.ts'

const here = useAwsHome()

const SERIAL = 'arn:aws:iam::123456789012:mfa/me'
const MFA = ['--cluster-name', 'demo', '--profile', 'mfa']
const execInfo = (spec: object) =>
  JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', spec })
const codes = () => here.aws.calls.map(({ params }) => params?.TokenCode)

describe('without a terminal', () => {
  const run = (stdin: 'open' | 'ignore' | { text: string }, env: Record<string, string> = {}, args = MFA) =>
    runEksGetToken(args, { env: { ...here.home.env, ...env }, cwd: here.home.folder, stdin })

  test.each([
    ['a line', '123456\n'],
    ['no line terminator', '123456'],
    ['spaces and more lines', ' 123456 \r\nmore\n'],
  ])('the MFA code is read from stdin: %s', async (_title, text) => {
    const result = await run({ text })
    expect([result.code, result.stderr, signerOf(result), codes()]).toEqual([0, '', 'ASIAROLEA00000000000', ['123456']])
  })
  test.each([
    ['stdin is empty', 'ignore', {}],
    ['stdin has an empty line', { text: '\n' }, {}],
    ['stdin stays open', 'open', {}],
    [
      'exec info says interactive: false',
      { text: '123456\n' },
      { KUBERNETES_EXEC_INFO: execInfo({ interactive: false }) },
    ],
    ['exec info does not contain interactive', { text: '123456\n' }, { KUBERNETES_EXEC_INFO: execInfo({}) }],
    [
      'exec info says interactive: true without a terminal',
      { text: '123456\n' },
      { KUBERNETES_EXEC_INFO: execInfo({ interactive: true }) },
    ],
    ['exec info is malformed', { text: '123456\n' }, { KUBERNETES_EXEC_INFO: '{' }],
  ] as const)('%s: the error names the MFA device and the next step', async (_title, stdin, env) => {
    const result = await run(stdin, env)
    expect([result.code, result.stdout, here.aws.calls]).toEqual([255, '', []])
    expect(result.stderr).toContain(SERIAL)
    expect(result.stderr).toMatch(/next: run 'eks-get-token --cluster-name NAME --profile mfa' once in a terminal/)
    expect(result.seconds).toBeLessThan(6)
  })
  test('a code that is too short is rejected without calling STS', async () => {
    const result = await run({ text: '1234\n' })
    expect([result.code, result.stdout, here.aws.calls]).toEqual([252, '', []])
  })
  test('a wrong code is an error that does not contain the code', async () => {
    const result = await run({ text: '000000\n' })
    expect([result.code, result.stdout]).toEqual([254, ''])
    expect(result.stderr).toMatch(/MultiFactorAuthentication failed/)
    expect(result.stderr).not.toContain('000000')
  })
  test('there is no prompt while the session is cached', async () => {
    await run({ text: '123456\n' })
    const again = await run('ignore', { KUBERNETES_EXEC_INFO: execInfo({ interactive: false }) })
    expect([again.code, codes()]).toEqual([0, ['123456']])
  })
  test('--role-arn with --mfa-serial sends the code to STS', async () => {
    const args = ['--cluster-name', 'demo', '--profile', 'keys', '--role-arn', ROLE_A, '--mfa-serial', SERIAL]
    expect((await run({ text: '123456\n' }, {}, args)).code).toBe(0)
    expect(here.aws.calls[0]?.params).toMatchObject({ SerialNumber: SERIAL, TokenCode: '123456' })
  })
})

const SCRIPT = findProgram('script')
const why = SCRIPT ? '' : ' (skipped: script of util-linux is not on PATH)'

describe.skipIf(!SCRIPT)(`on a terminal${why}`, { timeout: 30_000 }, () => {
  /** Runs in a new terminal and returns its screen; `keys` are typed after the prompt. */
  async function inTerminal(keys: string, env: Record<string, string> = {}, redirect = '2>/dev/null') {
    const folder = mkdtempSync(join(tmpdir(), 'eks-get-token-tty-'))
    const line = [...eksGetToken(), ...MFA].join(' ')
    const command = `${line} >${folder}/out ${redirect}; echo "exit $?"`
    const child = spawn(SCRIPT as string, ['-qec', command, '/dev/null'], {
      env: { ...here.home.env, ...env, SHELL: '/bin/sh' },
      cwd: here.home.folder,
    })
    let screen = ''
    let typed = false
    child.stdout.on('data', (chunk) => {
      screen += chunk
      if (typed || !screen.includes('Enter MFA code')) return
      typed = true
      child.stdin.write(keys)
    })
    child.stdin.on('error', () => {})
    await new Promise((resolve) => child.once('close', resolve))
    const stdout = readFileSync(join(folder, 'out'), 'utf8')
    rmSync(folder, { recursive: true, force: true })
    return { screen, stdout }
  }

  test('the prompt is shown, and the code is not echoed', async () => {
    const { screen, stdout } = await inTerminal('123456\r')
    expect(screen).toContain(`Enter MFA code for ${SERIAL}: `)
    expect(screen).toContain('exit 0')
    expect(screen.replace(SERIAL, '')).not.toContain('123456')
    expect([signerOf({ stdout }), codes()]).toEqual(['ASIAROLEA00000000000', ['123456']])
  })
  test('the terminal is used even if stdin is redirected and exec info says interactive: true', async () => {
    const { stdout } = await inTerminal(
      '123456\r',
      { KUBERNETES_EXEC_INFO: execInfo({ interactive: true }) },
      '2>/dev/null </dev/null',
    )
    expect([JSON.parse(stdout).kind, codes()]).toEqual(['ExecCredential', ['123456']])
  })
  test('the input can be edited with backspace', async () => {
    await inTerminal('12\u007f2999\u007f\u007f\u007f3456\r')
    expect(codes()).toEqual(['123456'])
  })
  test.each([
    ['Ctrl-C', '12\u0003', 'exit 130'],
    ['Ctrl-D', '\u0004', 'exit 255'],
    ['nothing', '\r', 'exit 255'],
  ])('%s cancels the prompt, with nothing on stdout', async (_title, keys, exit) => {
    const { screen, stdout } = await inTerminal(keys)
    expect([stdout, codes()]).toEqual(['', []])
    expect(screen).toContain(exit)
  })
  test('there is no prompt if exec info says interactive: false', async () => {
    const { screen, stdout } = await inTerminal('123456\r', { KUBERNETES_EXEC_INFO: execInfo({ interactive: false }) })
    expect([stdout, codes(), screen.includes('Enter')]).toEqual(['', [], false])
  })
  test('of two processes one prompts, and the other waits for it beyond its own time limit', async () => {
    const prompting = inTerminalAfter(2500)
    await new Promise((resolve) => setTimeout(resolve, 700))
    const waiting = here.home.run(['--profile', 'mfa', '--timeout', '1'])
    const [{ stdout }, result] = await Promise.all([prompting, waiting])
    expect([signerOf({ stdout }), result.code, result.stderr, codes()]).toEqual([
      'ASIAROLEA00000000000',
      0,
      '',
      ['123456'],
    ])
    async function inTerminalAfter(ms: number) {
      const folder = mkdtempSync(join(tmpdir(), 'eks-get-token-tty-'))
      const command = `${[...eksGetToken(), ...MFA].join(' ')} >${folder}/out`
      const child = spawn(SCRIPT as string, ['-qec', command, '/dev/null'], {
        env: { ...here.home.env, SHELL: '/bin/sh' },
        cwd: here.home.folder,
      })
      setTimeout(() => child.stdin.write('123456\r'), ms)
      await new Promise((resolve) => child.once('close', resolve))
      const stdout = readFileSync(join(folder, 'out'), 'utf8')
      rmSync(folder, { recursive: true, force: true })
      return { stdout }
    }
  })
})
