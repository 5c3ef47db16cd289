import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { attempt } from '../src/errors.ts'
import { field, textField, tryParseJson } from '../src/json.ts'
import { type AwsHome, awsLogin, ROLE_A, ssoLogin } from '../test/support/temporary-home.ts'
import { type Group, inLanes, type Lab, withAwsHome } from './lab.ts'
import type { Random } from './random.ts'

const RESPONSES = 300
const LANES = 4
const TIMEOUT_SECONDS = 3
/** Of the start of a process, on a busy machine. */
const GRACE_SECONDS = 4
const EXIT_CODES = [252, 253, 254, 255]

const SIGNER = 'ASIARESPONSE00000000'
const LATER = '2100-01-01T00:00:00Z'
/** Sent to the services or by them; none of it may be printed. */
const SECRETS = [
  'secret-of-',
  'SESSIONTOKENRESPONSE',
  'REFRESHTOKENEXAMPLE',
  'CLIENTSECRETEXAMPLE',
  'BEARERTOKENEXAMPLE',
]

type Fields = Readonly<Record<string, unknown>>

/** A source, and a correct response with these fields. */
interface Source {
  readonly name: string
  readonly args: readonly string[]
  readonly env: (url: string) => Record<string, string>
  readonly fields: Fields
  readonly body: (fields: Fields) => string
}

const xml = (fields: Fields): string =>
  Object.entries(fields)
    .map(([name, value]) => `<${name}>${typeof value === 'string' ? value : JSON.stringify(value)}</${name}>`)
    .join('')
const stsCredentials = {
  AccessKeyId: SIGNER,
  SecretAccessKey: `secret-of-${SIGNER}`,
  SessionToken: 'SESSIONTOKENRESPONSE',
  Expiration: LATER,
}
const assumeRole = (name: string) => (fields: Fields) =>
  `<${name}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${name}Result><Credentials>${xml(fields)}</Credentials></${name}Result></${name}Response>`
const signInKeys = {
  accessKeyId: SIGNER,
  secretAccessKey: `secret-of-${SIGNER}`,
  sessionToken: 'SESSIONTOKENRESPONSE',
}

