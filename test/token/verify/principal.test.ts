import { describe, expect, test } from 'vitest'
import type { Plan } from '../../../src/credentials/sources/registry.ts'
import { isSsoRole, parsePrincipal } from '../../../src/token/verify/principal.ts'
import { toRefusal } from '../../../src/token/verify/refusals.ts'
import { snippetsFor } from '../../../src/token/verify/snippets.ts'
import { clockSkew, parseVerification } from '../../../src/token/verify/verdict.ts'

const ACCOUNT = '123456789012'
const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/deployer/someone@example.com`
const environment: Plan = { kind: 'environment', why: '' }
const assumes = (roleArn: string): Plan => ({
  kind: 'assume-role',
  why: '',
  profile: 'p',
  roleArn,
  sessionName: undefined,
  externalId: undefined,
  durationSeconds: undefined,
  mfaSerial: undefined,
  source: environment,
})

describe('the principal of an ARN', () => {
  const WITH_PATH = `arn:aws:iam::${ACCOUNT}:role/teams/blue/deployer`
  test.each<[string, Plan | undefined, string, string, string | undefined]>([
    [SESSION, undefined, 'role', `arn:aws:iam::${ACCOUNT}:role/deployer`, undefined],
    [SESSION, environment, 'role', `arn:aws:iam::${ACCOUNT}:role/deployer`, undefined],
    [SESSION, assumes(WITH_PATH), 'role', `arn:aws:iam::${ACCOUNT}:role/deployer`, WITH_PATH],
    // A plan for a role with another account or name does not apply.
    [
      SESSION,
      assumes(WITH_PATH.replace(ACCOUNT, '999988887777')),
      'role',
      `arn:aws:iam::${ACCOUNT}:role/deployer`,
      undefined,
    ],
    [SESSION, assumes(`${WITH_PATH}s`), 'role', `arn:aws:iam::${ACCOUNT}:role/deployer`, undefined],
    // STS returns no path; the API server keeps one that is there.
    [
      `arn:aws:sts::${ACCOUNT}:assumed-role/Org/Team/Admin/Session`,
      undefined,
      'role',
      `arn:aws:iam::${ACCOUNT}:role/Org/Team/Admin`,
      `arn:aws:iam::${ACCOUNT}:role/Org/Team/Admin`,
    ],
    [
      `arn:aws-us-gov:sts::${ACCOUNT}:assumed-role/a/b/c@d`,
      assumes(`arn:aws-us-gov:iam::${ACCOUNT}:role/other`),
      'role',
      `arn:aws-us-gov:iam::${ACCOUNT}:role/a/b`,
      `arn:aws-us-gov:iam::${ACCOUNT}:role/a/b`,
    ],
    [
      `arn:aws:sts::${ACCOUNT}:assumed-role/deployer`,
      undefined,
      'role',
      `arn:aws:iam::${ACCOUNT}:role/deployer`,
      undefined,
    ],
    [
      'arn:aws-cn:sts::123456789012:assumed-role/r/s',
      undefined,
      'role',
      'arn:aws-cn:iam::123456789012:role/r',
      undefined,
    ],
    [
      `arn:aws:iam::${ACCOUNT}:user/team/me`,
      undefined,
      'user',
      `arn:aws:iam::${ACCOUNT}:user/team/me`,
      `arn:aws:iam::${ACCOUNT}:user/team/me`,
    ],
    [`arn:aws:iam::${ACCOUNT}:root`, undefined, 'root', `arn:aws:iam::${ACCOUNT}:root`, `arn:aws:iam::${ACCOUNT}:root`],
    [
      `arn:aws:sts::${ACCOUNT}:federated-user/x`,
      undefined,
      'federated-user',
      `arn:aws:sts::${ACCOUNT}:federated-user/x`,
      `arn:aws:sts::${ACCOUNT}:federated-user/x`,
    ],
    ['nonsense', undefined, 'other', 'nonsense', 'nonsense'],
  ])('%s is parsed', (arn, plan, kind, mappedArn, fullArn) => {
    expect(parsePrincipal(arn, plan)).toMatchObject({ kind, mappedArn, fullArn })
  })
  test.each([
    ['nonsense', '', '', ''],
    ['arn:aws:sts::123456789012:assumed-role', 'aws', ACCOUNT, ''],
    ['arn:aws-cn:iam::123456789012:user/team/blue/me', 'aws-cn', ACCOUNT, 'me'],
    ['arn:aws:iam::123456789012:user/a:b', 'aws', ACCOUNT, 'a:b'],
    [`arn:aws-us-gov:sts::${ACCOUNT}:assumed-role/a/b/c`, 'aws-us-gov', ACCOUNT, 'b'],
  ])('of %s: partition, account and name', (arn, partition, account, name) => {
    expect(parsePrincipal(arn, undefined)).toMatchObject({ partition, account, name })
  })
  test.each<[string, string | undefined]>([
    [WITH_PATH, WITH_PATH],
    [`x${WITH_PATH}`, undefined],
    [`${WITH_PATH}\n`, undefined],
    ['nonsense', undefined],
  ])('the role ARN %j of a web identity is the whole ARN of the session: %j', (roleArn, fullArn) => {
    const plan = { kind: 'web-identity', why: '', roleArn } as Plan
    expect(parsePrincipal(SESSION, plan).fullArn).toBe(fullArn)
  })
  test('only a role can be one of IAM Identity Center', () => {
    const named = (type: string) => parsePrincipal(`arn:aws:iam::${ACCOUNT}:${type}/AWSReservedSSO_x/s`, undefined)
    expect([isSsoRole(named('assumed-role')), isSsoRole({ ...named('user'), name: 'AWSReservedSSO_x' })]).toEqual([
      true,
      false,
    ])
  })
  test('the note for a role of IAM Identity Center says that it has a path', () => {
    const arn = `arn:aws:sts::${ACCOUNT}:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/me`
    expect(snippetsFor(parsePrincipal(arn, undefined), 'demo', undefined, 'linux').pathNote).toMatch(
      /Roles of IAM Identity Center always have a path/,
    )
  })
  test.each([
    ['demo', 'demo'],
    ["it's; rm -rf $HOME", "'it'\\''s; rm -rf $HOME'"],
  ])('the cluster name %j is quoted for a shell', (name, quoted) => {
    expect(snippetsFor(parsePrincipal(SESSION, undefined), name, undefined, 'linux').accessEntry).toContain(
      `--cluster-name ${quoted} \\\n`,
    )
  })
  test('what grants access to a user, and to a role with a path, is as recorded', async () => {
    const user = snippetsFor(
      parsePrincipal(`arn:aws-cn:iam::${ACCOUNT}:user/team/me`, undefined),
      'demo',
      'cn-north-1',
      'linux',
    )
    const role = snippetsFor(parsePrincipal(SESSION, assumes(WITH_PATH)), 'demo', undefined, 'linux')
    const withPath = snippetsFor(
      parsePrincipal(`arn:aws:sts::${ACCOUNT}:assumed-role/a/b/c`, undefined),
      'demo',
      '',
      'linux',
    )
    const unknownPath = snippetsFor(parsePrincipal(SESSION, undefined), 'demo', undefined, 'linux')
    const text = [user, role, withPath, unknownPath]
      .map(({ awsAuth, accessEntry, pathNote }) => `${awsAuth}\n\n${accessEntry}\n\n${pathNote ?? '–'}\n`)
      .join('\n\n')
    await expect(text).toMatchFileSnapshot('snippets.txt')
  })
  test('on Windows the commands are single lines without substitution, and the note says how to look up the ARN', () => {
    const { accessEntry, pathNote } = snippetsFor(parsePrincipal(SESSION, undefined), "it's & co", 'eu-west-1', 'win32')
    const cluster = '--cluster-name "it\'s & co" --region eu-west-1 --principal-arn ROLE_ARN'
    expect(accessEntry?.split('\n').slice(0, 2)).toEqual([
      `aws eks create-access-entry ${cluster}`,
      `aws eks associate-access-policy ${cluster} --access-scope type=cluster --policy-arn arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy`,
    ])
    expect(pathNote).toMatch(/To look it up:\naws iam get-role --role-name \S+ --query Role\.Arn --output text$/)
  })
  test('the root user has no mapping', () => {
    expect(
      snippetsFor(parsePrincipal(`arn:aws:iam::${ACCOUNT}:root`, undefined), 'demo', undefined, 'linux').awsAuth,
    ).toBeUndefined()
  })
})

const FACTS = { skewSeconds: 0, signedBy: undefined, secrets: [] }

describe('a response from STS', () => {
  const response = (body: unknown, status = 200) => ({
    status,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    date: undefined,
  })
  const identity = (Arn: unknown, Account: unknown, UserId: unknown) =>
    response({ GetCallerIdentityResponse: { GetCallerIdentityResult: { Arn, Account, UserId } } })
  test('contains the identity that signed', () => {
    expect(parseVerification(identity(SESSION, ACCOUNT, 'AROAX:someone'), FACTS)).toEqual({
      identity: { arn: SESSION, account: ACCOUNT, userId: 'AROAX', sessionName: 'someone' },
    })
  })
  test.each([
    response(''),
    response('<html>'),
    response('null'),
    response([]),
    response({}),
    response({ GetCallerIdentityResponse: null }),
    identity(5, ACCOUNT, 'x'),
    identity('arn:aws:s3:::bucket', ACCOUNT, 'x'),
    identity(`x${SESSION}`, ACCOUNT, 'x'),
    identity(`${SESSION} x`, ACCOUNT, 'x'),
    identity(SESSION, `1${ACCOUNT}`, 'x'),
    identity(SESSION, `${ACCOUNT}1`, 'x'),
    identity(SESSION, ACCOUNT, 'AROAX:someone:else'),
    identity(SESSION, '1', 'x'),
    identity(`${SESSION}\u001b[31m\n`, ACCOUNT, 'a:b:c'),
  ])('that is not from STS is rejected: %j', (given) =>
    expect(parseVerification(given, FACTS).refused?.code).toBe('NotSts'),
  )
  test('may have white space around its values', () => {
    expect(parseVerification(identity(` ${SESSION}\n`, `${ACCOUNT} `, 'AROAX:someone'), FACTS).identity).toMatchObject({
      arn: SESSION,
      account: ACCOUNT,
    })
  })
  test('that is not from STS has a message that says so', () => {
    expect(parseVerification(response('<html>'), FACTS).refused?.message).toBe('the response did not come from STS')
  })
  test('that is only the beginning of JSON is malformed, also after white space', () => {
    expect(parseVerification(response(' \n{"GetCaller'), FACTS).refused?.code).toBe('MalformedResponse')
  })
  test('may be an error in JSON', () => {
    const body = { Error: { Code: 'ExpiredToken', Message: 'ended' } }
    expect(parseVerification(response(body, 403), FACTS).refused).toMatchObject({
      code: 'ExpiredToken',
      message: 'ended',
    })
  })
  test.each(['Expired Token', '1ExpiredToken', 'ExpiredToken1', 'x'.repeat(65)])(
    'has the status as its code in place of %j',
    (Code) => {
      expect(parseVerification(response({ Error: { Code } }, 403), FACTS).refused?.code).toBe('403')
    },
  )
  test.each([204, 407])('with status %i has no message', (status) => {
    const body = { Error: { Code: 'AccessDenied', Message: 'not of STS' } }
    expect(parseVerification(response(body, status), FACTS).refused?.message).toBeUndefined()
  })
  test('may be an error in XML', () => {
    const body = '<ErrorResponse><Error><Code>ExpiredToken</Code><Message>ended</Message></Error></ErrorResponse>'
    expect(parseVerification(response(body, 403), FACTS).refused).toMatchObject({
      code: 'ExpiredToken',
      message: 'ended',
    })
  })
})

describe('responses that are not the verdict of STS have words of their own', () => {
  test.each([
    [204, '', 'NoContent', /^the response is empty \(204 No Content\)/],
    [204, '<html>', 'NoContent', /204/],
    [407, '', 'ProxyAuthenticationRequired', /^a proxy between this machine and STS requires authentication/],
    [407, '<Code>AccessDenied</Code>', 'ProxyAuthenticationRequired', /proxy/],
    [
      200,
      '{"GetCallerIdentityResponse":{"GetCaller',
      'MalformedResponse',
      /^the response is not valid JSON: it is inc/,
    ],
    [200, '', 'NotSts', /did not come from STS/],
    [302, '', '302', /^STS redirected the request/],
    [429, '', '429', /throttling/],
    [503, '', '503', /unavailable/],
    [403, '<html>', '403', /did not come from STS/],
  ])('HTTP %i with the body %j', (status, body, code, meaning) => {
    const { refused } = parseVerification({ status, body, date: undefined }, FACTS)
    expect(refused).toMatchObject({ code, status, isVerdict: false, meaning: expect.stringMatching(meaning) })
    expect(refused?.remedy).not.toBe('')
  })
})

describe('a wrong signature', () => {
  const refusal = (signedBy: string | undefined, code = 'SignatureDoesNotMatch', message = '') =>
    toRefusal(code, 403, message, { skewSeconds: 0, signedBy })
  test.each(['SignatureDoesNotMatch', 'InvalidSignatureException'])('%s of a token that was just generated', (code) => {
    const { meaning, remedy } = refusal('access keys of profile base', code)
    expect(meaning).toMatch(/^the secret access key does not belong to the access key id/)
    expect(meaning).not.toMatch(/different name/)
    expect(remedy).toContain('access keys of profile base')
  })
  test('of another token may be for another cluster', () => {
    expect(refusal(undefined).meaning).toMatch(
      /^the token was generated for a cluster with a different name, or the secr/,
    )
  })
  test('of a token that was just generated, with a wrong clock', () => {
    expect(refusal('x', 'SignatureDoesNotMatch', 'Signature not yet current: x').meaning).toMatch(/future/)
  })
})

describe('clock skew', () => {
  const date = new Date('2026-01-02T03:04:05Z')
  test.each([
    [date, '2026-01-02T03:04:05.900Z', 1],
    [date, '2026-01-02T03:09:05Z', 300],
    [date, '2026-01-02T02:04:05Z', -3600],
    [undefined, '2026-01-02T02:04:05Z', undefined],
  ])('between STS at %s and the local clock at %s is %s s', (stsDate, now, skew) => {
    expect(clockSkew({ status: 200, body: '', date: stsDate }, new Date(now))).toBe(skew)
  })
  test.each([
    ['Signature expired: x', 0, /older than 15 minutes$/],
    ['Signature expired: x', -1200, /the local clock is 1200 s behind the STS clock/],
    ['Signature not yet current: x', 600, /the local clock is 600 s ahead of the STS clock/],
    ['Signature not yet current: x', 0, /the clock of the machine that signed it is ahead/],
  ])('explains "%s" with a skew of %i s', (message, skew, meaning) => {
    expect(toRefusal('SignatureDoesNotMatch', 403, message, { ...FACTS, skewSeconds: skew }).meaning).toMatch(meaning)
  })
  test('an error code with the name of an inherited property is unknown', () => {
    expect(toRefusal('constructor', 403, '', FACTS).meaning).toBe('STS rejected the token')
  })
})
