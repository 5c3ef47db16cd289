import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ssoLogin, useAwsHome } from '../support/aws-home.ts'
import { eksGetToken, runCommand } from '../support/command.ts'
import { eventually } from '../support/eventually.ts'
import { START_URL } from '../support/local-aws/oidc.ts'
import { findProgram } from '../support/programs.ts'
import { createTestBrowser, runLogin, SIGN_IN_SECRETS } from '../support/sign-in.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

const here = useAwsHome()
const [CORP_FILE, OLD_LOGIN] = ssoLogin('corp', 3600)

interface RunningLogin {
  readonly child: ChildProcess
  readonly output: () => string
  readonly exit: Promise<{ code: number | null; signal: string | null }>
}

/** Starts a sign-in whose user does nothing, unless `env` has a browser. */
function startLogin(args: readonly string[], env: Record<string, string> = {}): RunningLogin {
  const [program, ...words] = eksGetToken()
  const child = spawn(program, [...words, 'login', '--profile', 'sso', ...args], {
    env: { ...here.home.env, BROWSER: '/bin/true', ...env },
    cwd: here.home.folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (text += chunk.toString()))
  const exit = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal }))
  })
  return { child, output: () => text, exit }
}

/** The temporary file of a write that was cut off; the next one to the same file removes it. */
const TEMPORARY_FILE = /\/[0-9a-f]{40}\.json\.[0-9a-z]{8,13}\.tmp$/

/** Every file that may contain a secret is complete; nobody reads what a kill has left. */
function expectNoPartialFile(): void {
  for (const [file, text] of here.home.files()) {
    if (!file.includes('/cache/')) continue
    if (file.endsWith('.json')) expect(() => JSON.parse(text)).not.toThrow()
    else if (!TEMPORARY_FILE.test(file))
      for (const secret of SIGN_IN_SECRETS) expect(`${file}: ${text}`).not.toContain(secret)
  }
}

describe.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s while the program waits for the user', (signal) => {
  const codes = { SIGINT: [130, null], SIGTERM: [143, null], SIGHUP: [129, null] }
  test.each([
    ['the browser', []],
    ['a device code', ['--use-device-code']],
  ])('for %s ends it at once, and leaves nothing', async (_what, args) => {
    here.home.write(CORP_FILE, OLD_LOGIN)
    here.aws.oidc.behavior = { pendingPolls: 1000 }
    const { child, output, exit } = startLogin(args)
    await eventually(() => output().includes('https://'))
    const port = /127\.0\.0\.1%3A(\d+)/.exec(output())?.[1]
    const started = performance.now()
    child.kill(signal)
    expect(codes[signal]).toContain((await exit).code)
    expect(performance.now() - started).toBeLessThan(3000)
    expect(output()).not.toContain('Successfully')
    expect(here.home.files().get(CORP_FILE)).toBe(OLD_LOGIN)
    expectNoPartialFile()
    if (port !== undefined) await expect(reach(Number(port))).rejects.toThrow()
  })
})

test('SIGINT while the code is exchanged for the token ends it with the exit code 130', async () => {
  here.aws.reset({ delayMs: { 'sso-oidc': 1000 } })
  const { child, exit } = startLogin([], createTestBrowser(here.home).env)
  await eventually(() => here.aws.calls.some(({ op }) => op === 'CreateToken'))
  child.kill('SIGINT')
  expect(await exit).toMatchObject({ code: 130 })
  expect(here.home.files().has(CORP_FILE)).toBe(false)
})

test('SIGINT while the program waits for the user leaves no lock', async () => {
  const { child, output, exit } = startLogin(['--no-browser'])
  const locks = () => [...here.home.files()].filter(([file]) => file.endsWith('.lock'))
  await eventually(
    () => output().includes('/authorize?') && locks().some(([, text]) => text.includes('"isPrompting":true')),
  )
  child.kill('SIGINT')
  expect(await exit).toMatchObject({ code: 130 })
  expect(locks()).toEqual([])
})

test('a directory in place of the login file: an error before the user signs in', async () => {
  mkdirSync(join(here.home.folder, CORP_FILE), { recursive: true })
  const result = await runLogin(here.home, ['login', '--profile', 'sso'])
  expect(result).toMatchObject({ code: 255, stdout: '' })
  expect(result.stderr).toContain(
    `the login cannot be stored in ${join(here.home.folder, CORP_FILE)}: it is a directory`,
  )
  expect(here.aws.calls).toEqual([])
})

test('killed at any time, it leaves no partial file, and the next one succeeds', { timeout: 180_000 }, async () => {
  const { env } = createTestBrowser(here.home)
  let completed = 0
  for (let run = 0; run < 24; run++) {
    here.home.write(CORP_FILE, OLD_LOGIN)
    const { child, exit } = startLogin([], env)
    await new Promise((resolve) => setTimeout(resolve, run * 25))
    child.kill('SIGKILL')
    await exit
    expectNoPartialFile()
    const content = JSON.parse(here.home.files().get(CORP_FILE) ?? '') as { accessToken: string }
    expect(['BEARERTOKENEXAMPLE', 'NEWACCESSTOKENEXAMPLE']).toContain(content.accessToken)
    if (content.accessToken === 'NEWACCESSTOKENEXAMPLE') completed++
  }
  expect(completed).toBeLessThan(24)
  const result = await runLogin(here.home, ['login', '--profile', 'sso'], env)
  expect(result).toMatchObject({ code: 0, stderr: '' })
  expect(here.aws.oidc.problems).toEqual([])
})

const canMount =
  spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', '/mnt'], { stdio: 'ignore' })
    .status === 0
