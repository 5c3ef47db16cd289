import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { environmentProxy } from '../../src/net/proxy.ts'
import { request, targetOf } from '../../src/net/request.ts'
import { isRequestFailure } from '../../src/net/request-failure.ts'
import {
  type CertificateAuthority,
  createCertificateAuthority,
  type KeyAndCertificate,
} from '../support/certificates.ts'
import { httpResponse, type LoopbackServer, respond, startServer } from '../support/sockets.ts'
import { type SocksServer, startSocksServer } from '../support/socks-server.ts'

let authority: CertificateAuthority
let localhost: KeyAndCertificate
let endpoint: LoopbackServer
let plain: LoopbackServer
const open: SocksServer[] = []
beforeAll(async () => {
  authority = await createCertificateAuthority()
  localhost = await authority.issue('localhost')
  endpoint = await startServer(respond(httpResponse(200, 'hello')), localhost)
  plain = await startServer(respond(httpResponse(200, 'hello')))
})
afterAll(async () => {
  await Promise.all([endpoint.close(), plain.close(), authority.close()])
})
afterEach(async () => {
  await Promise.all(open.splice(0).map(({ close }) => close()))
})

async function proxyOf(...options: Parameters<typeof startSocksServer>): Promise<SocksServer> {
  const server = await startSocksServer(...options)
  open.push(server)
  return server
}

const get = (url: string, proxy: string) =>
  request(targetOf(url), { proxy, tls: { ca: authority.pem }, limits: { connectSeconds: 5, readSeconds: 5 } })

describe('a request through a SOCKS proxy', () => {
  test.each([
    ['socks5h', 'socks5 localhost'],
    ['socks', 'socks5 localhost'],
    ['socks5', 'socks5 127.0.0.1'],
    ['socks4a', 'socks4 localhost'],
    ['socks4', 'socks4 127.0.0.1'],
  ])('%s: asks for %s, and the certificate is verified', async (scheme, asked) => {
    const proxy = await proxyOf()
    const response = await get(`https://localhost:${endpoint.port}/`, `${scheme}://127.0.0.1:${proxy.port}`)
    expect(response).toMatchObject({ status: 200, body: Buffer.from('hello') })
    // The address of localhost may be the one of IPv6.
    expect(proxy.requests.map((text) => text.replace(/\d+(\.\d+){15}/, '127.0.0.1'))).toEqual([
      `${asked}:${endpoint.port}`,
    ])
  })
  test('to an http endpoint', async () => {
    const proxy = await proxyOf()
    const response = await get(`http://localhost:${plain.port}/`, `socks5h://127.0.0.1:${proxy.port}`)
    expect(response.status).toBe(200)
  })
  test('sends user and password, with a percent sign that is not an escape', async () => {
    const proxy = await proxyOf({ login: 'me:p%zz@é' })
    const response = await get(
      `https://localhost:${endpoint.port}/`,
      `socks5h://me:p%zz%40%C3%A9@127.0.0.1:${proxy.port}`,
    )
    expect(response.status).toBe(200)
  })
  test('a certificate for another name is a failure of the endpoint', async () => {
    const proxy = await proxyOf({ port: endpoint.port })
    await expect(get('https://sts.example.com/', `socks5h://127.0.0.1:${proxy.port}`)).rejects.toMatchObject({
      kind: 'certificate',
    })
  })
  test('a certificate that does not have the IP address of the endpoint is refused', async () => {
    const proxy = await proxyOf()
    await expect(get(`https://127.0.0.1:${endpoint.port}/`, `socks5h://127.0.0.1:${proxy.port}`)).rejects.toMatchObject(
      { kind: 'certificate' },
    )
  })
})

describe('a failure of the SOCKS proxy is reported as such', () => {
  test.each<[string, NonNullable<Parameters<typeof startSocksServer>[0]>, string]>([
    ['it refuses the destination', { refuses: true }, 'socks5h://'],
    ['it refuses the password', { login: 'a:b' }, 'socks5h://me:secret-of-me@'],
    ['it wants a password', { login: 'a:b' }, 'socks5h://'],
  ])('%s', async (_title, options, prefix) => {
    const proxy = await proxyOf(options)
    const error = await get('https://sts.example.com/', `${prefix}127.0.0.1:${proxy.port}`).catch((thrown) => thrown)
    expect([isRequestFailure(error), error.kind]).toEqual([true, 'proxy'])
    expect(error.message).not.toContain('secret')
  })
  test('nothing listens there', async () => {
    await expect(get('https://sts.example.com/', 'socks5h://127.0.0.1:1')).rejects.toMatchObject({ kind: 'proxy' })
  })
  // A label of more than 63 characters fails without a request to a name server.
  test('the lookup of the endpoint on this machine is not one of them', async () => {
    const proxy = await proxyOf()
    await expect(get(`https://${'a'.repeat(64)}.invalid/`, `socks5://127.0.0.1:${proxy.port}`)).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('looked up on this machine'),
    })
  })
})

describe('the variable of a SOCKS proxy', () => {
  test.each(['socks5://h:1', 'socks5h://h', 'socks4://h', 'socks4a://h', 'socks://h', 'http://h', 'https://h'])(
    '%s is used as it is',
    (HTTPS_PROXY) => expect(environmentProxy('https://a.b/', { HTTPS_PROXY })).toBe(HTTPS_PROXY),
  )
  test.each(['socks6://h', 'ftp://h', 'h:1'])('%s is taken for a host name, as by the AWS CLI', (HTTPS_PROXY) =>
    expect(environmentProxy('https://a.b/', { HTTPS_PROXY })).toBe(`http://${HTTPS_PROXY}`),
  )
})
