import { createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'

export interface LoopbackServer {
  readonly port: number
  /** What clients have sent, each connection one text, in the order of the connections. */
  readonly received: string[]
  readonly close: () => Promise<void>
}

/** A TCP server on 127.0.0.1, or a TLS server with these options, that handles each connection with a function. */
export async function startServer(
  onConnection: (socket: Socket, firstData: Promise<string>) => void,
  tls?: TlsOptions,
): Promise<LoopbackServer> {
  const received: string[] = []
  const sockets = new Set<Socket>()
  const handle = (socket: Socket): void => {
    const index = received.push('') - 1
    sockets.add(socket)
    // A client that gives up is no failure of the test.
    socket.on('error', () => {})
    const firstData = new Promise<string>((resolve) => {
      socket.on('data', (data) => {
        received[index] += data.toString('latin1')
        resolve(data.toString('latin1'))
      })
    })
    onConnection(socket, firstData)
  }
  const server: Server = tls ? createTlsServer(tls, handle) : createTcpServer(handle)
  server.on('tlsClientError', () => {})
  server.on('connection', (socket: Socket) => {
    socket.on('error', () => {})
    sockets.add(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    received,
    close: () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      return closed
    },
  }
}

/** Sends this text once the client has sent something, then closes the connection. */
export function respond(text: string) {
  return (socket: Socket, firstData: Promise<string>): void => {
    firstData.then(() => socket.end(text))
  }
}

export const silence = (): void => {}

export const hangUp = (socket: Socket, firstData: Promise<string>): void => {
  firstData.then(() => socket.destroy())
}

export function httpResponse(status: number, body = '', headers: readonly string[] = []): string {
  const lines = [
    `HTTP/1.1 ${status} Text`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    ...headers,
  ]
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}
