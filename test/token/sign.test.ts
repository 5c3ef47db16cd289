import { Sha256 } from '@aws-crypto/sha256-js'
import { SignatureV4 } from '@smithy/signature-v4'
import fc from 'fast-check'
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
    ['a name that objects inherit', { query: '__proto__=1' }, 'https://sts.example/?__proto__=1&Action='],
  ])('%s', (_title, endpoint, start) => {
    const url = presign(endpoint)
    expect(url.slice(0, start.length)).toBe(start)
  })

  test('the fragment is before the signature, as in the AWS CLI', () => {
    expect(presign({ fragment: 'f' })).toMatch(
      /&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id#f&X-Amz-Signature=[0-9a-f]{64}$/,
    )
  })

  test('the session token is encoded', () => {
    expect(presign({}, "a/b+c='")).toContain('&X-Amz-Security-Token=a%2Fb%2Bc%3D%27&')
  })
})

describe('the signature is that of the AWS SDK', () => {
  const text = fc.string({ unit: fc.constantFrom(..."aZ09-_.~!'()*&=+%/?:@ ,;é€😀"), maxLength: 12 })
  const segment = fc.oneof(
    fc.constantFrom('', '.', '..', 'a', '%2F'),
    text.map((value) => value.replaceAll('/', '')),
  )
  const input = fc.record({
    segments: fc.array(segment, { maxLength: 5 }),
    parameters: fc.array(fc.tuple(text.filter(Boolean), text), { maxLength: 4 }),
    clusterId: text.map((value) => `c${value}`),
    sessionToken: fc.option(text.filter(Boolean), { nil: undefined }),
    region: fc.constantFrom('us-east-1', 'cn-north-1'),
    now: fc.date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
  })

  test('for any path, query, cluster, session token, region and time', async () => {
    await fc.assert(
      fc.asyncProperty(input, async ({ segments, parameters, clusterId, sessionToken, region, now }) => {
        const path = `/${segments.join('/')}`
        const query = parameters.map((pair) => pair.map(encodeURIComponent).join('=')).join('&')
        const credentials = {
          accessKeyId: 'AKIDEXAMPLE',
          secretAccessKey: 'secret',
          sessionToken,
          expiration: undefined,
        }
        const target = { ...ENDPOINT, hostHeader: 'sts.example:8443', path, query, region }
        const url = presignUrl({ target, clusterId, credentials, now })

        const identity = {
          accessKeyId: 'AKIDEXAMPLE',
          secretAccessKey: 'secret',
          ...(sessionToken && { sessionToken }),
        }
        const signer = new SignatureV4({ service: 'sts', region, sha256: Sha256, credentials: identity })
        const signed = await signer.presign(
          {
            method: 'GET',
            protocol: 'https:',
            hostname: 'sts.example',
            path,
            // The first of several with the same name.
            query: {
              ...Object.fromEntries(parameters.toReversed()),
              Action: 'GetCallerIdentity',
              Version: '2011-06-15',
            },
            headers: { host: 'sts.example:8443', 'x-k8s-aws-id': clusterId },
          },
          { expiresIn: 60, signingDate: now },
        )
        expect(url.split('X-Amz-Signature=')[1]).toBe(signed.query?.['X-Amz-Signature'])
      }),
    )
  })
})

describe('a query that contains what the signature adds is rejected', () => {
  test.each([
    ['X-Amz-Date=1', 'X-Amz-Date'],
    ['a=b&x-amz-security-token=secret', 'x-amz-security-token'],
    ['x-amz-a!=1', '(hidden name)'],
  ])('%s', (query, name) => {
    expect(() => presign({ query, authority: 'user:pass@word@sts.example' })).toThrow(
      expect.objectContaining({
        code: 'ERR_ENDPOINT',
        message: `Invalid endpoint: sts.example: its query contains ${name}, which is reserved for the signature`,
        remedy: 'remove the query from the endpoint URL',
      }),
    )
  })
})

test.each([
  [{}, 'https://sts.example/'],
  [{ path: '/a', query: 'b=c', fragment: 'd' }, 'https://sts.example/a?b=c#d'],
  [{ scheme: '', query: 'b' }, '//sts.example/?b'],
])('the URL without a signature of %j is %s', (endpoint, url) => {
  expect(unsignedUrl({ ...ENDPOINT, ...endpoint })).toBe(url)
})
