import { describe, expect, test } from 'vitest'
import { awsLogin, ROLE_A, signerOf, ssoLogin, useAwsHome } from '../support/aws-home.ts'
import { eventually } from '../support/eventually.ts'

// Real processes that need the same credentials at the same time: one asks, the others use what it got.

const here = useAwsHome()

const FORTY = 40
const together = (args: readonly string[], count = FORTY) =>
  Promise.all(Array.from({ length: count }, () => here.home.run(args)))
const operations = () => here.aws.calls.map(({ op }) => op).sort()

describe('forty processes on a cold cache', { timeout: 120_000 }, () => {
  test.each([
    ['a role profile, STS in 0.4 s', ['--profile', 'role'], 400, 'ASIAROLEA00000000000', ['AssumeRole']],
    ['a role profile, STS in 8 s', ['--profile', 'role'], 8000, 'ASIAROLEA00000000000', ['AssumeRole']],
    ['a chain', ['--profile', 'chain'], 400, 'ASIAROLEC00000000000', ['AssumeRole', 'AssumeRole']],
    ['web identity', ['--profile', 'web'], 400, 'ASIAROLEW00000000000', ['AssumeRoleWithWebIdentity']],
    ['--role-arn', ['--profile', 'keys', '--role-arn', ROLE_A], 400, 'ASIAROLEA00000000000', ['AssumeRole']],
    ['--role-arn, in 8 s', ['--profile', 'keys', '--role-arn', ROLE_A], 8000, 'ASIAROLEA00000000000', ['AssumeRole']],
    [
      'SSO, the login renewed',
      ['--profile', 'sso'],
      400,
      'ASIASSODEV0000000000',
      ['CreateToken', 'GetRoleCredentials'],
    ],
    ['aws login, renewed', ['--profile', 'login'], 400, 'ASIALOGINREFRESHED00', ['CreateOAuth2Token']],
  ])('%s', async (_title, args, delayMs, signer, calls) => {
    here.aws.reset({ delayMs: { sts: delayMs, sso: delayMs, 'sso-oidc': delayMs, signin: delayMs } })
    here.home.write(...ssoLogin('corp', -60))
    here.home.write(...awsLogin(60))
    const results = await together(args)
    expect(results.map(({ code, stderr }) => ({ code, stderr }))).toEqual(results.map(() => ({ code: 0, stderr: '' })))
    expect(new Set(results.map(signerOf))).toEqual(new Set([signer]))
    expect(operations()).toEqual(calls)
  })

  test('two roles of one SSO session: the login is renewed once', async () => {
    here.aws.reset({ delayMs: { 'sso-oidc': 600 } })
    here.home.write(...ssoLogin('corp', -60))
    const results = (await Promise.all([together(['--profile', 'sso'], 8), together(['--profile', 'sso2'], 8)])).flat()
    expect(results.filter(({ code }) => code !== 0)).toEqual([])
    expect(operations()).toEqual(['CreateToken', 'GetRoleCredentials', 'GetRoleCredentials'])
  })

  test('a login that is still good does not wait for who renews it', async () => {
    here.aws.reset({ delayMs: { 'sso-oidc': 5000 } })
    here.home.write(...ssoLogin('corp', 600))
    const renewing = here.home.run(['--profile', 'sso'])
    await eventually(() => operations().includes('CreateToken'))
    const other = await here.home.run(['--profile', 'sso2'])
    expect([other.code, signerOf(other), operations()]).toEqual([
      0,
      'ASIASSOOPS0000000000',
      ['CreateToken', 'GetRoleCredentials'],
    ])
    expect((await renewing).code).toBe(0)
  })

  test('where the one that asks is refused, each says so for itself, and none waits for all the others', async () => {
    here.aws.reset({ delayMs: { sts: 400 } })
    here.home.write('.aws/config', `${here.home.files().get('.aws/config')}`.replace('role/role-a', 'role/denied-a'))
    const results = await together(['--profile', 'role'], 12)
    expect(results.map(({ code }) => code)).toEqual(results.map(() => 254))
    for (const { stderr } of results) expect(stderr).toContain('AccessDenied')
  })
})

test('killed at many moments: no file is half written, and the next run succeeds within seconds', {
  timeout: 180_000,
}, async () => {
  here.aws.reset({ delayMs: { sts: 40, sso: 40, 'sso-oidc': 40, signin: 40 } })
  const cases = [
    ['--profile', 'role'],
    ['--profile', 'sso'],
    ['--profile', 'login'],
    ['--profile', 'keys', '--role-arn', ROLE_A],
  ]
  for (let moment = 0; moment < 48; moment++) {
    const args = cases[moment % cases.length] as string[]
    here.home.write(...ssoLogin('corp', -60))
    here.home.write(...awsLogin(60))
    const child = here.home.start(args)
    const ended = new Promise((resolve) => child.once('close', resolve))
    await new Promise((resolve) => setTimeout(resolve, 60 + moment * 6))
    child.kill('SIGKILL')
    await ended
    for (const [file, text] of here.home.files()) {
      if (file.endsWith('.json')) expect(() => JSON.parse(text), `${file} after ${moment}`).not.toThrow()
    }
    if (moment % 6 === 5) {
      const result = await here.home.run(args)
      expect([result.code, result.stderr]).toEqual([0, ''])
      expect(result.seconds).toBeLessThan(8)
      for (const file of here.home.files().keys())
        if (/cli\/cache|eks-get-token\/roles/.test(file)) here.home.write(file, '{"Credentials":{}}')
    }
  }
})
