import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { parseStsHost } from '../../src/aws/sts-host.ts'
import { type CertificateAuthority, createCertificateAuthority } from '../support/certificates.ts'
import { runCommand, runEksGetToken } from '../support/command.ts'
import { HOSTILE } from '../support/hostile-tokens.ts'
import type { Answer, Behaviour } from '../support/local-aws/exchange.ts'
import { type LocalAws, startLocalAws } from '../support/local-aws.ts'
import { findProgram } from '../support/programs.ts'
import { keys } from '../support/runtime.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

let authority: CertificateAuthority
let aws: LocalAws
let home: string
beforeAll(async () => {
  authority = await createCertificateAuthority()
  aws = await startLocalAws({ authority })
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
  await authority.close()
  rmSync(home, { recursive: true, force: true })
})

const environment = (env: Record<string, string>) => ({
  PATH: '/usr/bin:/bin',
  HOME: home,
  LANG: 'C.UTF-8',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_DEFAULT_REGION: 'us-west-2',
  HTTPS_PROXY: `http://127.0.0.1:${aws.port}`,
  AWS_CA_BUNDLE: authority.file,
  ...env,
})
const KEYS = keys('AKIDEXAMPLE')
const run = (argv: readonly string[], env: Record<string, string> = KEYS, text?: string) =>
  runEksGetToken(argv, { env: environment(env), cwd: home, ...(text === undefined ? {} : { stdin: { text } }) })
const verify = async (argv: string, env?: Record<string, string>, text?: string) => {
  const result = await run(['verify', '--output', 'json', ...argv.split(' ')], env, text)
  return { ...result, answer: result.stdout === '' ? undefined : JSON.parse(result.stdout) }
}
const tokenFor = async (argv: string, env?: Record<string, string>) =>
  (await run([...argv.split(' '), '--query', 'status.token', '--output', 'text'], env)).stdout.trim()

