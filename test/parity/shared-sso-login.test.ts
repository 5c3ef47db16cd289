import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { signerOf, useAwsHome } from '../support/aws-home.ts'
import { runCommand } from '../support/command.ts'
import { createTestBrowser, runLogin } from '../support/sign-in.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

/** A login that one of the two makes is used by the other. This AWS CLI has the device code grant only. */
const AWS_V2 = fileURLToPath(new URL('../../.tools/aws-v2', import.meta.url))
const missing = existsSync(AWS_V2) ? undefined : 'no AWS CLI v2 in .tools; .ci/aws-v2 unpacks one'

const here = useAwsHome()

const aws = (args: readonly string[]) =>
  runCommand([AWS_V2, ...args], {
    env: { ...here.home.env, LANG: 'C.UTF-8' },
    cwd: here.home.folder,
    timeoutMs: 60_000,
  })
const ours = (args: readonly string[], env: Record<string, string> = {}) => runLogin(here.home, args, env)
const awsToken = (profile: string) => aws(['eks', 'get-token', '--cluster-name', 'demo', '--profile', profile])
const operations = () => here.aws.calls.map(({ op }) => op)
const files = () => {
  const logins = [...here.home.files()].filter(([file]) => file.startsWith('.aws/sso/cache/'))
  return Object.fromEntries(logins.map(([file, text]) => [file, JSON.parse(text) as Record<string, unknown>]))
}
/** What a login file and a registration have, whoever wrote them: times differ. */
const shape = () =>
  Object.entries(files()).map(([file, content]) => [
    file,
    Object.entries(content).map(([key, value]) => [key, /^\d{4}-/.test(String(value)) ? 'a time' : value]),
  ])
const requests = () => here.aws.calls.map(({ op, host, path, params }) => ({ op, host, path, params }))

describe('one login for both programs', { ...skipUnlessAvailable(missing), timeout: 120_000 }, () => {
  test('made here in the browser, used by the AWS CLI', async () => {
    expect((await ours(['login', '--profile', 'sso'], createTestBrowser(here.home).env)).code).toBe(0)
    const token = await awsToken('sso2')
    expect(token).toMatchObject({ code: 0, stderr: '' })
    expect(operations()).toEqual(['RegisterClient', 'Authorize', 'CreateToken', 'GetRoleCredentials'])
    expect(here.aws.calls.at(-1)?.bearer).toBe('NEWACCESSTOKENEXAMPLE')
  })

  test.each(['sso', 'legacy'])('made by the AWS CLI with a device code, used here: profile %s', async (profile) => {
    const login = await aws(['sso', 'login', '--no-browser', '--profile', profile])
    expect([login.code, login.stderr]).toEqual([0, ''])
    // The service that checks the requests of this program accepts those of the AWS CLI.
    expect(here.aws.oidc.problems).toEqual([])
    const token = await here.home.run(['--profile', profile])
    expect(token).toMatchObject({ code: 0, stderr: '' })
    expect(here.aws.calls.at(-1)).toMatchObject({ op: 'GetRoleCredentials', bearer: 'NEWACCESSTOKENEXAMPLE' })
    expect(signerOf(token)).toBeDefined()
    const status = await ours(['login', '--status', '--output', 'json', '--query', "[?status=='valid'].profiles[]"])
    expect(JSON.parse(status.stdout)).toContain(profile)
  })

  test.each(['sso', 'legacy'])('both send the same requests and write the same files: profile %s', async (profile) => {
    const args = ['sso', 'login', '--no-browser', '--profile', profile]
    const theirs = await aws(args)
    expect(theirs.code).toBe(0)
    const expected = { requests: requests(), files: shape() }
    here.aws.reset()
    here.fresh()
    const result = await ours([...args, '--use-device-code'])
    expect(result).toMatchObject({ code: 0, stderr: '' })
    // Without a session the name of the client is the time.
    const withoutTime = (value: unknown) =>
      JSON.parse(JSON.stringify(value).replace(/botocore-client-\d+/g, 'botocore-client-…'))
    // One poll more: the AWS CLI polls again at once.
    expect(withoutTime(requests().slice(0, 3))).toEqual(withoutTime(expected.requests.slice(0, 3)))
    expect(shape()).toEqual(expected.files)
    expect(result.stdout).toContain('ABCD-EFGH')
    expect(result.stdout.split('\n').at(-2)).toBe(theirs.stdout.split('\n').at(-2))
  })

  test('each uses the registration of the other', async () => {
    expect((await aws(['sso', 'login', '--no-browser', '--profile', 'sso'])).code).toBe(0)
    expect((await ours(['login', '--profile', 'sso', '--use-device-code', '--no-browser'])).code).toBe(0)
    expect((await aws(['sso', 'login', '--no-browser', '--profile', 'sso'])).code).toBe(0)
    expect(operations().filter((op) => op === 'RegisterClient')).toEqual(['RegisterClient'])
    expect(here.aws.oidc.problems).toEqual([])
  })

  test('each ends the login of the other', async () => {
    const device = ['login', '--profile', 'sso', '--use-device-code', '--no-browser']
    expect((await ours(device)).code).toBe(0)
    expect(await aws(['sso', 'logout'])).toMatchObject({ code: 0, stdout: '' })
    expect((await here.home.run(['--profile', 'sso'])).code).toBe(255)
    expect((await aws(['sso', 'login', '--no-browser', '--profile', 'sso'])).code).toBe(0)
    expect(await ours(['sso', 'logout'])).toMatchObject({ code: 0, stdout: '' })
    expect((await awsToken('sso')).code).not.toBe(0)
    expect(operations().filter((op) => op === 'Logout').length).toBe(2)
  })
})
