import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CommandResult, eksGetToken, runCommand, runEksGetToken } from '../support/command.ts'
import { keys } from '../support/runtime.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

let home: string
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'eks-get-token-cli-'))
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

const needsDevFull = skipUnlessAvailable(process.platform === 'linux' ? undefined : '/dev/full is on Linux only')

const KEYS = { ...keys('AKIDEXAMPLE'), AWS_DEFAULT_REGION: 'us-west-2' }
const environment = (env: Record<string, string>) => ({
  PATH: '/usr/bin:/bin',
  HOME: home,
  AWS_EC2_METADATA_DISABLED: 'true',
  ...env,
})
const run = (argv: string, env: Record<string, string> = KEYS): Promise<CommandResult> =>
  runEksGetToken(argv === '' ? [] : argv.split(' '), { env: environment(env), cwd: home })

describe('get-token', () => {
  test('prints the ExecCredential, and nothing on stderr', async () => {
    const { code, stdout, stderr } = await run('eks get-token --cluster-name demo')
    expect([code, stderr]).toEqual([0, ''])
    expect(JSON.parse(stdout)).toEqual({
      kind: 'ExecCredential',
      apiVersion: 'client.authentication.k8s.io/v1beta1',
      spec: {},
      status: {
        expirationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        token: expect.stringMatching(/^k8s-aws-v1\.[\w-]+$/),
      },
    })
    expect(stdout.endsWith('}\n\n')).toBe(true)
  })
  test.each([
    ['--version', /^eks-get-token\/\d+\.\d+\.\d+\S* (node\/\d+\.\d+\.\d+|executable|front)\n$/],
    ['--help', /^Usage: eks-get-token /],
    ['help', /^Usage: eks-get-token /],
    ['eks get-token help', /^Usage: eks-get-token /],
  ])('%s needs no credentials', async (argv, expected) => {
    expect(await run(argv, {})).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(expected) })
  })
  test('prints a warning for a token of more than 4096 bytes', async () => {
    const fits = await run('--cluster-name demo', { ...KEYS, AWS_SESSION_TOKEN: 'x'.repeat(2500) })
    const tooLarge = await run('--cluster-name demo', { ...KEYS, AWS_SESSION_TOKEN: 'x'.repeat(2700) })
    expect([fits.code, fits.stderr]).toEqual([0, ''])
    const { token } = JSON.parse(tooLarge.stdout).status
    expect(tooLarge.code).toBe(0)
    expect(tooLarge.stderr).toBe(
      `warning: the token is too large: ${token.length} bytes (maximum 4096), 2700 of them for the session token; use fewer session tags or a shorter session policy\n`,
    )
  })
})

