import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { awsLogin, ROLE_A, signerOf, ssoLogin, useAwsHome } from '../support/aws-home.ts'
import { eksGetToken, runCommand } from '../support/command.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

// The files that are shared with the AWS CLI, with the modes and owners that occur: a umask of 002 makes directories
// group-writable, a mounted home directory belongs to another user.

const context = useAwsHome()
const path = (name: string) => join(context.home.folder, name)

const SSO = ssoLogin('corp', 3600)
const LOGIN = awsLogin(3600)
const LOGINS = [
  ['aws sso login', SSO, ['--profile', 'sso'], 'ASIASSODEV0000000000'],
  ['aws login', LOGIN, ['--profile', 'login'], 'ASIALOGIN'],
] as const

describe.each(LOGINS)('the login of %s', (command, [name, text], args, signer) => {
  const directory = dirname(name)

  test.each([
    ['mode 0664', name, 0o664],
    ['mode 0660', name, 0o660],
    ['a directory with mode 0775', directory, 0o775],
    ['a directory with mode 2770', directory, 0o2770],
    ['a parent directory with mode 0775', '.aws', 0o775],
    ['a parent directory with mode 1777, sticky', dirname(directory), 0o1777],
  ])('with %s is used', async (_title, target, mode) => {
    context.home.write(name, text)
    chmodSync(path(target), mode)
    const result = await context.home.runInProcess(args)
    expect([result.code, result.stderr, signerOf(result)]).toEqual([0, '', signer])
  })

  test.each([
    ['mode 0666', name, 0o666, '0666'],
    ['mode 0602', name, 0o602, '0602'],
    ['a directory with mode 0777', directory, 0o777, '0777'],
    ['a directory with mode 1777, sticky', directory, 0o1777, '1777'],
    ['a parent directory with mode 0777', dirname(directory), 0o777, '0777'],
    ['a parent directory with mode 0757', dirname(directory), 0o757, '0757'],
    ['~/.aws with mode 0777', '.aws', 0o777, '0777'],
  ])('with %s is rejected', async (_title, target, mode, shownMode) => {
    context.home.write(name, text)
    chmodSync(path(target), mode)
    const result = await context.home.runInProcess(args)
    expect(result).toMatchObject({ code: 255, stdout: '' })
    expect(result.stderr).toContain(`${path(target)} is world-writable (mode ${shownMode}) (ERR_CREDENTIALS)`)
    expect(result.stderr).toContain(`run: chmod o-w ${path(target)}`)
    expect(context.aws.calls).toEqual([])
  })

  test('that does not exist is an error, whose hint is the command that creates it', async () => {
    const result = await context.home.runInProcess(args)
    expect(result).toMatchObject({ code: 255, stdout: '' })
    expect(result.stderr).toMatch(/does not exist|Unable to load/)
    expect(result.stderr).toMatch(new RegExp(`hint: run: eks-get-token login --profile .*\\(or: ${command} --profile `))
  })

  const root = skipUnlessAvailable(process.getuid?.() === 0 ? undefined : 'changing the owner of a file needs root')
  test('that belongs to another user is used, and keeps its owner when it is refreshed', root, async () => {
    const [, expired] = command === 'aws login' ? awsLogin(60) : ssoLogin('corp', 60)
    context.home.write(name, expired)
    chmodSync(path(name), 0o600)
    for (const target of [name, directory, '.aws']) chownSync(path(target), 12345, 23456)
    const result = await context.home.runInProcess(args)
    expect([result.code, result.stderr]).toEqual([0, ''])
    const { uid, gid, mode } = statSync(path(name))
    expect([uid, gid, mode & 0o777]).toEqual([12345, 23456, 0o600])
    expect(readFileSync(path(name), 'utf8')).toContain('rotated')
  })
})

