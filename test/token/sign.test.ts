import { describe, expect, test } from 'vitest'
import type { SigningTarget } from '../../src/aws/endpoints.ts'
import { presignUrl, unsignedUrl } from '../../src/token/sign.ts'

const ENDPOINT = { scheme: 'https', authority: 'sts.example', path: '', query: '', fragment: '' }

const presign = (endpoint: Partial<SigningTarget>, sessionToken?: string) =>
  presignUrl({
    target: { ...ENDPOINT, hostHeader: 'sts.example', region: 'us-east-1', ...endpoint },
    clusterId: 'demo',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken, expiration: undefined },
    now: new Date('2026-01-02T03:04:05Z'),
  })

describe('the URL that is signed', () => {
  test.each<[string, Partial<SigningTarget>, string]>([
    ['no path', {}, 'https://sts.example/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm='],
    ['a path', { path: '/a/b' }, 'https://sts.example/a/b?Action='],
    ['no scheme', { scheme: '' }, '//sts.example/?Action='],
    ['a value with an equals sign', { query: 'x=a=b' }, 'https://sts.example/?x=a%3Db&Action='],
    ['a parameter without a value', { query: '&x&' }, 'https://sts.example/?x=&Action='],
    [
      'characters that encodeURIComponent leaves',
      { query: "x=!'()*-_.~" },
      'https://sts.example/?x=%21%27%28%29%2A-_.~&',
    ],
    ['an action', { query: 'Action=x' }, 'https://sts.example/?Action=GetCallerIdentity&Version='],
    ['a name that only contains x-amz-', { query: 'my-x-amz-date=1' }, 'https://sts.example/?my-x-amz-date=1&Action='],
  ])('%s', async (_title, endpoint, start) => {
    const url = await presign(endpoint)
    expect(url.slice(0, start.length)).toBe(start)
  })

  test('the fragment is before the signature, as in the AWS CLI', async () => {
    expect(await presign({ fragment: 'f' })).toMatch(
      /&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id#f&X-Amz-Signature=[0-9a-f]{64}$/,
    )
  })

  test('the session token is encoded', async () => {
    expect(await presign({}, "a/b+c='")).toContain('&X-Amz-Security-Token=a%2Fb%2Bc%3D%27&')
  })
})

describe('a query that contains what the signature adds is rejected', () => {
  test.each([
    ['X-Amz-Date=1', 'X-Amz-Date'],
    ['a=b&x-amz-security-token=secret', 'x-amz-security-token'],
    ['__proto__=1', '(hidden name)'],
  ])('%s', async (query, name) => {
    await expect(presign({ query, authority: 'user:pass@word@sts.example' })).rejects.toMatchObject({
      code: 'ERR_ENDPOINT',
      message: `Invalid endpoint: sts.example: its query contains ${name}, which is reserved for the signature`,
      remedy: 'remove the query from the endpoint URL',
    })
  })
})

test.each([
  [{}, 'https://sts.example/'],
  [{ path: '/a', query: 'b=c', fragment: 'd' }, 'https://sts.example/a?b=c#d'],
  [{ scheme: '', query: 'b' }, '//sts.example/?b'],
])('the URL without a signature of %j is %s', (endpoint, url) => {
  expect(unsignedUrl({ ...ENDPOINT, ...endpoint })).toBe(url)
})
