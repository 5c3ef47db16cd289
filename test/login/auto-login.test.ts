import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { awsLogin, signerOf, ssoLogin, useAwsHome } from '../support/aws-home.ts'
import { eksGetToken } from '../support/command.ts'
import { eventually } from '../support/eventually.ts'
import { json } from '../support/local-aws/exchange.ts'
import { findProgram } from '../support/programs.ts'
import { removeFolder } from '../support/remove-folder.ts'
import { createTestBrowser, type TestBrowser } from '../support/sign-in.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

const here = useAwsHome()
const BROWSER = fileURLToPath(new URL('../support/browser.mjs', import.meta.url))
const SCRIPT = findProgram('script')
const COMMAND = eksGetToken()
  .map((word) => `'${word}'`)
  .join(' ')

let desk = ''
beforeEach(() => {
  desk = mkdtempSync(join(tmpdir(), 'eks-get-token-desk-'))
})
afterEach(() => removeFolder(desk))

const read = (name: string) => (existsSync(join(desk, name)) ? readFileSync(join(desk, name), 'utf8') : '')
const tabs = () => read('tabs').split('\n').filter(Boolean)
const execInfo = (interactive: boolean) =>
  JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', spec: { interactive } })
const env = (mode: string, more: Record<string, string> = {}) => ({
  ...here.home.env,
  AWS_ENDPOINT_URL_SIGNIN: `http://127.0.0.1:${here.aws.port}`,
  NO_PROXY: '127.0.0.1',
  BROWSER: `${process.execPath} ${BROWSER} ${desk}/tabs ${mode}`,
  SHELL: '/bin/sh',
  ...more,
})
const HINT = 'hint: run: eks-get-token login --profile login'

interface Run {
  readonly code: number
  readonly stdout: string
  /** stderr, as on a terminal. */
  readonly screen: string
  readonly seconds: number
}

/** Runs get-token in a terminal; stdout goes to a file, as to a client. */
function start(
  mode: string,
  { args = '--login auto', more = {}, name = 'a', profile = 'login' } = {},
): { child: ChildProcess; result: Promise<Run> } {
  const command = `${COMMAND} --cluster-name demo --profile ${profile} ${args} >${desk}/${name}.out; echo "exit $?" >${desk}/${name}.exit`
  const started = performance.now()
  const child = spawn(SCRIPT as string, ['-qec', command, '/dev/null'], { env: env(mode, more), cwd: here.home.folder })
  let screen = ''
  child.stdout.on('data', (chunk) => {
    screen += chunk
  })
  const result = new Promise<Run>((resolve) => {
    child.once('close', () => {
      const code = Number(/exit (\d+)/.exec(read(`${name}.exit`))?.[1])
      resolve({ code, stdout: read(`${name}.out`), screen, seconds: (performance.now() - started) / 1000 })
    })
  })
  return { child, result }
}
const run = (...args: Parameters<typeof start>) => start(...args).result
const wait = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000))

/** The process that is signing in. */
function lockHolder(): number {
  const locks = [...here.home.files()].filter(([name]) => name.endsWith('.lock'))
  const pids = new Set(locks.map(([, text]) => (JSON.parse(text) as { pid: number }).pid))
  if (pids.size !== 1) throw new Error(`${pids.size} lock holders`)
  return [...pids][0] as number
}

const missing = SCRIPT ? undefined : 'script (util-linux) is not on PATH'

