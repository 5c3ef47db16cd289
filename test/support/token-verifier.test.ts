import { describe, expect, test } from 'vitest'
import { type VerifyRequest, verifyToken } from './token-verifier.ts'

// Signatures by botocore 1.43.107, for access key AKIDEXAMPLE with secret "secret" at this time, independent of the program
// under test and of aws4.
const SIGNED_AT = new Date('2024-01-01T00:00:00Z')
const WEST = { host: 'sts.us-west-2.amazonaws.com', region: 'us-west-2', sessionToken: '' }
const PLAIN = { ...WEST, signature: '79b53a713bce952b5b86c454fe24f06a52205f7c9006e56472a45fd966f83e4c' }
const SESSION = {
  ...WEST,
  sessionToken: 'TOKEN/+==',
  signature: '8ee17e031767b9916c7ad011ea60a9d2cd55d11394eeaf7f22c4dd790210d5b3',
}
const CHINA = {
  host: 'sts.cn-north-1.amazonaws.com.cn',
  region: 'cn-north-1',
  sessionToken: '',
  signature: '1785e22a1417744db54884d5877cefe4c5a53539f132ac1dbc99d29758049863',
}

function urlOf({ host, region, sessionToken, signature }: typeof PLAIN): string {
  return [
    `https://${host}/?Action=GetCallerIdentity`,
    'Version=2011-06-15',
    'X-Amz-Algorithm=AWS4-HMAC-SHA256',
    `X-Amz-Credential=AKIDEXAMPLE%2F20240101%2F${region}%2Fsts%2Faws4_request`,
    'X-Amz-Date=20240101T000000Z',
    'X-Amz-Expires=60',
    'X-Amz-SignedHeaders=host%3Bx-k8s-aws-id',
    ...(sessionToken ? [`X-Amz-Security-Token=${encodeURIComponent(sessionToken)}`] : []),
    `X-Amz-Signature=${signature}`,
  ].join('&')
}

const tokenOf = (url: string) => `k8s-aws-v1.${Buffer.from(url).toString('base64url')}`

function verify(token: string, request: Partial<VerifyRequest> = {}) {
  const secretFor = (id: string) => (id === 'AKIDEXAMPLE' ? { secret: 'secret' } : undefined)
  return verifyToken({ token, clusterName: 'demo', now: SIGNED_AT, secretFor, ...request })
}

const minutesLater = (minutes: number) => new Date(SIGNED_AT.getTime() + minutes * 60_000)
const withSession = () => ({ secret: 'secret', sessionToken: 'TOKEN/+==' })

describe('the verifier accepts', () => {
  for (const [title, vector, request] of [
    ['a token without session token', PLAIN, {}],
    ['a token with session token', SESSION, { secretFor: withSession }],
    ['a token for another partition', CHINA, { clusterName: 'my_cluster-1', partition: 'aws-cn' }],
    ['a cluster name with surrounding white space, which SigV4 ignores', PLAIN, { clusterName: ' demo ' }],
    ['a token 15 minutes old', PLAIN, { now: minutesLater(15) }],
    ['a clock 5 minutes behind', PLAIN, { now: minutesLater(-5) }],
  ] as const) {
    test(title, () => {
      expect(verify(tokenOf(urlOf(vector)), request)).toMatchObject({ ok: true, accessKeyId: 'AKIDEXAMPLE' })
    })
  }

  test('a token, and returns the rules that passed, in order', () => {
    expect(verify(tokenOf(urlOf(PLAIN))).passed).toMatchInlineSnapshot(`
      [
        "at most 4096 bytes",
        "begins with k8s-aws-v1.",
        "raw base64url",
        "https",
        "an STS host of partition aws",
        "path /",
        "well-formed query",
        "only known parameters",
        "no parameter twice",
        "calls GetCallerIdentity",
        "signs the header x-k8s-aws-id",
        "X-Amz-Expires from 0 to 900",
        "has a date",
        "at most 15 minutes old",
        "not dated in the future",
        "credential scope of us-west-2",
        "a known access key",
        "the session token of that key, or none",
        "signs only headers that are sent",
        "signs the header host",
        "the parameters of SigV4",
        "signed with that key for cluster "demo"",
      ]
    `)
  })
})

