import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ROLE_A, signerOf, useAwsHome } from '../support/aws-home.ts'
import { eksGetToken, runEksGetToken } from '../support/command.ts'
import { eventually } from '../support/eventually.ts'
import { findProgram } from '../support/programs.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

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
    ['no line end', '123456'],
    ['blanks and more lines', ' 123456 \r\nmore\n'],
  ])('the code comes from stdin: %s', async (_title, text) => {
    const result = await run({ text })
    expect([result.code, result.stderr, signerOf(result), codes()]).toEqual([0, '', 'ASIAROLEA00000000000', ['123456']])
  })
  test.each([
    ['stdin is empty', 'ignore', {}],
    ['stdin stays open', 'open', {}],
    [
      'the client set interactive: false',
      { text: '123456\n' },
      { KUBERNETES_EXEC_INFO: execInfo({ interactive: false }) },
    ],
    ['the client did not set interactive', { text: '123456\n' }, { KUBERNETES_EXEC_INFO: execInfo({}) }],
    [
      'the client set interactive: true, but there is no terminal',
      { text: '123456\n' },
      { KUBERNETES_EXEC_INFO: execInfo({ interactive: true }) },
    ],
    ['exec info is garbage', { text: '123456\n' }, { KUBERNETES_EXEC_INFO: '{' }],
  ] as const)('%s: the error names the MFA device, and the hint the command to run', async (_title, stdin, env) => {
    const result = await run(stdin, env)
    expect([result.code, result.stdout, here.aws.calls]).toEqual([255, '', []])
    expect(result.stderr).toContain(SERIAL)
    expect(result.stderr).toMatch(
      /hint: run '(AWS_\S+=\S+ )*eks-get-token --cluster-name demo --profile mfa' once in a terminal/,
    )
    expect(result.seconds).toBeLessThan(6)
  })
  test.each(['1234\n', '\n', ' \n'])('the code %j is too short, and STS is not called', async (text) => {
    const result = await run({ text })
    expect([result.code, result.stdout, here.aws.calls]).toEqual([252, '', []])
  })
  test('a wrong code is reported by STS, and is not printed', async () => {
    const result = await run({ text: '000000\n' })
    expect([result.code, result.stdout]).toEqual([254, ''])
    expect(result.stderr).toMatch(/MultiFactorAuthentication failed/)
    expect(result.stderr).not.toContain('000000')
  })
  test('there is no prompt while the session is in the cache', async () => {
    await run({ text: '123456\n' })
    const again = await run('ignore', { KUBERNETES_EXEC_INFO: execInfo({ interactive: false }) })
    expect([again.code, codes()]).toEqual([0, ['123456']])
  })
  const ROLE = ['--cluster-name', 'demo', '--profile', 'keys', '--role-arn', ROLE_A, '--mfa-serial', SERIAL]
  test('the hint carries over every option that decides about the session, and the variables of a client', async () => {
    const more = ['--region', 'us-east-1', '--external-id', 'a b', '--duration-seconds', '900']
    const options = `--role-arn ${ROLE_A} --external-id 'a b' --duration-seconds 900 --mfa-serial ${SERIAL}`
    const { stderr } = await run('ignore', {}, [...ROLE, ...more, '--timeout', '50'])
    expect(stderr).toContain(
      `run 'eks-get-token --cluster-name demo --profile keys --region us-east-1 ${options}' once in a terminal`,
    )
    const variables = { AWS_PROFILE: 'keys', HTTPS_PROXY: 'http://user:secret@127.0.0.1:1' }
    const client = await run('ignore', { ...variables, KUBERNETES_EXEC_INFO: execInfo({}) }, ROLE.toSpliced(2, 2))
    expect(client.stderr).toMatch(/AWS_PROFILE=keys .*eks-get-token --cluster-name demo --role-arn/)
    expect(client.stderr).not.toContain('HTTPS_PROXY')
  })
  test('for --role-arn with --mfa-serial', async () => {
    expect((await run({ text: '123456\n' }, {}, ROLE)).code).toBe(0)
    expect(here.aws.calls[0]?.params).toMatchObject({ SerialNumber: SERIAL, TokenCode: '123456' })
  })
})

const SCRIPT = findProgram('script')
/** For a shell. */
const COMMAND = eksGetToken()
  .map((word) => `'${word}'`)
  .join(' ')
const missing = SCRIPT ? undefined : 'script (util-linux) is not on PATH'

