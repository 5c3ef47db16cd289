import { mkdir, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ENCODINGS, leaksIn } from '../support/encodings.ts'
import { runInProcess } from '../support/in-process.ts'
import { kubeconfig, ownUserBlock } from '../support/kubeconfig.ts'
import type { Behavior, ServiceResponse } from '../support/local-aws/exchange.ts'
import { type LocalAws, startLocalAws } from '../support/local-aws.ts'
import { type LocalCluster, startLocalCluster } from '../support/local-cluster.ts'

/** inspect, verify and doctor print no secret, for valid, rejected and malformed tokens, with --debug. */
const SECRET_KEY = 'secret-of-ASIAEXAMPLE'
const SESSION_TOKEN = 'IQoJb3JpZ2luX2VjEXAMPLE/+=session'
const KEYS = {
  AWS_ACCESS_KEY_ID: 'ASIAEXAMPLE',
  AWS_SECRET_ACCESS_KEY: SECRET_KEY,
  AWS_SESSION_TOKEN: SESSION_TOKEN,
}

let aws: LocalAws
let cluster: LocalCluster
let echo: Server
let token: string
let env: Record<string, string>
beforeAll(async () => {
  aws = await startLocalAws()
  cluster = await startLocalCluster({
    clusterName: 'demo',
    secretFor: () => ({ secret: SECRET_KEY, sessionToken: SESSION_TOKEN }),
    user: ownUserBlock({ clusterName: 'demo', region: 'us-west-2' }),
  })
  // An API server that returns everything that it was sent.
  echo = createServer(await aws.authority.issue('127.0.0.1'), ({ headers }, response) => {
    const authorization = String(headers.authorization)
    const userInfo = {
      username: authorization,
      groups: [authorization, signatureOf(authorization.replace('Bearer ', ''))],
    }
    response.end(JSON.stringify({ gitVersion: authorization, message: authorization, status: { userInfo } }))
  })
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve))
  env = {
    ...cluster.env,
    ...KEYS,
    AWS_DEFAULT_REGION: 'us-west-2',
    LANG: 'C.UTF-8',
    HTTPS_PROXY: `http://user:proxy-password@127.0.0.1:${aws.port}`,
    AWS_CA_BUNDLE: aws.authority.file,
  }
  const { stdout } = await runInProcess(['--cluster-name', 'demo', '--query', 'status.token', '--output', 'text'], {
    env,
    cwd: cluster.home,
  })
  token = stdout.trim()
  await mkdir(join(cluster.home, '.aws'))
  const line = "credential_process = /bin/nothing --password 'process-password'"
  await writeFile(join(cluster.home, '.aws', 'config'), `[profile process]\n${line}\n`)
  const server = `https://127.0.0.1:${(echo.address() as AddressInfo).port}`
  const user = ownUserBlock({ clusterName: 'demo', region: 'us-west-2' })
  const files = {
    echo: kubeconfig({ server, certificate: aws.authority.pem, user }),
    password: kubeconfig({
      server: server.replace('//', '//me:server-password@'),
      certificate: aws.authority.pem,
      user,
      cluster: ['proxy-url: http://me:kube-password@127.0.0.1:1'],
    }),
    token: kubeconfig({
      server,
      certificate: aws.authority.pem,
      user: 'token: kube-token\nusername: u\npassword: kube-password\n',
    }),
    broken: `users:\n- user: {token: kube-token\n  x: [`,
  }
  for (const [name, text] of Object.entries(files)) await writeFile(join(cluster.home, name), text)
})
afterAll(async () => {
  echo.close()
  echo.closeAllConnections()
  await Promise.all([aws, cluster].map(({ close }) => close()))
})

function signatureOf(text: string): string {
  return /X-Amz-Signature=(\w+)/.exec(Buffer.from(text.slice(11), 'base64url').toString())?.[1] ?? ''
}

const percentEncoded = (text: string): string =>
  text.replace(/./g, (unit) => `%${unit.charCodeAt(0).toString(16).padStart(2, '0')}`)

const quoting =
  (text: () => string): (() => ServiceResponse) =>
  () => ({
    status: 403,
    type: 'application/json',
    body: JSON.stringify({ Error: { Code: 'Strange', Message: text() } }),
  })
const REFUSALS: Record<string, () => ServiceResponse> = {
  'quotes the signature': quoting(() => `no: Signature=${signatureOf(token)}`),
  'quotes the token': quoting(() => `no: ${token}`),
  'quotes the session token': quoting(() => `no: ${SESSION_TOKEN} ${encodeURIComponent(SESSION_TOKEN)}`),
  'quotes the session token in every encoding': quoting(() =>
    Object.values(ENCODINGS)
      .map((encode) => encode(SESSION_TOKEN))
      .join(' | '),
  ),
  'returns the signature as the code': () => ({
    status: 403,
    type: 'application/json',
    body: JSON.stringify({ Error: { Code: signatureOf(token), Message: signatureOf(token).slice(4, 50) } }),
  }),
  'returns the signature as the code, in XML': () => ({
    status: 403,
    type: 'text/xml',
    body: `<ErrorResponse><Error><Code>${signatureOf(token)}</Code><Message>${percentEncoded(token)}</Message></Error></ErrorResponse>`,
  }),
  'returns the session token as the identity': () => ({
    status: 200,
    type: 'application/json',
    body: JSON.stringify({
      GetCallerIdentityResponse: {
        GetCallerIdentityResult: {
          Arn: `arn:aws:iam::123456789012:user/${SESSION_TOKEN}`,
          Account: '123456789012',
          UserId: SESSION_TOKEN,
        },
      },
    }),
  }),
}