describe('the output format', () => {
  const EXEC = { KUBERNETES_EXEC_INFO: '{"apiVersion":"client.authentication.k8s.io/v1"}' }
  test.each([
    ['from the environment', '', { AWS_DEFAULT_OUTPUT: 'text' }, 0, /^client/],
    [
      'from the environment is ignored for a Kubernetes client',
      '',
      { ...EXEC, AWS_DEFAULT_OUTPUT: 'text' },
      0,
      /^\{\n {4}"kind"/,
    ],
    [
      'from the environment, invalid, is ignored for a Kubernetes client',
      '',
      { ...EXEC, AWS_DEFAULT_OUTPUT: 'bogus' },
      0,
      /^\{\n {4}"kind"/,
    ],
    ['from the environment, invalid, is an error', '', { AWS_DEFAULT_OUTPUT: 'bogus' }, 255, /^$/],
    ['from an option counts for a Kubernetes client', ' --output text', EXEC, 0, /^client/],
    ['off prints an empty line', ' --output off', {}, 0, /^\n$/],
    ['text with --query', ' --output text --query status.token', {}, 0, /^k8s-aws-v1\.[\w-]+\n\n$/],
  ])('%s', async (_title, argv, env, code, stdout) => {
    const result = await run(`--cluster-name demo${argv}`, { ...KEYS, ...env })
    expect(result).toMatchObject({ code, stdout: expect.stringMatching(stdout) })
  })
})

describe('an error is printed on stderr, with nothing on stdout', () => {
  test.each([
    ['', KEYS, 252, 'ERR_USAGE'],
    ['--cluster-name', KEYS, 252, 'ERR_USAGE'],
    ['--cluster-name demo --query status.[', KEYS, 252, 'ERR_PARAMETER'],
    ['--cluster-name demo --endpoint-url h', KEYS, 252, 'ERR_PARAMETER'],
    ['--cluster-name file:///nope', KEYS, 252, 'ERR_PARAMETER'],
    ['--cluster-name fileb:///nope', KEYS, 252, 'ERR_PARAMETER'],
    ['--cluster-name demo --cli-read-timeout abc', KEYS, 252, 'ERR_USAGE'],
    ['--cluster-name demo', {}, 253, 'ERR_NO_CREDENTIALS'],
    ['--cluster-name demo', { ...keys('A'), AWS_ENDPOINT_URL_STS: 'https://x' }, 253, 'ERR_NO_REGION'],
    ['--cluster-name demo --profile nope', KEYS, 255, 'ERR_PROFILE'],
    ['--cluster-name demo --region a.b', KEYS, 255, 'ERR_REGION'],
    ['--cluster-name demo', { AWS_ACCESS_KEY_ID: 'A' }, 255, 'ERR_CREDENTIALS'],
    ['--cluster-name demo', { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://x.example' }, 255, 'ERR_CREDENTIALS'],
  ])('%s %o', async (argv, env, code, name) => {
    const result = await run(argv, env)
    expect(result).toMatchObject({ code, stdout: '' })
    expect(result.stderr).toContain(`(${name})`)
    expect(result.stderr).not.toMatch(/\n\s+at .+:\d+/)
  })
  test.each([
    ['a query of thousands of brackets', ['--query', '('.repeat(20_000)], {}, 252, 'ERR_PARAMETER'],
    [
      'a proxy that is not a valid URL',
      ['--role-arn', 'arn:aws:iam::123456789012:role/r'],
      { HTTPS_PROXY: '::bad::' },
      255,
      'ERR_SETTING',
    ],
    [
      'an endpoint without a scheme for AssumeRole',
      ['--role-arn', 'arn:aws:iam::123456789012:role/r'],
      { AWS_ENDPOINT_URL_STS: '//h' },
      255,
      'ERR_ENDPOINT',
    ],
  ])('%s', async (_title, options, env, code, name) => {
    const args = ['--cluster-name', 'demo', ...options]
    const result = await runEksGetToken(args, { env: environment({ ...KEYS, ...env }), cwd: home })
    expect(result).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(`(${name})`) })
  })
  test('a full disk', needsDevFull, async () => {
    const [program, ...words] = eksGetToken()
    const full = openSync('/dev/full', 'w')
    const child = spawn(program, [...words, '--cluster-name', 'demo'], {
      env: environment(KEYS),
      stdio: ['ignore', full, 'pipe'],
    })
    closeSync(full)
    let stderr = ''
    child.stderr?.on('data', (data) => {
      stderr += data
    })
    const [code] = await once(child, 'close')
    expect([code, stderr]).toEqual([255, expect.stringContaining('could not be written (ENOSPC) (ERR_OUTPUT)')])
  })
  test.each([
    ['an error', ['--profile', 'nope'], 255],
    ['a trace', ['--debug'], 0],
  ] as const)(
    '%s that cannot be written does not change the exit code or stdout',
    needsDevFull,
    async (_title, options, expected) => {
      const [program, ...words] = eksGetToken()
      const full = openSync('/dev/full', 'w')
      const child = spawn(program, [...words, '--cluster-name', 'demo', ...options], {
        env: environment(KEYS),
        stdio: ['ignore', 'pipe', full],
      })
      closeSync(full)
      let stdout = ''
      child.stdout?.on('data', (data) => {
        stdout += data
      })
      const [code] = await once(child, 'close')
      expect([code, stdout !== '']).toEqual([expected, expected === 0])
    },
  )
  test('a prefix of --debug is --debug', async () => {
    expect((await run('--cluster-name demo --debu')).stderr).toContain('debug: ')
  })
  test('a syntax error in the config file is reported with its line', async () => {
    const config = join(home, 'broken.ini')
    writeFileSync(config, '[default]\nregion = us-east-1\nstray\n')
    const result = await run('--cluster-name demo', { ...KEYS, AWS_CONFIG_FILE: config })
    expect(result).toMatchObject({
      code: 255,
      stderr: `eks-get-token: Unable to parse config file: ${config}: line 3: neither a [section] nor "key = value" (ERR_CONFIG_FILE)\n  hint: correct the file, or set AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE to a different file\n`,
    })
  })
})

describe('--debug', () => {
  test('traces decisions without secrets', async () => {
    const { code, stdout, stderr } = await run('--cluster-name demo --debug', {
      ...KEYS,
      AWS_SESSION_TOKEN: 'TOKEN-SECRET',
    })
    expect(code).toBe(0)
    expect(stderr).toMatch(/debug: region: us-west-2 \(AWS_DEFAULT_REGION\)/)
    expect(stderr).toMatch(/debug: credentials: environment, because AWS_ACCESS_KEY_ID is set/)
    expect(stderr).toMatch(/debug: signed with access key AKIDEXAMPLE/)
    const { token } = JSON.parse(stdout).status
    const signature = /X-Amz-Signature=(\w+)/.exec(Buffer.from(token.slice(11), 'base64url').toString())?.[1] ?? ''
    expect(signature).toHaveLength(64)
    for (const secret of ['secret-of', 'TOKEN-SECRET', token, signature]) expect(stderr).not.toContain(secret)
  })
  test.each([
    ['long-term credentials', {}, 'no expiration)\n'],
    ['a session that does not say when', { AWS_SESSION_TOKEN: 'x' }, 'expiration unknown)\n'],
    [
      'a session that does',
      { AWS_SESSION_TOKEN: 'x', AWS_CREDENTIAL_EXPIRATION: '2126-01-02T03:04:05Z' },
      'expires 2126-01-02 03:04:05 UTC (in ',
    ],
  ])('says when the credentials expire: %s', async (_, more, validity) => {
    const { code, stderr } = await run('--cluster-name demo --debug', { ...KEYS, ...more })
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining(`debug: signed with access key AKIDEXAMPLE (${validity}`),
    ])
  })
  test('prints the stack of an error, without the password of the endpoint', async () => {
    const { code, stderr } = await run('--cluster-name demo --debug', {
      ...KEYS,
      AWS_ENDPOINT_URL_STS: 'https://user:hidden@h:99999',
    })
    expect(code).toBe(255)
    expect(stderr).toMatch(/debug: at /)
    expect(stderr).not.toContain('hidden')
  })
})

