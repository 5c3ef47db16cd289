import { expect, test } from 'vitest'
import { createToken } from '../../src/index.ts'
import { tokenExpiration } from '../../src/token/token.ts'
import { keys, runtimeWith } from '../support/runtime.ts'

test.each([
  ['long-term access keys', undefined, '2026-01-02T03:18:05.000Z'],
  ['credentials that expire later than the token', '2026-01-02T05:00:00Z', '2026-01-02T03:18:05.000Z'],
  ['credentials that expire earlier', '2026-01-02T03:09:00Z', '2026-01-02T03:09:00.000Z'],
])('the expiration of a token for %s', (_title, credentials, expected) => {
  const end = tokenExpiration(new Date('2026-01-02T03:04:05Z'), credentials ? new Date(credentials) : undefined)
  expect(end.toISOString()).toBe(expected)
})

// Signatures by two other implementations (botocore 1.43.107 and @smithy/signature-v4 5.7.5).
test.each([
  ['us-west-2', 'demo', undefined, '79b53a713bce952b5b86c454fe24f06a52205f7c9006e56472a45fd966f83e4c'],
  ['us-west-2', 'demo', 'TOKEN/+==', '8ee17e031767b9916c7ad011ea60a9d2cd55d11394eeaf7f22c4dd790210d5b3'],
  ['cn-north-1', 'my_cluster-1', undefined, '1785e22a1417744db54884d5877cefe4c5a53539f132ac1dbc99d29758049863'],
])(
  'the signature for region %s, cluster %s and session token %s',
  async (region, clusterName, sessionToken, signature) => {
    const env = {
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
      ...(sessionToken ? { AWS_SESSION_TOKEN: sessionToken } : {}),
    }
    const { token } = await createToken({ clusterName, region }, runtimeWith({ env, now: '2024-01-01T00:00:00Z' }))
    const url = new URL(Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString())
    expect(url.searchParams.get('X-Amz-Signature')).toBe(signature)
  },
)

test('query parameters of a configured endpoint come first, and the first of two with the same name wins', async () => {
  const env = { ...keys('AKIDEXAMPLE'), AWS_ENDPOINT_URL_STS: 'https://h/b?x=a+b&x=2&y=%zz' }
  const { token } = await createToken({ clusterName: 'demo', region: 'eu-west-1' }, runtimeWith({ env }))
  const url = Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString()
  expect(url).toMatch(/^https:\/\/h\/b\?x=a%20b&y=%25zz&Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=/)
})

test.each([
  ['neither name nor id', {}, 'ERR_USAGE'],
  ['an empty name', { clusterName: '' }, 'ERR_USAGE'],
  ['name and id', { clusterName: 'a', clusterId: '' }, 'ERR_PARAMETER'],
])('%s is rejected before a file is read', async (_title, options, code) => {
  const runtime = {
    ...runtimeWith({ env: keys('AKIDEXAMPLE') }),
    readText: () => {
      throw new Error('a file was read')
    },
  }
  await expect(createToken(options, runtime)).rejects.toMatchObject({ code, exitCode: 252 })
})

test.each([
  ['', 'ERR_PARAMETER'],
  ['arn:aws:iam::1:r', 'ERR_PARAMETER'],
  ['arn:aws:iam::123456789012:role/r', 'ERR_NO_CREDENTIALS'],
])('the role %j is validated before the credentials', async (roleArn, code) => {
  const options = { clusterName: 'demo', region: 'us-east-1', roleArn }
  await expect(createToken(options, runtimeWith())).rejects.toMatchObject({ code })
})

test('an unsigned token requests no credentials, even if the profile has a role', async () => {
  const config =
    '[default]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = a\n[profile a]\naws_access_key_id = AKIDA\naws_secret_access_key = secret-of-AKIDA\n'
  const runtime = runtimeWith({
    env: { AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1', AWS_REGION: 'us-east-1' },
    files: { '/home/u/.aws/config': config },
  })
  const { token, accessKeyId } = await createToken({ clusterName: 'demo', signRequest: false }, runtime)
  expect(Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString()).toBe('http://127.0.0.1:1/')
  expect(accessKeyId).toBeUndefined()
})

test('the result of createToken contains no secret except the token', async () => {
  const credentials = '[default]\naws_access_key_id = AKIDA\naws_secret_access_key = secret-of-AKIDA\n'
  const runtime = runtimeWith({ files: { '/home/u/.aws/credentials': credentials } })
  const result = await createToken({ clusterName: 'demo', region: 'us-east-1' }, runtime)
  expect(result.accessKeyId).toBe('AKIDA')
  const { inspect } = await import('node:util')
  expect(inspect(result, { depth: 20 })).not.toContain('secret-of')
})
