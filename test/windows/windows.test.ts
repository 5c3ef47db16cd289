import { describe, expect, test } from 'vitest'
import { keys } from '../support/runtime.ts'
import { skipUnlessAvailable } from '../support/skip.ts'
import { awsLogin, LOGIN_SESSION, signerOf, ssoLogin } from '../support/temporary-home.ts'
import { useWindowsHome } from '../support/windows/home.ts'
import { missingWindows, setRegistry, type WindowsResult } from '../support/windows/machine.ts'

// The program on Windows, under wine: the npm command on the Windows build of Node, or with EKS_GET_TOKEN_TEST_WINDOWS
// another node.exe or the executable. What wine cannot show is in docs/platforms.md.

const CONFIG = `# Küche
[default]
region = eu-west-1
[profile dev]
region = eu-central-1
aws_access_key_id = AKIDDEV
aws_secret_access_key = secret-of-AKIDDEV
[profile role]
role_arn = arn:aws:iam::123456789012:role/deployer
source_profile = dev
[profile sso]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = dev
[sso-session corp]
sso_start_url = https://example.awsapps.com/start
sso_region = eu-west-1
[profile login]
login_session = ${LOGIN_SESSION}
`
const INTERNET_SETTINGS = 'HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings'

/** Prints credentials, and writes its arguments and its own path to a file beside it. */
const HELPER = `const { writeFileSync } = require('node:fs')
writeFileSync(__dirname + '/started.json', JSON.stringify({ words: process.argv.slice(2), program: process.execPath }))
console.log(JSON.stringify({ Version: 1, AccessKeyId: 'AKIDPROCESS', SecretAccessKey: 'secret-of-AKIDPROCESS' }))
`

