import { chmodSync, copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { ssoLogin, useAwsHome } from '../support/aws-home.ts'
import { type CertificateAuthority, createCertificateAuthority } from '../support/certificates.ts'
import { runInProcess } from '../support/in-process.ts'
import { hangUp, httpResponse, type LoopbackServer, respond, silence, startServer } from '../support/sockets.ts'
import { SDK_SOURCES } from '../support/sources.ts'

// What the network can do to each source that calls a service, through the whole program: who is blamed, and what to do.

const here = useAwsHome()
let stranger: CertificateAuthority
const open: LoopbackServer[] = []
beforeAll(async () => {
  stranger = await createCertificateAuthority()
})
afterAll(() => stranger.close())
afterEach(async () => {
  await Promise.all(open.splice(0).map(({ close }) => close()))
})

async function start(...args: Parameters<typeof startServer>): Promise<number> {
  const server = await startServer(...args)
  open.push(server)
  return server.port
}

const ONCE = { AWS_MAX_ATTEMPTS: '1' }
const TIMEOUTS = ['--cli-connect-timeout', '1', '--cli-read-timeout', '1']

/** What stands in for the network: variables of the program. */
type Network = () => Promise<Record<string, string>>
const endpoint =
  (scheme: string, ...server: Parameters<typeof startServer>): Network =>
  async () => ({ HTTPS_PROXY: '', AWS_ENDPOINT_URL: `${scheme}://localhost:${await start(...server)}` })
const proxy =
  (...server: Parameters<typeof startServer>): Network =>
  async () => ({ HTTPS_PROXY: `http://user:hidden@127.0.0.1:${await start(...server)}` })

const FAILURES: [string, Network, string, string][] = [
  [
    'a proxy where nothing listens',
    async () => ({ HTTPS_PROXY: 'http://user:hidden@127.0.0.1:1' }),
    'Failed to connect to proxy URL: "http://127.0.0.1:1"',
    'correct HTTPS_PROXY',
  ],
  [
    'a proxy that requires authentication',
    proxy(respond(httpResponse(407, 'auth'))),
    'Failed to connect to proxy URL: "http://127.0.0.1',
    'set the user name and password',
  ],
  [
    'a proxy that does not allow the host',
    proxy(respond(httpResponse(403, 'no'))),
    'Failed to connect to proxy URL: "http://127.0.0.1',
    'does not allow',
  ],
  [
    'a proxy that cannot connect',
    proxy(respond(httpResponse(503, 'down'))),
    'Failed to connect to proxy URL: "http://127.0.0.1',
    'could not connect to',
  ],
  [
    'a proxy that closes the connection',
    proxy(hangUp),
    'Failed to connect to proxy URL: "http://127.0.0.1',
    'correct HTTPS_PROXY',
  ],
  [
    'an endpoint where nothing listens',
    async () => ({ HTTPS_PROXY: '', AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }),
    'Could not connect to the endpoint URL: "http://127.0.0.1:1" (ECONNREFUSED)',
    'is reachable',
  ],
  [
    'an endpoint that closes the connection',
    endpoint('http', hangUp),
    'Connection was closed before we received a valid response from endpoint URL',
    'firewall',
  ],
  ['an endpoint that never responds', endpoint('http', silence), 'Read timeout on endpoint URL', '--cli-read-timeout'],
  [
    'an endpoint that is silent in the TLS handshake',
    endpoint('https', silence),
    'Connect timeout on endpoint URL',
    'is reachable',
  ],
  [
    'an endpoint that does not speak TLS',
    endpoint('https', respond(httpResponse(200))),
    'SSL validation failed for https://localhost',
    'check that localhost uses TLS',
  ],
  [
    'an endpoint that does not speak HTTP',
    endpoint('http', respond('220 smtp ready\r\n')),
    'Received an invalid HTTP response from endpoint URL',
    'login page',
  ],
  [
    'a response that is too large',
    endpoint('http', respond(httpResponse(200, 'x'.repeat(2 << 20)))),
    'Received an invalid HTTP response from endpoint URL',
    'login page',
  ],
]

describe.each(SDK_SOURCES)('$name', (source) => {
  test.each(FAILURES)('%s', async (_title, network, message, hint) => {
    source.prepare(here.home)
    const result = await here.home.runInProcess([...source.args, ...TIMEOUTS, '--debug'], {
      ...ONCE,
      ...(await network()),
    })
    expect(result).toMatchObject({ code: 255, stdout: '', stderr: expect.stringContaining(message) })
    expect(result.stderr).toContain(source.isRenewal ? '(ERR_CREDENTIALS)' : '(ERR_NETWORK)')
    if (!source.isRenewal) expect(result.stderr).toMatch(new RegExp(`hint: .*${hint}`))
    expect(result.stderr).not.toContain('hidden')
    if (!message.includes('proxy')) expect(result.stderr).not.toContain('proxy URL')
    expect(result.seconds).toBeLessThan(15)
  })

  test.each(['0', '1', ''])(
    'an untrusted certificate is rejected with NODE_TLS_REJECT_UNAUTHORIZED=%j',
    async (value) => {
      source.prepare(here.home)
      const server = await start(respond(httpResponse(200)), await stranger.issue('localhost'))
      for (const env of [
        { HTTPS_PROXY: '', AWS_ENDPOINT_URL: `https://localhost:${server}` },
        { AWS_CA_BUNDLE: stranger.file },
      ]) {
        const more = { ...ONCE, ...env, NODE_TLS_REJECT_UNAUTHORIZED: value }
        const result = await here.home.runInProcess([...source.args, '--debug'], more)
        expect(result).toMatchObject({
          code: 255,
          stdout: '',
          stderr: expect.stringContaining('SSL validation failed'),
        })
        expect(result.stderr).not.toMatch(/Warning/)
        expect(open.at(-1)?.received.join('')).toBe('')
        expect(here.aws.calls).toEqual([])
      }
    },
  )

  test('with a trusted certificate, the runtime prints no warning', async () => {
    source.prepare(here.home)
    const env = { NODE_TLS_REJECT_UNAUTHORIZED: '0', DEBUG: '*', NODE_DEBUG: '', SSL_CERT_FILE: '/nonexistent' }
    expect(await here.home.runInProcess(source.args, env)).toMatchObject({ code: 0, stderr: '' })
  })
})

describe('the CA bundle', () => {
  const CASES: [string, string | undefined, Record<string, string>, number][] = [
    ['~ in AWS_CA_BUNDLE', undefined, { AWS_CA_BUNDLE: '~/.aws/ca.pem' }, 0],
    ['~ in ca_bundle', 'ca_bundle = ~/.aws/ca.pem', {}, 0],
    ['~ in REQUESTS_CA_BUNDLE', undefined, { REQUESTS_CA_BUNDLE: '~/.aws/ca.pem' }, 0],
    ['a variable, which is not expanded', undefined, { AWS_CA_BUNDLE: '$HOME/.aws/ca.pem' }, 255],
    ['~ within the path, which is not expanded', undefined, { AWS_CA_BUNDLE: './~/.aws/ca.pem' }, 255],
    ['the home directory itself', undefined, { AWS_CA_BUNDLE: '~' }, 255],
  ]
  test.each(CASES)('%s', async (_title, line, env, code) => {
    const { AWS_CA_BUNDLE = '', ...base } = here.home.env
    copyFileSync(AWS_CA_BUNDLE, join(here.home.folder, '.aws/ca.pem'))
    chmodSync(join(here.home.folder, '.aws/ca.pem'), 0o600)
    const config = here.home.files().get('.aws/config') ?? ''
    here.home.write('.aws/config', config.replace('[profile role]\n', `[profile role]\n${line ?? ''}\n`))
    const result = await runInProcess(['--cluster-name', 'demo', '--profile', 'role'], {
      env: { ...base, ...env },
      cwd: here.home.folder,
    })
    expect(result.code).toBe(code)
    if (code === 0) expect(result.stderr).toBe('')
    else expect(result.stderr).toMatch(/the CA bundle .* (does not exist|is not usable)/)
  })
})

describe('instance metadata', () => {
  const metadata = { AWS_EC2_METADATA_DISABLED: 'false', AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:1/' }
  const TOO_SHORT =
    /Attempted to set connect timeout to 0, but the timeout cannot be set .*\(ERR_SETTING\)\n +hint: correct AWS_METADATA/
  test.each<[string, Record<string, string>, string, number, RegExp]>([
    ['a timeout of 0', { AWS_METADATA_SERVICE_TIMEOUT: '0' }, '', 255, TOO_SHORT],
    ['a negative timeout', { AWS_METADATA_SERVICE_TIMEOUT: '-1' }, '', 255, TOO_SHORT],
    ['a timeout of 0 in the profile', {}, 'metadata_service_timeout = 0', 255, TOO_SHORT],
    [
      'a timeout of 0 where it is disabled',
      { AWS_METADATA_SERVICE_TIMEOUT: '0', AWS_EC2_METADATA_DISABLED: 'true' },
      '',
      253,
      /ERR_NO_CREDENTIALS/,
    ],
    ['nothing listens', {}, '', 253, /ERR_NO_CREDENTIALS/],
    [
      'a proxy where nothing listens',
      { HTTP_PROXY: 'http://user:hidden@127.0.0.1:1' },
      '',
      255,
      /Failed to connect to proxy URL: "http:\/\/127\.0\.0\.1:1" for instance metadata/,
    ],
  ])('%s', async (_title, env, line, code, message) => {
    here.home.write('.aws/config', `[default]\n${line}\n`)
    const result = await here.home.runInProcess([], { ...metadata, ...env })
    expect(result).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(message) })
    expect(result.stderr).not.toContain('hidden')
  })
  test('an HTTP error from a proxy is not reported as a proxy failure', async () => {
    const port = await start(respond(httpResponse(503, 'down')))
    const result = await here.home.runInProcess([], { ...metadata, HTTP_PROXY: `http://127.0.0.1:${port}` })
    expect(result).toMatchObject({ code: 253, stdout: '' })
  })
})

