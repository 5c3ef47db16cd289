import { expect, test } from 'vitest'
import { OPTIONS } from '../../src/cli/args/options.ts'
import { givenLine, identityLine, missingVariables } from '../../src/cli/identity-line.ts'

const ROLE = 'arn:aws:iam::123456789012:role/a'

test.each([
  ['', { clusterName: 'demo' }, '--cluster-name demo'],
  ['', {}, '--cluster-name NAME'],
  ['inspect', { clusterId: 'abc', profile: 'two words' }, "inspect --cluster-id abc --profile 'two words'"],
  [
    'verify',
    { roleArn: ROLE, useCache: false, clusterName: 'demo', timeoutSeconds: 5, readTimeoutSeconds: 5 },
    `verify --cluster-name demo --no-cache --role-arn ${ROLE}`,
  ],
  ['login', { profile: 'dev', region: 'eu-west-1' }, 'login --profile dev --region eu-west-1'],
] as const)('%j with %j', (subcommand, options, line) => {
  expect(identityLine(subcommand, options, 'linux')).toBe(`eks-get-token ${line}`)
})

test('variables of a client are set for the line, but not what an option overrides, and nothing secret', () => {
  const client = { AWS_PROFILE: 'a b', AWS_REGION: 'eu-west-1', AWS_SECRET_ACCESS_KEY: 'secret', OTHER: 'x' }
  const variables = missingVariables(client, { AWS_REGION: 'us-east-1' })
  const lineOn = (platform: string, options: Parameters<typeof identityLine>[1] = {}) =>
    identityLine('', { clusterName: 'demo', ...options }, platform, { variables, quote: '!' })
  const overriding = { profile: 'c', region: 'eu-west-2' }
  expect([lineOn('linux'), lineOn('linux', overriding)]).toEqual([
    "!AWS_PROFILE='a b' AWS_REGION=eu-west-1 eks-get-token --cluster-name demo!",
    '!eks-get-token --cluster-name demo --profile c --region eu-west-2!',
  ])
  expect([lineOn('win32'), lineOn('win32', overriding)]).toEqual([
    '!eks-get-token --cluster-name demo! (with AWS_PROFILE set to a b and AWS_REGION set to eu-west-1)',
    '!eks-get-token --cluster-name demo --profile c --region eu-west-2!',
  ])
  expect(missingVariables(client, client)).toEqual({})
})

test('a line with all options that were given', () => {
  const values = new Map<string, string | true>([
    ['no-cache', true],
    ['region', 'eu-west-1'],
    ['cluster-name', "it's"],
    ['timeout', '5'],
    ['profile', ''],
  ])
  expect(givenLine('x', OPTIONS, values, 'linux')).toBe(
    "eks-get-token x --profile '' --region eu-west-1 --no-cache --cluster-name 'it'\\''s'",
  )
  expect(givenLine('x', OPTIONS, values, 'win32')).toBe(
    'eks-get-token x --profile= --region eu-west-1 --no-cache --cluster-name "it\'s"',
  )
})
