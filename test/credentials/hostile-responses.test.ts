import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CommandResult } from '../support/command.ts'
import { runInProcess } from '../support/in-process.ts'
import { keys } from '../support/runtime.ts'
import { ssoLogin } from '../support/temporary-home.ts'

// Hostile responses: the process must end in time with an error that names the cause, print no secret and leave no files.

let home = ''
let servers: Server[] = []
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'eks-get-token-hostile-'))
})
afterEach(() => {
  for (const server of servers) server.close()
  servers = []
  rmSync(home, { recursive: true, force: true })
})

const SESSION_TOKEN = 'FwoGZXIvYXdzEXAMPLETOKEN/+=='
const ENV = { ...keys('ASIAEXAMPLE'), AWS_SESSION_TOKEN: SESSION_TOKEN, AWS_MAX_ATTEMPTS: '1' }
const ROLE = ['--role-arn', 'arn:aws:iam::123456789012:role/r']

function run(args: readonly string[], env: Record<string, string>): Promise<CommandResult> {
  return runInProcess(['--cluster-name', 'demo', '--region', 'us-west-2', ...args], {
    env: { PATH: '/usr/bin:/bin', HOME: home, AWS_EC2_METADATA_DISABLED: 'true', ...env },
    cwd: home,
    timeoutMs: 30_000,
  })
}

async function listening(server: Server): Promise<string> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function sts(
  respond: (request: IncomingMessage, response: ServerResponse, body: string) => void,
): Promise<string> {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (data) => {
      body += data
    })
    request.on('end', () => respond(request, response, body))
  })
  return `http://${await listening(server)}`
}

const errorXml = (code: string, message: string) =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`
const roleXml = (expiration: string, token = 'T') =>
  `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>secret-of-ASIAROLE</SecretAccessKey><SessionToken>${token}</SessionToken><Expiration>${expiration}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`

describe('the SSO portal', () => {
  test.each<[string, object]>([
    ['an access key id that is a number', { accessKeyId: 12 }],
    ['a secret access key that is a list', { secretAccessKey: ['secret-of-ASIAROLE'] }],
    ['a session token that is an object', { sessionToken: { value: 'T' } }],
    ['a session token that is true', { sessionToken: true }],
  ])('returns %s: an error, not a failure of the program', async (_title, more) => {
    const server = createServer((request, response) => {
      request.resume()
      const credentials = { accessKeyId: 'ASIAROLE', secretAccessKey: 'secret-of-ASIAROLE', sessionToken: 'T', ...more }
      response.end(JSON.stringify({ roleCredentials: { ...credentials, expiration: 4_102_444_800_000 } }))
    })
    const config = `[profile sso]\nsso_start_url = https://example.awsapps.com/start\nsso_region = us-west-2\nsso_account_id = 123456789012\nsso_role_name = Ops\n`
    writeFileSync(join(home, 'config'), config)
    const [file, content] = ssoLogin('https://example.awsapps.com/start', 3600)
    mkdirSync(join(home, '.aws/sso/cache'), { recursive: true })
    writeFileSync(join(home, file), content)
    const result = await run(['--profile', 'sso'], {
      AWS_CONFIG_FILE: join(home, 'config'),
      AWS_ENDPOINT_URL_SSO: `http://${await listening(server)}`,
    })
    expect(result).toMatchObject({ code: 255, stdout: '' })
    expect(result.stderr).toContain('(sso) contain a value that is not a string (ERR_CREDENTIALS)')
    expect(result.stderr).not.toContain('secret-of-ASIAROLE')
  })
})

