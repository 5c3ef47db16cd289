import { createHash, createPrivateKey } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { signerOf, useAwsHome } from '../support/aws-home.ts'
import { eksGetToken, runEksGetToken } from '../support/command.ts'
import { eventually } from '../support/eventually.ts'
import { CONSOLE_USER } from '../support/local-aws/sign-in.ts'
import { findProgram } from '../support/programs.ts'
import { removeFolder } from '../support/remove-folder.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

const here = useAwsHome()
const BROWSER = fileURLToPath(new URL('../support/browser.mjs', import.meta.url))
const OTHER = 'arn:aws:sts::123456789012:assumed-role/Admin/bob'

/** What the browsers write, which may still run at the end of a test. */
let desk = ''
beforeEach(() => {
  desk = mkdtempSync(join(tmpdir(), 'eks-get-token-desk-'))
})
afterEach(() => removeFolder(desk))

const tabs = () => {
  const log = join(desk, 'tabs')
  return existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []
}
/** What the browser shows at the end. */
const page = async () => {
  const file = join(desk, 'tabs.page')
  await eventually(() => existsSync(file))
  return readFileSync(file, 'utf8')
}
const read = (name: string) => readFileSync(join(here.home.folder, name), 'utf8')
/** The environment of a user whose browser does this. */
const env = (mode: string, more: Record<string, string> = {}) => ({
  ...here.home.env,
  AWS_ENDPOINT_URL_SIGNIN: `http://127.0.0.1:${here.aws.port}`,
  NO_PROXY: '127.0.0.1',
  BROWSER: `${process.execPath} ${BROWSER} ${desk}/tabs ${mode}`,
  ...more,
})
const login = (
  args: readonly string[],
  mode = 'approve',
  more: Record<string, string> = {},
  stdin: 'ignore' | { text: string } = 'ignore',
) => runEksGetToken(['login', ...args], { env: env(mode, more), cwd: here.home.folder, stdin })
const fileOf = (arn: string) => `.aws/login/cache/${createHash('sha256').update(arn).digest('hex')}.json`

