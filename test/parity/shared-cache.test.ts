import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eksGetToken, runCommand } from '../support/command.ts'
import { type LocalAws, startLocalAws } from '../support/local-aws.ts'
import { findProgram } from '../support/programs.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

/** The session of a role that one of the two fetched is used by the other: they share the AWS CLI's cache files. */
const AWS = findProgram('aws')

let aws: LocalAws
let home: string
beforeAll(async () => {
  aws = await startLocalAws()
  home = mkdtempSync(join(tmpdir(), 'eks-get-token-shared-'))
  mkdirSync(join(home, '.aws'))
  const role = (name: string, more = '') =>
    `[profile ${name}]\nrole_arn = arn:aws:iam::123456789012:role/${name}\nsource_profile = base\n${more}`
  const base = '[profile base]\naws_access_key_id = AKIDB\naws_secret_access_key = secret-of-AKIDB\n'
  writeFileSync(
    join(home, '.aws', 'config'),
    `${role('one')}${role('two', 'external_id = exté\nduration_seconds = 1200\n')}${base}`,
  )
})
afterAll(async () => {
  await aws.close()
  rmSync(home, { recursive: true, force: true })
})

async function signer(command: readonly [string, ...string[]], profile: string): Promise<string | undefined> {
  const { code, stdout, stderr } = await runCommand(
    [...command, 'eks', 'get-token', '--cluster-name', 'demo', '--profile', profile],
    {
      env: {
        PATH: '/usr/bin:/bin',
        HOME: home,
        LANG: 'C.UTF-8',
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_DEFAULT_REGION: 'us-east-1',
        HTTPS_PROXY: `http://127.0.0.1:${aws.port}`,
        AWS_CA_BUNDLE: aws.authority.file,
      },
      cwd: home,
      timeoutMs: 60_000,
    },
  )
  expect([code, stderr]).toEqual([0, ''])
  const token = (JSON.parse(stdout) as { status: { token: string } }).status.token
  return /Credential=([^%]+)/.exec(Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString())?.[1]
}

describe('a shared cache of roles', skipUnlessAvailable(AWS ? undefined : 'aws is not on PATH'), () => {
  test.each([
    ['the AWS CLI', 'us', 'one'],
    ['us', 'the AWS CLI', 'two'],
  ])('what was fetched by %s is used by %s', { timeout: 120_000 }, async (first, _second, profile) => {
    aws.reset()
    const ours = eksGetToken()
    const theirs = [AWS as string] as const
    const [fetching, using] = first === 'us' ? [ours, theirs] : [theirs, ours]
    const fetched = await signer([...fetching], profile)
    expect(await signer([...using], profile)).toBe(fetched)
    expect(fetched).toMatch(/^ASIA/)
    expect(aws.calls.map(({ op }) => op)).toEqual(['AssumeRole'])
  })
})