describe('on Windows', { ...skipUnlessAvailable(missingWindows()), timeout: 90_000 }, () => {
  const here = useWindowsHome(CONFIG)

  const getToken = (args: readonly string[], options?: Parameters<typeof here.home.run>[1]) =>
    here.home.run(['--cluster-name', 'demo', ...args], options)
  const expectSigner = (result: WindowsResult, signer: string) => {
    expect([result.code, result.stderr]).toEqual([0, ''])
    expect(signerOf(result)).toBe(signer)
  }
  const callsOf = (operation: string) =>
    here.aws.calls.filter((call) => JSON.stringify(call).includes(operation)).length

  describe('settings', () => {
    test('names of variables have no case', async () => {
      expectSigner(await getToken([], { env: { Aws_Profile: 'dev' } }), 'AKIDDEV')
    })
    test.each(['%USERPROFILE%\\my conf.ini', '$userprofile/my conf.ini', '~\\my conf.ini', '~/my conf.ini'])(
      'AWS_CONFIG_FILE=%s is expanded as by Python',
      async (path) => {
        here.home.write(
          'my conf.ini',
          '[default]\naws_access_key_id = AKIDOTHER\naws_secret_access_key = secret-of-AKIDOTHER\n',
        )
        expectSigner(await getToken([], { env: { AWS_CONFIG_FILE: path } }), 'AKIDOTHER')
      },
    )
    test('a config file in the ANSI code page is read, one in UTF-16 is an error', async () => {
      here.home.write('.aws/config', Buffer.from(CONFIG.replaceAll('dev', 'Jürgen'), 'latin1'))
      expectSigner(await getToken(['--profile', 'Jürgen']), 'AKIDDEV')
      here.home.write('.aws/config', Buffer.from(`\ufeff${CONFIG}`, 'utf16le'))
      const result = await getToken(['--profile', 'dev'])
      expect(result).toMatchObject({ code: 255, stdout: '', stderr: expect.stringContaining('ERR_CONFIG_FILE') })
    })
    test('the home directory is USERPROFILE, not HOME', async () => {
      expectSigner(await getToken(['--profile', 'dev'], { env: { HOME: '{{HOME}}\\other' } }), 'AKIDDEV')
    })
    test('the proxy of the system is used if no variable names one', async () => {
      setRegistry(INTERNET_SETTINGS, { ProxyEnable: '0x1', ProxyServer: `127.0.0.1:${here.aws.port}` })
      const result = await getToken(['--profile', 'role'], { env: { HTTPS_PROXY: '' } })
      setRegistry(INTERNET_SETTINGS, { ProxyEnable: '0x0', ProxyServer: undefined })
      expectSigner(result, 'ASIADEPLOYER00000000')
    })
  })

  describe('caches and logins', () => {
    test('of five at a time one assumes the role, and the next run finds it in the cache of the AWS CLI', async () => {
      here.aws.reset({ delayMs: { sts: 300 } })
      const results = await Promise.all(Array.from({ length: 5 }, () => getToken(['--profile', 'role'])))
      for (const result of results) expectSigner(result, 'ASIADEPLOYER00000000')
      expectSigner(await getToken(['--profile', 'role']), 'ASIADEPLOYER00000000')
      expect(callsOf('AssumeRole')).toBe(1)
    })
    test('--role-arn is cached in LOCALAPPDATA', async () => {
      const role = ['--role-arn', 'arn:aws:iam::123456789012:role/viewer']
      for (let run = 0; run < 2; run++)
        expectSigner(await getToken(role, { env: keys('AKIDENV') }), 'ASIAVIEWER0000000000')
      expect(callsOf('AssumeRole')).toBe(1)
      expect(here.home.exists('AppData/Local/eks-get-token/roles')).toBe(true)
      const list = await here.home.run(['cache', 'list', '--output', 'json'])
      expect(list.stdout).toContain('"role": "arn:aws:iam::123456789012:role/viewer"')
    })
    test('a login of aws sso login is used, refreshed and written back', async () => {
      const [name, text] = ssoLogin('corp', -60)
      here.home.write(name, text)
      const result = await getToken(['--profile', 'sso'])
      expect([result.code, result.stderr]).toEqual([0, ''])
      expect(callsOf('CreateToken')).toBe(1)
      expect(JSON.parse(here.home.read(name)).accessToken).not.toBe('BEARERTOKENEXAMPLE')
    })
    test('a login of aws login is used', async () => {
      const [name, text] = awsLogin(3600)
      here.home.write(name, text)
      expectSigner(await getToken(['--profile', 'login']), 'ASIALOGIN')
    })
  })

  test('paths in hints and lists have one kind of separators', async () => {
    await getToken(['--role-arn', 'arn:aws:iam::123456789012:role/viewer'], { env: keys('AKIDENV') })
    const { stdout } = await here.home.run(['cache', 'list'])
    expect(stdout).toContain(`  ${here.home.path}\\AppData\\Local\\eks-get-token\\roles\\`)
    here.home.write('.aws/config', `${CONFIG}[prod]\nregion = eu-west-1\n`)
    const missing = await getToken(['--profile', 'prod'])
    expect(missing.stderr).toContain(`the section header [prod] in ${here.home.path}\\.aws\\config, line `)
    const login = await here.home.run(['sso', 'login', '--profile', 'dev'])
    expect(login.stderr).toContain(` to profile dev in ${here.home.path}\\.aws\\config\n`)
    const traced = await getToken(['--profile', 'dev', '--debug'])
    expect(traced.stderr).toContain(`files: ${here.home.path}\\.aws\\config, ${here.home.path}\\.aws\\credentials\n`)
    expect(traced.stderr).toContain(`profile dev has static credentials in ${here.home.path}\\.aws\\config\n`)
    here.home.write('.aws/config', '[default\n')
    const broken = await getToken([])
    expect(broken.stderr).toContain(`Unable to parse config file: ${here.home.path}\\.aws\\config: line 1`)
  })

  describe('a command that a message proposes', () => {
    const PROFILE = "R&D's Büro (50)"
    const proposed = async (args: readonly string[], pattern: RegExp): Promise<string> => {
      here.home.write('.aws/config', CONFIG.replace('profile dev]', `profile "${PROFILE}"]`))
      const { stdout, stderr } = await here.home.run(args)
      return pattern.exec(stdout + stderr)?.[1] ?? stdout + stderr
    }

    test('is quoted for cmd.exe and PowerShell', async () => {
      const verify = await proposed(['inspect', '--cluster-name', 'demo', '--profile', PROFILE], /:\n(.*)\n$/)
      expect(verify).toBe(`eks-get-token verify --cluster-name demo --profile "${PROFILE}"`)
      const role = CONFIG.replace('profile sso]', 'profile $HOME]')
      here.home.write('.aws/config', role)
      const { stderr } = await getToken(['--profile', '$HOME'])
      expect(stderr).toContain('run: eks-get-token login --profile "…HOME" (or: aws sso login --profile "…HOME";')
    })
    test('runs in cmd.exe as it is', async () => {
      if (!here.home.hasScript) return
      here.home.installPackage()
      here.home.addProgram('npm/node.exe')
      const env = { Path: '{{HOME}}\\npm;C:\\windows\\system32', ComSpec: 'C:\\windows\\system32\\cmd.exe' }
      const line = await proposed(['inspect', '--cluster-name', 'demo', '--profile', PROFILE], /:\n(.*)\n$/)
      const cmd = { program: 'C:\\windows\\system32\\cmd.exe', env, isVerbatim: true }
      const verified = await here.home.run(['/d', '/c', line], cmd)
      expect(verified).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('STS accepted the token.'),
        stderr: '',
      })
      expect(verified.stdout).toMatch(/access key +AKIDDEV\n/)
      here.home.write('my token.json', '{"status":{"token":"k8s-aws-v1.x"}}')
      const type = await proposed(['inspect', 'my token.json'], /put '(type .*) \|' before the command/)
      // The pipes of wine's cmd.exe carry nothing to a program.
      expect(await here.home.run(['/d', '/c', type], cmd)).toMatchObject({ stdout: here.home.read('my token.json') })
    })
  })

  describe('credential_process', () => {
    const useProcess = (line: string) => here.home.write('.aws/config', `[default]\ncredential_process = ${line}\n`)
    const started = () => JSON.parse(here.home.read('started.json')) as { words: string[]; program: string }

    test('is split at spaces, with backslashes as they are', async () => {
      here.home.addProgram('my tools/vault.exe')
      here.home.write('helper.js', HELPER)
      useProcess('"{{HOME}}\\my tools\\vault.exe" helper.js C:\\a\\b "" "c d" --e="f"')
      expectSigner(await getToken([]), 'AKIDPROCESS')
      expect(started().words).toEqual(['C:\\a\\b', '', 'c d', '--e=f'])
    })
    test('is looked up in PATH, never in the current folder', async () => {
      for (const name of ['tools/vault.exe', 'here/vault.exe']) here.home.addProgram(name)
      here.home.write('helper.js', HELPER)
      useProcess('vault "{{HOME}}\\helper.js"')
      const env = { Path: '.;{{HOME}}\\tools;C:\\windows\\system32' }
      expectSigner(await getToken([], { env, cwd: '{{HOME}}\\here' }), 'AKIDPROCESS')
      expect(started().program).toMatch(/tools.vault\.exe$/)
      const missing = await getToken([], { cwd: '{{HOME}}\\here' })
      expect(missing.stderr).toContain("'vault' cannot be started: no such program")
    })
    test('can be a batch file, to which no argument is a command', async () => {
      here.home.write(
        'tools/cred.cmd',
        `@echo off\necho %~1>"%~dp0started.txt"\necho {"Version":1,"AccessKeyId":"AKIDBATCH","SecretAccessKey":"secret-of-AKIDBATCH"}\n`,
      )
      const command = 'echo x>{{HOME}}\\injected.txt'
      const hostile = ['plain', `a&${command}`, `\\"&${command}&\\"`, `a|${command}`, `%OPEN%${command}`]
      useProcess(`"{{HOME}}\\tools\\cred.cmd" ${hostile.map((arg) => `"${arg}"`).join(' ')}`)
      expectSigner(await getToken([], { env: { OPEN: '"&' } }), 'AKIDBATCH')
      expect([here.home.read('tools/started.txt').trim(), here.home.exists('injected.txt')]).toEqual(['plain', false])
    })
    test('is ended with what it has started at the time limit', async () => {
      here.home.addProgram('p.exe')
      here.home.write(
        'hang',
        `require('node:child_process').spawn(process.execPath, ['late'], { stdio: 'ignore' })\nsetInterval(() => {}, 1000)\n`,
      )
      here.home.write('late', `setTimeout(() => require('node:fs').writeFileSync('late.txt', 'x'), 6000)\n`)
      useProcess('"{{HOME}}\\p.exe" hang')
      const result = await getToken(['--timeout', '2'])
      expect(result).toMatchObject({ code: 255, stdout: '', stderr: expect.stringContaining('timed out after 2 s') })
      await new Promise((resolve) => setTimeout(resolve, 6000))
      expect(here.home.exists('late.txt')).toBe(false)
    })
  })

  describe('doctor', () => {
    const kubeconfig = (context: string, command: string, args: string) => `current-context: ${context}
contexts: [{name: ${context}, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: 'https://127.0.0.1:9'}}]
users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: ${command}, args: [${args}]}}}]
`
    const GET_TOKEN = '--cluster-name, demo'
    const AWS = `eks, get-token, ${GET_TOKEN}`
    const checks = async (env: Record<string, string>) => {
      const result = await here.home.run(['doctor', '--output', 'json'], { env: { ...keys('AKIDENV'), ...env } })
      expect(result).toMatchObject({ code: expect.any(Number), stderr: '', stdout: expect.stringMatching(/^\{/) })
      const { checks: list } = JSON.parse(result.stdout) as {
        checks: { id: string; status: string; finding: string }[]
      }
      return (id: string) => {
        const { status, finding } = list.find((check) => check.id === id) ?? { status: 'missing', finding: '' }
        return `${status} ${finding}`
      }
    }

    test('reads the files of KUBECONFIG, and finds AWS.EXE on PATH', async () => {
      here.home.write('a.yaml', 'current-context: two\n')
      here.home.write('b.yaml', kubeconfig('two', 'AWS.EXE', AWS))
      here.home.write('cli/aws.exe', 'MZ')
      const check = await checks({ KUBECONFIG: '{{HOME}}\\a.yaml;{{HOME}}\\b.yaml', Path: '{{HOME}}\\cli\\' })
      expect([check('kubeconfig'), check('command'), check('arguments')]).toEqual([
        expect.stringMatching(/^ok .*b\.yaml, context two$/),
        expect.stringMatching(/^ok .*cli\\aws\.exe$/i),
        expect.stringMatching(/^ok aws, cluster demo$/),
      ])
    })
    test('the command that --absolute-path writes is the batch file of npm, which passes; the script fails', async () => {
      if (!here.home.hasScript) return
      const program = here.home.installPackage()
      here.home.write('.kube/config', kubeconfig('here', 'aws', AWS))
      const result = await here.home.run(['convert-kubeconfig', '--absolute-path'], { program })
      expect([result.code, result.stderr]).toEqual([0, ''])
      const shim = `${here.home.path}\\npm\\eks-get-token.cmd`
      expect(here.home.read('.kube/config')).toContain(JSON.stringify(shim))
      const check = await checks({})
      expect(check('command')).toBe(`ok ${shim}`)
      here.home.write('.kube/config', kubeconfig('here', JSON.stringify(program), AWS))
      const { stdout } = await here.home.run(['doctor', '--output', 'json'], { program, env: keys('AKIDENV') })
      const command = JSON.parse(stdout).checks.find(({ id }: { id: string }) => id === 'command')
      expect(command).toMatchObject({
        status: 'fail',
        finding: expect.stringContaining('Windows starts only programs'),
        remedy: `set command: in the exec block to ${shim}`,
      })
    })
    test('looks for .kube\\config in HOME first, and starts the .cmd of npm', async () => {
      here.home.write('.kube/config', kubeconfig('wrong', 'aws', AWS))
      here.home.write('unix/.kube/config', kubeconfig('right', 'eks-get-token', GET_TOKEN))
      for (const name of ['eks-get-token', 'eks-get-token.cmd']) here.home.write(`npm/${name}`, '')
      const check = await checks({ HOME: '{{HOME}}\\unix', Path: '{{HOME}}\\npm' })
      expect(check('kubeconfig')).toMatch(/^ok .*, context right$/)
      expect(check('command')).toMatch(/^ok .*npm\\eks-get-token\.cmd$/i)
    })
  })
})
