import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hardening, parseElf } from '../../build/elf.mjs'
import { signerOf, useAwsHome } from '../support/aws-home.ts'
import { eksGetToken } from '../support/command.ts'
import { skipUnlessAvailable } from '../support/skip.ts'
import { buildFront, missingForFront } from './front.ts'

const KEYS = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret-of-AKIDEXAMPLE' }
const TOKEN = ['--cluster-name', 'demo', '--region', 'us-west-2']

describe('the front', skipUnlessAvailable(missingForFront()), () => {
  const folder = mkdtempSync(join(tmpdir(), 'eks-get-token-front-'))
  let built = ''
  beforeAll(() => {
    built = buildFront(join(folder, 'built'))
  }, 300_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  /** A directory with the front, and with a full program that prints its arguments and its process. */
  const install = (full?: string): string => {
    const directory = mkdtempSync(join(folder, 'bin-'))
    copyFileSync(built, join(directory, 'eks-get-token'))
    if (full !== undefined) {
      writeFileSync(join(directory, 'eks-get-token-full'), full)
      chmodSync(join(directory, 'eks-get-token-full'), 0o755)
    }
    return join(directory, 'eks-get-token')
  }
  const run = (program: string, args: readonly string[], env: Record<string, string> = {}) => {
    const { status, stdout, stderr, pid } = spawnSync(program, args, {
      cwd: folder,
      env: { HOME: folder, AWS_EC2_METADATA_DISABLED: 'true', ...env },
      input: '',
      encoding: 'utf8',
      timeout: 20_000,
    })
    return { status, stdout, stderr, pid }
  }
  const FULL = '#!/bin/sh\necho "$$ $#" "$@"; exit 9\n'

  test('prints a token without a full program, a file system or a home directory', () => {
    const { status, stdout, stderr } = run(install(), TOKEN, KEYS)
    expect([status, stderr, JSON.parse(stdout).kind]).toEqual([0, '', 'ExecCredential'])
  })

  describe('without a full program', () => {
    const here = useAwsHome()
    test.each([
      ['a role', ['--profile', 'role']],
      ['a role with web identity', ['--profile', 'web']],
    ])('uses the cached credentials of %s', async (_title, args) => {
      const fetched = await here.home.run(args)
      const calls = here.aws.calls.length
      const cached = run(install(), ['--cluster-name', 'demo', ...args], here.home.env)
      expect([cached.status, cached.stderr]).toEqual([0, ''])
      expect(signerOf(cached)).toBe(signerOf(fetched))
      expect(here.aws.calls).toHaveLength(calls)
    })
  })

  test('is not handed over where only a terminal would get a warning', () => {
    const args = ['--cluster-name', 'arn:aws:eks:us-west-2:111122223333:cluster/demo', '--region', 'us-west-2']
    const { status, stderr } = run(install(), args, KEYS)
    expect([status, stderr]).toEqual([0, ''])
  })

  test('names itself in the version', () => {
    expect(run(install(), ['--version']).stdout).toMatch(/^eks-get-token\/\d+\.\d+\.\d+\S* front\n$/)
  })

  test('prints the bytes of the npm command', () => {
    const [program, ...words] = eksGetToken()
    const args = [...TOKEN, '--no-sign-request']
    const { stdout, ...npm } = spawnSync(program, [...words, ...args], {
      env: { HOME: folder, ...KEYS },
      encoding: 'utf8',
    })
    const withoutTime = (text: string) => text.replace(/\d{4}-\d\d-\d\dT[\d:]+Z/, 'TIME')
    const front = run(install(), args, KEYS)
    expect([front.status, front.stderr, withoutTime(front.stdout)]).toEqual([
      npm.status,
      npm.stderr,
      withoutTime(stdout),
    ])
  })

  test.each([
    ['a command', ['doctor']],
    ['the help', ['--help']],
    ['update-kubeconfig', ['eks', 'update-kubeconfig', '--name', 'a b']],
    ['instance metadata', ['--cluster-name', 'demo']],
    ['a role', [...TOKEN, '--role-arn', 'arn:aws:iam::123456789012:role/r']],
    ['YAML', [...TOKEN, '--output', 'yaml']],
    ['an argument that is not UTF-8', ['doctor', 'é', '', '--x=\n']],
  ])('becomes the full program for %s, with the same arguments and process id', (_title, args) => {
    const env = args[1] === 'demo' && args.length === 2 ? { AWS_EC2_METADATA_DISABLED: 'false' } : KEYS
    const { status, stdout, stderr, pid } = run(install(FULL), args, env)
    expect([status, stdout, stderr]).toEqual([9, `${pid} ${args.length} ${args.join(' ')}\n`, ''])
  })

  test('does not read a pipe, which the full program reads', () => {
    const script = `printf text | "${install('#!/bin/sh\nexec cat\n')}" --cluster-name file:///dev/stdin`
    const { stdout, stderr } = spawnSync('sh', ['-c', script], { env: KEYS, encoding: 'utf8' })
    expect([stdout, stderr]).toEqual(['text', ''])
  })

  test('with --debug says why, and leaves the rest to the full program', () => {
    const { stderr } = run(install(FULL), [...TOKEN, '--output', 'yaml', '--debug'], KEYS)
    expect(stderr).toBe('debug: handed over by the front, because the output format is YAML\n')
  })

  test.each([
    [
      'is missing',
      undefined,
      /the front needs the full program, because the command line .* \(ERR_FULL_PROGRAM\)\n {2}hint: install the executable as eks-get-token-full in /,
    ],
    ['cannot be executed', '#!/nonexistent\n', /the front needs the full program, because .*\(ERR_FULL_PROGRAM\)/],
  ])('a full program that %s is an error with a hint', (_title, full, message) => {
    const { status, stdout, stderr } = run(install(full), ['--help'])
    expect([status, stdout]).toEqual([255, ''])
    expect(stderr).toMatch(message)
  })

  test('a front in the place of the full program is an error, not a loop', () => {
    const program = install()
    linkSync(program, `${program}-full`)
    expect(run(program, ['--help'])).toMatchObject({ status: 255, stderr: expect.stringContaining('ERR_FULL_PROGRAM') })
  })

  test('becomes Node with the npm package where it is part of one, and nothing from a relative PATH', () => {
    const root = mkdtempSync(join(folder, 'package-'))
    mkdirSync(join(root, 'dist/front'), { recursive: true })
    mkdirSync(join(root, 'bin'))
    copyFileSync(built, join(root, 'dist/front/eks-get-token'))
    writeFileSync(join(root, 'bin/eks-get-token.cjs'), 'console.log(JSON.stringify(process.argv.slice(2)))')
    writeFileSync(join(folder, 'node'), '#!/bin/sh\necho planted\n', { mode: 0o755 })
    const front = join(root, 'dist/front/eks-get-token')
    expect(run(front, ['--help', 'x'], { PATH: `.::${join(process.execPath, '..')}` }).stdout).toBe('["--help","x"]\n')
    expect(run(front, ['--help'], { PATH: '.:' })).toMatchObject({ status: 255, stdout: '' })
  })

  test('Ctrl-C ends it with 130', () => {
    const { status, stderr } = spawnSync(
      'sh',
      ['-c', `"${install()}" --cluster-name demo --debug & kill -INT $!; wait $!; echo $?`],
      {
        env: KEYS,
        encoding: 'utf8',
      },
    )
    expect([status, stderr.includes('INTERNAL')]).toEqual([0, false])
  })

  test('an output that cannot be written is an error', () => {
    const { status, stderr } = spawnSync('sh', ['-c', `"${install()}" ${TOKEN.join(' ')} >/dev/full`], {
      env: KEYS,
      encoding: 'utf8',
    })
    expect([status, stderr]).toEqual([
      255,
      expect.stringContaining('the output could not be written (ENOSPC) (ERR_OUTPUT)'),
    ])
  })

  test('is a static position-independent executable below 4 MB, without paths of this machine', () => {
    const file = readFileSync(built)
    expect(file.length).toBeLessThan(4_000_000)
    expect(hardening(file)).toEqual({
      pie: true,
      stackNotExecutable: true,
      writableOrExecutable: true,
      fullRelro: true,
      stackProtector: true,
    })
    expect(parseElf(file)).toMatchObject({ architecture: 'x64', loader: undefined, libraries: [] })
    expect([process.cwd(), folder].filter((path) => file.includes(path))).toEqual([])
  })
})
