import { execFileSync, spawn } from 'node:child_process'
import { closeSync, openSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { attempt } from '../../src/errors.ts'
import { signerOf, useAwsHome } from '../support/aws-home.ts'
import { eksGetToken, runCommand, runEksGetToken } from '../support/command.ts'
import { findProgram } from '../support/programs.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

// Files that are pipes, e.g. AWS_CONFIG_FILE=<(…), which the AWS CLI reads.

const context = useAwsHome()
const PROFILE = '[profile piped]\naws_access_key_id = AKIDPIPED\naws_secret_access_key = secret-of-AKIDPIPED\n'
const CREDENTIALS = PROFILE.replace('profile ', '')
const path = (name: string) => join(context.home.folder, name)

/** Runs get-token for the cluster "demo" by a shell script, with `run` as its command. */
function shell(script: string, timeoutMs = 20_000) {
  const [program, ...words] = eksGetToken()
  const command = [program, ...words, '--cluster-name', 'demo'].map((word) => `'${word}'`).join(' ')
  return runCommand([findProgram('bash') ?? '', '-c', `run() { ${command} "$@"; }; ${script}`], {
    env: context.home.env,
    cwd: context.home.folder,
    timeoutMs,
  })
}

/** A named pipe with a writer that writes these parts, one after another. */
function namedPipe(name: string, parts: readonly string[], delayMs = 100): string {
  execFileSync('mkfifo', [path(name)])
  const script = parts.map((part) => `sleep ${delayMs / 1000}; printf '%s' '${part}'`).join('; ')
  spawn('/bin/sh', ['-c', `{ ${script}; } > '${path(name)}'`], { stdio: 'ignore' })
  return path(name)
}

describe('a pipe of a shell', skipUnlessAvailable(findProgram('bash') ? undefined : 'bash is not installed'), () => {
  test.each([
    ['AWS_CONFIG_FILE=<(…)', `AWS_CONFIG_FILE=<(printf '%s' '${PROFILE}') run --profile piped`],
    ['AWS_CONFIG_FILE=<(…), slow', `AWS_CONFIG_FILE=<(sleep 1; printf '%s' '${PROFILE}') run --profile piped`],
    [
      'AWS_SHARED_CREDENTIALS_FILE=<(…)',
      `AWS_SHARED_CREDENTIALS_FILE=<(printf '%s' '${CREDENTIALS}') run --profile piped`,
    ],
    ['AWS_CONFIG_FILE=/dev/stdin', `printf '%s' '${PROFILE}' | AWS_CONFIG_FILE=/dev/stdin run --profile piped`],
    ['AWS_CONFIG_FILE=/dev/fd/0', `printf '%s' '${PROFILE}' | AWS_CONFIG_FILE=/dev/fd/0 run --profile piped`],
    [
      'AWS_CONFIG_FILE=/proc/self/fd/0',
      `printf '%s' '${PROFILE}' | AWS_CONFIG_FILE=/proc/self/fd/0 run --profile piped`,
    ],
    [
      'two pipes',
      `AWS_CONFIG_FILE=<(echo) AWS_SHARED_CREDENTIALS_FILE=<(printf '%s' '${CREDENTIALS}') run --profile piped`,
    ],
  ])('%s is read', async (_title, script) => {
    const result = await shell(script)
    expect([result.code, result.stderr, signerOf(result)]).toEqual([0, '', 'AKIDPIPED'])
  })
  test('through a link to /dev/stdin is read', async () => {
    symlinkSync('/dev/stdin', path('config-link'))
    const result = await shell(`printf '%s' '${PROFILE}' | AWS_CONFIG_FILE=config-link run --profile piped`)
    expect([result.code, result.stderr, signerOf(result)]).toEqual([0, '', 'AKIDPIPED'])
  })
  test('for the web identity token file is read', async () => {
    const role = 'AWS_ROLE_ARN=arn:aws:iam::123456789012:role/role-w'
    const result = await shell(`${role} AWS_WEB_IDENTITY_TOKEN_FILE=<(printf WEBIDENTITYTOKENEXAMPLE) run`)
    expect([result.code, result.stderr, signerOf(result)]).toEqual([0, '', 'ASIAROLEW00000000000'])
    expect(context.aws.calls[0]?.params).toMatchObject({ WebIdentityToken: 'WEBIDENTITYTOKENEXAMPLE' })
  })
  test('for a parameter (file://) is read', async () => {
    const result = await shell(
      "printf '%s' arn:aws:iam::123456789012:role/role-a | run --profile keys --role-arn file:///dev/stdin",
    )
    expect([result.code, result.stderr, signerOf(result)]).toEqual([0, '', 'ASIAROLEA00000000000'])
  })
  test('that is empty is an empty file', async () => {
    const result = await shell('AWS_CONFIG_FILE=<(:) run --profile piped')
    expect(result).toMatchObject({ code: 255, stdout: '', stderr: expect.stringContaining('(ERR_PROFILE)') })
    expect(result.seconds).toBeLessThan(10)
  })
})

describe('a named pipe', () => {
  test.each([
    ['a writer that starts later', [PROFILE], 500],
    ['a writer with pauses', [PROFILE.slice(0, 30), PROFILE.slice(30)], 300],
    ['more data than a pipe holds', [`# ${'x'.repeat(100_000)}\n${PROFILE}`], 100],
  ])('with %s is read', async (_title, parts, delayMs) => {
    const AWS_CONFIG_FILE = namedPipe('pipe', parts, delayMs)
    const result = await context.home.run(['--profile', 'piped'], { AWS_CONFIG_FILE })
    expect([result.code, result.stderr, signerOf(result)]).toEqual([0, '', 'AKIDPIPED'])
  })

  test.each([
    ['config file', (pipe: string) => ({ AWS_CONFIG_FILE: pipe }), ['--profile', 'piped']],
    ['credentials file', (pipe: string) => ({ AWS_SHARED_CREDENTIALS_FILE: pipe }), ['--profile', 'piped']],
    ['config file, not used', (pipe: string) => ({ AWS_CONFIG_FILE: pipe, AWS_ACCESS_KEY_ID: 'A' }), []],
    [
      'web identity token file',
      (pipe: string) => ({ AWS_WEB_IDENTITY_TOKEN_FILE: pipe, AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/role-w' }),
      [],
    ],
    ['parameter', () => ({}), ['--role-arn', 'file://pipe']],
    ['file of AWS_CREDENTIAL_FILE', (pipe: string) => ({ AWS_CREDENTIAL_FILE: pipe }), []],
    ['file of BOTO_CONFIG', (pipe: string) => ({ BOTO_CONFIG: pipe }), []],
  ])('without a writer as %s ends at the deadline', async (_title, env, args) => {
    execFileSync('mkfifo', [path('pipe')])
    const result = await context.home.run([...args, '--timeout', '1'], env(path('pipe')))
    expect(result).toMatchObject({ code: 255, stdout: '', timedOut: false })
    expect(result.stderr).toContain('(ERR_TIMEOUT)')
    expect(result.seconds).toBeGreaterThan(0.9)
    expect(result.seconds).toBeLessThan(6)
  })

  describe.each(['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE', 'KUBECONFIG'])(
    'without a writer as %s',
    (variable) => {
      test.each([
        'inspect --cluster-name demo',
        'verify --cluster-name demo',
        'doctor',
        'doctor --all',
        'login --status',
        'login --profile keys',
        'logout --profile sso',
        'update-kubeconfig --name demo --dry-run',
        'completion candidates -- doctor --context ',
        'completion candidates -- --profile ',
      ])('ends by the deadline: %s', async (line) => {
        execFileSync('mkfifo', [path('pipe')])
        const env = { ...context.home.env, EKS_GET_TOKEN_TIMEOUT: '1', [variable]: path('pipe') }
        const result = await runEksGetToken(line.split(' '), { env, cwd: context.home.folder })
        expect([result.timedOut, result.stderr.includes('ERR_INTERNAL')]).toEqual([false, false])
        expect(result.seconds).toBeLessThan(8)
      })
    },
  )

  test.each([
    [['--timeout', '1', '--cluster-name', 'file://pipe'], {}],
    [['--cluster-name', 'file://pipe'], { EKS_GET_TOKEN_TIMEOUT: '1' }],
    [['verify', '--cluster-name', 'file://pipe'], { EKS_GET_TOKEN_TIMEOUT: '1' }],
  ])('without a writer as a parameter of %s with %o ends at the deadline', async (args, env) => {
    execFileSync('mkfifo', [path('pipe')])
    const result = await runEksGetToken(args, { env: { ...context.home.env, ...env }, cwd: context.home.folder })
    expect(result).toMatchObject({ code: 255, stdout: '', timedOut: false })
    expect(result.stderr).toContain('(ERR_TIMEOUT)')
    expect(result.seconds).toBeLessThan(8)
  })

  test('with a writer that comes late and writes nothing is an empty file', async () => {
    const AWS_CONFIG_FILE = namedPipe('pipe', [''], 700)
    const result = await context.home.run(['--profile', 'piped', '--timeout', '10'], { AWS_CONFIG_FILE })
    expect(result).toMatchObject({ code: 255, stdout: '', stderr: expect.stringContaining('(ERR_PROFILE)') })
    expect(result.seconds).toBeLessThan(8)
  })

  test('that this process cannot open for writing ends at the deadline', async () => {
    execFileSync('mkfifo', ['-m', '0444', path('pipe')])
    const result = await context.home.run(['--timeout', '1'], { AWS_CONFIG_FILE: path('pipe') })
    expect([result.stdout, result.timedOut]).toEqual(['', false])
    expect(result.stderr).toContain('(ERR_TIMEOUT)')
    expect(result.seconds).toBeLessThan(8)
  })

  test('with a writer that never closes it is read until the deadline', async () => {
    execFileSync('mkfifo', [path('pipe')])
    const writer = spawn('/bin/sh', ['-c', `exec sleep 30 > '${path('pipe')}'`], { stdio: 'ignore' })
    const result = await context.home.run(['--timeout', '1'], { AWS_CONFIG_FILE: path('pipe') })
    writer.kill()
    expect(result).toMatchObject({ code: 255, stdout: '', stderr: expect.stringContaining('(ERR_TIMEOUT)') })
    expect(result.seconds).toBeLessThan(6)
  })

  test('with endless output is too large', async () => {
    execFileSync('mkfifo', [path('pipe')])
    const writer = spawn('/bin/sh', ['-c', `exec yes > '${path('pipe')}'`], { stdio: 'ignore' })
    const result = await context.home.run([], { AWS_CONFIG_FILE: path('pipe') })
    writer.kill()
    expect(result).toMatchObject({ code: 255, stdout: '', stderr: expect.stringContaining('is too large') })
  })

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('without a writer is interrupted by %s', async (signal) => {
    execFileSync('mkfifo', [path('pipe')])
    const [program, ...words] = eksGetToken()
    const env = { ...context.home.env, AWS_CONFIG_FILE: path('pipe') }
    const child = spawn(program, [...words, '--cluster-name', 'demo'], { env, stdio: 'ignore' })
    await new Promise((resolve) => setTimeout(resolve, 1500))
    const start = performance.now()
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    await ended
    expect(performance.now() - start).toBeLessThan(2000)
  })
})

describe('a regular file without data yet', () => {
  const KMSG = '/proc/kmsg'
  const descriptor = attempt(() => openSync(KMSG, 'r'))
  if (descriptor !== undefined) closeSync(descriptor)
  const withoutKmsg = descriptor === undefined ? 'only root can read /proc/kmsg' : undefined
  test.each([
    ['config file', { AWS_CONFIG_FILE: KMSG }],
    ['credentials file', { AWS_SHARED_CREDENTIALS_FILE: KMSG }],
    [
      'web identity token file',
      { AWS_WEB_IDENTITY_TOKEN_FILE: KMSG, AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/role-w' },
    ],
  ])('(/proc/kmsg) as %s ends at the deadline', skipUnlessAvailable(withoutKmsg), async (_title, env) => {
    const result = await context.home.run(['--timeout', '1'], env)
    expect(result).toMatchObject({ code: 255, stdout: '', stderr: expect.stringContaining('(ERR_TIMEOUT)') })
    expect(result.seconds).toBeLessThan(6)
  })

  describe('(/proc/kmsg) as stdin', skipUnlessAvailable(withoutKmsg), () => {
    // Before Node 22.15 a process whose thread blocks can end by SIGKILL only: 137.
    const fromKmsg = (args: string, env: Record<string, string> = {}) => {
      const words = eksGetToken().map((word) => `'${word}'`)
      return runCommand(['/bin/sh', '-c', `exec ${words.join(' ')} ${args} </proc/kmsg`], {
        env: { ...context.home.env, ...env },
        cwd: context.home.folder,
      })
    }
    test('of an MFA code ends after 2 s', async () => {
      const result = await fromKmsg('--cluster-name demo --profile mfa')
      expect(result).toMatchObject({
        stdout: '',
        timedOut: false,
        stderr: expect.stringContaining('(ERR_CREDENTIALS)'),
      })
      expect(result.seconds).toBeLessThan(10)
    })
    test.each(['inspect', 'verify'])('of a token (%s) ends by itself', async (command) => {
      const result = await fromKmsg(`${command} --timeout 2`)
      expect([result.stdout, result.timedOut]).toEqual(['', false])
      expect(result.seconds).toBeLessThan(15)
    })
  })

  // https://man7.org/linux/man-pages/man2/fcntl.2.html (Leases)
  const python = findProgram('python3')
  const withoutLeases = process.platform === 'linux' && python ? undefined : 'python3 on Linux is needed for a lease'
  const LEASE = `
import fcntl, os, signal, sys, time
signal.signal(signal.SIGIO, signal.SIG_IGN)
file = os.open(sys.argv[1], os.O_WRONLY)
fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
print("leased", flush=True)
time.sleep(float(sys.argv[2]))
fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
`
  async function leased(name: string, text: string, seconds: number) {
    writeFileSync(path(name), text)
    const holder = spawn(python as string, ['-c', LEASE, path(name), `${seconds}`], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    await new Promise((resolve) => holder.stdout.once('data', resolve))
    return holder
  }
  test('(a lease of another process) is read when the lease ends', skipUnlessAvailable(withoutLeases), async () => {
    const holder = await leased('leased', PROFILE, 2)
    const result = await context.home.run(['--profile', 'piped'], { AWS_CONFIG_FILE: path('leased') })
    holder.kill()
    expect([result.code, result.stderr, signerOf(result)]).toEqual([0, '', 'AKIDPIPED'])
  })
  test.each([
    ['config file', 'leased', {}],
    ['credentials file', 'leased', { AWS_CONFIG_FILE: '/dev/null' }],
  ])(
    '(a lease of another process) as %s ends at the deadline',
    skipUnlessAvailable(withoutLeases),
    async (title, name, env) => {
      const holder = await leased(name, PROFILE, 20)
      const variable = title === 'config file' ? 'AWS_CONFIG_FILE' : 'AWS_SHARED_CREDENTIALS_FILE'
      const result = await context.home.run(['--timeout', '1'], { ...env, [variable]: path(name) })
      holder.kill()
      expect(result).toMatchObject({ code: 255, stdout: '', stderr: expect.stringContaining('(ERR_TIMEOUT)') })
      expect(result.seconds).toBeLessThan(6)
    },
  )
  test('(a lease of another process) is interrupted by Ctrl-C', skipUnlessAvailable(withoutLeases), async () => {
    const holder = await leased('leased', PROFILE, 20)
    const [program, ...words] = eksGetToken()
    const env = { ...context.home.env, AWS_CONFIG_FILE: path('leased') }
    const child = spawn(program, [...words, '--cluster-name', 'demo'], { env, stdio: 'ignore' })
    await new Promise((resolve) => setTimeout(resolve, 1500))
    const start = performance.now()
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGINT')
    await ended
    holder.kill()
    expect(performance.now() - start).toBeLessThan(2000)
  })
})

test.each(['/dev/zero', '/dev/null', '/'])('%s as config file is ignored', async (AWS_CONFIG_FILE) => {
  const env = { AWS_CONFIG_FILE, AWS_ACCESS_KEY_ID: 'AKIDENV', AWS_SECRET_ACCESS_KEY: 'secret-of-AKIDENV' }
  const result = await context.home.run([], env)
  expect([result.code, result.stderr, signerOf(result)]).toEqual([0, '', 'AKIDENV'])
})