describe("the AWS CLI's cache of roles", () => {
  const CACHE = '.aws/cli/cache'
  const prepare = (mode: number) => {
    mkdirSync(path(CACHE), { recursive: true })
    chmodSync(path(CACHE), mode)
  }
  test.each([0o775, 0o770, 0o2775])('in a directory with mode %o is used', async (mode) => {
    prepare(mode)
    for (const _ of [1, 2]) {
      const result = await context.home.runInProcess(['--profile', 'role'])
      expect([result.code, result.stderr, signerOf(result)]).toEqual([0, '', 'ASIAROLEA00000000000'])
    }
    expect(context.aws.calls).toHaveLength(1)
  })
  test.each([0o777, 0o1777])('in a directory with mode %o is neither read nor written', async (mode) => {
    prepare(mode)
    for (const _ of [1, 2]) expect((await context.home.runInProcess(['--profile', 'role'])).code).toBe(0)
    expect(context.aws.calls).toHaveLength(2)
    expect(readdirSync(path(CACHE))).toEqual([])
  })
})

describe('the role cache of this program', () => {
  test.each([0o770, 0o777])('in a directory with mode %o is neither read nor written', async (mode) => {
    const roles = path('.cache/eks-get-token/roles')
    mkdirSync(roles, { recursive: true })
    chmodSync(roles, mode)
    for (const _ of [1, 2])
      expect((await context.home.runInProcess(['--profile', 'keys', '--role-arn', ROLE_A])).code).toBe(0)
    expect(context.aws.calls).toHaveLength(2)
    expect(readdirSync(roles)).toEqual([])
  })
})

describe('a partial write', () => {
  /** Longer than a block, and as much longer as a page. */
  const LONG = { clientSecret: 'x'.repeat(20_000) }
  const LONG_ARN = `arn:aws:signin:::devtools/${'x'.repeat(20_000)}`
  const expiring = [
    ['aws sso login', () => ssoLogin('corp', 60, LONG), ['--profile', 'sso']],
    [
      'aws login',
      (): [string, string] => {
        const [name, text] = awsLogin(60)
        return [name, text.replace('arn:aws:signin:::devtools/same-device', LONG_ARN)]
      },
      ['--profile', 'login'],
    ],
  ] as const

  describe.each(expiring)('of the login of %s', (_title, login, args) => {
    test.each([1, 2, 8])('by a limit of %i blocks leaves the previous file', async (blocks) => {
      const [name, text] = login()
      context.home.write(name, text)
      const command = [...eksGetToken(), '--cluster-name', 'demo', ...args].map((word) => `'${word}'`).join(' ')
      const result = await runCommand(['/bin/sh', '-c', `ulimit -f ${blocks}; exec ${command}`], {
        env: context.home.env,
        cwd: context.home.folder,
      })
      expect([result.code, result.stderr]).toEqual([0, ''])
      expect(context.aws.calls.length).toBeGreaterThan(0)
      expect(readFileSync(path(name), 'utf8')).toBe(text)
      expect(readdirSync(dirname(path(name)))).toHaveLength(1)
    })

    const mount = skipUnlessAvailable(canMount() ? undefined : 'mounting a tmpfs needs root')
    describe('on a tmpfs of 64 KB', mount, () => {
      let mounted: string | undefined
      afterEach(() => {
        if (mounted !== undefined) execFileSync('umount', [mounted])
        mounted = undefined
      })
      test.each([0, 4, 8, 16])('with %i KB left leaves the previous file', async (kilobytes) => {
        const [name, text] = login()
        const directory = dirname(path(name))
        mkdirSync(directory, { recursive: true })
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=755', 'tmpfs', directory])
        mounted = directory
        writeFileSync(path(name), text)
        fill(directory, kilobytes)
        const result = await context.home.runInProcess(args)
        expect([result.code, result.stderr]).toEqual([0, ''])
        expect(context.aws.calls.length).toBeGreaterThan(0)
        expect(readFileSync(path(name), 'utf8')).toBe(text)
        expect(readdirSync(directory)).toHaveLength(2)
      })
    })
  })
})

/** Fills a file system but for some kilobytes. */
function fill(directory: string, kilobytesLeft: number): void {
  const file = join(directory, 'fill')
  writeFileSync(file, '')
  const available = Number(execFileSync('df', ['-k', '--output=avail', directory]).toString().split('\n')[1])
  writeFileSync(file, Buffer.alloc((available - kilobytesLeft) * 1024))
}

function canMount(): boolean {
  try {
    execFileSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
