import { describe, expect, test } from 'vitest'
import { type FailureKind, RequestFailure } from '../../src/net/request-failure.ts'
import { serviceError } from '../../src/net/service-error.ts'
import { runtimeWith } from '../support/runtime.ts'

const URL = 'https://sts.us-west-2.amazonaws.com'
const PROXY = { HTTPS_PROXY: 'http://user:hidden@proxy.example.com:3128' }

function errorFor(error: unknown, env: Record<string, string> = {}, secrets: readonly string[] = [], url = URL) {
  const runtime = runtimeWith({ env })
  const { code, message, remedy } = serviceError(error, 'AssumeRole', url, { runtime, maxAttempts: 3, secrets })
  return { code, message, remedy }
}

describe('a request without a response', () => {
  test.each<[FailureKind, string, RegExp]>([
    ['certificate', 'SSL validation failed for https://sts.us-west-2.amazonaws.com: why', /AWS_CA_BUNDLE/],
    ['connect-timeout', 'Connect timeout on endpoint URL: "https://sts.us-west-2.amazonaws.com"', /HTTPS_PROXY/],
    ['read-timeout', 'Read timeout on endpoint URL: "https://sts.us-west-2.amazonaws.com"', /--cli-read-timeout/],
    [
      'closed',
      'Connection was closed before we received a valid response from endpoint URL: "https://sts.us-west-2.amazonaws.com"',
      /firewall or proxy/,
    ],
    [
      'invalid-response',
      'Received an invalid HTTP response from endpoint URL: "https://sts.us-west-2.amazonaws.com" (why)',
      /login page/,
    ],
    [
      'unreachable',
      'Could not connect to the endpoint URL: "https://sts.us-west-2.amazonaws.com" (why)',
      /is reachable/,
    ],
  ])('%s', (kind, message, remedy) => {
    const failure = new RequestFailure(kind, 'why')
    expect(errorFor(failure)).toEqual({ code: 'ERR_NETWORK', message, remedy: expect.stringMatching(remedy) })
    // The proxy is named, and not blamed.
    expect(errorFor(failure, PROXY).message).toBe(`${message} (through proxy http://proxy.example.com:3128)`)
  })

  test.each<[string, RegExp]>([
    ['https://eks.us-west2.amazonaws.com', /^us-west2 is not a region: did you mean us-west-2\?$/],
    ['https://sts.us-west-22.amazonaws.com', /^us-west-22 is not a known region: did you mean us-west-2\?$/],
    ['https://oidc.eucentral1.api.aws', /^eucentral1 is not a region: did you mean eu-central-1\?$/],
    [URL, /is reachable/],
    ['https://sts.us-west2.example.com', /is reachable/],
  ])('the host of %s is unknown', (url, remedy) => {
    const failure = new RequestFailure('unreachable', 'ENOTFOUND', { code: 'ENOTFOUND' })
    expect(errorFor(failure, {}, [], url).remedy).toMatch(remedy)
  })

  test.each<[number | undefined, RegExp]>([
    [undefined, /^correct HTTPS_PROXY, or list the host in NO_PROXY$/],
    [407, /^set the user name and password of the proxy in HTTPS_PROXY$/],
    [403, /^the proxy does not allow sts\.us-west-2\.amazonaws\.com/],
    [302, /^the proxy does not allow sts\.us-west-2\.amazonaws\.com/],
    [502, /^the proxy could not connect to sts\.us-west-2\.amazonaws\.com/],
    [503, /^the proxy could not connect to sts\.us-west-2\.amazonaws\.com/],
  ])('a proxy that responded with status %s', (proxyStatus, remedy) => {
    const failure = new RequestFailure('proxy', 'why', proxyStatus === undefined ? {} : { proxyStatus })
    expect(errorFor(failure, PROXY)).toEqual({
      code: 'ERR_NETWORK',
      message: 'Failed to connect to proxy URL: "http://proxy.example.com:3128" (why)',
      remedy: expect.stringMatching(remedy),
    })
  })
})

test.each<[string, Record<string, string>, RegExp]>([
  ['the environment', { AWS_SESSION_TOKEN: 'a-session' }, /^the credentials in the environment .*: export new/],
  ['elsewhere', { AWS_SESSION_TOKEN: 'another-session' }, /sign in again$/],
])('expired credentials of %s', (_, env, remedy) => {
  const error = Object.assign(new Error('why'), { name: 'ExpiredToken', $metadata: { httpStatusCode: 403 } })
  expect(errorFor(error, env, ['a-session']).remedy).toMatch(remedy)
})

describe('a response that is an error', () => {
  const sdkError = (name: string, status: number, message = 'why', attempts = 1) =>
    Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status, attempts } })
  test.each([
    ['AccessDenied', 403, 1, '(AccessDenied) when calling the AssumeRole operation: why', /trust policy/],
    [
      'Throttling',
      400,
      3,
      '(Throttling) when calling the AssumeRole operation (reached max retries: 2): why',
      /try again/,
    ],
    ['ValidationError', 400, 1, '(ValidationError) when calling the AssumeRole operation: why', /documentation/],
    ['constructor', 400, 1, '(constructor) when calling the AssumeRole operation: why', /documentation/],
    ['SyntaxError', 503, 1, '(503) when calling the AssumeRole operation: the response did not come from AWS', /proxy/],
  ])('%s with status %d', (name, status, attempts, message, remedy) => {
    expect(errorFor(sdkError(name, status, 'why', attempts))).toEqual({
      code: 'ERR_SERVICE',
      message: `An error occurred ${message}`,
      remedy: expect.stringMatching(remedy),
    })
  })
  test.each([200, 204, 302])('a response that is not from AWS, with status %d', (status) => {
    expect(errorFor(Object.assign(new SyntaxError('x'), { $response: { statusCode: status } }))).toEqual({
      code: 'ERR_NETWORK',
      message: `Unable to parse the response to AssumeRole from ${URL} (status ${status}): the response did not come from AWS`,
      remedy: expect.stringMatching(/login page/),
    })
  })
  test.each(['\u009b2JAccess\u0007Denied', 'TOKEN-secret-of-AKIDEXAMPLE', 'x'.repeat(5000)])(
    'the code is sanitized, redacted and short: %j',
    (code) => {
      const { message } = errorFor(sdkError(code, 403), {}, ['secret-of-AKIDEXAMPLE'])
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is for
      expect(message).not.toMatch(/[\0-\x1f\x7f-\x9f]|secret-of/)
      expect(message.length).toBeLessThan(220)
    },
  )
})

describe('a request that could not be sent', () => {
  test('because of characters in the credentials', () => {
    const error = Object.assign(new TypeError('Invalid character in header'), { code: 'ERR_INVALID_CHAR' })
    expect(errorFor(error)).toMatchObject({ code: 'ERR_CREDENTIALS', remedy: expect.stringMatching(/line break/) })
  })
  test.each([{}, PROXY])('for any other reason, with environment %o: not reported as a proxy failure', (env) => {
    const { code, message } = errorFor(new Error('Region not accepted'), env)
    expect([code, message]).toEqual(['ERR_NETWORK', `Unable to send AssumeRole to ${URL}: Region not accepted`])
  })
})