describe('STS confirms', () => {
  test('a fresh token, and the request is that of the API server', async () => {
    const { code, stderr, answer } = await verify('--cluster-name demo')
    expect([code, stderr]).toEqual([0, ''])
    expect(answer).toMatchObject({
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
    'for a cluster named %j',
    async (name) => {
      const { code } = await run(['verify', '--cluster-name', name])
      expect(code).toBe(0)
    },
  )
  test.each(['argument', 'stdin', '-', 'ExecCredential', 'header'])('a token given as %s', async (way) => {
    const token = await tokenFor('--cluster-name demo')
    const whole = (await run(['--cluster-name', 'demo'])).stdout
    const argv = { argument: token, '-': '-' }[way] ?? ''
    const text = { stdin: `${token}\n`, '-': token, ExecCredential: whole, header: `Authorization: Bearer ${token}` }[
      way
    ]
    // No keys: a token is verified without any.
    const result = await run(['verify', ...(argv ? [argv] : []), '--cluster-name', 'demo'], {}, text)
    expect(result).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('STS confirms this token.') })
  })
  test('the role behind a session, with its path where the profile names it', async () => {
    const { answer } = await verify('--cluster-name demo --profile prod', {})
    expect(answer.identity).toMatchObject({
      kind: 'role',
      sessionName: 'EKSGetTokenAuth',
      mappedArn: 'arn:aws:iam::123456789012:role/deployer',
      fullArn: 'arn:aws:iam::123456789012:role/teams/blue/deployer',
    })
    expect(answer.snippets.awsAuth).toContain('- rolearn: arn:aws:iam::123456789012:role/deployer\n')
    expect(answer.snippets.accessEntry).toContain('--principal-arn arn:aws:iam::123456789012:role/teams/blue/deployer')
    expect(answer.snippets.pathNote).toMatch(/has a path/)
  })
  test('and says that it does not know the path of a role whose plan it does not know', async () => {
    const token = await tokenFor('--cluster-name demo --profile prod', {})
    const { answer } = await verify(`${token} --cluster-name demo`, {})
    expect(answer.identity).toMatchObject({ mappedArn: 'arn:aws:iam::123456789012:role/deployer', fullArn: null })
    expect(answer.snippets.pathNote).toMatch(/STS does not tell the path.*aws iam get-role --role-name deployer/s)
  })
})

describe('what STS refuses is explained', () => {
  const error = (code: string, message = 'no', status = 403) => ({ status, code, message })
  const html: Answer = { status: 200, type: 'text/html', body: '<html>log in</html>' }
  const page: Answer = { status: 502, type: 'text/html', body: '<html>bad gateway</html>' }
  const redirect: Answer = { status: 302, type: 'text/plain', body: '', headers: { location: 'https://evil.example/' } }
  test.each<[string, NonNullable<Behaviour['refuse']>[string], string, RegExp]>([
    ['ExpiredToken', error('ExpiredToken'), 'ExpiredToken', /session that signed has ended/],
    ['InvalidClientTokenId', error('InvalidClientTokenId'), 'InvalidClientTokenId', /unknown, inactive or deleted/],
    [
      'RegionDisabledException',
      error('RegionDisabledException'),
      'RegionDisabledException',
      /switched off in this region/,
    ],
    ['AccessDenied', error('AccessDenied'), 'AccessDenied', /a policy denies it/],
    ['SignatureDoesNotMatch', error('SignatureDoesNotMatch'), 'SignatureDoesNotMatch', /cluster of another name/],
    ['a code of no table', error('Strange', 'odd', 400), 'Strange', /refuses the token/],
    ['Throttling', error('Throttling', 'Rate exceeded', 400), 'Throttling', /no time for it now/],
    ['a login page', html, 'NotSts', /not STS/],
    ['a gateway', page, '502', /no time for it now/],
    ['a redirect, which is not followed', redirect, '302', /leads elsewhere/],
  ])('%s', async (_title, refusal, code, meaning) => {
    aws.reset({ refuse: { AKIDEXAMPLE: refusal } })
    const result = await verify('--cluster-name demo')
    expect([result.code, result.stderr]).toEqual([1, ''])
    expect(result.answer).toMatchObject({ verified: false, refused: { code, meaning: expect.stringMatching(meaning) } })
    expect(aws.calls).toHaveLength(1)
    expect(aws.connects).toBe(1)
  })
  test('the name of another cluster', async () => {
    const token = await tokenFor('--cluster-name demo')
    const { code, answer } = await verify(`${token} --cluster-name prod`)
    expect(code).toBe(1)
    expect(answer.refused).toMatchObject({ code: 'SignatureDoesNotMatch', said: null })
  })
  test('a secret key of another access key', async () => {
    const { answer } = await verify('--cluster-name demo', { ...KEYS, AWS_SECRET_ACCESS_KEY: 'another' })
    expect(answer.refused.meaning).toMatch(/its secret key is not/)
  })
  test.each([
    [3600, 'this clock is 3600 s behind that of STS'],
    [-3600, 'this clock is 3600 s ahead of that of STS'],
  ])('a clock of STS that is %i s ahead', async (clockOffsetSeconds, words) => {
    aws.reset({ clockOffsetSeconds })
    const { code, answer } = await verify('--cluster-name demo')
    expect(code).toBe(1)
    expect(Math.abs(answer.clockSkewSeconds + clockOffsetSeconds)).toBeLessThan(3)
    expect(answer.refused.meaning.replace(/359\d|360\d/, '3600')).toContain(words)
  })
})

describe('no answer is an error', () => {
  test.each<[string, Answer, number]>([
    ['cut off', 'reset', 255],
    ['silent', 'silence', 255],
  ])('%s', async (_title, refusal, code) => {
    aws.reset({ refuse: { AKIDEXAMPLE: refusal } })
    const result = await run(['verify', '--cluster-name', 'demo', '--cli-read-timeout', '1'])
    expect(result).toMatchObject({ code, stdout: '', stderr: expect.stringContaining('(ERR_NETWORK)') })
  })
  test('a certificate of nobody', async () => {
    const { AWS_CA_BUNDLE: _, ...env } = environment(KEYS)
    const result = await runEksGetToken(['verify', '--cluster-name', 'demo'], { env, cwd: home })
    expect(result).toMatchObject({ code: 255, stderr: expect.stringContaining('SSL validation failed') })
    expect(aws.requests).toEqual([])
  })
})

describe('a hostile token makes nobody ask anybody but STS', () => {
  let watched: LocalAws
  beforeAll(async () => {
    watched = await startLocalAws({ authority })
  })
  afterAll(() => watched.close())
  // What no command line can carry is in the table of the rules only.
  const ROWS = HOSTILE.filter(([, token]) => !token.includes('\0') && token.length < 100_000)
  const SERVER_RULES = HOSTILE.map(([, , rule]) => rule).filter((rule, index, all) => all.indexOf(rule) === index)
  const STS_RULES = SERVER_RULES.slice(SERVER_RULES.indexOf('version'))

  describe.concurrent('inspect and verify name the rule', () => {
    test.each(ROWS)('%s', async (_title, token, rule) => {
      for (const command of ['inspect', 'verify']) {
        const line = [command, '--output', 'json', '--cluster-name', 'demo', '--', token]
        const { code, stdout, stderr } = await run(line, { ...KEYS, HTTPS_PROXY: `http://127.0.0.1:${watched.port}` })
        expect([code, stderr]).toEqual([1, ''])
        const answer = JSON.parse(stdout)
        const { rules } = command === 'inspect' ? answer : answer.token
        // They were signed long ago, so what was from the future is too old by now.
        const id = rule === 'not-ahead' ? 'age' : rule
        expect(rules).toContainEqual(expect.objectContaining({ id, status: 'fail' }))
        if (command === 'verify') expect(answer.asked).toBe([...STS_RULES, 'age'].includes(rule))
      }
    })
  })
  test('all that was asked, was asked of STS', () => {
    const askable = ROWS.filter(([, , rule]) => [...STS_RULES, 'age'].includes(rule))
    expect(watched.calls).toHaveLength(askable.length)
    expect(watched.connects).toBe(askable.length)
    expect(watched.tlsErrors).toBe(0)
    for (const { host } of watched.calls) expect(parseStsHost(host)).toBeDefined()
  })
})

describe('usage', () => {
  test.each([
    ['verify', /needs one of --cluster-name and --cluster-id/],
    ['verify --cluster-name a --cluster-id b', /needs one of/],
    ['inspect', /there is no TOKEN/],
    ['inspect -', /no token came in on stdin/],
    ['inspect a b', /takes one word/],
  ])('%s', async (argv, message) => {
    const result = await run(argv.split(' '))
    expect(result).toMatchObject({ code: 252, stdout: '', stderr: expect.stringMatching(message) })
  })
  test('a stdin that never ends is given up, and a token is made', async () => {
    const result = await runEksGetToken(['inspect', '--cluster-name', 'demo'], {
      env: environment(KEYS),
      cwd: home,
      stdin: 'open',
    })
    expect(result).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('(made just now)') })
    expect(result.seconds).toBeLessThan(5)
  })
})

const AWS = findProgram('aws')
test(
  'tokens of the real aws are verified as ours are',
  skipUnlessAvailable(AWS ? undefined : 'aws is not on PATH'),
  async () => {
    for (const more of [[], ['--profile', 'prod']]) {
      const theirs = await runCommand([AWS ?? '', 'eks', 'get-token', '--cluster-name', 'demo', ...more], {
        env: environment(more.length > 0 ? {} : KEYS),
        cwd: home,
        timeoutMs: 60_000,
      })
      expect(theirs.code).toBe(0)
      const ours = await run(['--cluster-name', 'demo', ...more], more.length > 0 ? {} : KEYS)
      const answers = await Promise.all([theirs, ours].map(({ stdout }) => verify('- --cluster-name demo', {}, stdout)))
      expect(answers[0]?.answer.identity).toEqual(answers[1]?.answer.identity)
      expect(answers.map(({ code, answer }) => [code, answer.verified])).toEqual([
        [0, true],
        [0, true],
      ])
    }
  },
)
