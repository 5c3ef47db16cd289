import { connect, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type RequestOptions, request, targetOf } from '../../src/net/request.ts'
import type { RequestFailure } from '../../src/net/request-failure.ts'
import {
  type CertificateAuthority,
  createCertificateAuthority,
  type KeyAndCertificate,
} from '../support/certificates.ts'
import { hangUp, httpResponse, type LoopbackServer, respond, silence, startServer } from '../support/sockets.ts'

const LIMITS = { connectSeconds: 5, readSeconds: 5 }
const SHORT = { connectSeconds: 0.3, readSeconds: 0.3 }
const OK = respond(httpResponse(200, 'hello'))

let authority: CertificateAuthority
let other: CertificateAuthority
let localhost: KeyAndCertificate
const open: LoopbackServer[] = []
beforeAll(async () => {
  authority = await createCertificateAuthority()
  other = await createCertificateAuthority()
  localhost = await authority.issue('localhost')
})
afterAll(async () => {
  await authority.close()
  await other.close()
})
afterEach(async () => {
  await Promise.all(open.splice(0).map(({ close }) => close()))
})

async function start(...args: Parameters<typeof startServer>): Promise<LoopbackServer> {
  const server = await startServer(...args)
  open.push(server)
  return server
}

/** A proxy that connects to wherever CONNECT names; to loopback, whatever the name. */
function tunnel(socket: Socket, firstData: Promise<string>): void {
  firstData.then((head) => {
    const port = Number(/:(\d+) HTTP/.exec(head)?.[1])
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
    const endpoint = connect(port, '127.0.0.1')
    endpoint.on('error', () => socket.destroy())
    endpoint.on('close', () => socket.destroy())
    socket.pipe(endpoint)
    endpoint.pipe(socket)
  })
}

const get = (url: string, options: Partial<RequestOptions> = {}) =>
  request(targetOf(url), { limits: LIMITS, tls: { ca: authority.pem }, ...options })

async function failureOf(response: Promise<unknown>): Promise<Partial<RequestFailure>> {
  const error = await response.then(
    (value) => Promise.reject(new Error(`a response: ${JSON.stringify(value)}`)),
    (thrown: RequestFailure) => thrown,
  )
  return { kind: error.kind, message: error.message, proxyStatus: error.proxyStatus }
}

describe('a request', () => {
  test.each(['GET', 'PUT', 'POST'])('%s sends method, headers and body, and returns the response', async (method) => {
    const { port, received } = await start(respond(httpResponse(201, 'é', ['x-a: 1'])))
    const body = method === 'GET' ? undefined : 'é='
    const response = await get(`http://127.0.0.1:${port}/a%2Fb?c=%20`, { method, headers: { 'x-b': '2' }, body })
    expect(response).toMatchObject({ status: 201, body: Buffer.from('é'), headers: { 'x-a': '1' } })
    expect(received[0]).toMatch(new RegExp(`^${method} /a%2Fb\\?c=%20 HTTP/1.1\r\n[\\s\\S]*x-b: 2\r\n`))
    if (body) expect(received[0]).toMatch(/Content-Length: 3\r\n\r\n..=$/i)
  })
  test.each([301, 302, 307, 308])('does not follow a redirect with status %d', async (status) => {
    const { port, received } = await start(respond(httpResponse(status, '', ['location: http://127.0.0.1:1/'])))
    expect(await get(`http://127.0.0.1:${port}/`)).toMatchObject({ status })
    expect(received).toHaveLength(1)
  })
  test('to an https endpoint verifies its certificate', async () => {
    const { port } = await start(OK, localhost)
    expect(await get(`https://localhost:${port}/`)).toMatchObject({ status: 200 })
  })
  test('to an https endpoint accepts the name that is required in place of its host', async () => {
    const { port } = await start(OK, localhost)
    const tls = { ca: authority.pem, servername: 'localhost' }
    expect(await get(`https://127.0.0.1:${port}/`, { tls })).toMatchObject({ status: 200 })
  })
  test.each([
    ['a line break in a header', '/', { headers: { 'x-a': 'a\nb' } }, 'ERR_INVALID_CHAR'],
    ['a space in the path', '/a b', {}, 'ERR_UNESCAPED_CHARACTERS'],
  ])('that has %s is not a network failure', async (_title, path, options, code) => {
    const target = { protocol: 'http:', hostname: '127.0.0.1', port: 1, path } as const
    await expect(request(target, { limits: LIMITS, ...options })).rejects.toMatchObject({ code })
  })
})