describe('the verifier rejects by the rules of EKS: a URL', () => {
  for (const [title, change, reason] of [
    ['too long', (url: string) => url.padEnd(3072, 'x'), 'too large'],
    ['with http', (url: string) => url.replace('https', 'http'), 'scheme'],
    ['in upper case', (url: string) => url.replace('https', 'HTTPS'), 'scheme'],
    ['that is not a URL', () => 'sts', 'scheme'],
    ['with another host', (url: string) => url.replace(WEST.host, 'sts.example.com'), 'hostname'],
    ['with an STS host as a prefix of another', (url: string) => url.replace('.com/', '.com.example.org/'), 'hostname'],
    ['with user info', (url: string) => url.replace('//', '//user@'), 'hostname'],
    ['with a host in upper case', (url: string) => url.replace('us-west-2.a', 'US-WEST-2.a'), 'hostname'],
    ['with a port', (url: string) => url.replace('.com/', '.com:443/'), 'hostname'],
    ['with a host of another partition', (url: string) => url.replace(WEST.host, CHINA.host), 'hostname'],
    ['with another service', (url: string) => url.replace('//sts.', '//iam.'), 'hostname'],
    ['without a path', (url: string) => url.replace('.com/', '.com'), 'path'],
    ['with another path', (url: string) => url.replace('.com/', '.com//'), 'path'],
    ['with an encoded path', (url: string) => url.replace('.com/', '.com/%2e'), 'path'],
    ['with a fragment', (url: string) => `${url}#x`, 'scheme'],
    ['without parameters', (url: string) => url.replace(/\?.*/, ''), 'non-whitelisted'],
    ['with an unknown parameter', (url: string) => `${url}&DurationSeconds=900`, 'non-whitelisted'],
    ['with a parameter twice', (url: string) => `${url}&Action=GetCallerIdentity`, 'multiple values'],
    ['with a parameter twice in another case', (url: string) => `${url}&action=GetCallerIdentity`, 'multiple values'],
    ['with a broken escape', (url: string) => `${url}%2`, 'malformed'],
    ['with another action', (url: string) => url.replace('GetCallerIdentity', 'AssumeRole'), 'action'],
    ['that does not sign the cluster', (url: string) => url.replace('%3Bx-k8s-aws-id', ''), 'did not sign'],
    ['with a longer expiry', (url: string) => url.replace('Expires=60', 'Expires=901'), 'Expires'],
    ['with a negative expiry', (url: string) => url.replace('Expires=60', 'Expires=-1'), 'Expires'],
    ['without expiry', (url: string) => url.replace('&X-Amz-Expires=60', ''), 'Expires'],
    ['without a date', (url: string) => url.replace('&X-Amz-Date=20240101T000000Z', ''), 'Date'],
    ['with a date that does not exist', (url: string) => url.replace('20240101T0', '20240231T0'), 'Date'],
    ['with an ISO date', (url: string) => url.replace('20240101T000000Z', '2024-01-01T00:00:00Z'), 'Date'],
  ] as const) {
    test(title, () => {
      const verdict = verify(tokenOf(change(urlOf(PLAIN))))
      expect(verdict).toMatchObject({ ok: false, reason: expect.stringContaining(reason) })
    })
  }

  for (const [title, token, reason] of [
    ['without the prefix', tokenOf(urlOf(PLAIN)).replace('k8s-aws-v1.', 'k8s-aws-v2.'), 'prefix'],
    ['empty', '', 'prefix'],
    ['with padding', `${tokenOf(urlOf(PLAIN))}==`, 'base64url'],
    ['with the other base64 alphabet', 'k8s-aws-v1.aHR0cHM6Ly+/', 'base64url'],
    ['with white space', `${tokenOf(urlOf(PLAIN))}\n`, 'base64url'],
    ['that is only the prefix', 'k8s-aws-v1.', 'base64url'],
  ] as const) {
    test(`a token ${title}`, () => {
      expect(verify(token)).toMatchObject({ ok: false, reason: expect.stringContaining(reason) })
    })
  }
})

describe('the verifier rejects by the rules of STS', () => {
  const plusUrl = urlOf({ ...PLAIN, sessionToken: 'a+b' }).replace('a%2Bb', 'a+b')
  const globalUrl = urlOf(PLAIN).replace(WEST.host, 'sts.amazonaws.com')
  for (const [title, url, request, reason] of [
    ['an old token', urlOf(PLAIN), { now: minutesLater(15.1) }, 'expired'],
    ['a token from the future', urlOf(PLAIN), { now: minutesLater(-5.1) }, 'not yet current'],
    ['another cluster', urlOf(PLAIN), { clusterName: 'prod' }, 'SignatureDoesNotMatch'],
    ['a cluster name in a different case', urlOf(PLAIN), { clusterName: 'Demo' }, 'SignatureDoesNotMatch'],
    ['another secret', urlOf(PLAIN), { secretFor: () => ({ secret: 'other' }) }, 'SignatureDoesNotMatch'],
    ['an unknown key', urlOf(PLAIN), { secretFor: () => undefined }, 'InvalidClientTokenId'],
    ['a missing session token', urlOf(PLAIN), { secretFor: withSession }, 'not the session token'],
    ['an unexpected session token', urlOf(SESSION), {}, 'not the session token'],
    ['an unencoded plus sign', plusUrl, { secretFor: () => ({ secret: 'secret', sessionToken: 'a+b' }) }, 'not the'],
    ['a region that differs from the host', globalUrl, {}, 'scoped to 20240101/us-east-1/'],
    ['a scope with another date', urlOf(PLAIN).replace('%2F20240101', '%2F20231231'), {}, 'scoped to'],
    ['a scope with another service', urlOf(PLAIN).replace('%2Fsts', '%2Fiam'), {}, 'scoped to'],
    ['a signed header that is not sent', urlOf(PLAIN).replace('=host%3B', '=host%3Bx-amz-x%3B'), {}, '"x-amz-x"'],
    ['an unsigned host', urlOf(PLAIN).replace('=host%3B', '='), {}, 'host is not signed'],
    ['another algorithm', urlOf(PLAIN).replace('HMAC-SHA256', 'HMAC-SHA1'), {}, 'X-Amz-Algorithm'],
    ['no signature', urlOf(PLAIN).replace(/&X-Amz-Signature.*/, ''), {}, 'SignatureDoesNotMatch'],
    ['a signature with one digit changed', urlOf(PLAIN).replace(/4c$/, '4d'), {}, 'SignatureDoesNotMatch'],
    [
      'a parameter changed after signing',
      urlOf(PLAIN).replace('Expires=60', 'Expires=61'),
      {},
      'SignatureDoesNotMatch',
    ],
  ] as const) {
    test(title, () => {
      expect(verify(tokenOf(url), request)).toMatchObject({ ok: false, reason: expect.stringContaining(reason) })
    })
  }
})