test('started by a link named aws, it says what it has of the AWS CLI', async () => {
  const link = join(home, 'aws')
  const words = eksGetToken()
  symlinkSync(words.at(-1) ?? '', link)
  const [program = link, ...others] = words.with(-1, link)
  const runLink = (argv: string) =>
    runCommand([program, ...others, ...argv.split(' ')], { env: environment(KEYS), cwd: home })
  const notice = `this aws is a link to eks-get-token (${link}), which provides only`
  const service = await runLink('s3 ls')
  expect([service.code, service.stdout, service.stderr]).toEqual([
    252,
    '',
    expect.stringContaining(`  hint: ${notice}`),
  ])
  const help = await runLink('help')
  expect([help.code, help.stdout.replace(/\s+/g, ' ')]).toEqual([0, expect.stringContaining(notice)])
  expect((await runLink('eks get-token --cluster-name demo')).code).toBe(0)
})

test('Ctrl-C exits with 130 and prints nothing on stdout', async () => {
  const [program, ...words] = eksGetToken()
  // An STS endpoint that accepts connections and never responds.
  const { createServer } = await import('node:net')
  const silent = createServer(() => {})
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const { port } = silent.address() as { port: number }
  const role = 'arn:aws:iam::123456789012:role/r'
  const connected = once(silent, 'connection')
  const child = spawn(program, [...words, '--cluster-name', 'demo', '--role-arn', role], {
    env: environment({ ...KEYS, AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${port}` }),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  child.stdout.on('data', (data) => {
    stdout += data
  })
  await connected
  child.kill('SIGINT')
  const [code] = await once(child, 'close')
  silent.close()
  expect([code, stdout]).toEqual([130, ''])
})

test('a closed stdout is not an error', async () => {
  const [program, ...words] = eksGetToken()
  const child = spawn(program, [...words, '--cluster-name', 'demo'], {
    env: environment(KEYS),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stdout.destroy()
  let stderr = ''
  child.stderr.on('data', (data) => {
    stderr += data
  })
  const [code] = await once(child, 'close')
  expect([code, stderr]).toEqual([0, ''])
})

test('a stdout that was closed before the start is /dev/null for Node, and not an error (docs/differences.md)', async () => {
  const result = await runCommand(
    ['/bin/sh', '-c', 'exec "$@" >&-', 'sh', ...eksGetToken(), '--cluster-name', 'demo'],
    {
      env: environment(KEYS),
      cwd: '/',
    },
  )
  expect(result).toMatchObject({ code: 0, stdout: '', stderr: '' })
})

describe('text from outside', () => {
  const FORGED = 'x\u001b[2J\u009b\u202e\u007f\r\neks-get-token: forged (ERR_X)\n  hint: forged'
  test.each<[string, string[], Record<string, string>]>([
    ['--profile', ['--profile', FORGED], {}],
    ['--region', ['--region', FORGED], {}],
    ['--output', ['--output', FORGED], {}],
    ['--query', ['--query', FORGED], {}],
    ['an unknown option', [`--${FORGED}`], {}],
    ['an access key id, in --debug', ['--debug'], { AWS_ACCESS_KEY_ID: FORGED.replaceAll(/[\r\n]/g, '') }],
    ['AWS_DEFAULT_OUTPUT', [], { AWS_DEFAULT_OUTPUT: FORGED }],
    ['AWS_PROFILE, of verify', [], { AWS_PROFILE: FORGED }],
  ])('of %s cannot control the terminal or look like a message', async (_title, args, env) => {
    const { stderr } = await runEksGetToken(['--cluster-name', 'demo', ...args], {
      env: environment({ ...KEYS, ...env }),
      cwd: '/',
    })
    expect(stderr).not.toBe('')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it matches
    expect(stderr).not.toMatch(/[\0-\x09\x0b-\x1f\x7f-\x9f\u202e]|^(eks-get-token| {2}hint): forged/m)
  })
})
