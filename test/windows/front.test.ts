import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkFront } from '../../build/front-check.mjs'
import { parsePe } from '../../build/pe.mjs'
import { buildWindowsFront, missingForFront } from '../front/front.ts'
import { findProgram } from '../support/programs.ts'
import { keys } from '../support/runtime.ts'
import { skipUnlessAvailable } from '../support/skip.ts'
import { signerOf, ssoLogin } from '../support/temporary-home.ts'
import { useWindowsHome } from '../support/windows/home.ts'
import { DRIVE, missingWindows, NODE, type RunOptions, WINE_ENV, windowsPath } from '../support/windows/machine.ts'

// The front for Windows under wine: alone, and with helper.c in the place of the full program. With the full program itself
// it is the tier windows-front of .ci/tiers.

const ROOT = join(import.meta.dirname, '../..')
const CONFIG = `[profile keys]
aws_access_key_id = AKIDKEYS
aws_secret_access_key = secret-of-AKIDKEYS
[profile role]
role_arn = arn:aws:iam::123456789012:role/deployer
source_profile = keys
[profile sso]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = dev
[sso-session corp]
sso_start_url = https://example.awsapps.com/start
sso_region = eu-west-1
[profile process]
credential_process = helper
`

describe('the front on Windows', {
  ...skipUnlessAvailable(missingWindows() ?? missingForFront('windows-x64')),
  timeout: 90_000,
}, () => {
  const built = mkdtempSync(join(tmpdir(), 'eks-get-token-windows-front-'))
  const helper = join(built, 'helper.exe')
  let front = ''
  let behavior = ''
  let directory = ''
  const here = useWindowsHome(CONFIG)

  beforeAll(() => {
    // The first time, the engine is compiled.
    front = buildWindowsFront(built)
    behavior = buildWindowsFront(join(built, 'behavior'), '--entry', 'test/front/behavior.ts')
    execFileSync('x86_64-w64-mingw32-gcc-win32', ['-municode', join(import.meta.dirname, 'helper.c'), '-o', helper])
    mkdirSync(join(DRIVE, 'Program Files'), { recursive: true })
    directory = mkdtempSync(join(DRIVE, 'Program Files/eks get token ü-'))
  }, 900_000)
  afterAll(() => {
    for (const folder of [built, directory]) if (folder !== '') rmSync(folder, { recursive: true, force: true })
  })

  /** A directory with the front, and perhaps a full program. @returns the front's path */
  const install = (full?: string): string => {
    const folder = mkdtempSync(join(directory, 'bin-'))
    copyFileSync(front, join(folder, 'eks-get-token.exe'))
    if (full !== undefined) linkSync(full, join(folder, 'eks-get-token-full.exe'))
    return windowsPath(join(folder, 'eks-get-token.exe'))
  }
  const fullOf = (program: string) => program.replace(/\.exe$/, '-full.exe')
  const run = (program: string, args: readonly string[], options: RunOptions = {}) =>
    here.home.run(args, { ...options, program })
  const getToken = (program: string, args: readonly string[], options?: RunOptions) =>
    run(program, ['--cluster-name', 'demo', ...args], options)

  describe('alone', () => {
    const NPM_COMMAND = windowsPath(join(ROOT, 'bin/eks-get-token.cjs'))

    test('names itself in the version', async () => {
      const { stdout } = await run(install(), ['--version'])
      expect(stdout).toMatch(/^eks-get-token\/\d+\.\d+\.\d+\S* front\n$/)
    })
    test.each([
      ['the environment', [], keys('AKIDENV'), 'AKIDENV'],
      ['variables whose names have another case', [], { aws_profile: 'keys' }, 'AKIDKEYS'],
      ['a static profile', ['--profile', 'keys'], {}, 'AKIDKEYS'],
      ['a profile of another config file', ['--profile', 'keys'], { AWS_CONFIG_FILE: '~\\.aws\\config' }, 'AKIDKEYS'],
    ])('signs with the keys of %s, as the npm command does', async (_title, args, env, signer) => {
      const [expected, actual] = [await getToken(NPM_COMMAND, args, { env }), await getToken(install(), args, { env })]
      expect([actual.code, actual.stderr, signerOf(actual)]).toEqual([0, '', signer])
      const withoutToken = (text: string) => text.replace(/"token": "[^"]+"|\d{4}-\d\d-\d\dT[\d:]+Z/g, '')
      expect(withoutToken(actual.stdout)).toBe(withoutToken(expected.stdout))
    })
    test.each([
      ['a profile', ['--profile', 'role'], 'ASIADEPLOYER00000000'],
      [
        '--role-arn',
        ['--profile', 'keys', '--role-arn', 'arn:aws:iam::123456789012:role/viewer'],
        'ASIAVIEWER0000000000',
      ],
      ['IAM Identity Center', ['--profile', 'sso'], undefined],
    ])('uses what the npm command has cached for the role of %s', async (_title, args, signer) => {
      here.home.write(...ssoLogin('corp', 3600))
      const missing = await getToken(install(), args)
      expect([missing.code, missing.stdout]).toEqual([255, ''])
      expect(missing.stderr).toContain('(ERR_FULL_PROGRAM)')
      const fetched = await getToken(NPM_COMMAND, args)
      const calls = here.aws.calls.length
      const cached = await getToken(install(), args)
      expect([cached.code, cached.stderr]).toEqual([0, ''])
      expect(signerOf(cached)).toBe(signer ?? signerOf(fetched))
      expect(here.aws.calls.length).toBe(calls)
    })
    test('prints the error messages of the npm command', async () => {
      const args = ['--profile', 'Jürgen']
      const [expected, actual] = [await getToken(NPM_COMMAND, args), await getToken(install(), args)]
      expect(actual.code).toBe(255)
      expect(actual).toEqual(expected)
    })
    test('shows times as the npm command does', async () => {
      const env = { ...keys('ASIAENV'), AWS_SESSION_TOKEN: 'x', AWS_CREDENTIAL_EXPIRATION: '2026-01-02T03:04:05Z' }
      const clock = async (program: string) =>
        /expired at (\S+ \S+ \S+)/.exec((await getToken(program, [], { env })).stderr)?.[1]
      expect(await clock(install())).toMatch(/^2026-01-0/)
      expect(await clock(install())).toBe(await clock(NPM_COMMAND))
    })
    const script = findProgram('script')
    test('writes characters to a console', skipUnlessAvailable(script ? undefined : 'no `script`'), () => {
      const command = `wine '${install()}' --cluster-name demo --region us-west-2 --profile Jürgen€`
      const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
        env: { ...WINE_ENV, TERM: 'xterm' },
        input: '',
        encoding: 'utf8',
      })
      expect(stdout).toContain('The config profile (Jürgen€) could not be found')
    })
  })

  describe('with a full program', () => {
    test.each([
      ['quotes and backslashes', String.raw`doctor "a b" c\"d "e\\" f\\g "" "h"i"j k"`],
      ['characters beyond ASCII', 'doctor é "日本 語" 😀 --x=ß'],
      ['what a shell or the C library would replace', "doctor * ? %PATH% ^ & | ; 'x' @file"],
      ['several blanks', 'doctor   a\tb   '],
    ])('hands over the command line as it is: %s', async (_title, line) => {
      const program = install(helper)
      const { code, stdout, stderr } = await run(program, [line], { isVerbatim: true })
      expect([code, stdout, stderr]).toEqual([0, `"${fullOf(program)}" ${line}`, ''])
    })
    test.each([0, 1, 7, 130, 255, 3221225477])('ends with its exit code %d', async (code) => {
      const result = await run(install(helper), ['doctor', 'exit', String(code)])
      // Linux has the lowest byte.
      expect(result).toEqual({ code: code & 0xff, stdout: '', stderr: '' })
    })
    test('leaves stdin to it', async () => {
      const { stdout } = await run(install(helper), ['doctor', 'copy'], { stdin: 'text é\n' })
      expect(stdout).toBe('text é\n')
    })
    test.each([
      ['a credential_process', ['--profile', 'process'], 'credentials come from a credential_process'],
      ['the registry', ['--profile', 'latin1'], 'the registry must be read'],
      ['a device', ['--profile', 'keys'], 'a file path has an unusual form'],
    ])('leaves %s to it, and says so with --debug', async (title, args, reason) => {
      if (title === 'the registry') here.home.write('.aws/config', Buffer.from('[profile latin1]\n# é\n', 'latin1'))
      const env = title === 'a device' ? { AWS_CONFIG_FILE: '{{HOME}}\\nul.txt' } : {}
      const { stdout, stderr } = await getToken(install(helper), [...args, '--debug'], { env })
      expect(stderr).toContain(`debug: handed over by the front, because ${reason}\n`)
      expect(stdout).toBe('')
    })

    const stop = async (how: 'interrupt' | 'kill') => {
      const program = install(helper)
      const result = await run(windowsPath(helper), [how, program, '{{HOME}}\\state'])
      await new Promise((resolve) => setTimeout(resolve, 5000))
      return [result.code, here.home.read('state')]
    }
    test('leaves Ctrl-C to it, and ends with its exit code', async () => {
      expect(await stop('interrupt')).toEqual([7, 'interrupted'])
    })
    test('is terminated with it inside', async () => {
      expect(await stop('kill')).toEqual([99, 'started'])
    })
    test('ends with it, and not with what it has started', async () => {
      expect((await run(install(helper), ['doctor', 'leave', '{{HOME}}\\state'])).code).toBe(0)
      await expect.poll(() => here.home.exists('state') && here.home.read('state'), { timeout: 30_000 }).toBe('late')
    })
  })

  describe('without a full program', () => {
    test('says what it is needed for, and where it must be', async () => {
      const program = install()
      expect(await run(program, ['doctor'])).toEqual({
        code: 255,
        stdout: '',
        stderr: expect.stringMatching(
          /^eks-get-token: the front needs the full program, because .* \(ERR_FULL_PROGRAM\)\n {2}hint: install the executable as eks-get-token-full\.exe in C:\\Program Files\\eks get token ü-\w+\\bin-\w+, or /,
        ),
      })
    })
    test.each([
      [
        'cannot be executed',
        (path: string) => writeFileSync(path, 'text'),
        /eks-get-token-full\.exe: \w+\) \(ERR_FULL/,
      ],
      ['is the front', (path: string) => linkSync(path.replace('-full', ''), path), /\(ERR_FULL_PROGRAM\)/],
      ['is a copy of the front', (path: string) => copyFileSync(front, path), /\(ERR_FULL_PROGRAM\)/],
    ])('one that %s is an error', async (_title, put, message) => {
      const program = install()
      put(fullOf(program).replace('C:', DRIVE).replaceAll('\\', '/'))
      const { code, stdout, stderr } = await run(program, ['doctor'])
      expect([code, stdout]).toEqual([255, ''])
      expect(stderr).toMatch(message)
    })
    test('starts Node with the npm package where it is part of one, and nothing from a relative PATH', async () => {
      const root = mkdtempSync(join(directory, 'package-'))
      for (const folder of ['dist/front', 'bin']) mkdirSync(join(root, folder), { recursive: true })
      copyFileSync(front, join(root, 'dist/front/eks-get-token.exe'))
      writeFileSync(join(root, 'bin/eks-get-token.cjs'), 'console.log(JSON.stringify(process.argv.slice(2)))')
      here.home.addProgram('my tools/node.exe')
      const program = windowsPath(join(root, 'dist/front/eks-get-token.exe'))
      const started = await run(program, ['doctor', 'a "b', 'é'], { env: { Path: '.;"{{HOME}}\\my tools"' } })
      expect([started.code, started.stdout]).toEqual([0, '["doctor","a \\"b","é"]\n'])
      const relative = await run(program, ['doctor'], { env: { Path: '.' }, cwd: '{{HOME}}\\my tools' })
      expect([relative.code, relative.stdout]).toEqual([255, ''])
    })
  })

  test('has the built-ins of Node', async () => {
    const bundle = join(built, 'behavior.cjs')
    buildSync({ entryPoints: [join(ROOT, 'test/front/behavior.ts')], bundle: true, platform: 'node', outfile: bundle })
    here.home.write('directory/file', '')
    for (const [name, content] of [
      ['file', 'content é\n'],
      ['empty', ''],
      ['large', 'x'.repeat(3_000_000)],
    ] as const)
      here.home.write(name, Buffer.from(content))
    here.home.write('latin1', Buffer.from([0x61, 0xe9, 0x0a]))
    const results = async (program: string, script = '') => {
      const env = { A: '', 'B C': '1=2', mixedCase: 'x' }
      const line = String.raw`"a b" "" é - q\"x b\ "b\\" "c""d e" "f"""g" * ? %PATH% 😀 "unclosed \\\z`
      const { stdout, stderr, code } = await run(windowsPath(program), [script + line], { env, isVerbatim: true })
      expect([code, stderr]).toEqual([7, ''])
      // Node names the absolute path of a file.
      const base = JSON.stringify(here.home.path).slice(1, -1)
      return JSON.parse(stdout.replaceAll(`${base}\\\\`, '').replaceAll('file\\\\x', 'file/x')) as Record<
        string,
        unknown
      >
    }
    const expected = await results(NODE, `"${windowsPath(bundle)}" `)
    expect(Object.keys(expected).length).toBeGreaterThan(50)
    expect(await results(behavior)).toEqual(expected)
  })

  test('is a hardened executable below 4 MB, which needs two libraries of Windows, without paths of this machine', () => {
    const file = readFileSync(front)
    expect(file.length).toBeLessThan(4_000_000)
    expect(parsePe(file)).toEqual({
      architecture: 'x64',
      subsystem: 3,
      libraries: ['KERNEL32.dll', 'msvcrt.dll'],
      hardening: { dynamicBase: true, highEntropy: true, dataNotExecutable: true, writableOrExecutable: true },
    })
    expect([process.cwd(), built].filter((path) => file.includes(path))).toEqual([])
    expect(readFileSync(join(built, 'THIRD-PARTY-LICENSES-windows-x64.txt'), 'utf8')).toContain('the mingw-w64 project')
  })

  test('is not accepted without its hardening, or for another platform', () => {
    const file = readFileSync(front)
    expect(checkFront(file, 'windows-x64')).toMatch(/^PE x64, needs KERNEL32\.dll, msvcrt\.dll, \d\.\d\d MB$/)
    const characteristics = file.readUInt32LE(60) + 24 + 70
    file.writeUInt16LE(file.readUInt16LE(characteristics) & ~0x40, characteristics)
    expect(() => checkFront(file, 'windows-x64')).toThrow('it is not hardened: dynamicBase')
    expect(() => checkFront(readFileSync(front), 'windows-arm64')).toThrow('its architecture is x64')
    expect(() => checkFront(readFileSync(front), 'linux-x64')).toThrow('not a 64-bit ELF file')
  })
})
