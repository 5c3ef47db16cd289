import { expect, test } from 'vitest'
import { createToken, type TokenOptions } from '../../../src/create-token.ts'
import { runtimeWith } from '../../support/runtime.ts'

const CONFIG = 'C:\\Users\\u/.aws/config'
const SHOWN_CONFIG = 'C:\\Users\\u\\.aws\\config'

function create(config: string, options: TokenOptions, trace?: string[]) {
  const runtime = runtimeWith({ platform: 'win32', files: { [CONFIG]: config }, ...(trace && { trace }) })
  return createToken({ clusterName: 'demo', region: 'us-east-1', ...options }, runtime)
}

test.each<[string, string, TokenOptions, string]>([
  [
    'a profile that does not exist',
    '[sso-session s]\nsso_region = eu-west-1\n',
    { profile: 'R&D team' },
    'create it with one of: eks-get-token login --profile "R&D team" (AWS console), aws configure sso --profile "R&D team"',
  ],
  [
    'a profile without credentials',
    '[profile R&D]\nregion = eu-west-1\n',
    { profile: 'R&D' },
    `sign in to the AWS console with 'eks-get-token login --profile "R&D"',`,
  ],
  [
    'an SSO login that does not exist',
    '[profile "a b"]\nsso_start_url = https://x.awsapps.com/start\nsso_region = eu-west-1\nsso_account_id = 123456789012\nsso_role_name = r\n',
    { profile: 'a b' },
    'run: eks-get-token login --profile "a b" (or: aws sso login --profile "a b"; or use --login auto,',
  ],
  [
    'an incomplete session',
    '[profile a]\nsso_session = s\n[sso-session s]\nsso_region = x\n',
    { profile: 'a' },
    `add sso_start_url to [sso-session s] in ${SHOWN_CONFIG}`,
  ],
  [
    'half of the keys',
    '[profile a]\naws_access_key_id = AKIDA\n',
    { profile: 'a' },
    `add aws_secret_access_key to profile a in ${SHOWN_CONFIG}`,
  ],
  [
    'a services section that does not exist',
    '[profile a]\nservices = s\n',
    { profile: 'a' },
    `add [services s] to ${SHOWN_CONFIG}`,
  ],
])('on Windows the hint for %s can be pasted there', async (_, config, options, remedy) => {
  await expect(create(config, options)).rejects.toMatchObject({ remedy: expect.stringContaining(remedy) })
})

test('on Windows an error about the config file, and a trace, have its path with backslashes', async () => {
  await expect(create('[default\n', {})).rejects.toMatchObject({
    message: expect.stringContaining(`Unable to parse config file: ${SHOWN_CONFIG}: line 1`),
  })
  const trace: string[] = []
  await create('[default]\naws_access_key_id = AKIDA\naws_secret_access_key = secret-of-AKIDA\n', {}, trace)
  expect(trace).toContain(`files: ${SHOWN_CONFIG}, C:\\Users\\u\\.aws\\credentials`)
  expect(trace).toContain(
    `credentials: profile-keys, because profile default has static credentials in ${SHOWN_CONFIG}`,
  )
})