const cut = (text: string) => text.slice(0, -6)
const LINES: [string, () => string[], Record<string, string>?, (() => Behavior)?][] = [
  ['inspect', () => ['inspect', token]],
  ['inspect, a new token', () => ['inspect', '--cluster-name', 'demo']],
  ['inspect, truncated', () => ['inspect', cut(token)]],
  ['inspect, without the prefix', () => ['inspect', token.slice(11)]],
  ['inspect, the presigned URL', () => ['inspect', Buffer.from(token.slice(11), 'base64url').toString()]],
  ['inspect, two tokens', () => ['inspect', token, token]],
  ['inspect, with the token as an option', () => ['inspect', token, `--${token}`]],
  ['inspect, with a token after a dash', () => ['inspect', `-${token}`]],
  ['a token in place of a command', () => [token]],
  ['verify', () => ['verify', token, '--cluster-name', 'demo']],
  [
    'verify, for another cluster, where STS returns the canonical request',
    () => ['verify', token, '--cluster-name', 'prod'],
  ],
  [
    'verify, with a wrong secret access key',
    () => ['verify', '--cluster-name', 'demo'],
    { AWS_SECRET_ACCESS_KEY: `${SECRET_KEY}-other` },
  ],
  ...Object.entries(REFUSALS).map(([title, refusal]): (typeof LINES)[number] => [
    `verify, where STS ${title}`,
    () => ['verify', token, '--cluster-name', 'demo'],
    {},
    () => ({ refuse: { ASIAEXAMPLE: refusal() } }),
  ]),
  [
    'verify, where the connection is reset',
    () => ['verify', token, '--cluster-name', 'demo'],
    {},
    () => ({ refuse: { ASIAEXAMPLE: 'reset' } }),
  ],
  [
    'verify, through an unreachable proxy',
    () => ['verify', token, '--cluster-name', 'demo'],
    { HTTPS_PROXY: 'http://user:proxy-password@127.0.0.1:1' },
  ],
  ['verify, without the CA bundle', () => ['verify', token, '--cluster-name', 'demo'], { AWS_CA_BUNDLE: '' }],
  ['doctor', () => ['doctor', '--send-token']],
  [
    'doctor, with a wrong secret access key',
    () => ['doctor', '--send-token'],
    { AWS_SECRET_ACCESS_KEY: `${SECRET_KEY}-other` },
  ],
  ...Object.entries(REFUSALS).map(([title, refusal]): (typeof LINES)[number] => [
    `doctor, where STS ${title}`,
    () => ['doctor', '--send-token'],
    {},
    () => ({ refuse: { ASIAEXAMPLE: refusal() } }),
  ]),
  ['doctor, with a server that returns what it was sent', () => ['doctor', '--send-token', '--kubeconfig', 'echo']],
  ['doctor, with passwords in the kubeconfig', () => ['doctor', '--send-token', '--kubeconfig', 'password']],
  ['doctor, with a token in the kubeconfig', () => ['doctor', '--kubeconfig', 'token']],
  ['doctor, with a malformed kubeconfig', () => ['doctor', '--kubeconfig', 'broken']],
  ['doctor, with a credential_process', () => ['doctor', '--profile', 'process']],
  [
    'doctor, with a password in the STS endpoint',
    () => ['doctor', '--send-token'],
    { AWS_ENDPOINT_URL_STS: 'https://me:endpoint-password@sts.example.com' },
  ],
  [
    'doctor, with an oversized token',
    () => ['doctor', '--send-token'],
    { AWS_SESSION_TOKEN: SESSION_TOKEN.repeat(90) },
  ],
]

describe.each(['text', 'json', 'table'])('no secret is printed (%s)', (format) => {
  test.each(LINES)('%s', async (_title, line, more = {}, behavior = () => ({})) => {
    aws.reset(behavior())
    const output = format === 'text' ? [] : ['--output', format]
    const result = await runInProcess([...line(), '--debug', ...output], {
      env: { ...env, ...more },
      cwd: cluster.home,
    })
    const written = result.stdout + result.stderr
    expect(written).not.toBe('')
    expect(written).not.toMatch(/-password|kube-token/)
    // Untrusted text is truncated, so no secret may be printed even in part.
    const signatures = aws.requests
      .map(({ url }) => url.searchParams.get('X-Amz-Signature') ?? '')
      .filter((text) => text !== '')
    const secrets = [
      SECRET_KEY,
      SESSION_TOKEN,
      encodeURIComponent(SESSION_TOKEN),
      token,
      signatureOf(token),
      ...signatures,
    ]
    expect(leaksIn(written, [SESSION_TOKEN])).toEqual([])
    for (const secret of secrets) {
      expect(written).not.toContain(secret)
      expect(written).not.toContain(secret.slice(-20))
    }
  })
})
