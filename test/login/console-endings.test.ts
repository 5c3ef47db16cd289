import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { awsLogin, LOGIN_SESSION, useAwsHome } from '../support/aws-home.ts'
import { eksGetToken, runCommand } from '../support/command.ts'
import { eventually } from '../support/eventually.ts'
import { runInProcess } from '../support/in-process.ts'
import { findProgram } from '../support/programs.ts'
import { removeFolder } from '../support/remove-folder.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

const here = useAwsHome()
const BROWSER = fileURLToPath(new URL('../support/browser.mjs', import.meta.url))

/** A sign-in page that approves at once, in front of a token endpoint that answers with anything. */
let server: Server
let url = ''
let answer: { status?: number; body: string; delayMs?: number }
beforeAll(async () => {
  server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://local')
    request.resume()
    if (pathname === '/v1/authorize') {
      const query = new URLSearchParams({ state: searchParams.get('state') ?? '', code: 'CODEEXAMPLE' })
      response.writeHead(302, { location: `${searchParams.get('redirect_uri')}?${query}` }).end()
      return
    }
    const { status = 200, body, delayMs = 0 } = answer
    const headers = {
      'content-type': 'application/json',
      ...(status >= 400 ? { 'x-amzn-errortype': 'AccessDeniedException' } : {}),
    }
    setTimeout(() => response.writeHead(status, headers).end(body), delayMs)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

let desk = ''
beforeEach(() => {
  desk = mkdtempSync(join(tmpdir(), 'eks-get-token-desk-'))
})
// The browser of a login that was killed may still write its file.
afterEach(() => removeFolder(desk))

const env = (more: Record<string, string> = {}) => ({
  ...here.home.env,
  AWS_ENDPOINT_URL_SIGNIN: url,
  NO_PROXY: '127.0.0.1',
  AWS_MAX_ATTEMPTS: '1',
  BROWSER: `${process.execPath} ${BROWSER} ${desk}/tabs approve`,
  ...more,
})
const login = (args: readonly string[] = [], more: Record<string, string> = {}) =>
  runInProcess(['login', '--profile', 'new', ...args], { env: env(more), cwd: here.home.folder, timeoutMs: 30_000 })
const page = async () => {
  await eventually(() => existsSync(join(desk, 'tabs.page')))
  return readFileSync(join(desk, 'tabs.page'), 'utf8')
}
/** The files of the AWS CLI. */
const awsFiles = () => [...here.home.files()].filter(([name]) => name.startsWith('.aws/'))

const idToken = (claims: unknown) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`
const KEYS = { accessKeyId: 'ASIAX', secretAccessKey: 'secret-of-ASIAX', sessionToken: 'SESSIONTOKENEXAMPLE' }
const GOOD = {
  accessToken: KEYS,
  tokenType: 'aws_sigv4',
  expiresIn: 900,
  refreshToken: 'REFRESHTOKENEXAMPLE',
  idToken: idToken({ sub: LOGIN_SESSION }),
}

describe('a response of AWS Sign-In that is not a login is an error, and nothing is stored', {
  timeout: 60_000,
}, () => {
  test.each<[string, typeof answer]>([
    ['empty', { body: '' }],
    ['HTML', { body: '<html>login</html>' }],
    ['null', { body: 'null' }],
    ['a list', { body: '[]' }],
    ['no credentials', { body: JSON.stringify({ ...GOOD, accessToken: undefined }) }],
    [
      'an access key id that is a number',
      { body: JSON.stringify({ ...GOOD, accessToken: { ...KEYS, accessKeyId: 5 } }) },
    ],
    ['no refresh token', { body: JSON.stringify({ ...GOOD, refreshToken: undefined }) }],
    ['a refresh token that is an object', { body: JSON.stringify({ ...GOOD, refreshToken: {} }) }],
    ['no id token', { body: JSON.stringify({ ...GOOD, idToken: undefined }) }],
    ['an id token of two parts', { body: JSON.stringify({ ...GOOD, idToken: 'a.b' }) }],
    ['an id token that is not JSON', { body: JSON.stringify({ ...GOOD, idToken: 'a.b.c' }) }],
    ...[
      undefined,
      5,
      '',
      'alice',
      `${LOGIN_SESSION}\n[profile x]`,
      `${LOGIN_SESSION} `,
      `arn:aws:iam::1:${'x'.repeat(5000)}`,
    ].map((sub): [string, typeof answer] => [
      `a subject ${JSON.stringify(sub)?.slice(0, 60)}`,
      { body: JSON.stringify({ ...GOOD, idToken: idToken({ sub }) }) },
    ]),
    ['2 MB', { body: JSON.stringify({ ...GOOD, tokenType: 'x'.repeat(2 << 20) }) }],
    ['an error of the server', { status: 500, body: '{"message":"CODEEXAMPLE"}' }],
    ['no permission', { status: 403, body: '{"error":"INSUFFICIENT_PERMISSIONS","message":"CODEEXAMPLE"}' }],
  ])('%s', async (_title, response) => {
    answer = response
    const before = awsFiles()
    const result = await login()
    expect([254, 255]).toContain(result.code)
    expect(awsFiles()).toEqual(before)
    expect(result.stderr).toMatch(/^eks-get-token: .* \(ERR_\w+\)\n {2}hint: .*\n$/)
    expect(result.stdout + result.stderr).not.toMatch(/CODEEXAMPLE|TOKENEXAMPLE|secret-of|ERR_INTERNAL/)
    expect(await page()).toContain('Sign-in failed')
  })
  test('a lifetime that is absurd is limited', async () => {
    answer = { body: JSON.stringify({ ...GOOD, expiresIn: 1e300 }) }
    expect((await login()).code).toBe(0)
  })
  test('no response until the time limit', async () => {
    answer = { body: '', delayMs: 60_000 }
    const result = await login(['--timeout', '2'])
    expect([result.code, result.stderr.includes('(ERR_TIMEOUT)')]).toEqual([255, true])
    expect(result.seconds).toBeLessThan(20)
  })
})

describe('killed', { timeout: 120_000 }, () => {
  test('at any time, no file is half written, and the next login succeeds', async () => {
    const before = here.home.files().get('.aws/config') ?? ''
    const after = `${before}\n[profile new]\nlogin_session = ${LOGIN_SESSION}\n`
    const [program, ...words] = eksGetToken()
    const [loginFile] = awsLogin(0)
    for (let step = 0; step < 12; step++) {
      answer = { body: JSON.stringify(GOOD), delayMs: step % 3 === 0 ? 300 : 0 }
      const child = spawn(program, [...words, 'login', '--profile', 'new'], { env: env(), cwd: here.home.folder })
      const closed = new Promise((resolve) => child.once('close', resolve))
      await new Promise((resolve) => setTimeout(resolve, 200 + step * 120))
      child.kill('SIGKILL')
      await closed
      const files = here.home.files()
      expect([before, after]).toContain(files.get('.aws/config'))
      const content = files.get(loginFile)
      if (content !== undefined) expect(JSON.parse(content)).toMatchObject({ refreshToken: 'REFRESHTOKENEXAMPLE' })
      if (files.get('.aws/config') === after) expect(content).toBeDefined()
    }
    answer = { body: JSON.stringify(GOOD) }
    expect((await login()).code).toBe(0)
    expect(here.home.files().get('.aws/config')).toBe(after)
  })
})

const unshare = findProgram('unshare')
const cannotMount = !unshare || process.getuid?.() !== 0 ? 'root and unshare are required' : undefined

describe('where the login cannot be kept', { timeout: 60_000, ...skipUnlessAvailable(cannotMount) }, () => {
  /** Runs the login with these mounts. */
  const mounted = (mounts: string) => {
    const words = eksGetToken().map((word) => `'${word}'`)
    const script = `set -e; cd "$HOME"; ${mounts}; exec ${words.join(' ')} login --profile new`
    return runCommand([unshare ?? '', '-m', '/bin/sh', '-c', script], {
      env: { ...env(), PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
      cwd: here.home.folder,
      timeoutMs: 30_000,
    })
  }
  test.each<[string, string, RegExp]>([
    [
      'a read-only home',
      'mkdir -p .cache; mount --bind . .; mount -o remount,ro,bind .; cd "$HOME"',
      /cannot be stored in .*EROFS/,
    ],
    [
      'a full disk',
      'mkdir -p .aws/login; mount -t tmpfs -o size=8k tmpfs .aws/login; mkdir .aws/login/cache',
      /cannot be stored in .*ENOSPC/,
    ],
    [
      'a read-only config file',
      'mount --bind .aws/config .aws/config; mount -o remount,ro,bind .aws/config',
      /the config file cannot be changed: .*(EROFS|EBUSY)/,
    ],
  ])('%s: an error before the browser opens', async (_title, mounts, message) => {
    answer = { body: JSON.stringify(GOOD) }
    const before = awsFiles()
    const result = await mounted(mounts)
    expect([result.code, result.stdout, existsSync(join(desk, 'tabs'))]).toEqual([255, '', false])
    expect(result.stderr).toMatch(message)
    expect(awsFiles()).toEqual(before)
  })
})

describe('the login in the other commands', { timeout: 30_000 }, () => {
  const run = (args: readonly string[]) => runInProcess(args, { env: env(), cwd: here.home.folder })
  test('login --status shows it', async () => {
    here.home.write(...awsLogin(3600))
    const { stdout, code } = await run(['login', '--status', '--output', 'json'])
    const state = (JSON.parse(stdout) as { kind: string; status: string }[]).find(({ kind }) => kind === 'console')
    expect([code, state]).toMatchObject([0, { session: LOGIN_SESSION, profiles: ['login'], status: 'valid' }])
  })
  test('logout removes it, and warns where there is none', async () => {
    const [file, content] = awsLogin(3600)
    here.home.write(file, content)
    const first = await run(['logout', '--profile', 'login'])
    expect([first.code, first.stderr, here.home.files().has(file)]).toEqual([0, '', false])
    const second = await run(['logout', '--profile', 'login'])
    expect([second.code, second.stderr]).toEqual([0, "warning: no login session found for profile 'login'\n"])
  })
})
