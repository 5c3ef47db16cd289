import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { signerOf, ssoLogin, useAwsHome } from '../support/aws-home.ts'
import { runCommand } from '../support/command.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

/** What one of the two fetched from IAM Identity Center is used by the other. Version 1 of the AWS CLI has no such cache. */
const AWS_V2 = fileURLToPath(new URL('../../.tools/aws-v2', import.meta.url))
const missing = existsSync(AWS_V2) ? undefined : 'no AWS CLI v2 in .tools; .ci/aws-v2 unpacks one'

const here = useAwsHome()

const theirs = (profile: string) =>
  runCommand([AWS_V2, 'eks', 'get-token', '--cluster-name', 'demo', '--profile', profile], {
    env: { ...here.home.env, LANG: 'C.UTF-8' },
    cwd: here.home.folder,
    timeoutMs: 60_000,
  })
const ours = (profile: string) => here.home.run(['--profile', profile])

describe('a shared cache of IAM Identity Center', skipUnlessAvailable(missing), () => {
  test.each([
    ['them', 'us', 'sso', theirs, ours],
    ['us', 'them', 'sso', ours, theirs],
    ['them', 'us', 'legacy', theirs, ours],
    ['us', 'them', 'legacy', ours, theirs],
  ])('fetched by %s, used by %s: profile %s', { timeout: 120_000 }, async (_one, _other, profile, fetch, use) => {
    here.home.write(...ssoLogin('corp', 7200))
    here.home.write(...ssoLogin('https://example.awsapps.com/start', 7200))
    const fetched = await fetch(profile)
    expect([fetched.code, fetched.stderr]).toEqual([0, ''])
    const used = await use(profile)
    expect([used.code, used.stderr]).toEqual([0, ''])
    expect(signerOf(used)).toBe(signerOf(fetched))
    expect(here.aws.calls.map(({ op }) => op)).toEqual(['GetRoleCredentials'])
  })

  test.each([
    ['them', 'us', theirs, ours],
    ['us', 'them', ours, theirs],
  ])('a login renewed by %s is used by %s', { timeout: 120_000 }, async (_one, _other, renew, use) => {
    here.home.write(...ssoLogin('corp', -60))
    expect((await renew('sso')).code).toBe(0)
    expect((await use('sso2')).code).toBe(0)
    expect(here.aws.calls.map(({ op }) => op)).toEqual(['CreateToken', 'GetRoleCredentials', 'GetRoleCredentials'])
  })
})
