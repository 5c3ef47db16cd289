import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { signerOf, ssoLogin, useAwsHome } from '../support/aws-home.ts'
import { runCommand } from '../support/command.ts'

/** What one of the two fetched from IAM Identity Center is used by the other. Version 1 of the AWS CLI has no such cache. */
const AWS_V2 = fileURLToPath(new URL('../../.tools/aws-v2', import.meta.url))
const isThere = existsSync(AWS_V2)
const why = isThere ? '' : ' (skipped: no AWS CLI v2; .ci/aws-v2 unpacks one)'

const here = useAwsHome()

const theirs = (profile: string) =>
  runCommand([AWS_V2, 'eks', 'get-token', '--cluster-name', 'demo', '--profile', profile], {
    env: { ...here.home.env, LANG: 'C.UTF-8' },
    cwd: here.home.folder,
    timeoutMs: 60_000,
  })
const ours = (profile: string) => here.home.run(['--profile', profile])

test.skipIf(!isThere).each([
  ['them', 'us', 'sso', theirs, ours],
  ['us', 'them', 'sso', ours, theirs],
  ['them', 'us', 'legacy', theirs, ours],
  ['us', 'them', 'legacy', ours, theirs],
])(`fetched by %s, used by %s: profile %s${why}`, { timeout: 120_000 }, async (_one, _other, profile, fetch, use) => {
  here.home.write(...ssoLogin('corp', 7200))
  here.home.write(...ssoLogin('https://example.awsapps.com/start', 7200))
  const fetched = await fetch(profile)
  expect([fetched.code, fetched.stderr]).toEqual([0, ''])
  const used = await use(profile)
  expect([used.code, used.stderr]).toEqual([0, ''])
  expect(signerOf(used)).toBe(signerOf(fetched))
  expect(here.aws.calls.map(({ op }) => op)).toEqual(['GetRoleCredentials'])
})

test.skipIf(!isThere).each([
  ['them', 'us', theirs, ours],
  ['us', 'them', ours, theirs],
])(`a login renewed by %s is used by %s${why}`, { timeout: 120_000 }, async (_one, _other, renew, use) => {
  here.home.write(...ssoLogin('corp', -60))
  expect((await renew('sso')).code).toBe(0)
  expect((await use('sso2')).code).toBe(0)
  expect(here.aws.calls.map(({ op }) => op)).toEqual(['CreateToken', 'GetRoleCredentials', 'GetRoleCredentials'])
})
