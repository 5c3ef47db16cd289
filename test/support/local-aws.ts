import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { TlsOptions } from 'node:tls'
import { type CertificateAuthority, createCertificateAuthority } from './certificates.ts'
import { container } from './local-aws/container.ts'
import { eks } from './local-aws/eks.ts'
import type { Behavior, Call, ReceivedRequest, Service, ServiceResponse, Via } from './local-aws/exchange.ts'
import { instanceMetadata } from './local-aws/instance-metadata.ts'
import { createOidc, type Oidc } from './local-aws/oidc.ts'
import { signIn } from './local-aws/sign-in.ts'
import { ssoOidc, ssoPortal } from './local-aws/sso.ts'
import { sts } from './local-aws/sts.ts'

export interface LocalAwsOptions {
  /** Issues certificates for all host names, and is not closed with the local AWS. Default: one that is. */
  authority?: CertificateAuthority
  /** Also serve the fixed addresses of ECS, EKS Pod Identity and EC2, port 80. Only inside `netns.sh`, one at a time. */
  linkLocal?: boolean
  behavior?: Behavior
}

export interface LocalAws {
  /** Issues the certificates of all host names. */
  authority: CertificateAuthority
  /** Plain HTTP on 127.0.0.1, and at the same time an HTTPS proxy (CONNECT) that shows which hosts clients connect to. */
  port: number
  /** HTTPS without a proxy. */
  tlsPort: number
  /** Every call in its order. */
  calls: Call[]
  /** The same calls as received, with their secrets. */
  requests: ReceivedRequest[]
  /** The number of CONNECT requests, and of TLS handshakes that a client aborted. */
  connects: number
  tlsErrors: number
  /** Sign-ins to IAM Identity Center. */
  oidc: Oidc
  /** Clears the recorded calls, and sets the behavior of the next ones. */
  reset: (behavior?: Behavior) => void
  close: () => Promise<void>
}

/** The first service that accepts a request handles it. */
const SERVICES: readonly Service[] = [instanceMetadata, container, ssoPortal, ssoOidc, signIn, eks, sts]

const LINK_LOCAL_ADDRESSES = ['169.254.170.2', '169.254.170.23', '169.254.169.254', 'fd00:ec2::23']

/** Everything that `aws eks get-token` may call, on loopback, recorded. */
export async function startLocalAws(options: LocalAwsOptions = {}): Promise<LocalAws> {
  const { linkLocal, behavior = {}, authority = await createCertificateAuthority() } = options
  const localAws: Omit<LocalAws, 'port' | 'tlsPort' | 'close'> = {
    authority,
    calls: [],
    requests: [],
    connects: 0,
    tlsErrors: 0,
    oidc: createOidc(),
    reset: (next = {}) => {
      Object.assign(localAws, { calls: [], requests: [], connects: 0, tlsErrors: 0, oidc: createOidc() })
      current = next
    },
  }
  let current = behavior
  const handlerFor = (via: Via) => async (message: IncomingMessage, response: ServerResponse) => {
    const request = await receive(message, via)
    if (request === undefined) return
    const { call, response: serviceResponse, delayMs } = handle(request, current, localAws.oidc)
    localAws.requests.push(request)
    localAws.calls.push(call)
    setTimeout(() => send(serviceResponse, message.socket, response), delayMs)
  }

  const tls: TlsOptions = {
    // For clients that send no server name, because they connect to an address.
    ...(await authority.issue('localhost', '127.0.0.1')),
    SNICallback: (host, done) => {
      authority.secureContext(host).then(
        (context) => done(null, context),
        (error: Error) => done(error),
      )
    },
  }
  const behindProxy = createHttpsServer(tls, handlerFor('proxy'))
  behindProxy.on('tlsClientError', () => localAws.tlsErrors++)
  const plain = createHttpServer(handlerFor('direct'))
  plain.on('connect', (_request, socket: Socket, head: Buffer) => {
    localAws.connects++
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    socket.unshift(head)
    behindProxy.emit('connection', socket)
  })
  const direct = createHttpsServer(tls, handlerFor('tls'))

  const listening = [
    { server: plain, port: 0, address: '127.0.0.1' },
    { server: direct, port: 0, address: '127.0.0.1' },
    ...(linkLocal ? LINK_LOCAL_ADDRESSES : []).map((address) => {
      return { server: createHttpServer(handlerFor('linklocal')), port: 80, address }
    }),
  ]
  const closers = await Promise.all(listening.map(({ server, port, address }) => listen(server, port, address)))
  return Object.assign(localAws, {
    port: portOf(plain),
    tlsPort: portOf(direct),
    close: async () => {
      await Promise.all(closers.map((close) => close()))
      if (!options.authority) await authority.close()
    },
  })
}

function handle(
  request: ReceivedRequest,
  behavior: Behavior,
  oidc: Oidc,
): { call: Call; response: ServiceResponse; delayMs: number } {
  for (const service of [oidc.service, ...SERVICES]) {
    const handled = service(request, behavior)
    if (handled === undefined) continue
    const { method, url, via } = request
    const host = request.headers.host ?? ''
    const signature = signedBy(request)
    const call: Call = {
      via,
      host: /^(127\.0\.0\.1|localhost)/.test(host) ? '{{MOCKHOST}}' : host,
      method,
      path: url.pathname,
      ...(signature === undefined ? {} : { signedBy: signature }),
      ...handled.call,
    }
    return { call, response: handled.response, delayMs: behavior.delayMs?.[call.service] ?? 0 }
  }
  throw new Error(`no service accepts ${request.method} ${request.url.pathname}`)
}

function signedBy({ headers }: ReceivedRequest): Call['signedBy'] {
  const scope = /Credential=([^/]+)\/\d+\/([^/]*)\/([^/]+)\//.exec(headers.authorization ?? '')
  if (scope === null) return undefined
  const [, accessKeyId = '', region = '', service = ''] = scope
  return { accessKeyId, region, service, sessionToken: (headers['x-amz-security-token'] ?? '') !== '' }
}

/** @returns undefined if the client was killed before the end of its request */
async function receive(message: IncomingMessage, via: Via): Promise<ReceivedRequest | undefined> {
  const { method = '', url = '/', headers } = message
  try {
    const chunks: Buffer[] = []
    for await (const chunk of message) chunks.push(chunk)
    const body = Buffer.concat(chunks).toString('utf8')
    return { via, method, url: new URL(url, 'http://local-aws'), headers, body }
  } catch {
    message.socket.destroy()
    return undefined
  }
}

function send(content: ServiceResponse, socket: Socket, response: ServerResponse): void {
  if (content === 'reset') socket.destroy()
  else if (content !== 'silence') {
    response.writeHead(content.status, { 'content-type': content.type, ...content.headers }).end(content.body)
  }
}

/** @returns a function that closes the server and its open connections */
async function listen(server: Server, port: number, address: string): Promise<() => Promise<void>> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    // A client that was killed is not an error of the test.
    socket.on('error', () => {})
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, address, resolve)
  })
  return async () => {
    const closed = new Promise((resolve) => server.close(resolve))
    for (const socket of sockets) socket.destroy()
    await closed
  }
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}
