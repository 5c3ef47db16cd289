import { expect, test } from 'vitest'
import { ROLE_A, signerOf, useAwsHome } from '../support/aws-home.ts'
import { runEksGetToken } from '../support/command.ts'

const here = useAwsHome()

const cache = (...args: string[]) => runEksGetToken(['cache', ...args], { env: here.home.env, cwd: here.home.folder })
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

  expect(await cache('clear')).toMatchObject({ code: 0, stdout: '1 entry removed.\n', stderr: '' })
  expect(JSON.parse((await cache('list', '--output', 'json')).stdout)).toMatchObject([{ owner: 'aws' }])
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

test.each([[[]], [['show']], [['list', 'more']]])('cache with the arguments %j is a usage error', async (words) => {
  expect(await cache(...words)).toMatchObject({ code: 252, stdout: '', stderr: expect.stringContaining('(ERR_USAGE)') })
})