describe('a container agent', () => {
  test.each<[string, Parameters<typeof startServer>[0] | undefined, RegExp]>([
    ['nothing listens', undefined, /no response from 127\.0\.0\.1:1 \(ECONNREFUSED\)/],
    ['it closes the connection', hangUp, /no response from .* \(ECONNRESET\)/],
    ['it responds with an error', respond(httpResponse(500, 'boom')), /responded with status 500/],
    ['it redirects', respond(httpResponse(302, '', ['location: http://127.0.0.1:1/'])), /responded with status 302/],
    ['it responds with HTML', respond(httpResponse(200, '<html>')), /is not a JSON object/],
  ])('%s', async (_title, handler, message) => {
    const port = handler ? await start(handler) : 1
    const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/creds` }
    const result = await here.home.runInProcess([], env)
    expect(result).toMatchObject({ code: 255, stdout: '', stderr: expect.stringMatching(message) })
    expect(result.stderr).toMatch(/\n +hint: /)
  })
  test.each(['0', ''])('an untrusted certificate is rejected with NODE_TLS_REJECT_UNAUTHORIZED=%j', async (value) => {
    const port = await start(respond(httpResponse(200)), await stranger.issue('localhost'))
    const env = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `https://localhost:${port}/creds`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: 'hidden',
    }
    const result = await here.home.runInProcess([], { ...env, NODE_TLS_REJECT_UNAUTHORIZED: value })
    expect(result).toMatchObject({ code: 255, stdout: '', stderr: expect.stringMatching(/certificate/) })
    expect(result.stderr).not.toMatch(/Warning|hidden/)
    expect(open.at(-1)?.received.join('')).toBe('')
  })
})