describe('login with the AWS console', { timeout: 30_000 }, () => {
  test('signs in, stores the login as the AWS CLI, and get-token uses and refreshes it', async () => {
    here.home.write('.aws/config', '# mine\r\n[profile dev]\r\nregion = eu-west-1 ; x\r\n\r\n[default]\r\n')
    const result = await login(['--profile', 'dev'], 'approve', { AWS_REGION: 'us-west-2' })
    expect(result).toMatchObject({ code: 0, stderr: '' })
    expect(result.stdout).toContain('Attempting to open your default browser.')
    expect(result.stdout).toContain(tabs()[0])
    expect(result.stdout).toContain(`Updated profile dev to use ${CONSOLE_USER} credentials.\n`)
    expect(tabs()).toHaveLength(1)
    expect(await page()).toMatch(new RegExp(`^200 [\\s\\S]*You are signed in as ${CONSOLE_USER}`))
    expect(read('.aws/config')).toBe(
      `# mine\r\n[profile dev]\r\nregion = eu-west-1 ; x\r\nlogin_session = ${CONSOLE_USER}\r\n\r\n[default]\r\n`,
    )
    const content = JSON.parse(read(fileOf(CONSOLE_USER)))
    expect(Object.keys(content)).toEqual(['accessToken', 'tokenType', 'clientId', 'refreshToken', 'idToken', 'dpopKey'])
    expect(content).toMatchObject({
      accessToken: {
        accessKeyId: 'ASIALOGINNEW00000000',
        secretAccessKey: 'secret-of-ASIALOGINNEW00000000',
        sessionToken: 'LOGINTOKEN1',
        accountId: '123456789012',
        expiresAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      },
      tokenType: 'aws_sigv4',
      clientId: 'arn:aws:signin:::devtools/same-device',
    })
    const seconds = (Date.parse(content.accessToken.expiresAt) - Date.now()) / 1000
    expect(seconds).toBeGreaterThan(800)
    expect(seconds).toBeLessThanOrEqual(900)
    const pem = content.dpopKey.trimEnd().split('\n')
    expect([pem[0], pem.at(-1)]).toEqual(['-----BEGIN EC PRIVATE KEY-----', '-----END EC PRIVATE KEY-----'])
    expect(pem.slice(1, -2).every((line: string) => line.length === 64)).toBe(true)
    expect(createPrivateKey(content.dpopKey).asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' })
    expect(statSync(join(here.home.folder, fileOf(CONSOLE_USER))).mode & 0o777).toBe(0o600)

    const token = await here.home.run(['--profile', 'dev'])
    expect([token.code, token.stderr, signerOf(token)]).toEqual([0, '', 'ASIALOGINNEW00000000'])
    const expired = { ...content, accessToken: { ...content.accessToken, expiresAt: '2020-01-01T00:00:00Z' } }
    here.home.write(fileOf(CONSOLE_USER), JSON.stringify(expired))
    const refreshed = await here.home.run(['--profile', 'dev'], env('approve'))
    expect([refreshed.stderr, signerOf(refreshed)]).toEqual(['', 'ASIALOGINREFRESHED00'])
    const { accessToken, refreshToken, ...rest } = content
    expect(JSON.parse(read(fileOf(CONSOLE_USER)))).toMatchObject(rest)
    expect(here.aws.calls.map(({ op }) => op)).toEqual(['authorize', 'CreateOAuth2Token', 'CreateOAuth2Token'])
  })

  test('no secret is shown', async () => {
    const { stdout, stderr } = await login(['--profile', 'new', '--debug'])
    const content = read(fileOf(CONSOLE_USER))
    const { codeVerifier, code } = here.aws.calls[1]?.params ?? {}
    const key = JSON.parse(content).dpopKey.split('\n')[1]
    for (const secret of [codeVerifier, code, key, 'secret-of-', 'LOGINTOKEN1', JSON.parse(content).refreshToken]) {
      expect((stdout + stderr).includes(String(secret)), String(secret)).toBe(false)
    }
  })

  test('a profile that does not exist is created, also the default profile in a file that does not exist', async () => {
    rmSync(join(here.home.folder, '.aws/config'))
    expect((await login([])).code).toBe(0)
    expect(read('.aws/config')).toBe(`[default]\nlogin_session = ${CONSOLE_USER}\n`)
    expect(statSync(join(here.home.folder, '.aws/config')).mode & 0o777).toBe(0o600)
    expect((await login(['--profile', 'my team'])).code).toBe(0)
    expect(read('.aws/config')).toContain(`\n\n[profile 'my team']\nlogin_session = ${CONSOLE_USER}\n`)
    expect(signerOf(await here.home.run(['--profile', 'my team']))).toBe('ASIALOGINNEW00000000')
  })

  test('AWS_CONFIG_FILE, AWS_PROFILE and AWS_LOGIN_CACHE_DIRECTORY are respected', async () => {
    const more = {
      AWS_CONFIG_FILE: join(here.home.folder, 'other'),
      AWS_PROFILE: 'x',
      AWS_LOGIN_CACHE_DIRECTORY: '~/logins',
    }
    const before = read('.aws/config')
    expect((await login([], 'approve', more)).code).toBe(0)
    expect([read('.aws/config'), read('other')]).toEqual([before, `[profile x]\nlogin_session = ${CONSOLE_USER}\n`])
    expect(JSON.parse(read(fileOf(CONSOLE_USER).replace('.aws/login/cache', 'logins'))).tokenType).toBe('aws_sigv4')
    const token = await here.home.run([], more)
    expect(signerOf(token)).toBe('ASIALOGINNEW00000000')
  })

  test.each([
    ['an answer', 'eu-north-1\n', 'eu-north-1'],
    ['an empty answer is the suggestion', '\n', 'us-east-1'],
  ])('a region that is not configured is asked for, and kept in the profile: %s', async (_title, text, region) => {
    const { AWS_REGION: _, ...rest }: Record<string, string> = env('approve')
    const result = await runEksGetToken(['login', '--profile', 'new'], {
      env: rest,
      cwd: here.home.folder,
      stdin: { text },
    })
    expect([result.code, result.stderr]).toEqual([0, 'AWS Region [us-east-1]: \n'])
    expect(read('.aws/config')).toContain(`[profile new]\nlogin_session = ${CONSOLE_USER}\nregion = ${region}\n`)
  })
  test('without an answer to the prompt, a missing region is an error, and no browser opens', async () => {
    const { AWS_REGION: _, ...rest }: Record<string, string> = env('approve')
    const result = await runEksGetToken(['login', '--profile', 'new'], { env: rest, cwd: here.home.folder })
    expect([result.code, result.stderr.includes('(ERR_NO_REGION)'), tabs()]).toEqual([253, true, []])
  })

  test.each([
    ['keys', 'static credentials'],
    ['web', 'a web identity token'],
    ['process', 'a credential_process'],
  ])('profile %s signs with %s: refused, and nothing changes', async (profile, source) => {
    const before = [...here.home.files()]
    const result = await login(['--profile', profile])
    expect([result.code, result.stderr.includes(source), tabs()]).toEqual([253, true, []])
    expect([...here.home.files()]).toEqual(before)
  })

  test('an empty login_session is replaced without a question', async () => {
    here.home.write('.aws/config', '[profile dev]\nlogin_session =\nregion = eu-west-1\n')
    const result = await login(['--profile', 'dev'])
    expect([result.code, result.stderr]).toEqual([0, ''])
    expect(read('.aws/config')).toBe(`[profile dev]\nlogin_session = ${CONSOLE_USER}\nregion = eu-west-1\n`)
  })

  describe('a profile with the session of another identity', () => {
    const before = '[profile dev]\nlogin_session = arn:aws:iam::123456789012:user/Alice\n'
    test.each([
      ['y\n', 0, `[profile dev]\nlogin_session = ${OTHER}\n`],
      ['maybe\nYES\n', 0, `[profile dev]\nlogin_session = ${OTHER}\n`],
      ['n\n', 0, before],
      ['', 255, before],
    ])('answer %j', async (text, code, after) => {
      here.home.write('.aws/config', before)
      const result = await login(['--profile', 'dev'], `&as=${encodeURIComponent(OTHER)}`, {}, { text })
      expect([result.code, read('.aws/config')]).toEqual([code, after])
      expect(result.stderr).toContain(`Do you want to overwrite it to use ${OTHER} instead? (y/n): `)
      expect(here.home.files().has(fileOf(OTHER))).toBe(after !== before)
      expect(await page()).toContain(code === 0 ? '200' : 'already configured')
    })
    test('without an answer, the hint is the command with the options that were given', async () => {
      here.home.write('.aws/config', before.replace('dev', "'my team'"))
      const args = ['--profile', 'my team', '--use-device-code', '--region', 'eu-north-1', '--timeout', '60']
      const result = await login(args, `&as=${encodeURIComponent(OTHER)}`, {}, { text: '' })
      expect([result.code, result.stderr]).toEqual([
        255,
        expect.stringContaining(
          "run in a terminal: eks-get-token login --profile 'my team' --region eu-north-1 --use-device-code\n",
        ),
      ])
    })
  })

  test.each([
    [['--profile', 'new'], 'eks-get-token --cluster-name NAME --profile new'],
    [
      ['--profile', 'my team', '--region', 'eu-north-1', '--timeout', '60'],
      "eks-get-token --cluster-name NAME --profile 'my team' --region eu-north-1",
    ],
  ])('%j: the example is a command that uses the new credentials', async (args, line) => {
    const result = await login(args)
    expect(result.stdout).toContain(` to use the new credentials, such as "${line}"\n`)
    const words = line.replace('NAME', 'demo').match(/'[^']*'|\S+/g) ?? []
    const token = await here.home.run(words.slice(1).map((word) => word.replaceAll("'", '')))
    expect([token.code, signerOf(token)]).toEqual([0, 'ASIALOGINNEW00000000'])
  })
})

describe('login --remote', { timeout: 30_000 }, () => {
  /** The user opens the URL elsewhere, and pastes what the page shows. */
  async function remote(paste: (code: string) => string, more: Record<string, string> = {}, args = ['--remote']) {
    const { spawn } = await import('node:child_process')
    const [program, ...words] = eksGetToken()
    const child = spawn(program, [...words, 'login', '--profile', 'new', ...args], {
      env: env('ignore', more),
      cwd: here.home.folder,
    })
    let stdout = ''
    let stderr = ''
    let isPasted = false
    child.stderr.on('data', (chunk) => {
      stderr += chunk
    })
    child.stdout.on('data', async (chunk) => {
      stdout += chunk
      const url = /^http\S+$/m.exec(stdout)?.[0]
      if (!url || isPasted) return
      isPasted = true
      const code = await (await fetch(url)).text()
      child.stdin.end(`${paste(code)}\n`)
    })
    const code = await new Promise((resolve) => child.once('close', resolve))
    return { code, stdout, stderr }
  }
  test.each<[string, Record<string, string>, string[]]>([
    ['--remote', {}, ['--remote']],
    ['an SSH session', { SSH_CONNECTION: '192.0.2.1 1 192.0.2.2 22' }, []],
  ])('with a pasted code: %s', async (_title, more, args) => {
    const result = await remote((code) => `  ${code} `, more, args)
    expect([result.code, tabs()]).toEqual([0, []])
    expect(result.stderr).toBe('Enter the authorization code displayed in your browser: \n')
    const content = JSON.parse(read(fileOf(CONSOLE_USER)))
    expect(content.clientId).toBe('arn:aws:signin:::devtools/cross-device')
    expect(read('.aws/config')).toContain(`[profile new]\nlogin_session = ${CONSOLE_USER}\n`)
  })
  test.each<[string, (code: string) => string, RegExp]>([
    ['nothing', () => '', /no authorization code was entered/],
    ['something else', () => 'hello', /not an AWS Sign-In authorization code/],
    [
      'another state',
      (code) => btoa(atob(code).replace(/state=[^&]*/, 'state=4b5b5a4e-0000-4000-8000-000000000000')),
      /belongs to another sign-in/,
    ],
    ['a used code', (code) => btoa(atob(code).replace(/code=[^&]*/, 'code=old')), /expired authorization code/],
  ])('%s is an error, and nothing is stored', async (_title, paste, message) => {
    const before = read('.aws/config')
    const result = await remote(paste)
    expect([result.code, read('.aws/config')]).toEqual([255, before])
    expect(result.stderr).toMatch(message)
    expect(here.home.files().has(fileOf(CONSOLE_USER))).toBe(false)
  })
})

const script = findProgram('script')

describe('the question for the code on a terminal', {
  timeout: 30_000,
  ...skipUnlessAvailable(script ? undefined : 'script (util-linux) is not on PATH'),
}, () => {
  /** Runs beside a shell in one process group, as a client would; `keys` are typed when the question appears. */
  async function inTerminal(keys: string, before: string) {
    const { spawn } = await import('node:child_process')
    const words = [...eksGetToken(), 'login', '--profile', 'new', '--remote'].map((word) => `'${word}'`)
    const command = `${before} ${words.join(' ')}; echo "exit $?"; stty -a`
    const child = spawn(script ?? '', ['-qec', command, '/dev/null'], {
      env: { ...env('ignore'), SHELL: '/bin/sh' },
      cwd: here.home.folder,
    })
    let screen = ''
    let isTyped = false
    child.stdout.on('data', (chunk) => {
      screen += chunk
      if (isTyped || !screen.includes('displayed in your browser')) return
      isTyped = true
      child.stdin.write(keys)
    })
    child.stdin.on('error', () => {})
    await new Promise((resolve) => child.once('close', resolve))
    return screen
  }
  test.each([
    ['Ctrl-C', 'ab\u0003', 'INT', 130],
    ['Ctrl-\\', 'ab\u001c', 'QUIT', 131],
  ])('%s signals the whole process group once, and nothing else is printed', async (_title, keys, signal, exitCode) => {
    const screen = await inTerminal(keys, `trap 'echo got ${signal}' ${signal};`)
    expect(screen.split(`got ${signal}`)).toHaveLength(2)
    expect(screen).toContain(`exit ${exitCode}`)
    expect(screen).not.toContain('hint:')
    expect(screen).toMatch(/[^-]icanon/)
  })
  test('Ctrl-Z is ignored where no shell could continue the process, and the question stays', async () => {
    const screen = await inTerminal('ab\u001acd\r', '')
    expect(screen).toMatch(/not an AWS Sign-In authorization code[\s\S]*exit 255/)
    expect(screen).toMatch(/[^-]icanon/)
  })
  test('Ctrl-D at the start is no answer', async () => {
    expect(await inTerminal('\u0004', '')).toMatch(/no authorization code was entered[\s\S]*exit 255/)
  })
})

describe('a login that fails leaves nothing', { timeout: 30_000 }, () => {
  test('the user refuses: the reason is shown without control characters, in the terminal and in the browser', async () => {
    const before = [...here.home.files()]
    const result = await login(['--profile', 'new'], 'deny')
    expect(result.code).toBe(255)
    expect(result.stderr).toMatch(/denied in the browser: access_denied: The user said {2}?\[31mno \(ERR_LOGIN\)/)
    expect(await page()).toContain('access_denied')
    const after = here.home.files()
    expect([...after].filter(([name]) => !name.includes('/locks/'))).toEqual(before)
  })

  const unwritable = process.getuid?.() === 0 ? 'root may write everywhere' : undefined
  test.each<[string, () => void, RegExp]>([
    ['a file in place of the cache directory', () => here.home.write('.aws/login', 'x'), /cannot be stored/],
    [
      'a directory in place of the config file',
      () => {
        rmSync(join(here.home.folder, '.aws/config'))
        mkdirSync(join(here.home.folder, '.aws/config'))
      },
      /config/,
    ],
  ])('%s: an error before the browser opens', async (_title, make, message) => {
    make()
    const result = await login(['--profile', 'new'])
    expect([result.code, tabs(), result.stdout]).toEqual([255, [], ''])
    expect(result.stderr).toMatch(message)
  })
  test('a read-only home: an error before the browser opens', skipUnlessAvailable(unwritable), async () => {
    mkdirSync(join(here.home.folder, '.aws'), { recursive: true })
    chmodSync(join(here.home.folder, '.aws'), 0o500)
    const result = await login(['--profile', 'new'])
    chmodSync(join(here.home.folder, '.aws'), 0o700)
    expect([result.code, tabs()]).toEqual([255, []])
  })
})