describe('the kind of failure of an endpoint', () => {
  test.each<[string, Parameters<typeof startServer>[0] | undefined, string, RegExp]>([
    ['nothing listens', undefined, 'unreachable', /ECONNREFUSED/],
    ['it closes the connection', hangUp, 'closed', /ECONNRESET/],
    [
      'it closes the connection within the body',
      respond('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab'),
      'closed',
      /./,
    ],
    ['it does not speak HTTP', respond('SSH-2.0-OpenSSH_9.6\r\n'), 'invalid-response', /HTTP/],
    ['its status line is broken', respond('HTTP/1.1 abc\r\n\r\n'), 'invalid-response', /./],
    ['its body is too large', respond(httpResponse(200, 'x'.repeat((1 << 20) + 1))), 'invalid-response', /1048576/],
    [
      'its headers are too large',
      respond(httpResponse(200, '', [`x: ${'x'.repeat(100_000)}`])),
      'invalid-response',
      /Header/,
    ],
  ])('%s', async (_title, handler, kind, message) => {
    const port = handler ? (await start(handler)).port : 1
    expect(await failureOf(get(`http://127.0.0.1:${port}/`))).toMatchObject({
      kind,
      message: expect.stringMatching(message),
    })
  })
  test.each(['ftp://127.0.0.1/', 'not a URL', '127.0.0.1:80'])('%s is not an http or https URL', async (url) => {
    expect(await failureOf(Promise.resolve().then(() => get(url)))).toMatchObject({ kind: 'unreachable' })
  })
  test('a body of the largest size is accepted', async () => {
    const { port } = await start(respond(httpResponse(200, 'x'.repeat(1 << 20))))
    expect((await get(`http://127.0.0.1:${port}/`)).body).toHaveLength(1 << 20)
  })
})

describe('timeouts', () => {
  const respondBytewise = (socket: Socket, firstData: Promise<string>): void => {
    firstData.then(() => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n')
      const timer = setInterval(() => socket.write('x'), 50)
      socket.on('close', () => clearInterval(timer))
    })
  }
  test.each<[string, string, Parameters<typeof startServer>, Partial<RequestOptions>, string]>([
    ['TLS handshake', 'https', [silence], { limits: SHORT }, 'connect-timeout'],
    ['TLS handshake behind a proxy', 'https', [silence], { limits: SHORT, proxy: 'tunnel' }, 'connect-timeout'],
    ['response to CONNECT', 'https', [silence], { limits: SHORT, proxy: 'silent' }, 'connect-timeout'],
    ['response', 'http', [silence], { limits: SHORT }, 'read-timeout'],
    [
      'rest of the body',
      'http',
      [
        (socket, first) => {
          first.then(() => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab'))
        },
      ],
      { limits: SHORT },
      'read-timeout',
    ],
    ['end of a slow body', 'http', [respondBytewise], { limits: { ...SHORT, totalSeconds: 0.6 } }, 'read-timeout'],
  ])('a %s that never comes', async (_title, scheme, server, options, kind) => {
    const { port } = await start(...server)
    const proxies: Record<string, Parameters<typeof startServer>[0]> = { tunnel, silent: silence }
    const proxy = options.proxy && `http://127.0.0.1:${(await start(proxies[options.proxy] ?? tunnel)).port}`
    const begin = Date.now()
    expect(await failureOf(get(`${scheme}://localhost:${port}/`, { ...options, proxy }))).toMatchObject({ kind })
    expect(Date.now() - begin).toBeLessThan(2000)
  })
  test('do not end a slow body that keeps coming', async () => {
    const { port } = await start((socket, first) => {
      first.then(async () => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n')
        for (let byte = 0; byte < 5; byte++) {
          await new Promise((resolve) => setTimeout(resolve, 150))
          socket.write('x')
        }
      })
    })
    expect(await get(`http://127.0.0.1:${port}/`, { limits: SHORT })).toMatchObject({ status: 200 })
  })
  test.each([0, 3_000_000])('of %d s do not occur', async (seconds) => {
    const { port } = await start((socket, first) => {
      first.then(() => setTimeout(() => socket.end(httpResponse(200)), 200))
    })
    const limits = { connectSeconds: seconds, readSeconds: seconds, totalSeconds: seconds }
    expect(await get(`http://127.0.0.1:${port}/`, { limits })).toMatchObject({ status: 200 })
  })
})