describe('--login auto', { timeout: 60_000, ...skipUnlessAvailable(missing) }, () => {
  test.each([
    ['the option', '--login auto', {}],
    ['EKS_GET_TOKEN_LOGIN', '', { EKS_GET_TOKEN_LOGIN: 'auto' }],
    ['a client that is interactive', '--login auto', { KUBERNETES_EXEC_INFO: execInfo(true) }],
  ])('signs in where the login has expired, and then prints the token: %s', async (_title, args, more) => {
    here.home.write(...awsLogin(-60, 'expired'))
    const { code, stdout, screen } = await run('approve', { args, more: more as Record<string, string> })
    expect([code, signerOf({ stdout }), tabs().length]).toEqual([0, 'ASIALOGINNEW00000000', 1])
    expect(screen).toContain('Your session has expired.')
    expect(screen).toContain('Attempting to open your default browser.')
    expect(screen).toContain('Waiting for the sign-in in the browser')
    expect(Object.keys(JSON.parse(stdout))).toContain('status')
    const again = await run('approve', { args, more: more as Record<string, string> })
    expect([again.code, again.screen, tabs().length]).toEqual([0, '', 1])
  })
  test('also where there is no login', async () => {
    const { code, stdout } = await run('approve')
    expect([code, signerOf({ stdout })]).toEqual([0, 'ASIALOGINNEW00000000'])
  })
  test.each([
    ['no option', '', {}],
    ['never', '--login never', { EKS_GET_TOKEN_LOGIN: 'auto' }],
  ])('no login starts by default: %s', async (_title, args, more) => {
    here.home.write(...awsLogin(-60, 'expired'))
    const { code, screen } = await run('approve', { args, more: more as Record<string, string> })
    expect([code, tabs()]).toEqual([255, []])
    expect(screen).toContain(
      `${HINT} (or: aws login --profile login; or use --login auto, which signs in when it is needed)`,
    )
  })
  test.each([
    ['interactive: false', { KUBERNETES_EXEC_INFO: execInfo(false) }, ''],
    ['no terminal', {}, '</dev/null'],
    ['exec info is garbage', { KUBERNETES_EXEC_INFO: '{' }, ''],
  ])('no login starts where no user can be prompted: %s', async (_title, more, redirect) => {
    here.home.write(...awsLogin(-60, 'expired'))
    const { code, stdout, screen, seconds } = await run('approve', {
      args: `--login auto ${redirect}`,
      more: more as Record<string, string>,
    })
    expect([code, stdout, tabs()]).toEqual([255, '', []])
    expect(screen).toContain(HINT)
    expect(seconds).toBeLessThan(5)
  })
  test('an unknown value is an error', async () => {
    const { code, screen } = await run('approve', { args: '', more: { EKS_GET_TOKEN_LOGIN: 'yes' } })
    expect([code, screen]).toEqual([252, expect.stringContaining('ERR_USAGE')])
    expect((await run('approve', { args: '--login yes' })).code).toBe(252)
  })

  test('after a refusal none starts for a minute, and the error has the hint at once', async () => {
    here.home.write(...awsLogin(-60, 'expired'))
    const refused = await run('deny')
    expect([refused.code, refused.stdout, tabs().length]).toEqual([255, '', 1])
    expect(refused.screen).toContain('access_denied')
    const next = await run('approve')
    expect([next.code, tabs().length]).toEqual([255, 1])
    expect(next.screen).toMatch(/no login is started for another \d+ s/)
    expect(next.screen).toContain(HINT)
  })
  test.each(['SIGINT', 'SIGKILL'] as const)('after one that was abandoned none starts either: %s', async (signal) => {
    here.home.write(...awsLogin(-60, 'expired'))
    const { child, result } = start('ignore')
    await eventually(() => tabs().length === 1)
    await wait(0.5)
    if (signal === 'SIGINT') child.stdin?.write('\u0003')
    else process.kill(lockHolder(), 'SIGKILL')
    const abandoned = await result
    expect(abandoned.stdout).toBe('')
    const next = await run('approve', { name: 'b' })
    expect([next.code, tabs().length]).toEqual([255, 1])
    expect(next.screen).toMatch(/no login is started for another \d+ s/)
    // A login that the user starts is not prevented.
    const [program, ...words] = eksGetToken()
    const login = spawn(program, [...words, 'login', '--profile', 'login'], {
      env: env('approve'),
      cwd: here.home.folder,
    })
    expect(await new Promise((resolve) => login.once('close', resolve))).toBe(0)
    expect(signerOf(await run('approve', { name: 'c' }))).toBe('ASIALOGINNEW00000000')
  })

  test('of 10 processes one opens a tab, and the others show on whom they wait', async () => {
    here.home.write(...awsLogin(-60, 'expired'))
    const started = Array.from({ length: 10 }, (_, index) => start('ignore', { name: `p${index}` }))
    await eventually(() => tabs().length > 0)
    await wait(4)
    expect(tabs()).toHaveLength(1)
    // The user signs in.
    expect((await fetch(tabs()[0] ?? '')).status).toBe(200)
    const results = await Promise.all(started.map(({ result }) => result))
    expect(results.map((result) => [result.code, signerOf(result)])).toEqual(
      results.map(() => [0, 'ASIALOGINNEW00000000']),
    )
    expect(tabs()).toHaveLength(1)
    expect(results.filter(({ screen }) => /Waiting for process \d+ on .*, whose user/.test(screen))).toHaveLength(9)
    expect(here.aws.calls.filter(({ params }) => params?.grantType === 'authorization_code')).toHaveLength(1)
  })
  test('a process with interactive: false does not wait for the user of another one', async () => {
    here.home.write(...awsLogin(-60, 'expired'))
    const { child, result } = start('ignore')
    await eventually(() => tabs().length === 1)
    const other = await run('ignore', { name: 'b', more: { KUBERNETES_EXEC_INFO: execInfo(false) } })
    expect([other.code, other.stdout, tabs().length]).toEqual([255, '', 1])
    expect(other.screen).toMatch(/depend on process \d+ on .*, whose user is signing in/)
    child.stdin?.write('\u0003')
    await result
  })
  test('the command login does not wait for it, and ends its wait', async () => {
    here.home.write(...awsLogin(-60, 'expired'))
    const { result } = start('ignore')
    await eventually(() => tabs().length === 1)
    const [program, ...words] = eksGetToken()
    const login = spawn(program, [...words, 'login', '--profile', 'login'], {
      env: env('approve'),
      cwd: here.home.folder,
    })
    expect(await new Promise((resolve) => login.once('close', resolve))).toBe(0)
    const { code, stdout } = await result
    expect([code, signerOf({ stdout }), tabs().length]).toEqual([0, 'ASIALOGINNEW00000000', 2])
  })
  test('logout does not wait for it, and ends its wait', async () => {
    here.home.write(...awsLogin(-60, 'expired'))
    const { result } = start('ignore')
    await eventually(() => tabs().length === 1)
    const [program, ...words] = eksGetToken()
    const started = performance.now()
    const logout = spawn(program, [...words, 'logout', '--profile', 'login'], {
      env: env('approve'),
      cwd: here.home.folder,
    })
    expect(await new Promise((resolve) => logout.once('close', resolve))).toBe(0)
    expect(performance.now() - started).toBeLessThan(5000)
    const { code, stdout } = await result
    expect([code, stdout, tabs().length]).toEqual([255, '', 1])
  })
  test('a login by another program ends the wait', async () => {
    here.home.write(...awsLogin(-60, 'expired'))
    const { result } = start('ignore')
    await eventually(() => tabs().length === 1)
    here.home.write(...awsLogin(3600))
    const { code, stdout } = await result
    expect([code, signerOf({ stdout })]).toEqual([0, 'ASIALOGIN'])
  })
  describe('IAM Identity Center', () => {
    const sso = (browser: TestBrowser, profile: string, name = 'a') =>
      start('', {
        args: '--login auto',
        profile,
        name,
        more: { ...browser.env, AWS_ENDPOINT_URL_SIGNIN: '', AWS_REGION: 'us-west-2', DISPLAY: ':0' },
      })
    test.each([
      ['an expired session', 'sso', ssoLogin('corp', -60, { refreshToken: 'bad' })],
      ['a session that the portal has ended', 'sso', ssoLogin('corp', 3600, { accessToken: 'revoked' })],
      ['an expired legacy login', 'legacy', ssoLogin('https://example.awsapps.com/start', -60)],
    ])('%s: the browser signs in', async (_title, profile, [file, content]) => {
      const browser = createTestBrowser(here.home)
      here.home.write(file, content)
      const { code, stdout, screen } = await sso(browser, profile).result
      expect([code, screen]).toMatchObject([0, expect.stringContaining('Successfully logged into Start URL')])
      expect(signerOf({ stdout })).toMatch(/^ASIASSO/)
      expect(browser.opened()).toHaveLength(1)
      expect(JSON.parse(here.home.files().get(file) ?? '').accessToken).toBe('NEWACCESSTOKENEXAMPLE')
      expect(here.aws.oidc.problems).toEqual([])
    })
    test('no pause after the service failed before the user was asked', async () => {
      const browser = createTestBrowser(here.home)
      here.home.write(...ssoLogin('corp', -60, { refreshToken: 'bad' }))
      const response = json(400, { error: 'invalid_request', error_description: 'no' }, 'InvalidRequestException')
      here.aws.oidc.behavior = { responses: { RegisterClient: response } }
      const failed = await sso(browser, 'sso').result
      expect([failed.code, browser.opened()]).toEqual([254, []])
      here.aws.oidc.behavior = {}
      const next = await sso(browser, 'sso', 'b').result
      expect([next.code, browser.opened().length]).toEqual([0, 1])
    })
    test('an expired session of the source profile of a role', async () => {
      const browser = createTestBrowser(here.home)
      const [file, content] = ssoLogin('corp', -60, { refreshToken: 'bad' })
      here.home.write(file, content)
      const role = '[profile via]\nrole_arn = arn:aws:iam::123456789012:role/role-a\nsource_profile = sso\n'
      here.home.write('.aws/config', `${here.home.files().get('.aws/config')}${role}`)
      const { code, stdout } = await sso(browser, 'via').result
      expect([code, signerOf({ stdout }), browser.opened().length]).toEqual([0, 'ASIAROLEA00000000000', 1])
    })
    test('processes with two roles of one session share the login', async () => {
      const browser = createTestBrowser(here.home, 'sleep 4')
      here.home.write(...ssoLogin('corp', -60, { refreshToken: 'bad' }))
      const started = Array.from({ length: 6 }, (_, index) => sso(browser, index % 2 ? 'sso' : 'sso2', `s${index}`))
      const results = await Promise.all(started.map(({ result }) => result))
      expect(results.map(({ code }) => code)).toEqual(results.map(() => 0))
      expect(new Set(results.map(signerOf)).size).toBe(2)
      expect(browser.opened()).toHaveLength(1)
      expect(results.filter(({ screen }) => screen.includes('Waiting for process'))).toHaveLength(5)
    })
  })
  test('signing in as another identity is an error, and changes nothing', async () => {
    const [file, content] = awsLogin(-60, 'expired')
    here.home.write(file, content)
    const before = here.home.files().get('.aws/config')
    const { code, stdout, screen } = await run('&as=arn%3Aaws%3Aiam%3A%3A123456789012%3Auser/bob')
    expect([code, stdout]).toEqual([255, ''])
    expect(screen).toContain('you have signed in as arn:aws:iam::123456789012:user/bob')
    expect([here.home.files().get('.aws/config'), here.home.files().get(file)]).toEqual([before, content])
  })
})