describe('STS', () => {
  test('quotes the request in an error: its secrets and control characters are not printed', async () => {
    const url = await sts((request, response) => {
      const quoted = `${request.headers.authorization} x-amz-security-token:${request.headers['x-amz-security-token']}`
      response.writeHead(403).end(errorXml('SignatureDoesNotMatch', `\u009b2J canonical request: ${quoted}`))
    })
    const result = await run([...ROLE, '--debug'], { ...ENV, AWS_ENDPOINT_URL_STS: url })
    expect(result).toMatchObject({ code: 254, stdout: '' })
    expect(result.stderr).toContain('An error occurred (SignatureDoesNotMatch)')
    expect(result.stderr).not.toContain(SESSION_TOKEN)
    expect(result.stderr).not.toMatch(/Signature=[0-9a-f]/)
    expect(result.stderr).not.toContain('\u009b')
  })

  test.each<[string, number, string, number, string]>([
    ['the page of a proxy', 200, '<html>please log in</html>', 255, 'ERR_CREDENTIALS'],
    ['JSON', 200, '{}', 255, 'ERR_NETWORK'],
    ['an empty body', 200, '', 255, 'ERR_'],
    ['a redirect', 302, '', 255, 'ERR_NETWORK'],
    ['an HTML page with an error status', 503, '<html>busy</html>', 254, 'ERR_SERVICE'],
    ['an error code that is a property name', 403, errorXml('constructor', 'no'), 254, 'ERR_SERVICE'],
    ['an error code __proto__', 403, errorXml('__proto__', 'no'), 254, 'ERR_SERVICE'],
    ['expired credentials', 200, roleXml('2001-01-01T00:00:00Z'), 255, 'ERR_CREDENTIALS'],
    ['an unpaired surrogate', 200, roleXml('2100-01-01T00:00:00Z', '&#xD800;'), 255, 'ERR_'],
  ])('responds with %s', async (_title, status, body, code, name) => {
    const url = await sts((_request, response) => response.writeHead(status).end(body))
    const result = await run(ROLE, { ...ENV, AWS_ENDPOINT_URL_STS: url })
    expect(result).toMatchObject({ code, stdout: '' })
    expect(result.stderr).toContain(`(${name}`)
    expect(result.stderr).not.toMatch(/ERR_INTERNAL|\[native code\]|\[object|\$response/)
  })

  test('expired credentials are not cached', async () => {
    const url = await sts((_request, response) => response.end(roleXml('2001-01-01T00:00:00Z')))
    const config = join(home, 'config')
    writeFileSync(config, '[profile r]\nrole_arn = arn:aws:iam::123456789012:role/r\ncredential_source = Environment\n')
    const result = await run(['--profile', 'r'], { ...ENV, AWS_ENDPOINT_URL_STS: url, AWS_CONFIG_FILE: config })
    expect(result).toMatchObject({ code: 255, stdout: '', stderr: expect.stringContaining('still expired') })
    // Only the config file; the directory of locks is empty.
    expect(readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())).toHaveLength(
      1,
    )
  })

  test('sends an endless response', async () => {
    const url = await sts((_request, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536))) {}
      }
      response.on('drain', more)
      more()
    })
    const result = await run([...ROLE, '--timeout', '20'], { ...ENV, AWS_ENDPOINT_URL_STS: url })
    expect(result).toMatchObject({ code: 255, stdout: '', timedOut: false })
    expect(result.stderr).not.toContain('ERR_TIMEOUT')
  })

  test('closes the connection', async () => {
    const url = await sts((request) => request.socket.destroy())
    const result = await run(ROLE, { ...ENV, AWS_ENDPOINT_URL_STS: url })
    expect(result).toMatchObject({ code: 255, stdout: '', stderr: expect.stringContaining('Connection was closed') })
  })

  test('accepts the connection without a TLS handshake', async () => {
    const host = await listening(createTcpServer(() => {}))
    const limits = ['--cli-connect-timeout', '1', '--timeout', '20']
    const result = await run([...ROLE, ...limits], { ...ENV, AWS_ENDPOINT_URL_STS: `https://${host}` })
    expect(result).toMatchObject({ code: 255, stdout: '', stderr: expect.stringMatching(/ERR_NETWORK/) })
    expect(result.seconds).toBeLessThan(8)
  })
})

describe('a timeout of several weeks', () => {
  test.each([
    ['--timeout', '3000000'],
    ['--timeout', '99999999999999999999'],
    ['--cli-read-timeout', '3000000'],
    ['--cli-connect-timeout', '3000000'],
  ])('%s %s prints no warning and does not expire at once', async (option, seconds) => {
    const url = await sts((_request, response) => {
      setTimeout(() => response.end(roleXml('2100-01-01T00:00:00Z')), 200)
    })
    const result = await run([...ROLE, option, seconds], { ...ENV, AWS_ENDPOINT_URL_STS: url })
    expect(result).toMatchObject({ code: 0, stderr: '' })
  })
})