describe('a certificate that is rejected', () => {
  const cases: [string, () => Promise<KeyAndCertificate>, string, RegExp][] = [
    ['of another authority', () => other.issue('localhost'), 'localhost', /certificate/],
    ['for another name', () => authority.issue('sts.example.com'), 'localhost', /Hostname|altnames/],
    ['for another address', () => authority.issue('127.0.0.2'), '127.0.0.1', /IP|altnames/],
    ['for a name in place of the address', () => authority.issue('localhost'), '127.0.0.1', /IP|altnames/],
  ]
  describe.each([undefined, '0'])('with NODE_TLS_REJECT_UNAUTHORIZED=%s', (value) => {
    beforeAll(() => {
      if (value !== undefined) process.env.NODE_TLS_REJECT_UNAUTHORIZED = value
    })
    afterAll(() => {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
    })
    test.each(cases)('%s', async (_title, certificate, host, message) => {
      const { port, received } = await start(OK, await certificate())
      const failure = await failureOf(get(`https://${host}:${port}/`))
      expect(failure).toMatchObject({ kind: 'certificate', message: expect.stringMatching(message) })
      expect(received.join('')).toBe('')
    })
    test.each(cases)('%s, behind a proxy', async (_title, certificate, host, message) => {
      const { port, received } = await start(OK, await certificate())
      const proxy = `http://127.0.0.1:${(await start(tunnel)).port}`
      const failure = await failureOf(get(`https://${host}:${port}/`, { proxy }))
      expect(failure).toMatchObject({ kind: 'certificate', message: expect.stringMatching(message) })
      expect(received.join('')).toBe('')
    })
  })
  test.each([['plain HTTP on the port'], ['a CA bundle that is not PEM']])('%s', async (title) => {
    const isPlain = title.startsWith('plain')
    const { port } = await start(OK, ...(isPlain ? [] : [localhost]))
    const ca = isPlain ? authority.pem : '-----BEGIN CERTIFICATE-----\nnot base64\n-----END CERTIFICATE-----\n'
    expect(await failureOf(get(`https://localhost:${port}/`, { tls: { ca } }))).toMatchObject({ kind: 'certificate' })
  })
})

