import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { parseStsHost } from '../../src/aws/sts-host.ts'
import { eksGetToken, runCommand } from '../support/command.ts'
import { HOSTILE } from '../support/hostile-tokens.ts'
import { runInProcess } from '../support/in-process.ts'
import type { Behavior, ServiceResponse } from '../support/local-aws/exchange.ts'
import { type LocalAws, startLocalAws } from '../support/local-aws.ts'
import { findProgram } from '../support/programs.ts'
import { keys } from '../support/runtime.ts'
import { onTerminal, SCRIPT } from '../support/screens.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

let aws: LocalAws
let home: string
beforeAll(async () => {
  aws = await startLocalAws()
  home = mkdtempSync(join(tmpdir(), 'eks-get-token-verify-'))
  mkdirSync(join(home, '.aws'))
  writeFileSync(
    join(home, '.aws', 'config'),
    '[profile prod]\nrole_arn = arn:aws:iam::123456789012:role/teams/blue/deployer\nsource_profile = base\n' +
      '[profile base]\naws_access_key_id = AKIDB\naws_secret_access_key = secret-of-AKIDB\n',
  )
})
beforeEach(() => aws.reset())
afterAll(async () => {
  await aws.close()
  rmSync(home, { recursive: true, force: true })
})

const environment = (env: Record<string, string>) => ({
  PATH: '/usr/bin:/bin',
  HOME: home,
  LANG: 'C.UTF-8',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_DEFAULT_REGION: 'us-west-2',
  HTTPS_PROXY: `http://127.0.0.1:${aws.port}`,
  AWS_CA_BUNDLE: aws.authority.file,
  ...env,
})
const KEYS = keys('AKIDEXAMPLE')
const run = (argv: readonly string[], env: Record<string, string> = KEYS, text?: string) =>
  runInProcess(argv, { env: environment(env), cwd: home, ...(text === undefined ? {} : { stdin: { text } }) })
const verify = async (argv: string, env?: Record<string, string>, text?: string) => {
  const result = await run(['verify', '--output', 'json', ...argv.split(' ')], env, text)
  return { ...result, report: result.stdout === '' ? undefined : JSON.parse(result.stdout) }
}
const tokenFor = async (argv: string, env?: Record<string, string>) =>
  (await run([...argv.split(' '), '--query', 'status.token', '--output', 'text'], env)).stdout.trim()

describe('STS accepts', () => {
  test('a new token, and the request is that of an API server', async () => {
    const { code, stderr, report } = await verify('--cluster-name demo')
    expect([code, stderr]).toEqual([0, ''])
    expect(report).toMatchObject({
      verified: true,
      identity: { account: '123456789012', arn: 'arn:aws:iam::123456789012:user/team/AKIDEXAMPLE', kind: 'user' },
      clockSkewSeconds: expect.toSatisfy((skew: number) => Math.abs(skew) < 5),
    })
    const [request] = aws.requests
    expect(request).toMatchObject({
      method: 'GET',
      headers: { host: 'sts.us-west-2.amazonaws.com', 'x-k8s-aws-id': 'demo', accept: 'application/json' },
    })
    expect(Object.keys(request?.headers ?? {}).sort()).toEqual(['accept', 'connection', 'host', 'x-k8s-aws-id'])
    expect(aws.connects).toBe(1)
  })
  test.each(['demo', 'my cluster', '  spaced   out ', 'ünï-clüster', "it's"])(
    'a token for a cluster named %j',
    async (name) => {
      const { code } = await run(['verify', '--cluster-name', name])
      expect(code).toBe(0)
    },
  )
  test.each(['argument', 'stdin', '-', 'ExecCredential', 'header'])('a token passed as %s', async (source) => {
    const token = await tokenFor('--cluster-name demo')
    const whole = (await run(['--cluster-name', 'demo'])).stdout
    const argv = { argument: token, '-': '-' }[source] ?? ''
    const text = { stdin: `${token}\n`, '-': token, ExecCredential: whole, header: `Authorization: Bearer ${token}` }[
      source
    ]
    // Verifying a token requires no credentials.
    const result = await run(['verify', ...(argv ? [argv] : []), '--cluster-name', 'demo'], {}, text)
    expect(result).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('STS accepted the token.') })
  })
  test('a role session, and shows the path of the role from the profile', async () => {
    const { report } = await verify('--cluster-name demo --profile prod', {})
    expect(report.identity).toMatchObject({
      kind: 'role',
      sessionName: 'EKSGetTokenAuth',
      mappedArn: 'arn:aws:iam::123456789012:role/deployer',
      fullArn: 'arn:aws:iam::123456789012:role/teams/blue/deployer',
    })
    expect(report.snippets.awsAuth).toContain('- rolearn: arn:aws:iam::123456789012:role/deployer\n')
    expect(report.snippets.accessEntry).toContain('--principal-arn arn:aws:iam::123456789012:role/teams/blue/deployer')
    expect(report.snippets.pathNote).toMatch(/^The role has a path/)
  })
  test('a role session of another program, and explains how to look up the path of the role', async () => {
    const token = await tokenFor('--cluster-name demo --profile prod', {})
    const { report } = await verify(`${token} --cluster-name demo`, {})
    expect(report.identity).toMatchObject({ mappedArn: 'arn:aws:iam::123456789012:role/deployer', fullArn: null })
    expect(report.snippets.pathNote).toMatch(
      /STS does not return the path of a role.*aws iam get-role --role-name deployer/s,
    )
  })
})

