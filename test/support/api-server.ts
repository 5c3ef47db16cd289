import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { DISCOVERY, namespaceList, namespaceTable, selfSubjectReview, status } from './kubernetes-objects.ts'
import { type Verdict, type VerifyRequest, verifyToken } from './token-verifier.ts'

export interface ApiServerOptions extends Omit<VerifyRequest, 'token' | 'now'> {
  /** Key and certificate for 127.0.0.1, in PEM. */
  tls: { key: string; cert: string }
  /** The clock of the server; default: the system clock. */
  now?: () => Date
  /** Whether an authenticated identity has an access entry or mapping; default: always. */
  isMapped?: (accessKeyId: string) => boolean
  /** A reply in place of the regular one; undefined: the regular one. */
  respond?: (request: IncomingMessage) => Reply | undefined
}

export interface ApiServer {
  url: string
  /** All requests, in order, without tokens. */
  seen: { request: string; verdict: Verdict }[]
  close: () => Promise<void>
}

/**
 * Starts a Kubernetes API server on loopback, sufficient for `kubectl get namespaces`, `kubectl version` and
 * `kubectl auth whoami`. It authenticates tokens as EKS does.
 */
export async function startApiServer({
  tls,
  now = () => new Date(),
  isMapped = () => true,
  respond = () => undefined,
  ...trust
}: ApiServerOptions): Promise<ApiServer> {
  const seen: ApiServer['seen'] = []
  const server = createServer(tls, (request, response) => {
    const token = /^Bearer (.*)$/.exec(request.headers.authorization ?? '')?.[1]
    const verdict: Verdict =
      token === undefined
        ? { ok: false, reason: 'no bearer token', passed: [] }
        : verifyToken({ ...trust, token, now: now() })
    seen.push({ request: `${request.method} ${request.url}`, verdict })
    const isAuthenticated = verdict.ok && isMapped(verdict.accessKeyId)
    // As on EKS, /version requires no authentication.
    const isPublic = token === undefined && request.url === '/version'
    const caller = verdict.ok ? verdict.accessKeyId : ''
    const reply = isAuthenticated || isPublic ? handle(request, caller) : UNAUTHORIZED
    const [code, body] = respond(request) ?? reply
    response.writeHead(code, { 'content-type': 'application/json' })
    // A watch in which nothing happens, for a short time.
    if (isAuthenticated && /[?&]watch=true/.test(request.url ?? ''))
      setTimeout(() => response.end(), WATCH_MILLISECONDS)
    else response.end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const WATCH_MILLISECONDS = 50

export type Reply = [code: number, body: object]

const UNAUTHORIZED: Reply = [401, status(401, 'Unauthorized', 'Unauthorized')]

function handle({ method, url = '', headers }: IncomingMessage, accessKeyId: string): Reply {
  const path = url.replace(/\?.*/, '')
  const discovered = DISCOVERY[path]
  if (discovered !== undefined) return [200, discovered]
  if (path === '/api/v1/namespaces' && method === 'GET') {
    return [200, headers.accept?.includes('as=Table') ? namespaceTable : namespaceList]
  }
  if (path === '/apis/authentication.k8s.io/v1/selfsubjectreviews' && method === 'POST') {
    return [201, selfSubjectReview(accessKeyId)]
  }
  return [404, status(404, 'NotFound', 'the server could not find the requested resource')]
}
