import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'

export interface SocksServer {
  readonly port: number
  /** What clients asked for: `socks5 host:port`, with the user where there is one. */
  readonly requests: string[]
  readonly close: () => Promise<void>
}

/**
 * A SOCKS proxy of version 4(a) and 5 that connects to loopback, whatever the name.
 *
 * @param options.port - the port to connect to in place of the requested one
 * @param options.login - `user:password` that version 5 requires
 * @param options.refuses - the destination is refused
 */
export async function startSocksServer(
  options: { readonly port?: number; readonly login?: string; readonly refuses?: boolean } = {},
): Promise<SocksServer> {
  const requests: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    handle(socket, requests, options).catch(() => socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    close: () => {
      for (const socket of sockets) socket.destroy()
      return new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

async function handle(
  socket: Socket,
  requests: string[],
  { port: fixedPort, login, refuses = false }: { port?: number; login?: string; refuses?: boolean },
): Promise<void> {
  const first = await next(socket)
  if (first[0] === 4) {
    const [, domain] = first.subarray(8).toString('latin1').split('\0')
    const address = first[4] === 0 ? (domain ?? '') : [...first.subarray(4, 8)].join('.')
    requests.push(`socks4 ${address}:${first.readUInt16BE(2)}`)
    pipe(socket, fixedPort ?? first.readUInt16BE(2), Buffer.from([0, refuses ? 91 : 90, 0, 0, 0, 0, 0, 0]), refuses)
    return
  }
  let user = ''
  socket.write(Buffer.from([5, login === undefined ? 0 : 2]))
  if (login !== undefined) {
    const message = await next(socket)
    const userLength = message[1] ?? 0
    user = `${message.subarray(2, 2 + userLength)}:${message.subarray(3 + userLength)}`
    socket.write(Buffer.from([1, user === login ? 0 : 1]))
    if (user !== login) return
  }
  const request = await next(socket)
  const host =
    request[3] === 3
      ? request.subarray(5, 5 + (request[4] ?? 0)).toString('latin1')
      : [...request.subarray(4, request.length - 2)].join('.')
  const port = request.readUInt16BE(request.length - 2)
  requests.push(`socks5 ${user === '' ? '' : `${user}@`}${host}:${port}`)
  pipe(socket, fixedPort ?? port, Buffer.from([5, refuses ? 5 : 0, 0, 1, 0, 0, 0, 0, 0, 0]), refuses)
}

function next(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    socket.once('data', resolve)
    socket.once('close', () => reject(new Error('closed')))
  })
}

function pipe(socket: Socket, port: number, reply: Buffer, refuses: boolean): void {
  if (refuses) {
    socket.end(reply)
    return
  }
  const endpoint = connect(port, '127.0.0.1')
  endpoint.on('error', () => socket.destroy())
  endpoint.on('close', () => socket.destroy())
  socket.write(reply)
  socket.pipe(endpoint)
  endpoint.pipe(socket)
}