describe('a failure of the proxy is reported as such', () => {
  test.each<[string, Parameters<typeof startServer>[0] | undefined, number | undefined]>([
    ['nothing listens', undefined, undefined],
    ['it closes the connection', hangUp, undefined],
    ['it does not speak HTTP', respond('SSH-2.0-OpenSSH_9.6\r\n\r\n'), undefined],
    ...[400, 403, 407, 429, 500, 502, 503, 504, 302, 204].map(
      (status): [string, ReturnType<typeof respond>, number] => [
        `it responds to CONNECT with ${status}`,
        respond(httpResponse(status, 'auth')),
        status,
      ],
    ),
  ])('%s', async (_title, handler, proxyStatus) => {
    const port = handler ? (await start(handler)).port : 1
    const failure = await failureOf(get('https://sts.example.com/', { proxy: `http://user:pw@127.0.0.1:${port}` }))
    expect(failure).toMatchObject({ kind: 'proxy' })
    if (proxyStatus !== undefined) expect(failure).toMatchObject({ proxyStatus })
  })
  test.each([
    ['nothing listens', undefined],
    ['it requires authentication', respond(httpResponse(407, 'auth'))],
  ])('for an http endpoint: %s', async (_title, handler) => {
    const port = handler ? (await start(handler)).port : 1
    const failure = await failureOf(get('http://sts.example.com/', { proxy: `http://127.0.0.1:${port}` }))
    expect(failure).toMatchObject({ kind: 'proxy' })
  })
  test.each([
    ['of another authority', () => other.issue('localhost')],
    ['for another name', () => authority.issue('proxy.example.com')],
  ])('an https proxy with a certificate %s', async (_title, certificate) => {
    const { port } = await start(tunnel, await certificate())
    const failure = await failureOf(get('https://sts.example.com/', { proxy: `https://localhost:${port}` }))
    expect(failure).toMatchObject({ kind: 'proxy', message: expect.stringMatching(/CERT|LEAF|ERR_TLS/) })
  })
  test('an https proxy that does not speak TLS', async () => {
    const { port } = await start(OK)
    const failure = await failureOf(get('https://sts.example.com/', { proxy: `https://localhost:${port}` }))
    expect(failure).toMatchObject({ kind: 'proxy' })
  })
  test('a proxy URL that is not valid', async () => {
    expect(await failureOf(get('https://sts.example.com/', { proxy: 'http://' }))).toMatchObject({ kind: 'proxy' })
  })
})

describe('a failure after the proxy has connected is one of the endpoint', () => {
  test.each<[string, Parameters<typeof startServer> | undefined, string]>([
    ['it cannot be reached from the proxy', undefined, 'closed'],
    ['it closes the connection', [(socket) => socket.destroy()], 'closed'],
    ['it does not speak TLS', [OK], 'certificate'],
  ])('%s', async (_title, server, kind) => {
    const port = server ? (await start(...server)).port : 1
    const proxy = `http://127.0.0.1:${(await start(tunnel)).port}`
    expect(await failureOf(get(`https://localhost:${port}/`, { proxy }))).toMatchObject({ kind })
  })
  test.each(['http', 'https'])('the response is that of the endpoint, through an %s proxy', async (scheme) => {
    const { port } = await start(respond(httpResponse(503, 'busy')), localhost)
    const proxy = await start(tunnel, ...(scheme === 'https' ? [localhost] : []))
    const response = await get(`https://localhost:${port}/`, { proxy: `${scheme}://localhost:${proxy.port}` })
    expect(response).toMatchObject({ status: 503, body: Buffer.from('busy') })
    expect(proxy.received[0]).toContain(`CONNECT localhost:${port} HTTP/1.1\r\n`)
  })
})

describe('the user and password of a proxy are decoded as by Python', () => {
  test.each([
    ['user:pw', 'user:pw'],
    ['user:100%sure', 'user:100%sure'],
    ['user:%', 'user:%'],
    ['user:50%2', 'user:50%2'],
    ['us%40er:p%3Aw%2F%25', 'us@er:p:w/%'],
    ['user:p%C3%A9', 'user:pé'],
    ['user:p%ff', 'user:p\ufffd'],
    ['user:pé"', 'user:pé"'],
    ['user', 'user:'],
    [':pw', ':pw'],
  ])('%s', async (userInfo, decoded) => {
    const expected = `Proxy-Authorization: Basic ${Buffer.from(decoded).toString('base64')}\r\n`
    for (const url of ['https://sts.example.com/', 'http://sts.example.com/']) {
      const proxy = await start(respond(httpResponse(407)))
      await failureOf(get(url, { proxy: `http://${userInfo}@127.0.0.1:${proxy.port}` }))
      expect(proxy.received[0]?.toLowerCase()).toContain(expected.toLowerCase())
    }
  })
  test('a proxy URL without user and password sends no header', async () => {
    const proxy = await start(respond(httpResponse(407)))
    await failureOf(get('https://sts.example.com/', { proxy: `http://127.0.0.1:${proxy.port}` }))
    expect(proxy.received[0]).not.toMatch(/authorization/i)
  })
})
