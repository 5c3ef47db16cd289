import { expect, test } from 'vitest'
import { ROLE_A, signerOf, useAwsHome } from '../support/aws-home.ts'
import { runEksGetToken } from '../support/command.ts'

const here = useAwsHome()

const cache = (...args: string[]) => runEksGetToken(['cache', ...args], { env: here.home.env, cwd: here.home.folder })
const ROLE = ['--profile', 'keys', '--role-arn', ROLE_A]

test('list shows what is kept, and no secret; clear forgets ours only', async () => {
  expect(await cache('list')).toMatchObject({ code: 0, stdout: 'Nothing is kept.\n', stderr: '' })
  expect(signerOf(await here.home.run(ROLE))).toBe('ASIAROLEA00000000000')
  expect(signerOf(await here.home.run(['--profile', 'web']))).toBe('ASIAROLEW00000000000')
  const listed = await cache('list', '--output', 'json')
  expect(JSON.parse(listed.stdout)).toMatchObject([
    { owner: 'eks-get-token', role: ROLE_A, accessKeyId: 'ASIAROLEA00000000000' },
    { owner: 'aws', accessKeyId: 'ASIAROLEW00000000000' },
  ])
  const picture = await cache('list')
  expect(picture.stdout).toContain(`${ROLE_A} (ours)`)
  for (const { stdout } of [listed, picture]) expect(stdout).not.toMatch(/secret-of|TOKEN\//)

  expect(await cache('clear')).toMatchObject({ code: 0, stdout: '1 entry removed.\n', stderr: '' })
  expect(JSON.parse((await cache('list', '--output', 'json')).stdout)).toMatchObject([{ owner: 'aws' }])
})

test('a second run of --role-arn asks nobody; --no-cache and its variable ask each time, and keep nothing', async () => {
  for (const _ of [1, 2]) expect((await here.home.run(ROLE)).code).toBe(0)
  expect(here.aws.calls).toHaveLength(1)
  await cache('clear')
  expect((await here.home.run([...ROLE, '--no-cache'])).code).toBe(0)
  expect((await here.home.run(['--profile', 'role'], { EKS_GET_TOKEN_NO_CACHE: '1' })).code).toBe(0)
  expect(here.aws.calls).toHaveLength(3)
  expect((await cache('list')).stdout).toBe('Nothing is kept.\n')
})

test('the options of the role reach STS, and are refused without one', async () => {
  const options = ['--external-id', 'ext', '--role-session-name', 'me', '--duration-seconds', '1800']
  expect((await here.home.run([...ROLE, ...options])).code).toBe(0)
  expect(here.aws.calls[0]?.params).toMatchObject({ ExternalId: 'ext', RoleSessionName: 'me', DurationSeconds: '1800' })
  const refused = await here.home.run(['--profile', 'keys', '--external-id', 'ext'])
  expect(refused).toMatchObject({ code: 252, stdout: '', stderr: expect.stringContaining('--external-id') })
})

test.each([[[]], [['show']], [['list', 'more']]])('cache %j is refused', async (words) => {
  expect(await cache(...words)).toMatchObject({ code: 252, stdout: '', stderr: expect.stringContaining('(ERR_USAGE)') })
})
