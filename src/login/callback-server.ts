import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { EksTokenError } from '../errors.ts'
import { sanitizeLine } from '../redact.ts'
import {
  type CallbackPage,
  failurePage,
  NOT_FOUND,
  PAGE_HEADERS,
  renderPage,
  SEE_TERMINAL,
  successPage,
  UNKNOWN_SIGN_IN,
  USED,
} from './callback-page.ts'
import { isSameSecret } from './pkce.ts'

/** The path that is registered for command-line clients of AWS. */
const CALLBACK_PATH = '/oauth/callback'

export interface CallbackServer {
  /** `http://127.0.0.1:PORT/oauth/callback` */
  readonly redirectUri: string
  /**
   * The authorization code of the first callback with the right state. It rejects with `ERR_LOGIN` where that callback says
   * that the sign-in was denied.
   */
  readonly code: Promise<string>
  /**
   * Shows in the browser, which is kept waiting since its callback, how the sign-in has ended. Resolves when the page is
   * sent, and closes the server.
   */
  readonly finish: (outcome: SignInOutcome) => Promise<void>
  /** Closes the server and its connections; a second call does nothing. */
  readonly close: () => void
}

export type SignInOutcome =
  /** How the sentence "You are signed in" continues: `to session corp`, `as` and an ARN. */
  { readonly signedIn: string } | { readonly failure: string }

/** An authorization code has up to 2,000 characters; everything else is shorter. */
const MAX_HEADER_BYTES = 16 * 1024
/** A browser sends its request in one packet. */
const HEADERS_TIMEOUT_MS = 5000
/** Connections that have sent no complete request; the oldest makes room for a new one. */
const MAX_PENDING = 64
/** The exchange of the code ends earlier, or the browser refers to the terminal. */
const FINISH_TIMEOUT_MS = 60_000
/** For the transfer of a page of 3 KB on this machine. */
const SEND_TIMEOUT_MS = 1000

/**
 * Waits on 127.0.0.1, on no other interface, for the browser to deliver the authorization code. Only GET of
 * {@link CALLBACK_PATH} with the state of this sign-in counts, and only once; any other request gets a status of 4xx, and the
 * wait continues.
 * https://www.rfc-editor.org/rfc/rfc8252#section-7.3
 *
 * @param state - that of the authorization request
 * @throws EksTokenError `ERR_LOGIN` if no port can be opened
 */
export async function startCallbackServer({ state }: { readonly state: string }): Promise<CallbackServer> {
  let pending: { resolve: (code: string) => void; reject: (error: unknown) => void } | undefined
  const code = new Promise<string>((resolve, reject) => {
    pending = { resolve, reject }
  })
  // The caller may be waiting for something else when it rejects.
  code.catch(() => {})
  let browser: ServerResponse | undefined
  let timer: NodeJS.Timeout | undefined

  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const callback = parseCallback(request)
    if ('status' in callback) send(response, callback.status, callback.page)
    else if (!isSameSecret(callback.state, state)) send(response, 400, UNKNOWN_SIGN_IN)
    else if (!pending) send(response, 400, USED)
    else {
      const { resolve, reject } = pending
      pending = undefined
      if ('refusal' in callback) {
        send(response, 200, failurePage(callback.refusal))
        reject(refusedError(callback.refusal))
      } else {
        browser = response
        timer = setTimeout(() => send(response, 200, SEE_TERMINAL), FINISH_TIMEOUT_MS)
        resolve(callback.code)
      }
    }
  }
  const { server, sockets } = createLimitedServer(handle)
  await listen(server)
  const close = (): void => {
    clearTimeout(timer)
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  return {
    redirectUri: `http://127.0.0.1:${(server.address() as AddressInfo).port}${CALLBACK_PATH}`,
    code,
    finish: async (outcome) => {
      clearTimeout(timer)
      if (browser && !browser.writableEnded) {
        const page = 'failure' in outcome ? failurePage(outcome.failure) : successPage(outcome.signedIn)
        await sent(browser, page)
      }
      close()
    },
    close,
  }
}