describe('a CA bundle', () => {
  test.each([
    ['that is a pipe', () => execFileSync('mkfifo', [join(home, 'ca')])],
    ['that is a directory', () => execFileSync('mkdir', [join(home, 'ca')])],
    ['that does not exist', () => {}],
  ])('%s is an error at once', async (_title, make) => {
    make()
    const env = { ...ENV, AWS_CA_BUNDLE: join(home, 'ca'), AWS_ENDPOINT_URL_STS: 'https://127.0.0.1:1' }
    const result = await run(ROLE, env)
    expect(result).toMatchObject({
      code: 255,
      stdout: '',
      timedOut: false,
      stderr: expect.stringContaining('CA bundle'),
    })
  })
  test('is not read for a connection without TLS', async () => {
    const url = await sts((_request, response) => response.end(roleXml('2100-01-01T00:00:00Z')))
    const result = await run(ROLE, { ...ENV, AWS_CA_BUNDLE: '/nonexistent', AWS_ENDPOINT_URL_STS: url })
    expect(result).toMatchObject({ code: 0, stderr: '' })
  })
})

test.each(['user:hidden/y', 'user:hidden?y', 'user:hidden#y', 'user:hidden@y', 'hidden'])(
  'the password of %s@ is not printed',
  async (user) => {
    const env = { ...ENV, AWS_ENDPOINT_URL_STS: 'https://127.0.0.1:1', HTTPS_PROXY: `http://${user}@127.0.0.1:1` }
    const asProxy = await run([...ROLE, '--debug'], env)
    const asEndpoint = await run([...ROLE, '--debug'], {
      ...ENV,
      AWS_ENDPOINT_URL_STS: `https://${user}@127.0.0.1:99999`,
    })
    for (const { code, stdout, stderr } of [asProxy, asEndpoint]) {
      expect([code, stdout]).toEqual([255, ''])
      expect(stderr).not.toContain('hidden')
    }
  },
)

describe('a credential_process', () => {
  test.each([
    ['an argument with a NUL', '/bin/echo hidden\u0000x'],
    ['a variable before the program', 'TOKEN=hidden /bin/true'],
    ['a program with an argument in its name', '"/nope/x hidden"'],
    ['output with a string as version', `/bin/echo '{"Version":"hidden"}'`],
    ['no program', '""'],
    ['a program with a name that is too long', `/${'x'.repeat(5000)}`],
    ['an argument that is too long', `/bin/echo ${'x'.repeat(200_000)}`],
  ])('%s is an error that prints nothing of it', async (_title, line) => {
    const config = join(home, 'config')
    writeFileSync(config, `[profile p]\ncredential_process = ${line}\n`)
    const result = await run(['--profile', 'p', '--debug'], { AWS_CONFIG_FILE: config })
    expect(result).toMatchObject({ code: 255, stdout: '', stderr: expect.stringContaining('(ERR_CREDENTIALS)') })
    expect(result.stderr).not.toContain('hidden')
  })
  test('its stderr is printed without control characters', async () => {
    const config = join(home, 'config')
    writeFileSync(join(home, 'p.sh'), "printf '\\033[2Jno luck\\n' >&2; exit 3\n")
    writeFileSync(config, `[profile p]\ncredential_process = /bin/sh ${join(home, 'p.sh')}\n`)
    const result = await run(['--profile', 'p'], { AWS_CONFIG_FILE: config })
    expect(result.stderr).toContain('no luck')
    expect(result.stderr).not.toContain('\u001b')
  })
})

test('expired credentials of a container are an error', async () => {
  const url = await sts((_request, response) => {
    const credentials = { AccessKeyId: 'A', SecretAccessKey: 'B', Token: 'C', Expiration: '2001-01-01T00:00:00Z' }
    response.end(JSON.stringify(credentials))
  })
  const result = await run([], { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/x` })
  expect(result).toMatchObject({ code: 255, stdout: '', stderr: expect.stringContaining('still expired') })
})
