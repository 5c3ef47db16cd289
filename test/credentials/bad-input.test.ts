import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { awsLogin, ROLE_A, signerOf, ssoLogin, useAwsHome } from '../support/aws-home.ts'

// Invalid files and responses: a clear error in time, or a cache miss after which the file is replaced; nothing else changes.

const context = useAwsHome()

/** What may be in place of a valid file. */
const INVALID_FILES: readonly [string, (file: string) => void][] = [
  ['empty', (file) => writeFileSync(file, '')],
  ['garbage', (file) => writeFileSync(file, Buffer.from([0xff, 0xfe, 0x00, 0x80, 0x7b]))],
  ['truncated JSON', (file) => writeFileSync(file, '{"accessToken":')],
  ...['null', '[]', '7', '"text"', '{}', '{"Credentials":null}'].map((text): [string, (file: string) => void] => [
    text,
    (file) => writeFileSync(file, text),
  ]),
  [
    'fields of other types',
    (file) => writeFileSync(file, '{"accessToken":7,"expiresAt":[],"Credentials":{"AccessKeyId":7,"Expiration":{}}}'),
  ],
  ['20 MB', (file) => writeFileSync(file, Buffer.alloc(20 << 20, 'x'))],
  ['a directory', (file) => mkdirSync(file)],
  ['a pipe', (file) => execFileSync('mkfifo', [file])],
  ['a dangling link', (file) => symlinkSync('/nowhere', file)],
  [
    'world-writable',
    (file) => {
      writeFileSync(file, ssoLogin('corp', 3600)[1])
      chmodSync(file, 0o666)
    },
  ],
]

function replace(name: string, make: (file: string) => void): void {
  const file = join(context.home.folder, name)
  mkdirSync(dirname(file), { recursive: true })
  rmSync(file, { force: true })
  make(file)
}

describe.each([
  ['the login of aws sso login', ssoLogin('corp', 0)[0], ['--profile', 'sso']],
  ['the login of aws login', awsLogin(0)[0], ['--profile', 'login']],
])('%s that is', (_title, name, args) => {
  test.each(INVALID_FILES)('%s', async (what, make) => {
    replace(name, make)
    const result = await context.home.runInProcess(args)
    expect(result).toMatchObject({ code: 255, stdout: '' })
    const command = what === 'world-writable' ? 'chmod o-w ' : `eks-get-token ${['login', ...args].join(' ')} `
    expect(result.stderr).toContain('(ERR_CREDENTIALS)\n')
    expect(result.stderr).toContain(`hint: run: ${command}`)
    expect(result.seconds).toBeLessThan(8)
    expect(context.aws.calls).toEqual([])
  })
})

describe('a cache entry that is', () => {
  const ROLE_FILE = '.aws/cli/cache/9fc85b5c70f0ed0cee47c5f0f1656a8710ab57d4.json'
  test.each(INVALID_FILES)('%s is a miss', async (what, make) => {
    replace(ROLE_FILE, make)
    const result = await context.home.runInProcess(['--profile', 'role'])
    expect([result.code, result.stderr, signerOf(result)]).toEqual([0, '', 'ASIAROLEA00000000000'])
    if (what === 'a directory') return
    // It was replaced.
    const again = await context.home.runInProcess(['--profile', 'role'])
    expect([again.code, context.aws.calls.length]).toEqual([0, 1])
  })
  test.each(INVALID_FILES)('%s is a miss in the role cache', async (_what, make) => {
    const args = ['--profile', 'keys', '--role-arn', ROLE_A]
    expect((await context.home.runInProcess(args)).code).toBe(0)
    const [name = ''] = [...context.home.files().keys()].filter((file) =>
      file.startsWith('.cache/eks-get-token/roles/'),
    )
    replace(name, make)
    const result = await context.home.runInProcess(args)
    expect([result.code, result.stderr, signerOf(result)]).toEqual([0, '', 'ASIAROLEA00000000000'])
  })
})

describe('a web identity token file that is', () => {
  test.each(INVALID_FILES.filter(([what]) => /empty|garbage|20 MB|directory|a pipe|dangling/.test(what)))(
    '%s',
    async (_what, make) => {
      replace('web-token', make)
      const result = await context.home.runInProcess(['--profile', 'web', '--timeout', '1'])
      expect([252, 255]).toContain(result.code)
      expect(result).toMatchObject({
        stdout: '',
        stderr: expect.stringMatching(/\(ERR_(CREDENTIALS|PARAMETER|TIMEOUT)\)/),
      })
      expect([context.aws.calls, result.seconds < 8]).toEqual([[], true])
    },
  )
})