/** A server that no other program on this machine can block: few bytes, little time, and a place for each new connection. */
function createLimitedServer(handle: (request: IncomingMessage, response: ServerResponse) => void) {
  const options = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: HEADERS_TIMEOUT_MS,
    connectionsCheckingInterval: 1000,
  }
  const sockets = new Set<Socket>()
  const pending = new Set<Socket>()
  const server = createServer(options, (request, response) => {
    pending.delete(request.socket)
    handle(request, response)
  })
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    pending.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      sockets.delete(socket)
      pending.delete(socket)
    })
    const [oldest] = pending
    if (pending.size > MAX_PENDING) oldest?.destroy()
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const status = STATUS_LINES[error.code ?? ''] ?? '400 Bad Request'
    if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
    // What a client continues to send is not read.
    socket.destroySoon()
  })
  return { server, sockets }
}

const STATUS_LINES: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const message = `the server for the browser's callback could not be started on 127.0.0.1 (${cause.code})`
      reject(new EksTokenError('ERR_LOGIN', message, { cause, remedy: 'sign in with --use-device-code' }))
    })
    server.listen(0, '127.0.0.1', resolve)
  })
}

type Callback =
  | { readonly status: number; readonly page: CallbackPage }
  | { readonly state: string; readonly code: string }
  | { readonly state: string; readonly refusal: string }

function parseCallback({ method, url = '', headersDistinct }: IncomingMessage): Callback {
  const [, path, query = ''] = /^([^?]*)(?:\?(.*))?$/.exec(url) ?? []
  if (path !== CALLBACK_PATH) return { status: 404, page: NOT_FOUND }
  if (method !== 'GET') return { status: 405, page: UNKNOWN_SIGN_IN }
  // A name that was made to point to this address (DNS rebinding).
  const [host = '', ...otherHosts] = headersDistinct.host ?? []
  if (otherHosts.length > 0 || !/^(127\.0\.0\.1|localhost)(:\d+)?$/i.test(host))
    return { status: 400, page: UNKNOWN_SIGN_IN }
  const parameters = new URLSearchParams(query)
  const single = (name: string): string | undefined => {
    const values = parameters.getAll(name)
    return values.length === 1 && values[0] ? values[0] : undefined
  }
  const [state, code] = [single('state'), single('code')]
  if (state === undefined) return { status: 400, page: UNKNOWN_SIGN_IN }
  if (parameters.has('error')) return { state, refusal: describeRefusal(parameters) }
  return code === undefined ? { status: 400, page: UNKNOWN_SIGN_IN } : { state, code }
}

/** https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1 */
function describeRefusal(parameters: URLSearchParams): string {
  const [error, description] = ['error', 'error_description'].map((name) => {
    return sanitizeLine(parameters.get(name) ?? '').slice(0, MAX_REFUSAL_CHARACTERS)
  })
  return [error, description].filter(Boolean).join(': ') || 'no reason was given'
}

const MAX_REFUSAL_CHARACTERS = 400

function refusedError(refusal: string): EksTokenError {
  return new EksTokenError('ERR_LOGIN', `the sign-in was denied in the browser: ${refusal}`, {
    remedy: 'sign in again, and allow access in the browser',
  })
}

function send(response: ServerResponse, status: number, page: CallbackPage): void {
  if (response.writableEnded || response.destroyed) return
  const body = renderPage(page)
  const headers = { ...PAGE_HEADERS, 'Content-Length': Buffer.byteLength(body) }
  response.writeHead(status, status === 405 ? { ...headers, Allow: 'GET' } : headers).end(body)
}

/** Resolves also where the browser has gone. */
function sent(response: ServerResponse, page: CallbackPage): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, SEND_TIMEOUT_MS)
    response.once('close', () => {
      clearTimeout(timer)
      resolve()
    })
    if (response.destroyed) resolve()
    else send(response, 200, page)
  })
}