const mountMissing = canMount ? undefined : 'needs unshare and mount, as root'

describe('a file system that takes no file', skipUnlessAvailable(mountMissing), () => {
  const program = eksGetToken().map((word) => `'${word}'`)
  const run = (prepare: string, args: string) => {
    const folder = join(here.home.folder, '.aws/sso')
    const script = `mkdir -p ${folder} && mount -t tmpfs -o size=64k tmpfs ${folder} && mkdir ${folder}/cache && ${prepare.replaceAll('DIR', folder)}; ${program.join(' ')} login --profile sso ${args}; code=$?; ls -A ${folder}/cache >&2; exit $code`
    return runCommand(['/usr/bin/unshare', '-m', 'sh', '-c', script], {
      env: { ...here.home.env, PATH: '/usr/sbin:/usr/bin:/sbin:/bin', BROWSER: '/bin/true' },
      cwd: here.home.folder,
    })
  }
  test.each([
    ['a full disk', 'cat /dev/zero >DIR/fill 2>/dev/null', 'ENOSPC', 'free some space on the disk'],
    ['a read-only one', 'mount -o remount,ro DIR', 'EROFS', 'check the directory and its permissions'],
  ])('%s', async (_title, prepare, code, hint) => {
    const result = await run(prepare, '')
    expect(result).toMatchObject({ code: 255, stdout: '' })
    expect(result.stderr).toMatch(
      new RegExp(
        `^eks-get-token: the login cannot be stored in .*: ${code} \\(ERR_LOGIN\\)\n {2}hint: ${hint}[^\n]*\n$`,
      ),
    )
    expect(here.aws.calls).toEqual([])
  })
})

describe('a wrong clock', skipUnlessAvailable(findProgram('faketime') ? undefined : 'no faketime'), () => {
  test.each(['-400 days', '+400 days'])('%s', async (offset) => {
    const { env } = createTestBrowser(here.home)
    // The certificate of the local AWS is not valid then; its plain port is.
    const endpoint = { AWS_ENDPOINT_URL: `http://127.0.0.1:${here.aws.port}` }
    const words = ['/usr/bin/faketime', '-f', offset.replace(' days', 'd'), ...eksGetToken()] as const
    for (const args of [[], ['--use-device-code']]) {
      const result = await runCommand([...words, 'login', '--profile', 'sso', ...args], {
        env: { ...here.home.env, ...env, ...endpoint },
        cwd: here.home.folder,
      })
      expect(result).toMatchObject({ code: 0, stderr: '' })
      const login = JSON.parse(here.home.files().get(CORP_FILE) ?? '') as { expiresAt: string }
      const days = (Date.parse(login.expiresAt) - Date.now()) / 86_400_000
      expect(Math.round(days)).toBe(Number.parseInt(offset, 10))
    }
  })
})

describe('on a terminal', skipUnlessAvailable(findProgram('script') ? undefined : 'no script (a terminal)'), () => {
  test('the time left is shown, and removed', async () => {
    here.aws.oidc.behavior = { pendingPolls: 3 }
    const command = [...eksGetToken(), 'login', '--profile', 'legacy'].map((word) => `'${word}'`).join(' ')
    const result = await runCommand(['/usr/bin/script', '-qec', command, '/dev/null'], {
      env: { ...here.home.env, TERM: 'xterm', BROWSER: '/bin/true' },
      cwd: here.home.folder,
    })
    expect(result.code).toBe(0)
    expect(result.stdout).toContain('Waiting for the approval of the code (10:00 left, Ctrl-C to cancel)')
    expect(result.stdout).toContain('\r\x1b[KWaiting for the approval of the code (9:59 left, Ctrl-C to cancel)')
    const last = result.stdout.split('\r\n').at(-2)
    expect(last?.endsWith(`\r\x1b[KSuccessfully logged into Start URL: ${START_URL}`)).toBe(true)
  })
})

const chromium = findProgram('chromium')
describe.each(['light', 'dark'])('chromium, %s', (theme) => {
  test('completes the sign-in, and shows the page as it is meant', {
    ...skipUnlessAvailable(chromium ? undefined : 'no chromium (apt-get install chromium)'),
    timeout: 90_000,
  }, async () => {
    const { home, aws } = here
    const [page = '', log = '', ended = ''] = ['page.html', 'chromium.log', 'ended'].map((name) =>
      join(home.folder, name),
    )
    const options = [
      '--headless=new --no-sandbox --disable-gpu --no-first-run --disable-background-networking',
      '--disable-component-update --ignore-certificate-errors --enable-logging=stderr',
      `--proxy-server=127.0.0.1:${aws.port} --user-data-dir=${home.folder}/chromium`,
      `--blink-settings=preferredColorScheme=${theme === 'dark' ? 0 : 1} --dump-dom`,
    ]
    home.write('chromium.sh', `#!/bin/sh\n${chromium} ${options.join(' ')} "$1" >${page} 2>${log}\ntouch ${ended}\n`)
    spawnSync('chmod', ['+x', join(home.folder, 'chromium.sh')])
    const result = await runLogin(home, ['login', '--profile', 'sso'], { BROWSER: join(home.folder, 'chromium.sh') })
    expect(result).toMatchObject({ code: 0, stderr: '' })
    expect(aws.oidc.problems).toEqual([])
    // It still writes to its profile.
    await eventually(() => existsSync(ended))
    expect(readFileSync(page, 'utf8')).toContain('You are signed in to session corp.')
    expect(readFileSync(log, 'utf8')).not.toMatch(/Content Security Policy|Refused to/)
  })
})

/** Resolves if something listens on a port of this machine. */
function reach(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve()
    })
    socket.on('error', reject)
  })
}
