import { describe, expect, test } from 'vitest'
import { readSharedFiles } from '../../src/config/profiles.ts'
import { computeSettings, type SettingOptions } from '../../src/config/settings.ts'
import { runtimeWith } from '../support/runtime.ts'

function settings(config: string, env: Record<string, string> = {}, options: SettingOptions = {}) {
  const runtime = runtimeWith({ env, files: { '/home/u/.aws/config': config } })
  return computeSettings(options, runtime.env, readSharedFiles(runtime))
}

const PROFILES = '[default]\nregion = de-fault-1\n[profile a]\nregion = a-a-1\noutput = text\n[profile b]\n'

describe('precedence of profiles: option, AWS_PROFILE, AWS_DEFAULT_PROFILE, default', () => {
  test.each([
    [{ profile: 'a' }, { AWS_PROFILE: 'b' }, 'a', '--profile'],
    [{ profile: '' }, { AWS_PROFILE: 'b' }, 'b', 'AWS_PROFILE'],
    [{}, { AWS_PROFILE: 'b', AWS_DEFAULT_PROFILE: 'a' }, 'b', 'AWS_PROFILE'],
    [{}, { AWS_DEFAULT_PROFILE: 'a' }, 'a', 'AWS_DEFAULT_PROFILE'],
    [{}, {}, 'default', 'default'],
  ])('%o %o → %s by %s', (options, env, name, source) => {
    expect(settings(PROFILES, env, options).profile).toMatchObject({ name, source })
  })
  test.each([
    ['named and missing', PROFILES, { AWS_PROFILE: 'nope' }],
    ['empty', PROFILES, { AWS_PROFILE: '' }],
    ['named default, without config files', '', { AWS_PROFILE: 'default' }],
  ])('a profile that is %s is an error', (_title, config, env) => {
    expect(() => settings(config, env)).toThrowError(expect.objectContaining({ code: 'ERR_PROFILE' }))
  })
  test('the error names the source of the profile', () => {
    expect(() => settings(PROFILES, { AWS_PROFILE: 'nope' })).toThrowError(
      expect.objectContaining({
        message: 'The config profile (nope) could not be found; it is set by AWS_PROFILE',
        missing: { kind: 'profile', name: 'nope', setting: 'AWS_PROFILE' },
      }),
    )
  })
})

describe('precedence of regions: option, AWS_REGION, AWS_DEFAULT_REGION, the selected profile', () => {
  test.each([
    [{ region: 'o-o-1' }, { AWS_REGION: 'e-e-1' }, 'o-o-1', '--region'],
    [{}, { AWS_REGION: 'e-e-1', AWS_DEFAULT_REGION: 'd-d-1' }, 'e-e-1', 'AWS_REGION'],
    [{}, { AWS_DEFAULT_REGION: 'd-d-1' }, 'd-d-1', 'AWS_DEFAULT_REGION'],
    [{ profile: 'a' }, {}, 'a-a-1', 'region of profile a'],
    [{}, {}, 'de-fault-1', 'region of profile default'],
  ])('%o %o → %s from %s', (options, env, value, source) => {
    expect(settings(PROFILES, env, options).region).toEqual({ value, source })
  })
  test('the hint names the source of the region', () => {
    expect(() => settings('[default]\nregion = us-east-1 # mine\n')).toThrowError(
      expect.objectContaining({
        code: 'ERR_REGION',
        remedy: 'use a region such as us-east-1: correct region of profile default',
      }),
    )
  })
  test('a profile without a region does not inherit that of the default profile', () => {
    const { region, sts } = settings(PROFILES, {}, { profile: 'b' })
    expect([region, sts.url]).toEqual([undefined, 'https://sts.amazonaws.com'])
  })
  test.each([{ AWS_REGION: '' }, { AWS_DEFAULT_REGION: '' }])('%o is set, and is an invalid region', (env) => {
    expect(() => settings(PROFILES, env)).toThrowError(expect.objectContaining({ code: 'ERR_ENDPOINT' }))
  })
})

describe('precedence of endpoint URLs', () => {
  const CONFIG =
    '[default]\nregion = us-east-1\nendpoint_url = https://profile\nservices = s\n[services s]\nsts =\n  endpoint_url = https://services\n'
  test.each([
    [{ AWS_ENDPOINT_URL_STS: 'https://sts', AWS_ENDPOINT_URL: 'https://all' }, 'https://sts'],
    [{ AWS_ENDPOINT_URL_STS: '', AWS_ENDPOINT_URL: 'https://all' }, 'https://all'],
    [{ AWS_ENDPOINT_URL_EKS: 'https://eks' }, 'https://services'],
    [{ AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'TRUE' }, 'https://sts.us-east-1.amazonaws.com'],
    [{ AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: '1' }, 'https://services'],
  ])('%o → %s', (env, url) => expect(settings(CONFIG, env).sts.url).toBe(url))
  test.each([
    ['services without a section', '[default]\nregion = us-east-1\nservices = nope\n'],
    ['services with an empty section', '[default]\nregion = us-east-1\nservices = s\n[services s]\n'],
    ['sts that is not a nested section', '[default]\nregion = us-east-1\nservices = s\n[services s]\nsts = x\n'],
    ['a nested section in place of a value', '[default]\nregion =\n  x = y\n'],
  ])('%s is an error', (_title, config) => {
    expect(() => settings(config)).toThrowError(expect.objectContaining({ code: 'ERR_SETTING' }))
  })
})

describe('an invalid setting is an error even if it has no effect', () => {
  test.each([
    { AWS_MAX_ATTEMPTS: 'abc' },
    { AWS_MAX_ATTEMPTS: '0' },
    { AWS_RETRY_MODE: 'legacy' },
    { AWS_RETRY_MODE: 'STANDARD' },
    { AWS_METADATA_SERVICE_TIMEOUT: 'abc' },
    { AWS_METADATA_SERVICE_NUM_ATTEMPTS: '1.5' },
    { AWS_REQUEST_CHECKSUM_CALCULATION: 'bogus' },
    { AWS_RESPONSE_CHECKSUM_VALIDATION: 'bogus' },
    { AWS_ACCOUNT_ID_ENDPOINT_MODE: 'bogus' },
    { AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: 'ipv5' },
    { AWS_EC2_METADATA_SERVICE_ENDPOINT: 'no url' },
  ])('%o', (env) => {
    expect(() => settings(PROFILES, env)).toThrowError(
      expect.objectContaining({ code: 'ERR_SETTING', exitCode: 255, message: expect.stringContaining('') }),
    )
  })
  test.each([
    ['[default]\nsso_session = s\n', /does not exist: "s"/],
    ['[default]\nsso_session = s\n[sso-session s]\nsso_region = us-east-1\n', /is missing: sso_start_url/],
  ])('%j', (config, message) => {
    expect(() => settings(config)).toThrowError(
      expect.objectContaining({ code: 'ERR_SETTING', message: expect.stringMatching(message) }),
    )
  })
})

test('defaults', () => {
  expect(settings('')).toMatchObject({
    region: undefined,
    output: undefined,
    network: { connectTimeoutSeconds: 60, readTimeoutSeconds: 60, maxAttempts: 3, retryMode: 'standard' },
    instanceMetadata: { disabled: true, timeoutSeconds: 1, maxAttempts: 1, endpoint: 'http://169.254.169.254/' },
  })
})