describe('an error response of STS is explained', () => {
  const error = (code: string, message = 'no', status = 403) => ({ status, code, message })
  const html: ServiceResponse = { status: 200, type: 'text/html', body: '<html>log in</html>' }
  const page: ServiceResponse = { status: 502, type: 'text/html', body: '<html>bad gateway</html>' }
  const redirect: ServiceResponse = {
    status: 302,
    type: 'text/plain',
    body: '',
    headers: { location: 'https://evil.example/' },
  }
  test.each<[string, NonNullable<Behavior['refuse']>[string], string, RegExp]>([
    ['ExpiredToken', error('ExpiredToken'), 'ExpiredToken', /^the credentials in the environment have expired/],
    ['InvalidClientTokenId', error('InvalidClientTokenId'), 'InvalidClientTokenId', /unknown, inactive or deleted/],
    [
      'RegionDisabledException',
      error('RegionDisabledException'),
      'RegionDisabledException',
      /STS is not activated in this region/,
    ],
    ['AccessDenied', error('AccessDenied'), 'AccessDenied', /a policy denies access/],
    [
      'SignatureDoesNotMatch',
      error('SignatureDoesNotMatch'),
      'SignatureDoesNotMatch',
      /^the secret access key does not belong/,
    ],
    ['an unknown error code', error('Strange', 'odd', 400), 'Strange', /STS rejected the token/],
    ['Throttling', error('Throttling', 'Rate exceeded', 400), 'Throttling', /throttling requests or unavailable/],
    ['a login page', html, 'NotSts', /did not come from STS/],
    ['a gateway error', page, '502', /throttling requests or unavailable/],
    ['an empty success', { status: 205, type: 'text/plain', body: '' }, '205', /did not come from STS/],
    ['204 No Content', { status: 204, type: 'text/plain', body: '' }, 'NoContent', /^the response is empty \(204/],
    [
      'a truncated response',
      { status: 200, type: 'application/json', body: '{"GetCallerIdentityResponse":{"GetCallerIden' },
      'MalformedResponse',
      /^the response is not valid JSON: it is incomplete/,
    ],
    ['a page that is blocked', { status: 404, type: 'text/html', body: 'nope' }, '404', /did not come from STS/],
    ['a redirect, which is not followed', redirect, '302', /redirected the request \(not followed\)/],
  ])('%s', async (_title, refusal, code, meaning) => {
    aws.reset({ refuse: { AKIDEXAMPLE: refusal } })
    const result = await verify('--cluster-name demo')
    expect([result.code, result.stderr]).toEqual([1, ''])
    expect(result.report).toMatchObject({ verified: false, refused: { code, meaning: expect.stringMatching(meaning) } })
    expect(aws.calls).toHaveLength(1)
    expect(aws.connects).toBe(1)
  })
  test('the hint to inspect has the options of a new token, and asks for a token that was given', async () => {
    const token = await tokenFor('--cluster-name demo')
    aws.reset({ refuse: { AKIDEXAMPLE: error('InvalidClientTokenId') } })
    const created = await verify('--cluster-name demo --region us-east-1 --timeout 50')
    expect(created.report.refused.remedy).toMatch(/ run: eks-get-token inspect --cluster-name demo --region us-east-1$/)
    const given = await verify(`${token} --cluster-name demo --region us-east-1`)
    expect(given.report.refused.remedy).toMatch(/ run: eks-get-token inspect TOKEN$/)
  })
  test('a token for another cluster', async () => {
    const token = await tokenFor('--cluster-name demo')
    const { code, report } = await verify(`${token} --cluster-name prod`)
    expect(code).toBe(1)
    expect(report.refused).toMatchObject({ code: 'SignatureDoesNotMatch', said: null })
  })
  test('407 behind a proxy is the response of the proxy', async () => {
    aws.reset({ refuse: { AKIDEXAMPLE: { status: 407, type: 'text/html', body: 'x' } } })
    const { code, stdout, stderr } = await verify('--cluster-name demo')
    expect([code, stdout]).toEqual([255, ''])
    expect(stderr).toMatch(
      /Failed to connect to proxy URL: .* \(status 407\).*\n {2}hint: set the user name and password of the/,
    )
  })
  test('a response that is too long is not read to its end', async () => {
    aws.reset({
      refuse: { AKIDEXAMPLE: { status: 200, type: 'application/json', body: `{"a":"${'x'.repeat(3 << 20)}"}` } },
    })
    const { code, stdout, stderr } = await verify('--cluster-name demo')
    expect([code, stdout]).toEqual([255, ''])
    expect(stderr).toMatch(/invalid HTTP response .*larger than|too (long|large)/)
  })
  test('a secret access key of another access key id', async () => {
    const { report } = await verify('--cluster-name demo', { ...KEYS, AWS_SECRET_ACCESS_KEY: 'another' })
    expect(report.refused.meaning).toMatch(/^the secret access key does not belong to the access key id/)
    expect(report.refused.remedy).toContain('AWS_ACCESS_KEY_ID is set')
  })
  test.each([
    [3600, 'the local clock is 3600 s behind the STS clock'],
    [-3600, 'the local clock is 3600 s ahead of the STS clock'],
  ])('an STS clock that is %i s ahead', async (clockOffsetSeconds, words) => {
    aws.reset({ clockOffsetSeconds })
    const { code, report } = await verify('--cluster-name demo')
    expect(code).toBe(1)
    expect(Math.abs(report.clockSkewSeconds + clockOffsetSeconds)).toBeLessThan(3)
    expect(report.refused.meaning.replace(/359\d|360\d/, '3600')).toContain(words)
  })
})

describe('a missing response is a network error', () => {
  test.each<[string, ServiceResponse, number]>([
    ['connection reset', 'reset', 255],
    ['timeout', 'silence', 255],
  ])('%s', async (_title, refusal, code) => {
    aws.reset({ refuse: { AKIDEXAMPLE: refusal } })
    const result = await run(['verify', '--cluster-name', 'demo', '--cli-read-timeout', '1'])
    expect(result).toMatchObject({ code, stdout: '', stderr: expect.stringContaining('(ERR_NETWORK)') })
  })
  test('an untrusted certificate', async () => {
    const { AWS_CA_BUNDLE: _, ...env } = environment(KEYS)
    const result = await runInProcess(['verify', '--cluster-name', 'demo'], { env, cwd: home })
    expect(result).toMatchObject({ code: 255, stderr: expect.stringContaining('SSL validation failed') })
    expect(aws.requests).toEqual([])
  })
})

describe('a hostile token', () => {
  let watched: LocalAws
  beforeAll(async () => {
    watched = await startLocalAws({ authority: aws.authority })
  })
  afterAll(() => watched.close())
  // Tokens that cannot be passed as an argument are tested in rules.test.ts only.
  const ROWS = HOSTILE.filter(([, token]) => !token.includes('\0') && token.length < 100_000)
  const SERVER_RULES = HOSTILE.map(([, , rule]) => rule).filter((rule, index, all) => all.indexOf(rule) === index)
  const STS_RULES = SERVER_RULES.slice(SERVER_RULES.indexOf('version'))

  describe.concurrent('fails the right check of inspect and verify', () => {
    test.each(ROWS)('%s', async (_title, token, rule) => {
      for (const command of ['inspect', 'verify']) {
        const line = [command, '--output', 'json', '--cluster-name', 'demo', '--', token]
        const { code, stdout, stderr } = await run(line, { ...KEYS, HTTPS_PROXY: `http://127.0.0.1:${watched.port}` })
        expect([code, stderr]).toEqual([1, ''])
        const report = JSON.parse(stdout)
        const { rules } = command === 'inspect' ? report : report.token
        // The tokens were signed long ago: those dated in the future are too old by now.
        const id = rule === 'not-ahead' ? 'age' : rule
        expect(rules).toContainEqual(expect.objectContaining({ id, status: 'fail' }))
        if (command === 'verify') expect(report.asked).toBe([...STS_RULES, 'age'].includes(rule))
      }
    })
  })
  test('causes requests to STS endpoints only', () => {
    const sent = ROWS.filter(([, , rule]) => [...STS_RULES, 'age'].includes(rule))
    expect(watched.calls).toHaveLength(sent.length)
    expect(watched.connects).toBe(sent.length)
    expect(watched.tlsErrors).toBe(0)
    for (const { host } of watched.calls) expect(parseStsHost(host)).toBeDefined()
  })
})

describe('a usage error', () => {
  test.each([
    ['verify', /requires either --cluster-name or --cluster-id/],
    ['verify --cluster-name a --cluster-id b', /requires either/],
    ['inspect', /no token given/],
    ['inspect -', /no token on stdin/],
    ['inspect a b', /too many arguments: inspect takes 1, got 2/],
  ])('%s', async (argv, message) => {
    const result = await run(argv.split(' '))
    expect(result).toMatchObject({ code: 252, stdout: '', stderr: expect.stringMatching(message) })
  })
  test('a stdin that stays open is ignored after 2 seconds, and a token is generated', async () => {
    const open = { env: environment(KEYS), cwd: home, stdin: 'open' as const }
    const [result, none] = await Promise.all([
      runInProcess(['inspect', '--cluster-name', 'demo', '--region', 'us-west-2'], open),
      runInProcess(['inspect', '--timeout', '1'], open),
    ])
    const silence = "(newly generated: no token was received on stdin within 2 s; to wait for one, pass '-')"
    expect(result.stdout).toMatch(
      /verify the signature:\neks-get-token verify --cluster-name demo --region us-west-2\n$/,
    )
    expect([none.code, none.stderr]).toEqual([
      252,
      expect.stringMatching(
        /no token was received on stdin within 0.5 s, and a token cannot be generated without --cluster-name.*\n {2}hint: pass '-' to wait/,
      ),
    ])
    expect(result).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining(silence) })
    expect(result.seconds).toBeLessThan(5)
  })
  test(
    'with --output json a user at a terminal gets the note on stderr, and a script does not',
    skipUnlessAvailable(SCRIPT ? undefined : 'script (util-linux) is not on PATH'),
    async () => {
      const words = ['inspect', '--cluster-name', 'demo', '--region', 'us-west-2', '--output', 'json']
      const env = environment(KEYS)
      const script = runInProcess(words, { env, cwd: home, stdin: 'open' })
      const line = 'sleep 4 | "$@" > report.json'
      const user = onTerminal(['sh', '-c', line, 'sh', ...eksGetToken(), ...words], { env, cwd: home })
      expect(await script).toMatchObject({ code: 0, stderr: '' })
      expect((await user).screen).toMatch(
        /^note: this is a newly generated token: no token was received on stdin within 2 s; to wait for one, pass '-'$/m,
      )
      expect(JSON.parse(readFileSync(join(home, 'report.json'), 'utf8'))).toMatchObject({ rules: expect.any(Array) })
    },
  )
})