describe('on a terminal', { ...skipUnlessAvailable(missing), timeout: 30_000 }, () => {
  /** Runs in a terminal of its own, whose screen is returned; each of `keys` is typed when a prompt appears. */
  async function inTerminal(
    keys: string | readonly string[],
    env: Record<string, string> = {},
    redirect = '2>/dev/null',
    before = '',
  ) {
    const folder = mkdtempSync(join(tmpdir(), 'eks-get-token-tty-'))
    const command = `${before} ${COMMAND} ${MFA.join(' ')} >${folder}/out ${redirect}; echo "exit $?"`
    const child = spawn(SCRIPT as string, ['-qec', command, '/dev/null'], {
      env: { ...here.home.env, ...env, SHELL: '/bin/sh' },
      cwd: here.home.folder,
    })
    let screen = ''
    let typed = 0
    child.stdout.on('data', (chunk) => {
      screen += chunk
      const prompts = screen.split('Enter MFA code').length - 1
      const next = prompts > typed ? [keys].flat()[typed] : undefined
      if (next === undefined) return
      typed += 1
      child.stdin.write(next)
    })
    child.stdin.on('error', () => {})
    await new Promise((resolve) => child.once('close', resolve))
    const stdout = readFileSync(join(folder, 'out'), 'utf8')
    rmSync(folder, { recursive: true, force: true })
    return { screen, stdout }
  }

  test('the prompt is shown on the terminal, the code is not', async () => {
    const { screen, stdout } = await inTerminal('123456\r')
    expect(screen).toContain(`Enter MFA code for ${SERIAL}: `)
    expect(screen).toContain('exit 0')
    expect(screen.replace(SERIAL, '')).not.toContain('123456')
    expect([signerOf({ stdout }), codes()]).toEqual(['ASIAROLEA00000000000', ['123456']])
  })
  test('the prompt is shown when stdin and stderr are redirected', async () => {
    const { stdout } = await inTerminal(
      '123456\r',
      { KUBERNETES_EXEC_INFO: execInfo({ interactive: true }) },
      '2>/dev/null </dev/null',
    )
    expect([JSON.parse(stdout).kind, codes()]).toEqual(['ExecCredential', ['123456']])
  })
  test('the input can be edited before it is submitted', async () => {
    await inTerminal('12\u007f2999\u007f\u007f\u007f3456\r')
    expect(codes()).toEqual(['123456'])
  })
  test.each([
    ['Ctrl-D', '\u0004', 'exit 255'],
    ['an empty line, which is an empty code', '\r', 'exit 252'],
  ])('%s ends it, and nothing is on stdout', async (_title, keys, exit) => {
    const { screen, stdout } = await inTerminal(keys)
    expect([stdout, codes()]).toEqual(['', []])
    expect(screen).toContain(exit)
  })
  test.each([
    ['Ctrl-C', '12\u0003', 'INT', 130],
    ['Ctrl-\\', '12\u001c', 'QUIT', 131],
  ])('%s signals the whole process group once', async (_title, keys, signal, exitCode) => {
    const { screen, stdout } = await inTerminal(keys, {}, `2>/dev/null`, `trap 'echo got ${signal}' ${signal};`)
    expect([stdout, codes()]).toEqual(['', []])
    expect(screen.split(`got ${signal}`)).toHaveLength(2)
    expect(screen).toContain(`exit ${exitCode}`)
  })
  test('Ctrl-Z is ignored where no shell could continue the process, and the prompt is repeated', async () => {
    const { screen } = await inTerminal(['99\u001a', '123456\r'])
    expect(screen.split('Enter MFA code')).toHaveLength(3)
    expect([screen.includes('exit 0'), codes()]).toEqual([true, ['123456']])
  })
  test.each([
    ['the prompt', ['99\u001a', '123456\r']],
    ['the prompt, twice', ['\u001a', '1\u001a', '123456\r']],
    ['the prompt, before a mistake is corrected', ['\u001a', '999\u0015123456\r']],
  ])('Ctrl-Z suspends %s where a shell has job control, and fg continues it', async (_title, keys) => {
    const resume = 'while [ $? -gt 128 ]; do stty -a | grep -o "[-]*icanon"; fg >/dev/null; done'
    const { screen } = await inTerminal(keys, {}, `2>/dev/null; ${resume}`, 'set -m;')
    // The terminal is in the mode of the shell meanwhile.
    expect(screen.match(/^-?icanon\r?$/gm)).toEqual(keys.slice(1).map(() => expect.stringMatching(/^icanon/)))
    expect([screen.includes('exit 0'), codes()]).toEqual([true, ['123456']])
  })
  test.each([
    ['arrow keys', '\u001b[A12\u001b[D\u001bOC3456\r'],
    ['paste marks', '\u001b[200~123456\u001b[201~\r'],
    ['letters, spaces and control characters', 'a1 2\u00013-4\t5\u00006b\r'],
    ['a line cleared by Ctrl-U', '999\u0015123456\r'],
  ])('%s do not become part of the code', async (_title, keys) => {
    await inTerminal(keys)
    expect(codes()).toEqual(['123456'])
  })
  test.each(['TERM', 'HUP', 'ALRM', 'QUIT'])('SIG%s restores the terminal', async (signal) => {
    const kill = `(while ! pgrep -P $$ -f profile >/dev/null; do sleep 0.1; done; sleep 1; pkill -${signal} -P $$ -f profile) &`
    const { screen, stdout } = await inTerminal('', {}, '2>/dev/null; stty -a', kill)
    expect([stdout, codes()]).toEqual(['', []])
    expect(screen).toContain('Enter MFA code')
    for (const mode of ['icanon', 'isig', 'echo']) expect(screen).toMatch(new RegExp(`[^-\\w]${mode}[^\\w]`))
  })
  test.each([
    ['', {}, ''],
    [' where no lock can be created', { XDG_CACHE_HOME: '/proc/nowhere' }, ''],
    [' with different cache directories', {}, 'XDG_CACHE_HOME=/proc/nowhere '],
  ])('two processes with different roles%s prompt one after the other', async (_title, env, other) => {
    const role = `--cluster-name demo --profile keys --role-arn ${ROLE_A} --mfa-serial ${SERIAL}`
    const { screen } = await inTerminal(
      ['123456\r', '654321\r'],
      { KUBERNETES_EXEC_INFO: execInfo({ interactive: true }), ...env },
      '; wait',
      `${other}${COMMAND} ${role} >/dev/null &`,
    )
    expect(screen).toMatch(/^Enter MFA code for [^\n]*: \r?\nEnter MFA code for [^\n]*: \r?\n/)
    expect(codes().sort()).toEqual(['123456', '654321'])
  })
  test('there is no prompt with interactive: false', async () => {
    const { screen, stdout } = await inTerminal('123456\r', { KUBERNETES_EXEC_INFO: execInfo({ interactive: false }) })
    expect([stdout, codes(), screen.includes('Enter')]).toEqual(['', [], false])
  })
  test.each([
    ['for the role', 'mfa', 'ASIAROLEA00000000000'],
    ['for the source of a role', 'outer', 'ASIAROLEC00000000000'],
    ['for the source of the source of a role', 'outermost', 'ASIAROLED00000000000'],
  ])(
    'one of two processes prompts %s, and the other waits for the code, longer than its own time limit',
    async (_title, profile, signer) => {
      const chain = (name: string, role: string, source: string) =>
        `[profile ${name}]\nrole_arn = ${ROLE_A.replace('role-a', role)}\nsource_profile = ${source}\n`
      const config = here.home.files().get('.aws/config')
      here.home.write(
        '.aws/config',
        `${config}${chain('outer', 'role-c', 'mfa')}${chain('outermost', 'role-d', 'outer')}`,
      )
      const folder = mkdtempSync(join(tmpdir(), 'eks-get-token-tty-'))
      const command = `${COMMAND} --cluster-name demo --profile ${profile} >${folder}/out`
      const asking = spawn(SCRIPT as string, ['-qec', command, '/dev/null'], {
        env: { ...here.home.env, SHELL: '/bin/sh' },
        cwd: here.home.folder,
      })
      const closed = new Promise((resolve) => asking.once('close', resolve))
      let screen = ''
      asking.stdout.on('data', (chunk) => {
        screen += chunk
      })
      await eventually(() => screen.includes('Enter MFA code'))
      const waiting = here.home.run(['--profile', profile, '--timeout', '2'])
      await new Promise((resolve) => setTimeout(resolve, 3000))
      asking.stdin.write('123456\r')
      const [result] = await Promise.all([waiting, closed])
      const stdout = readFileSync(join(folder, 'out'), 'utf8')
      rmSync(folder, { recursive: true, force: true })
      const sent = codes().filter((code) => code !== undefined)
      expect([signerOf({ stdout }), signerOf(result), result.code, result.stderr, sent]).toEqual([
        signer,
        signer,
        0,
        '',
        ['123456'],
      ])
    },
  )
})
