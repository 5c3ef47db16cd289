import { describe, expect, test } from 'vitest'
import { awsLogin, ROLE_A, signerOf, ssoLogin, useAwsHome } from '../support/aws-home.ts'
import { eventually } from '../support/eventually.ts'

// Real processes that need the same credentials at the same time: one fetches them, the others use the cache.

const context = useAwsHome()

// The chaos script starts 100 (.ci/chaos); what this finds, 6 find also, in a fraction of the time.
const PROCESS_COUNT = 6
const together = (args: readonly string[], count = PROCESS_COUNT) =>
  Promise.all(Array.from({ length: count }, () => context.home.run(args)))
const operations = () => context.aws.calls.map(({ op }) => op).sort()

describe(`${PROCESS_COUNT} processes with an empty cache`, { timeout: 120_000 }, () => {
  test.each([
    ['a role profile, STS in 0.4 s', ['--profile', 'role'], 400, 'ASIAROLEA00000000000', ['AssumeRole']],
    ['a role profile, STS in 8 s', ['--profile', 'role'], 8000, 'ASIAROLEA00000000000', ['AssumeRole']],
    ['a role chain', ['--profile', 'chain'], 400, 'ASIAROLEC00000000000', ['AssumeRole', 'AssumeRole']],
    ['web identity', ['--profile', 'web'], 400, 'ASIAROLEW00000000000', ['AssumeRoleWithWebIdentity']],
    ['--role-arn', ['--profile', 'keys', '--role-arn', ROLE_A], 400, 'ASIAROLEA00000000000', ['AssumeRole']],
    [
      '--role-arn, STS in 8 s',
      ['--profile', 'keys', '--role-arn', ROLE_A],
      8000,
      'ASIAROLEA00000000000',
      ['AssumeRole'],
    ],
    [
      'SSO with a refresh of the login',
      ['--profile', 'sso'],
      400,
      'ASIASSODEV0000000000',
      ['CreateToken', 'GetRoleCredentials'],
    ],
    ['aws login with a refresh', ['--profile', 'login'], 400, 'ASIALOGINREFRESHED00', ['CreateOAuth2Token']],
  ])('%s', async (_title, args, delayMs, signer, calls) => {
    context.aws.reset({ delayMs: { sts: delayMs, sso: delayMs, 'sso-oidc': delayMs, signin: delayMs } })
    context.home.write(...ssoLogin('corp', -60))
    context.home.write(...awsLogin(60))
    const results = await together(args)
    expect(results.map(({ code, stderr }) => ({ code, stderr }))).toEqual(results.map(() => ({ code: 0, stderr: '' })))
    expect(new Set(results.map(signerOf))).toEqual(new Set([signer]))
    expect(operations()).toEqual(calls)
  })

  test('two roles of one SSO session: the login is refreshed once', async () => {
    context.aws.reset({ delayMs: { 'sso-oidc': 600 } })
    context.home.write(...ssoLogin('corp', -60))
    const results = (await Promise.all([together(['--profile', 'sso'], 4), together(['--profile', 'sso2'], 4)])).flat()
    expect(results.filter(({ code }) => code !== 0)).toEqual([])
    expect(operations()).toEqual(['CreateToken', 'GetRoleCredentials', 'GetRoleCredentials'])
  })

  test('a login that is still valid is used while another process refreshes it', async () => {
    context.aws.reset({ delayMs: { 'sso-oidc': 5000 } })
    context.home.write(...ssoLogin('corp', 600))
    const refreshing = context.home.run(['--profile', 'sso'])
    await eventually(() => operations().includes('CreateToken'))
    const other = await context.home.run(['--profile', 'sso2'])
    expect([other.code, signerOf(other), operations()]).toEqual([
      0,
      'ASIASSOOPS0000000000',
      ['CreateToken', 'GetRoleCredentials'],
    ])
    expect((await refreshing).code).toBe(0)
  })

  test('if the lock holder is denied access, every process reports its own error', async () => {
    context.aws.reset({ delayMs: { sts: 400 } })
    context.home.write(
      '.aws/config',
      `${context.home.files().get('.aws/config')}`.replace('role/role-a', 'role/denied-a'),
    )
    const results = await together(['--profile', 'role'])
    expect(results.map(({ code }) => code)).toEqual(results.map(() => 254))
    for (const { stderr } of results) expect(stderr).toContain('AccessDenied')
  })
})

test('processes killed at 24 different moments leave no partial file, and the next run succeeds within seconds', {
  timeout: 180_000,
}, async () => {
  context.aws.reset({ delayMs: { sts: 40, sso: 40, 'sso-oidc': 40, signin: 40 } })
  const cases = [
    ['--profile', 'role'],
    ['--profile', 'sso'],
    ['--profile', 'login'],
    ['--profile', 'keys', '--role-arn', ROLE_A],
  ]
  for (let moment = 0; moment < 24; moment++) {
    const args = cases[moment % cases.length] as string[]
    context.home.write(...ssoLogin('corp', -60))
    context.home.write(...awsLogin(60))
    const child = context.home.start(args)
    const ended = new Promise((resolve) => child.once('close', resolve))
    await new Promise((resolve) => setTimeout(resolve, 60 + moment * 12))
    child.kill('SIGKILL')
    await ended
    for (const [file, text] of context.home.files()) {
      if (file.endsWith('.json')) expect(() => JSON.parse(text), `${file} after ${moment}`).not.toThrow()
    }
    if (moment % 6 === 5) {
      const result = await context.home.run(args)
      expect([result.code, result.stderr]).toEqual([0, ''])
      expect(result.seconds).toBeLessThan(8)
      for (const file of context.home.files().keys())
        if (/cli\/cache|eks-get-token\/roles/.test(file)) context.home.write(file, '{"Credentials":{}}')
    }
  }
})
