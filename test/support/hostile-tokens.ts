import { readFileSync } from 'node:fs'

/** The time at which the tokens are signed. */
export const SIGNED_AT = '2026-01-02T03:04:05Z'

interface Golden {
  readonly id: string
  readonly token: string
  readonly url: string
}

export const GOLDEN = JSON.parse(
  readFileSync(new URL('../fixtures/parity/golden.json', import.meta.url), 'utf8'),
) as readonly Golden[]

export const GOOD_URL = GOLDEN.find(({ id }) => id === 'g01-basic')?.url ?? ''
const HOST = 'sts.us-east-1.amazonaws.com'

export function tokenOf(url: string): string {
  return `k8s-aws-v1.${Buffer.from(url).toString('base64url')}`
}

const withUrl = (change: (url: string) => string) => tokenOf(change(GOOD_URL))
const withHost = (host: string) => withUrl((url) => url.replace(HOST, host))
const without = (name: string) => withUrl((url) => url.replace(new RegExp(`[?&]${name}=[^&]*`), '').replace('/&', '/?'))
const withValue = (name: string, value: string) =>
  withUrl((url) => url.replace(new RegExp(`${name}=[^&]*`), `${name}=${value}`))

/** Title, token, and the first rule that it fails at `SIGNED_AT`, when the good token passes. */
export const HOSTILE: readonly (readonly [title: string, token: string, rule: string])[] = [
  ['5 KB', `k8s-aws-v1.${'A'.repeat(5000)}`, 'size'],
  ['one byte over the limit', tokenOf(GOOD_URL).padEnd(4097, 'A'), 'size'],
  ['fewer than 4096 characters, more than 4096 bytes', `k8s-aws-v1.${'é'.repeat(2100)}`, 'size'],
  ['a megabyte', 'k'.repeat(100_000), 'size'],
  ['another version', tokenOf(GOOD_URL).replace('v1', 'v2'), 'prefix'],
  ['the prefix in upper case', tokenOf(GOOD_URL).replace('k8s-aws', 'K8S-AWS'), 'prefix'],
  ['no prefix', tokenOf(GOOD_URL).slice(11), 'prefix'],
  ['an unencoded URL', GOOD_URL, 'prefix'],
  ['a JSON Web Token', 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln', 'prefix'],
  ['a token in base64', Buffer.from(tokenOf(GOOD_URL)).toString('base64url'), 'prefix'],
  ['random bytes', '\u0000\u0001\u001b[31m\u009b\u0007x', 'prefix'],
  ['a right-to-left override', '\u202ek8s-aws-v1.abc', 'prefix'],
  ['a prefix of Cyrillic letters', tokenOf(GOOD_URL).replace('a', 'а'), 'prefix'],
  ['only the prefix', 'k8s-aws-v1.', 'base64url'],
  ['padding', `${tokenOf(GOOD_URL)}==`, 'base64url'],
  ['plain base64', `k8s-aws-v1.${Buffer.from('https://x/?>>>~~~').toString('base64')}+/`, 'base64url'],
  ['white space inside', tokenOf(GOOD_URL).replace('v1.', 'v1. '), 'base64url'],
  ['truncated', 'k8s-aws-v1.aHR0c', 'base64url'],
  ['emoji', 'k8s-aws-v1.🔑🔑🔑', 'base64url'],
  ['random bytes inside', `k8s-aws-v1.${Buffer.from([0, 255, 254, 27, 91, 50, 74]).toString('base64url')}`, 'url'],
  ['a token in a token', tokenOf(tokenOf(GOOD_URL)), 'url'],
  ['a URL without a scheme', withUrl((url) => url.replace('https://', '')), 'url'],
  ['a URL with a line break', withUrl((url) => `${url}\r\nHost: evil.example`), 'url'],
  ['a URL with unicode', withHost('sts.us-east-1.amazonaws.com\u2044evil.example'), 'url'],
  ['user info', withHost(`user:password@${HOST}`), 'url'],
  ['user info that looks like the host', withHost(`${HOST}@evil.example`), 'url'],
  ['a fragment', withUrl((url) => `${url}#x`), 'url'],
  ['a fragment that contains the STS host', withHost(`evil.example#${HOST}`), 'url'],
  ['a file', tokenOf('file:///etc/passwd'), 'scheme'],
  ['http', withUrl((url) => url.replace('https', 'http')), 'scheme'],
  ['HTTPS', withUrl((url) => url.replace('https', 'HTTPS')), 'scheme'],
  ['another host', withHost('evil.example'), 'host'],
  ['an address', withHost('127.0.0.1'), 'host'],
  ['instance metadata', withHost('169.254.169.254'), 'host'],
  ['an IPv6 address', withHost('[::1]'), 'host'],
  ['no host', withHost(''), 'host'],
  ['an STS host as a prefix of another', withHost(`${HOST}.evil.example`), 'host'],
  ['an STS host as a suffix of another', withHost(`evil-${HOST}`), 'host'],
  ['a look-alike domain', withHost('sts.us-east-1.amazonaws.co'), 'host'],
  ['a look-alike without the dot', withHost('sts.us-east-1-amazonaws.com'), 'host'],
  ['a dot at the end', withHost(`${HOST}.`), 'host'],
  ['a host in upper case', withHost(HOST.toUpperCase()), 'host'],
  ['a host in mixed case', withHost('sts.us-East-1.amazonaws.com'), 'host'],
  ['a port', withHost(`${HOST}:443`), 'host'],
  ['another port', withHost(`${HOST}:8443`), 'host'],
  ['a percent sign in the host', withHost('sts.us-east-1.amazonaws.com%2eevil.example'), 'host'],
  ['a backslash in the host', withHost(`evil.example\\@${HOST}`), 'url'],
  ['punycode', withHost('xn--sts-us-east-1-amazonaws-6dd.com'), 'host'],
  ['another service', withHost('iam.us-east-1.amazonaws.com'), 'host'],
  ['an S3 bucket as the host', withHost('sts.s3.us-east-1.amazonaws.com'), 'host'],
  ['an API Gateway endpoint as the host', withHost('sts.execute-api.us-east-1.amazonaws.com'), 'host'],
  ['an unknown region', withHost('sts.narnia.amazonaws.com'), 'host'],
  ['a region of another partition', withHost('sts.cn-north-1.amazonaws.com'), 'host'],
  ['the global name in China', withHost('sts.amazonaws.com.cn'), 'host'],
  ['an additional label in the host', withHost('sts.x.us-east-1.amazonaws.com'), 'host'],
  ['another path', withUrl((url) => url.replace('.com/', '.com//')), 'path'],
  ['no path', withUrl((url) => url.replace('.com/', '.com')), 'path'],
  ['an encoded path', withUrl((url) => url.replace('.com/', '.com/%2e%2e')), 'path'],
  ['a broken escape', withUrl((url) => `${url}%zz`), 'query'],
  ['an escape that is not UTF-8', withUrl((url) => `${url}%ff`), 'query'],
  ['a semicolon', withUrl((url) => url.replace('&Version', ';Version')), 'query'],
  ['no parameters', withUrl((url) => url.replace(/\?.*/, '')), 'action'],
  ['an unexpected parameter', withUrl((url) => `${url}&DurationSeconds=900`), 'parameters'],
  ['a parameter without a name', withUrl((url) => `${url}&=x`), 'parameters'],
  ['__proto__', withUrl((url) => `${url}&__proto__=x`), 'parameters'],
  ['a parameter twice', withUrl((url) => `${url}&Action=GetCallerIdentity`), 'once'],
  ['a parameter twice, in another case', withUrl((url) => `${url}&ACTION=AssumeRole`), 'once'],
  ['no action', without('Action'), 'action'],
  ['another action', withValue('Action', 'AssumeRole'), 'action'],
  ['the action in lower case', withValue('Action', 'getcalleridentity'), 'action'],
  ['the cluster not signed', withValue('X-Amz-SignedHeaders', 'host'), 'cluster-header'],
  ['no signed headers', without('X-Amz-SignedHeaders'), 'cluster-header'],
  ['a longer expiry', withValue('X-Amz-Expires', '901'), 'expires'],
  ['a negative expiry', withValue('X-Amz-Expires', '-1'), 'expires'],
  ['an expiry that is not a number', withValue('X-Amz-Expires', '1e3'), 'expires'],
  ['no expiry', without('X-Amz-Expires'), 'expires'],
  ['no date', without('X-Amz-Date'), 'date'],
  ['a date that does not exist', withValue('X-Amz-Date', '20260231T030405Z'), 'date'],
  ['an ISO date', withValue('X-Amz-Date', '2026-01-02T03:04:05Z'), 'date'],
  ['too old', withValue('X-Amz-Date', '20260102T024804Z'), 'age'],
  ['years old', withValue('X-Amz-Date', '19700101T000000Z'), 'age'],
  ['no version', without('Version'), 'version'],
  ['another algorithm', withValue('X-Amz-Algorithm', 'AWS4-HMAC-SHA1'), 'algorithm'],
  ['no credential', without('X-Amz-Credential'), 'access-key'],
  ['another service in the scope', withUrl((url) => url.replace('%2Fsts%2F', '%2Fs3%2F')), 'scope'],
  ['another date in the scope', withUrl((url) => url.replace('%2F20260102', '%2F20260101')), 'scope'],
  ['another region than the host', withHost('sts.eu-west-1.amazonaws.com'), 'scope'],
  ['the host not signed', withValue('X-Amz-SignedHeaders', 'x-k8s-aws-id'), 'host-header'],
  ['a signed header that is not sent', withValue('X-Amz-SignedHeaders', 'host%3Bx-k8s-aws-id%3Bx-y'), 'host-header'],
  [
    'a temporary access key without a session token',
    withUrl((url) => url.replace('AKIDEXAMPLE', 'ASIAEXAMPLE')),
    'session-token',
  ],
  ['an empty session token', withUrl((url) => `${url}&X-Amz-Security-Token=`), 'session-token'],
  ['no signature', without('X-Amz-Signature'), 'signature'],
  ['a truncated signature', withUrl((url) => url.slice(0, -1)), 'signature'],
  ['dated in the future', withValue('X-Amz-Date', '20260102T031005Z'), 'not-ahead'],
]
