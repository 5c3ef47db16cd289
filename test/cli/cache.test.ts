import { chmodSync, existsSync, linkSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ROLE_A, signerOf, useAwsHome } from '../support/aws-home.ts'
import { runInProcess } from '../support/in-process.ts'

const here = useAwsHome()

const cache = (...args: string[]) => runInProcess(['cache', ...args], { env: here.home.env, cwd: here.home.folder })
const ROLE = ['--profile', 'keys', '--role-arn', ROLE_A]

test('list shows cached credentials without secrets; clear removes only those of --role-arn', async () => {
  expect(await cache('list')).toMatchObject({ code: 0, stdout: 'No cached credentials.\n', stderr: '' })
  expect(signerOf(await here.home.run(ROLE))).toBe('ASIAROLEA00000000000')
  expect(signerOf(await here.home.run(['--profile', 'web']))).toBe('ASIAROLEW00000000000')
  const listed = await cache('list', '--output', 'json')
  expect(JSON.parse(listed.stdout)).toMatchObject([
    { owner: 'eks-get-token', role: ROLE_A, accessKeyId: 'ASIAROLEA00000000000' },
    { owner: 'aws', accessKeyId: 'ASIAROLEW00000000000' },
  ])
  const report = await cache('list')
  expect(report.stdout).toContain(`${ROLE_A} (eks-get-token)`)
  for (const { stdout } of [listed, report]) expect(stdout).not.toMatch(/secret-of|TOKEN\//)

  const kept = "1 entry in the AWS CLI's cache is not changed.\n"
  expect(await cache('clear')).toMatchObject({ code: 0, stdout: `1 entry removed. ${kept}`, stderr: '' })
  expect((await cache('clear')).stdout).toBe(`The cache of --role-arn is already empty. ${kept}`)
  expect(JSON.parse((await cache('list', '--output', 'json')).stdout)).toMatchObject([{ owner: 'aws' }])
})

describe('clear removes nothing that is not an entry of the cache', () => {
  const ENTRY = `${'0'.repeat(64)}.json`
  const path = (name: string) => join(here.home.folder, name)
  const roles = () => path('.cache/eks-get-token/roles')
  test.each<[string, number, () => void]>([
    [
      'behind a link in place of the directory',
      255,
      () => {
        rmSync(roles(), { recursive: true })
        symlinkSync(path('precious'), roles())
      },
    ],
    ['in a directory that others can write', 255, () => chmodSync(roles(), 0o777)],
    ['a link with the name of an entry', 0, () => symlinkSync(path(`precious/${ENTRY}`), join(roles(), ENTRY))],
    ['a directory with the name of an entry', 0, () => mkdirSync(join(roles(), ENTRY, 'below'), { recursive: true })],
    [
      'the file of a hard link with the name of an entry',
      0,
      () => linkSync(path(`precious/${ENTRY}`), join(roles(), ENTRY)),
    ],
  ])('%s', async (_title, code, prepare) => {
    here.home.write(`precious/${ENTRY}`, 'precious')
    mkdirSync(roles(), { recursive: true, mode: 0o700 })
    chmodSync(roles(), 0o700)
    prepare()
    expect((await cache('clear')).code).toBe(code)
    expect(here.home.files().get(`precious/${ENTRY}`)).toBe('precious')
    expect(existsSync(roles())).toBe(true)
  })
})

test('a second run of --role-arn uses the cache; --no-cache and EKS_GET_TOKEN_NO_CACHE do not', async () => {
  for (const _ of [1, 2]) expect((await here.home.run(ROLE)).code).toBe(0)
  expect(here.aws.calls).toHaveLength(1)
  await cache('clear')
  expect((await here.home.run([...ROLE, '--no-cache'])).code).toBe(0)
  expect((await here.home.run(['--profile', 'role'], { EKS_GET_TOKEN_NO_CACHE: '1' })).code).toBe(0)
  expect(here.aws.calls).toHaveLength(3)
  expect((await cache('list')).stdout).toBe('No cached credentials.\n')
})

test('the options for a role are sent to STS, and are a usage error without a role', async () => {
  const options = ['--external-id', 'ext', '--role-session-name', 'me', '--duration-seconds', '1800']
  expect((await here.home.run([...ROLE, ...options])).code).toBe(0)
  expect(here.aws.calls[0]?.params).toMatchObject({ ExternalId: 'ext', RoleSessionName: 'me', DurationSeconds: '1800' })
  const withoutRole = await here.home.run(['--profile', 'keys', '--external-id', 'ext'])
  expect(withoutRole).toMatchObject({ code: 252, stdout: '', stderr: expect.stringContaining('--external-id') })
})

test.each([
  [{ ProviderType: 'sso' }, { AccountId: '123456789012' }, 'IAM Identity Center, account 123456789012 (AWS CLI)'],
  [{ ProviderType: 'sso' }, {}, 'IAM Identity Center (AWS CLI)'],
  [{}, { AccountId: 'x' }, 'a role (AWS CLI)'],
])('list describes an entry %j that names no role', async (more, credentials, heading) => {
  const Credentials = { AccessKeyId: 'ASIAEXAMPLE', SecretAccessKey: 's', SessionToken: 't', ...credentials }
  here.home.write(
    `.aws/cli/cache/${'1'.repeat(40)}.json`,
    JSON.stringify({ ...more, Credentials: { ...Credentials, Expiration: '2100-01-01T00:00:00Z' } }),
  )
  expect((await cache('list')).stdout).toContain(`${heading}\n`)
})

test.each([[[]], [['show']], [['list', 'more']]])('cache with the arguments %j is a usage error', async (words) => {
  expect(await cache(...words)).toMatchObject({ code: 252, stdout: '', stderr: expect.stringContaining('(ERR_USAGE)') })
})

describe.each([[], ['--output', 'json'], ['--output', 'text'], ['--output', 'table'], ['--output', 'yaml']])(
  'list %s %s prints what is in a cache file',
  (...format) => {
    test.each([
      ['control characters', 'x\u001b[2J\u009b31m\u202e\u007f\nAKIDFORGED', 'arn:\u001b]0;x\u0007\u0085role'],
      ['a secret in place of the access key id', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', ROLE_A],
      ['a secret in place of the role', 'ASIAEXAMPLE', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'],
    ])('without %s', async (_title, AccessKeyId, Arn) => {
      const Credentials = {
        AccessKeyId,
        SecretAccessKey: 'cached-secret',
        SessionToken: 'cached-secret',
        Expiration: '2100-01-01T00:00:00Z',
      }
      const content = { Credentials, AssumedRoleUser: { Arn } }
      here.home.write(`.aws/cli/cache/${'0'.repeat(40)}.json`, JSON.stringify(content))
      const { code, stdout, stderr } = await cache('list', ...format.filter((word) => word !== undefined))
      expect([code, stderr]).toEqual([0, ''])
      expect(stdout).toContain(`${'0'.repeat(40)}.json`)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it matches
      expect(stdout).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f\u202e]|cached-secret|wJalr|^AKIDFORGED/m)
    })
  },
)