const SOURCES: readonly Source[] = [
  {
    name: 'AssumeRole',
    args: ['--profile', 'keys', '--role-arn', ROLE_A, '--no-cache'],
    env: (url) => ({ AWS_ENDPOINT_URL_STS: url }),
    fields: stsCredentials,
    body: assumeRole('AssumeRole'),
  },
  {
    name: 'AssumeRoleWithWebIdentity',
    args: ['--profile', 'web', '--no-cache'],
    env: (url) => ({ AWS_ENDPOINT_URL_STS: url }),
    fields: stsCredentials,
    body: assumeRole('AssumeRoleWithWebIdentity'),
  },
  {
    name: 'GetRoleCredentials',
    args: ['--profile', 'sso2', '--no-cache'],
    env: (url) => ({ AWS_ENDPOINT_URL_SSO: url }),
    fields: { ...signInKeys, expiration: Date.parse(LATER) },
    body: (fields) => JSON.stringify({ roleCredentials: fields }),
  },
  {
    name: 'CreateToken',
    args: ['--profile', 'sso', '--no-cache'],
    env: (url) => ({ AWS_ENDPOINT_URL_SSO_OIDC: url, AWS_ENDPOINT_URL_SSO: url }),
    fields: { accessToken: 'BEARERTOKENEXAMPLE', expiresIn: 3600, refreshToken: 'REFRESHTOKENEXAMPLE' },
    body: (fields) => JSON.stringify(fields),
  },
  {
    name: 'CreateOAuth2Token',
    args: ['--profile', 'login', '--no-cache'],
    env: (url) => ({ AWS_ENDPOINT_URL_SIGNIN: url }),
    fields: { accessToken: signInKeys, tokenType: 'aws_sigv4', expiresIn: 900, refreshToken: 'REFRESHTOKENEXAMPLE' },
    body: (fields) => JSON.stringify(fields),
  },
  {
    name: 'container',
    args: [],
    env: (url) => ({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/credentials` }),
    fields: {
      AccessKeyId: SIGNER,
      SecretAccessKey: `secret-of-${SIGNER}`,
      Token: 'SESSIONTOKENRESPONSE',
      Expiration: LATER,
    },
    body: (fields) => JSON.stringify(fields),
  },
]

interface HostileResponse {
  readonly kind: string
  readonly send: (request: IncomingMessage, response: ServerResponse, body: string) => void
}

const STATUSES = [200, 201, 204, 206, 301, 302, 304, 307, 400, 401, 403, 404, 407, 418, 429, 500, 502, 503, 504, 599]
const VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  Number.POSITIVE_INFINITY,
  '',
  ' ',
  [],
  {},
  [[]],
  'NaN',
  '\u0000',
  '\ud800',
  '😀',
  '0'.repeat(10_000),
]
const DATES = ['2001-01-01T00:00:00Z', 'soon', '9999999999999', '-1', '2026-02-31T00:00:00Z', 'NaN']

/** A response of one of the kinds, by the random numbers. */
function hostileResponse({ fields, body }: Source, random: Random): HostileResponse {
  const good = body(fields)
  const respond =
    (text: string | Buffer, status = 200, headers: Record<string, string> = {}): HostileResponse['send'] =>
    (_request, response) =>
      void response.writeHead(status, headers).end(text)
  const name = random.pick(Object.keys(fields))
  const kinds: readonly (() => HostileResponse['send'])[] = [
    () => respond(good.slice(0, random.integer(good.length))),
    () => respond(good + 'x'.repeat(1_000_000 + random.integer(5_000_000))),
    () => respond(' '.repeat(5_000_000) + good),
    () => respond(body({ ...fields, [name]: random.pick(VALUES) })),
    () => respond(body({ ...fields, [name]: undefined })),
    () => respond(body({ ...fields, [random.pick(['Expiration', 'expiration', 'expiresIn'])]: random.pick(DATES) })),
    () => respond(good.replace(/"[^"]*"(?=[,}])|[0-9]+(?=[,}])/, random.pick(['NaN', 'Infinity', '-0', '1e400']))),
    () => respond(random.pick(['[', '{"a":', '<a>']).repeat(50_000 + random.integer(50_000))),
    () => respond(good, random.pick(STATUSES)),
    () =>
      respond(
        random.pick(['', '{}', '[]', 'null', '<html>busy</html>', '{"__proto__":{"x":1}}']),
        random.pick(STATUSES),
      ),
    () => respond(Buffer.from(Array.from({ length: random.integer(5000) }, () => random.integer(256)))),
    () => respond(good, 200, { 'content-length': String(good.length + 10) }),
    () => respond(good, 200, { 'content-encoding': 'gzip', 'content-type': 'image/png' }),
    () => (_request, response) => drip(response, good),
    () => (_request, response) => void response.socket?.destroy(),
    () => () => {},
    () => (_request, response) => void response.socket?.end(`HTTP/1.1 ${random.integer(2000)} \u0001\r\nx\r\n\r\n`),
    () => (request, response, requestBody) => {
      // What the service knows: the request, and the secret access key that signed it.
      const known = `${JSON.stringify(request.headers)} ${requestBody} ${request.headers.authorization ? 'secret-of-AKIDKEYS' : ''}`
      const encode = random.pick([
        asIs,
        encodeURIComponent,
        (text: string) => encodeURIComponent(encodeURIComponent(text)),
      ])
      const quoted = encode(known).replaceAll('"', "'").replaceAll('<', '(').replaceAll('&', '+')
      const message = `\u001b[2J ${quoted}`
      const code = random.pick(['AccessDenied', 'constructor', quoted, '\u009b31m'])
      const json = JSON.stringify({ __type: code, message, error: code, error_description: message })
      const errorXml = `<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`
      response.writeHead(403).end(good.startsWith('<') ? errorXml : json)
    },
  ]
  const kind = random.integer(kinds.length)
  return { kind: String(kind), send: kinds[kind]?.() ?? respond('') }
}

/** Whatever access key id a service sends is used. */
function hasToken(stdout: string): boolean {
  const token = textField(field(tryParseJson(stdout), 'status'), 'token')
  return token?.startsWith('k8s-aws-v1.') === true
}

const asIs = (text: string): string => text

/** One byte at a time, more slowly than the time limit of the run. */
function drip(response: ServerResponse, text: string): void {
  let sent = 0
  const timer = setInterval(() => {
    response.write(text.charAt(sent++ % text.length))
  }, 100)
  response.on('close', () => clearInterval(timer))
}

/** The local AWS is replaced by services whose responses are wrong in random ways. */
export const responses: Group = async (lab) => {
  // Decided in advance, because the lanes do not end in a fixed order.
  const attempts = Array.from({ length: Math.ceil(RESPONSES / lab.commands) }, () => {
    const source = lab.random.pick(SOURCES)
    return { source, hostile: hostileResponse(source, lab.random) }
  })
  await inLanes(LANES, attempts, ({ source, hostile }) =>
    withAwsHome(lab, (_aws, home) => attack(lab, home, source, hostile)),
  )
  return undefined
}

async function attack({ report }: Lab, home: AwsHome, source: Source, { kind, send }: HostileResponse): Promise<void> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => attempt(() => send(request, response, Buffer.concat(chunks).toString('utf8'))))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  home.write(...ssoLogin('corp', source.name === 'CreateToken' ? -60 : 7200))
  home.write(...awsLogin(60))
  const env = { AWS_MAX_ATTEMPTS: '1', ...source.env(url) }
  const result = await home.run([...source.args, '--debug', '--timeout', `${TIMEOUT_SECONDS}`], env, 20_000)
  server.closeAllConnections()
  server.close()

  const title = `${source.name}, response of kind ${kind}`
  const { code, stdout, stderr, seconds } = result
  report.count('responses')
  report.count(code === 0 ? 'accepted' : `exit code ${code}`)
  report.max('longest (s)', seconds)
  report.expect(!result.timedOut && seconds < TIMEOUT_SECONDS + GRACE_SECONDS, `${title}: too late`, `${seconds} s`)
  if (code === 0) {
    report.expect(hasToken(stdout), `${title}: no token`, stdout)
  } else {
    report.expect(code !== null && EXIT_CODES.includes(code), `${title}: exit code`, result)
    report.expect(stdout === '', `${title}: stdout`, stdout)
    report.expect(/\(ERR_(?!INTERNAL)\w+\)/.test(stderr), `${title}: message`, stderr)
  }
  for (const [name, text] of home.files()) {
    if (!/^\.aws\/(sso|login)\/cache\//.test(name)) continue
    report.count('logins read')
    const login = tryParseJson(text)
    const { accessToken } = (login ?? {}) as { accessToken?: unknown }
    const isComplete =
      textField(login, 'refreshToken') && (textField(accessToken, 'accessKeyId') || textField(login, 'accessToken'))
    report.expect(Boolean(isComplete), `${title}: the login is damaged`, text)
  }
  report.expect(!SECRETS.some((secret) => stderr.includes(secret)), `${title}: secret`, stderr)
  // With --debug, the stack of an error is shown.
  const messages = stderr.replace(/^debug: .*\n/gm, '')
  report.expect(!/^ *at |\[object|node:internal/m.test(messages), `${title}: stack trace`, stderr)
  report.expect(!/(?!\n)\p{Cc}/u.test(stderr), `${title}: control characters`, stderr)
}