const AWS = findProgram('aws')
test(
  'a token of the AWS CLI and one of eks-get-token have the same identity',
  skipUnlessAvailable(AWS ? undefined : 'aws is not on PATH'),
  async () => {
    for (const more of [[], ['--profile', 'prod']]) {
      const awsCli = await runCommand([AWS ?? '', 'eks', 'get-token', '--cluster-name', 'demo', ...more], {
        env: environment(more.length > 0 ? {} : KEYS),
        cwd: home,
        timeoutMs: 60_000,
      })
      expect(awsCli.code).toBe(0)
      const own = await run(['--cluster-name', 'demo', ...more], more.length > 0 ? {} : KEYS)
      const results = await Promise.all([awsCli, own].map(({ stdout }) => verify('- --cluster-name demo', {}, stdout)))
      expect(results[0]?.report.identity).toEqual(results[1]?.report.identity)
      expect(results.map(({ code, report }) => [code, report.verified])).toEqual([
        [0, true],
        [0, true],
      ])
    }
  },
)

test('inspect with a TOKEN makes no network calls', async () => {
  const token = await tokenFor('--cluster-name demo')
  const { code, stdout } = await run(['inspect', token, '--profile', 'prod'], {})
  expect([code, stdout]).toEqual([0, expect.stringContaining('All checks passed.')])
  expect([aws.connects, aws.requests]).toEqual([0, []])
})
