import { type IncomingHttpHeaders, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { afterEach, describe, expect, test } from 'vitest'
import { type CallbackServer, startCallbackServer } from '../../src/login/callback-server.ts'

const STATE = '2f1f0c6a-0d0f-4c43-9d58-8d1f6a6f4a11'

const servers: CallbackServer[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

async function start(): Promise<CallbackServer> {
  const server = await startCallbackServer({ state: STATE })
  servers.push(server)
  return server
}

interface PageResponse {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** The response to a request to the server; `path` is relative to the callback's. */
function get(server: CallbackServer, path: string, options: { method?: string; host?: string } = {}) {
  return new Promise<PageResponse>((resolve, reject) => {
    const { method = 'GET', host } = options
    const url = new URL(path, server.redirectUri)
    const outgoing = request(url, { method, agent: false, headers: host === undefined ? {} : { host } }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString()
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body })
      })
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}

const callback = (query: string) => `/oauth/callback?${query}`
const GOOD = callback(`code=the-code&state=${STATE}`)

/** What the promise has come to so far. */
async function stateOf(code: Promise<string>): Promise<string> {
  return Promise.race([
    code.then(
      () => 'resolved',
      () => 'rejected',
    ),
    new Promise<string>((resolve) => setTimeout(resolve, 20, 'waiting')),
  ])
}

test('the redirect URI names the address, the port and the path', async () => {
  const server = await start()
  expect(server.redirectUri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/oauth\/callback$/)
})

describe('a callback with the right state', () => {
  test('delivers the code, and the browser waits for the outcome', async () => {
    const server = await start()
    const page = get(server, GOOD)
    expect(await server.code).toBe('the-code')
    await server.finish({ signedIn: 'to session <corp>' })
    const { status, body, headers } = await page
    expect(status).toBe(200)
    expect(body).toContain('You are signed in to session &#60;corp&#62;.')
    expect(body).not.toMatch(/<script|https?:|src=|href=|url\(/)
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      connection: 'close',
    })
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    )
  })

  test('tells the browser where the sign-in failed afterwards', async () => {
    const server = await start()
    const page = get(server, GOOD)
    await server.code
    await server.finish({ failure: 'An error occurred (InvalidGrantException)\u001b[31m <b>' })
    const { status, body } = await page
    expect(status).toBe(200)
    expect(body).toContain('Sign-in failed')
    expect(body).toContain('An error occurred (InvalidGrantException) [31m &#60;b&#62;')
    expect(body).not.toContain('Signed in')
  })

  test('counts once: a replay is rejected, and the first code stays', async () => {
    const server = await start()
    const page = get(server, GOOD)
    expect(await server.code).toBe('the-code')
    const replay = await get(server, callback(`code=other-code&state=${STATE}`))
    expect([replay.status, replay.body.includes('Already used')]).toEqual([400, true])
    expect(await server.code).toBe('the-code')
    await server.finish({ signedIn: 'to session corp' })
    expect((await page).status).toBe(200)
  })

  test('finish resolves where the browser has gone', async () => {
    const server = await start()
    const port = Number(new URL(server.redirectUri).port)
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(`GET ${GOOD} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
    })
    socket.on('error', () => {})
    await server.code
    socket.destroy()
    await server.finish({ signedIn: 'to session corp' })
  })

  test('an error of the authorization server ends the wait, with its description made safe', async () => {
    const server = await start()
    const query = `error=access_denied&error_description=${encodeURIComponent('Nope\u001b]0;x\u0007<img src=x>')}&state=${STATE}`
    const { status, body } = await get(server, callback(query))
    expect(status).toBe(200)
    expect(body).toContain('access_denied: Nope ]0;x &#60;img src=x&#62;')
    await expect(server.code).rejects.toMatchObject({
      code: 'ERR_LOGIN',
      message: 'the sign-in was denied in the browser: access_denied: Nope ]0;x <img src=x>',
    })
  })
})

describe('any other request gets 4xx, and the wait goes on', () => {
  test.each<[string, string, { method?: string; host?: string }, number]>([
    ['a wrong state', callback('code=c&state=other'), {}, 400],
    ['an error with a wrong state', callback('error=access_denied&state=other'), {}, 400],
    ['a part of the state', callback(`code=c&state=${STATE.slice(0, -1)}`), {}, 400],
    ['no state', callback('code=c'), {}, 400],
    ['an error without a state', callback('error=access_denied'), {}, 400],
    ['no code', callback(`state=${STATE}`), {}, 400],
    ['an empty code', callback(`code=&state=${STATE}`), {}, 400],
    ['two states', callback(`code=c&state=${STATE}&state=${STATE}`), {}, 400],
    ['two codes', callback(`code=c&code=d&state=${STATE}`), {}, 400],
    ['no query', '/oauth/callback', {}, 400],
    ['another path', '/', {}, 404],
    ['a path below', `/oauth/callback/?code=c&state=${STATE}`, {}, 404],
    ['an encoded path', `/oauth%2fcallback?code=c&state=${STATE}`, {}, 404],
    ['the path in upper case', `/OAUTH/CALLBACK?code=c&state=${STATE}`, {}, 404],
    ['the icon of the page', '/favicon.ico', {}, 404],
    ['POST', GOOD, { method: 'POST' }, 405],
    ['HEAD', GOOD, { method: 'HEAD' }, 405],
    ['OPTIONS', GOOD, { method: 'OPTIONS' }, 405],
    ['PUT', GOOD, { method: 'PUT' }, 405],
    ['a name that points here', GOOD, { host: 'attacker.example' }, 400],
  ])('%s', async (_title, path, options, expected) => {
    const server = await start()
    const { status, headers, body } = await get(server, path, options)
    expect(status).toBe(expected)
    expect(headers['cache-control']).toBe('no-store')
    expect(headers['content-security-policy']).toContain("default-src 'none'")
    expect(body).not.toContain(STATE)
    expect(await stateOf(server.code)).toBe('waiting')
    get(server, GOOD).catch(() => {})
    expect(await server.code).toBe('the-code')
  })

  test.each([
    ['headers of 1 MB', `GET ${GOOD} HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${'x'.repeat(1 << 20)}\r\n\r\n`],
    ['a path of 1 MB', `GET ${GOOD}&x=${'x'.repeat(1 << 20)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`],
    ['not HTTP', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n'],
    ['two hosts', `GET ${GOOD} HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: attacker.example\r\n\r\n`],
    ['no host', `GET ${GOOD} HTTP/1.0\r\n\r\n`],
    ['a proxy request', `GET http://attacker.example${GOOD} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`],
    ['CONNECT', 'CONNECT attacker.example:443 HTTP/1.1\r\nHost: attacker.example\r\n\r\n'],
  ])('%s', async (_title, bytes) => {
    const server = await start()
    const response = await exchange(server, bytes)
    expect(response === '' || /^HTTP\/1\.1 4\d\d /.test(response), response.slice(0, 100)).toBe(true)
    expect(await stateOf(server.code)).toBe('waiting')
    get(server, GOOD).catch(() => {})
    expect(await server.code).toBe('the-code')
  })
})

describe('other programs on this machine cannot block it', () => {
  test('200 connections that send nothing, or one byte at a time', async () => {
    const server = await start()
    const { port } = new URL(server.redirectUri)
    const sockets = await Promise.all(Array.from({ length: 200 }, () => open(Number(port))))
    const drip = setInterval(() => {
      for (const socket of sockets) if (socket.writable) socket.write('G')
    }, 50)
    try {
      get(server, GOOD).catch(() => {})
      expect(await server.code).toBe('the-code')
    } finally {
      clearInterval(drip)
      for (const socket of sockets) socket.destroy()
    }
  })

  test('a connection that never completes its request is closed after 5 seconds', { timeout: 30_000 }, async () => {
    const server = await start()
    const socket = await open(Number(new URL(server.redirectUri).port))
    const drip = setInterval(() => socket.writable && socket.write('X'), 200)
    socket.write(`GET ${GOOD} HTTP/1.1\r\nX: `)
    await new Promise((resolve) => socket.on('close', resolve))
    clearInterval(drip)
    expect(await stateOf(server.code)).toBe('waiting')
  })

  test('100 wrong callbacks at once', async () => {
    const server = await start()
    const wrong = Array.from({ length: 100 }, (_, index) => get(server, callback(`code=c&state=guess-${index}`)))
    expect(new Set((await Promise.all(wrong)).map(({ status }) => status))).toEqual(new Set([400]))
    get(server, GOOD).catch(() => {})
    expect(await server.code).toBe('the-code')
  })
})

test('it listens on 127.0.0.1 only', async () => {
  const server = await start()
  const port = Number(new URL(server.redirectUri).port)
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list?.map(({ address }) => address) ?? [])
  const others = ['::1', '127.0.0.2', ...addresses.filter((address) => address !== '127.0.0.1' && address !== '::1')]
  for (const address of others) await expect(open(port, address)).rejects.toThrow()
})

test('after close nothing listens, and connections are gone', async () => {
  const server = await start()
  const port = Number(new URL(server.redirectUri).port)
  const socket = await open(port)
  const closed = new Promise((resolve) => socket.on('close', resolve))
  server.close()
  server.close()
  await closed
  await expect(open(port)).rejects.toThrow()
})

function open(port: number, address = '127.0.0.1'): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, address, () => {
      socket.on('error', () => {})
      socket.resume()
      resolve(socket)
    })
    socket.once('error', reject)
  })
}

/** Sends these bytes, and returns what comes back until the connection is closed. */
async function exchange(server: CallbackServer, bytes: string): Promise<string> {
  const socket = await open(Number(new URL(server.redirectUri).port))
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.write(bytes, 'latin1')
  await new Promise((resolve) => socket.on('close', resolve))
  return Buffer.concat(chunks).toString('latin1')
}
