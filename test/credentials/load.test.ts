import { describe, expect, test } from 'vitest'
import { readSharedFiles } from '../../src/config/profiles.ts'
import { computeSettings } from '../../src/config/settings.ts'
import { parseExpiration } from '../../src/credentials/credentials.ts'
import { loadCredentials } from '../../src/credentials/load.ts'
import { makePlan } from '../../src/credentials/plan/index.ts'
import { startDeadline } from '../../src/net/deadline.ts'
import { environmentProxy } from '../../src/net/proxy.ts'
import { keys, runtimeWith } from '../support/runtime.ts'

async function load(env: Record<string, string>, files: Record<string, string> = {}) {
  const runtime = runtimeWith({ env, files })
  const settings = computeSettings({}, runtime.env, readSharedFiles(runtime))
  const mfaCodeProvider = () => Promise.reject(new Error('no terminal'))
  const switches = { signRequests: true, useCache: false, mfaCodeProvider }
  const context = { settings, runtime: runtime, ...switches, ...startDeadline(0, runtime.now) }
  return loadCredentials(await makePlan(settings, {}, runtime), context)
}

const ENV = keys('AKIDENV')

describe('static credentials', () => {
  test.each([
    ['the environment', ENV, {}, 'AKIDENV', undefined],
    ['a session token', { ...ENV, AWS_SESSION_TOKEN: 'S' }, {}, 'AKIDENV', 'S'],
    [
      'AWS_SECURITY_TOKEN before AWS_SESSION_TOKEN',
      { ...ENV, AWS_SESSION_TOKEN: 'S', AWS_SECURITY_TOKEN: 'T' },
      {},
      'AKIDENV',
      'T',
    ],
    [
      'an empty AWS_SECURITY_TOKEN is ignored',
      { ...ENV, AWS_SESSION_TOKEN: 'S', AWS_SECURITY_TOKEN: '' },
      {},
      'AKIDENV',
      'S',
    ],
    [
      'a file',
      {},
      { '/home/u/.aws/credentials': '[default]\naws_access_key_id=A\naws_secret_access_key=B\naws_session_token=C' },
      'A',
      'C',
    ],
    [
      'aws_security_token before aws_session_token in a file, even if empty',
      {},
      {
        '/home/u/.aws/credentials':
          '[default]\naws_access_key_id=A\naws_secret_access_key=B\naws_session_token=C\naws_security_token=',
      },
      'A',
      '',
    ],
    [
      'the session token of the other file is ignored',
      {},
      {
        '/home/u/.aws/credentials': '[default]\naws_access_key_id=A\naws_secret_access_key=B',
        '/home/u/.aws/config': '[default]\naws_session_token=C',
      },
      'A',
      undefined,
    ],
    [
      'empty values',
      {},
      { '/home/u/.aws/credentials': '[default]\naws_access_key_id=\naws_secret_access_key=' },
      '',
      undefined,
    ],
    [
      'the legacy EC2 credential file',
      { AWS_CREDENTIAL_FILE: '/e' },
      { '/e': 'AWSAccessKeyId = A\nAWSSecretKey = B' },
      'A',
      undefined,
    ],
    [
      'a boto file, without session token',
      { BOTO_CONFIG: '/b' },
      { '/b': '[Credentials]\naws_access_key_id=A\naws_secret_access_key=B\naws_session_token=C' },
      'A',
      undefined,
    ],
  ])('%s', async (_title, env, files, accessKeyId, sessionToken) => {
    expect(await load(env, files as Record<string, string>)).toMatchObject({ accessKeyId, sessionToken })
  })
})

describe('AWS_CREDENTIAL_EXPIRATION', () => {
  test('in the future is the expiration of the credentials', async () => {
    const { expiration } = await load({ ...ENV, AWS_CREDENTIAL_EXPIRATION: '2026-01-02T03:09:05Z' })
    expect(expiration?.toISOString()).toBe('2026-01-02T03:09:05.000Z')
  })
  test.each(['2026-01-02T03:04:05Z', '2020-01-01T00:00:00Z', 'garbage', '2027-01-01T00:00:00', '2027-13-01T00:00:00Z'])(
    '%s is an error',
    async (time) => {
      await expect(load({ ...ENV, AWS_CREDENTIAL_EXPIRATION: time })).rejects.toMatchObject({
        code: 'ERR_CREDENTIALS',
        exitCode: 255,
      })
    },
  )
})

test.each([
  ['2026-11-23T20:03:21Z', '2026-11-23T20:03:21.000Z'],
  ['2026-11-23T20:03:21UTC', '2026-11-23T20:03:21.000Z'],
  ['2026-11-23T20:03:21+00:00', '2026-11-23T20:03:21.000Z'],
  ['2026-11-23 20:03:21.123456 +0130', '2026-11-23T18:33:21.123Z'],
  ['2026-11-23T20:03:21-05', '2026-11-24T01:03:21.000Z'],
  ['20261123T200321Z', '2026-11-23T20:03:21.000Z'],
  ['20261123T200321+0130', '2026-11-23T18:33:21.000Z'],
  ['Mon, 23 Nov 2026 20:03:21 GMT', '2026-11-23T20:03:21.000Z'],
  ['2026-11-23T20:03:21', undefined],
  ['2026-11-23', undefined],
  ['1795000000', undefined],
  ['2026-02-30T25:00:00Z', undefined],
  ['', undefined],
])('the timestamp %j', (text, expected) => expect(parseExpiration(text)?.toISOString()).toBe(expected))

test.each([
  ['https://sts.x', { HTTPS_PROXY: 'http://p:1' }, 'http://p:1'],
  ['https://sts.x', { HTTPS_PROXY: 'http://p:1', https_proxy: 'http://q:1' }, 'http://q:1'],
  ['https://sts.x', { HTTPS_PROXY: 'http://p:1', https_proxy: '' }, undefined],
  ['https://sts.x', { HTTP_PROXY: 'http://p:1', ALL_PROXY: 'http://a:1' }, undefined],
  ['http://sts.x', { HTTP_PROXY: 'http://p:1' }, 'http://p:1'],
  ['http://sts.x', { HTTP_PROXY: 'http://p:1', REQUEST_METHOD: 'GET' }, undefined],
  ['https://sts.x', { HTTPS_PROXY: 'p:1' }, 'http://p:1'],
  ['https://sts.x', { HTTPS_PROXY: '//p:1' }, 'http://p:1'],
  ['https://sts.x', { HTTPS_PROXY: 'http://p:1', NO_PROXY: '*' }, undefined],
  ['https://sts.x', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'a, .x' }, undefined],
  ['https://sts.x', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'STS.X' }, undefined],
  ['https://sts.x:8443', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'sts.x:8443' }, undefined],
  ['https://sts.x', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'ts.x' }, 'http://p:1'],
  ['https://sts.x', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'sts.x', no_proxy: '' }, 'http://p:1'],
])('proxy for %s with %o', (url, env, expected) => expect(environmentProxy(url, env)).toBe(expected))
