import { type ClientRequest, request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { timeoutMs } from '../python/int.ts'
import { classifyError, RequestFailure } from './request-failure.ts'
import { type Tls, tlsOptions } from './tls.ts'

/** The parts of a URL that a request is sent to. The path is sent as it is: a signature may depend on its escapes. */
export interface Target {
  readonly protocol: 'http:' | 'https:'
  /** An IPv6 address has no brackets. */
  readonly hostname: string
  readonly port?: number | undefined
  /** With the query. */
  readonly path: string
}

export interface RequestOptions {
  /** Default: GET. */
  readonly method?: string
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly body?: string | Uint8Array | undefined
  /** URL of a proxy. */
  readonly proxy?: string | undefined
  readonly tls?: Tls
  readonly limits: Limits
  /** Calls a function when the caller gives up: the connection is closed then. @returns a function that removes it */
  readonly onExpire?: ((stop: () => void) => () => void) | undefined
}

/** Seconds; 0: no limit. */
export interface Limits {
  /** For the connection: name lookup, TCP, CONNECT to a proxy and the TLS handshake. */
  readonly connectSeconds: number
  /** For each silence of the server after that. */
  readonly readSeconds: number
  /** For everything together. Default: no limit. */
  readonly totalSeconds?: number
}

export interface Response {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** No response of AWS, of a metadata service or to a review of an API server is larger. */
const MAX_BODY_BYTES = 1 << 20

/**
 * Sends one request and reads the whole response. Redirects are not followed, and the certificate of the server is always
 * verified before anything is sent.
 *
 * @throws RequestFailure
 * @throws TypeError with Node's code `ERR_INVALID_CHAR` or `ERR_UNESCAPED_CHARACTERS` for a header or path that cannot be sent
 */
export async function request(target: Target, options: RequestOptions): Promise<Response> {
  const { method = 'GET', headers = {}, body, proxy, tls = {}, limits, onExpire } = options
  const isSecure = target.protocol === 'https:'
  // `false`: a connection of its own, which is not kept. The code for proxies is loaded only where there is one.
  const agent =
    proxy !== undefined && (await (await import('./proxy-agents.ts')).proxyAgent(target.protocol, proxy, tls))
  return new Promise((resolve, reject) => {
    let isConnected = false
    let outgoing: ClientRequest | undefined
    const fail = (error: unknown): void => {
      finish()
      outgoing?.destroy()
      reject(error)
    }
    const removeStop = onExpire?.(() => fail(new RequestFailure('read-timeout', 'canceled', { code: 'ECANCELED' })))
    const finish = (): void => {
      timers.clear()
      removeStop?.()
    }
    const timers = startTimers(limits, () => {
      const kind = isConnected ? 'read-timeout' : 'connect-timeout'
      fail(
        new RequestFailure(
          kind,
          isConnected ? 'timed out waiting for a response' : 'timed out waiting for a connection',
          { code: 'ETIMEDOUT' },
        ),
      )
    })
    try {
      const start = isSecure ? httpsRequest : httpRequest
      outgoing = start({ ...target, method, headers, agent, ...(isSecure ? tlsOptions(tls) : {}) })
    } catch (error) {
      fail(isUnsendable(error) ? error : classifyError(error as Error, false))
      return
    }
    outgoing.on('error', (error) => fail(classifyError(error, isConnected)))
    outgoing.on('socket', (socket) => {
      const connected = (): void => {
        isConnected = true
        timers.connected()
      }
      if (isSecure || socket.connecting) socket.once(isSecure ? 'secureConnect' : 'connect', connected)
      else connected()
    })
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = []
      let size = 0
      timers.received()
      response.on('data', (chunk: Buffer) => {
        timers.received()
        size += chunk.length
        if (size > MAX_BODY_BYTES) fail(new RequestFailure('invalid-response', `larger than ${MAX_BODY_BYTES} bytes`))
        else chunks.push(chunk)
      })
      response.on('error', (error) => fail(classifyError(error, true)))
      response.on('end', () => {
        finish()
        const status = response.statusCode ?? 0
        // Only a proxy sends this status; to CONNECT the agent has handled it.
        if (proxy !== undefined && status === 407) fail(new RequestFailure('proxy', 'status 407', { proxyStatus: 407 }))
        else resolve({ status, headers: response.headers, body: Buffer.concat(chunks) })
      })
    })
    outgoing.end(body)
  })
}

/** @throws RequestFailure `unreachable` for text that is not an `http:` or `https:` URL */
export function targetOf(url: string): Target {
  const { protocol, hostname, port, pathname, search } = parseUrl(url)
  if (protocol !== 'http:' && protocol !== 'https:') throw new RequestFailure('unreachable', 'not an http or https URL')
  const address = hostname.replace(/^\[|\]$/g, '')
  return { protocol, hostname: address, port: port === '' ? undefined : Number(port), path: pathname + search }
}

function parseUrl(url: string): URL {
  if (URL.canParse(url)) return new URL(url)
  throw new RequestFailure('unreachable', 'invalid URL')
}

/** A mistake of the caller's data, not of the network. */
function isUnsendable(error: unknown): boolean {
  return /^ERR_(INVALID_CHAR|UNESCAPED_CHARACTERS)$/.test((error as NodeJS.ErrnoException).code ?? '')
}

function startTimers({ connectSeconds, readSeconds, totalSeconds = 0 }: Limits, onExpire: () => void) {
  const start = (seconds: number) => (seconds > 0 ? setTimeout(onExpire, timeoutMs(seconds)) : undefined)
  const total = start(totalSeconds)
  let current = start(connectSeconds)
  let isCleared = false
  return {
    connected: (): void => {
      clearTimeout(current)
      if (!isCleared) current = start(readSeconds)
    },
    received: (): void => {
      if (!isCleared) current?.refresh()
    },
    clear: (): void => {
      isCleared = true
      clearTimeout(current)
      clearTimeout(total)
    },
  }
}

/** Node does not send a header value with these characters. https://nodejs.org/api/http.html#httpvalidateheadervaluename-value */
export const INVALID_IN_HEADER = /[^\t\x20-\x7e\x80-\xff]/