describe('verify', () => {
  const run = (env: Record<string, string>) => {
    const keys = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret-of-AKIDEXAMPLE' }
    return runInProcess(['verify', '--cluster-name', 'demo'], {
      env: { ...here.home.env, ...keys, ...env },
      cwd: here.home.folder,
      timeoutMs: 30_000,
    })
  }
  test.each<[string, Network, RegExp]>([
    [
      'a proxy where nothing listens',
      async () => ({ HTTPS_PROXY: 'http://127.0.0.1:1' }),
      /Failed to connect to proxy URL/,
    ],
    [
      'a proxy that requires authentication',
      proxy(respond(httpResponse(407))),
      /Failed to connect to proxy URL.*\(status 407\)/,
    ],
    [
      'a proxy that cannot connect',
      proxy(respond(httpResponse(502))),
      /Failed to connect to proxy URL.*\(status 502\)/,
    ],
    [
      'an untrusted certificate',
      async () => ({ AWS_CA_BUNDLE: stranger.file, NODE_TLS_REJECT_UNAUTHORIZED: '0' }),
      /SSL validation failed/,
    ],
  ])('%s', async (_title, network, message) => {
    const result = await run(await network())
    expect(result).toMatchObject({ code: 255, stdout: '', stderr: expect.stringMatching(message) })
    expect(result.stderr).not.toMatch(/hidden|Warning/)
    expect(here.aws.calls).toEqual([])
  })
})

describe('the other commands reject an untrusted certificate with NODE_TLS_REJECT_UNAUTHORIZED=0', () => {
  test.each<[string, string[], number]>([
    ['update-kubeconfig', ['update-kubeconfig', '--name', 'demo'], 255],
    ['update-kubeconfig --all', ['update-kubeconfig', '--all'], 255],
    ['inspect with a role', ['inspect', '--cluster-name', 'demo', '--profile', 'role'], 255],
    ['login', ['login', '--profile', 'sso', '--use-device-code', '--no-browser'], 255],
    ['logout', ['logout', '--all'], 0],
    ['doctor', ['doctor', '--cluster-name', 'demo'], 1],
  ])('%s', async (title, args, code) => {
    here.home.write(...ssoLogin('corp', 3600))
    const env = {
      ...here.home.env,
      ...ONCE,
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret-of-AKIDEXAMPLE',
      AWS_CA_BUNDLE: stranger.file,
      NODE_TLS_REJECT_UNAUTHORIZED: '0',
    }
    const result = await runInProcess([...args, '--timeout', '15'], { env, cwd: here.home.folder })
    expect(result.code).toBe(code)
    // The login is removed whether the portal can be reached or not.
    if (title !== 'logout') expect(result.stderr + result.stdout).toContain('SSL validation failed')
    expect(result.stderr).not.toMatch(/Warning/)
    expect(here.aws.connects).toBeGreaterThan(0)
    expect(here.aws.calls).toEqual([])
  })
})