describe('a service whose response is', { timeout: 30_000 }, () => {
  let server: Server
  let url = ''
  let respond: (response: ServerResponse) => void = () => {}
  beforeAll(async () => {
    server = createServer((_request, response) => respond(response))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => server.closeAllConnections())

  const RESPONSES: readonly [string, (response: ServerResponse) => void][] = [
    ['an HTML page', (response) => response.end('<html>log in</html>')],
    ['an empty object', (response) => response.end('{}')],
    ['null', (response) => response.end('null')],
    ['empty', (response) => response.end()],
    ['an HTML page with status 500', (response) => response.writeHead(500).end('<html>')],
    ['an unknown error', (response) => response.writeHead(403, { 'x-amzn-errortype': 'Odd' }).end('{"message":"no"}')],
    ['a redirect', (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
    [
      'a truncated body',
      (response) => response.writeHead(200, { 'content-length': '900' }).write('{"a', () => response.destroy()),
    ],
    ['a closed connection', (response) => response.destroy()],
    ['missing', () => {}],
    [
      'endless',
      (response) => {
        const more = (): void => {
          while (response.writable && response.write('x'.repeat(65_536)));
        }
        response.on('drain', more)
        response.on('close', () => response.removeListener('drain', more))
        more()
      },
    ],
  ]
  const run = (args: readonly string[], variable: string) =>
    context.home.runInProcess([...args, '--timeout', '3'], { [variable]: url, AWS_MAX_ATTEMPTS: '1' })

  test.each(RESPONSES)('%s (GetRoleCredentials)', async (_what, behavior) => {
    respond = behavior
    context.home.write(...ssoLogin('corp', 7200))
    const result = await run(['--profile', 'sso'], 'AWS_ENDPOINT_URL_SSO')
    expect([254, 255]).toContain(result.code)
    expect(result).toMatchObject({
      stdout: '',
      stderr: expect.stringMatching(/\(ERR_(SERVICE|NETWORK|CREDENTIALS|TIMEOUT)\)/),
    })
    expect(result.seconds).toBeLessThan(8)
  })
  test.each(RESPONSES)('%s (the refresh of an SSO login, whose file is unchanged)', async (_what, behavior) => {
    respond = behavior
    const [file, text] = ssoLogin('corp', -60)
    context.home.write(file, text)
    const result = await run(['--profile', 'sso'], 'AWS_ENDPOINT_URL_SSO_OIDC')
    expect(result).toMatchObject({
      code: 255,
      stdout: '',
      stderr: expect.stringMatching(/\(ERR_(CREDENTIALS|TIMEOUT)\)/),
    })
    expect([readFileSync(join(context.home.folder, file), 'utf8'), context.aws.calls]).toEqual([text, []])
  })
  test.each(RESPONSES)('%s (the refresh of aws login, whose file is unchanged)', async (_what, behavior) => {
    respond = behavior
    const [file, text] = awsLogin(60)
    context.home.write(file, text)
    const result = await run(['--profile', 'login'], 'AWS_ENDPOINT_URL_SIGNIN')
    expect([254, 255]).toContain(result.code)
    expect(result).toMatchObject({
      stdout: '',
      stderr: expect.stringMatching(/\(ERR_(SERVICE|NETWORK|CREDENTIALS|TIMEOUT)\)/),
    })
    expect(readFileSync(join(context.home.folder, file), 'utf8')).toBe(text)
  })
})

describe('a credential_process', { timeout: 30_000 }, () => {
  const withProcess = (script: string) => {
    context.home.write('process', `#!/bin/sh\n${script}\n`)
    chmodSync(join(context.home.folder, 'process'), 0o755)
  }
  test.each([
    ['prints bytes that are not UTF-8', "printf '\\377\\376\\000'"],
    ['prints 5 MB', 'head -c 5000000 /dev/zero'],
    ['prints nothing', ':'],
    ['prints truncated JSON', `printf '{"Version":1,'`],
  ])('that %s', async (_title, script) => {
    withProcess(script)
    const result = await context.home.runInProcess(['--profile', 'process'])
    expect(result).toMatchObject({ code: 255, stdout: '', stderr: expect.stringContaining('(ERR_CREDENTIALS)') })
  })
  test('that takes too long is killed with its children', async () => {
    withProcess(
      `sleep 1000 & echo $! >${context.home.folder}/pids; (sleep 1001 & echo $! >>${context.home.folder}/pids); echo $$ >>${context.home.folder}/pids; sleep 1002`,
    )
    const result = await context.home.runInProcess(['--profile', 'process', '--timeout', '1'])
    expect(result).toMatchObject({ code: 255, stdout: '', stderr: expect.stringContaining('(ERR_TIMEOUT)') })
    const pids = readFileSync(join(context.home.folder, 'pids'), 'utf8').trim().split('\n').map(Number)
    expect(pids).toHaveLength(3)
    expect(pids.filter(isAlive)).toEqual([])
  })
})

/** False for a zombie process. */
function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
