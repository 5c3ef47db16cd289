import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An error of a service, whose text may quote the request. */
export interface QuotedError {
  readonly code: string
  readonly message: string
  /** The code is in the header of JSON protocols, not in the body. */
  readonly inHeader?: boolean
}

/** A response of a service to a request that contains these secrets: an error, or the body of a success. */
export type QuotingResponse = QuotedError | { readonly body: object }

export interface QuotingService {
  /** Plain HTTP on 127.0.0.1, for all services. */
  readonly endpoint: string
  /** The secrets that were sent to it since {@link QuotingService.respond}. */
  readonly received: () => ReadonlySet<string>
  /** What it responds from now on. `operation` is the action of STS or the path. */
  readonly respond: (response: (secrets: readonly string[], operation: string) => QuotingResponse) => void
  readonly close: () => void
}

/** What the page of a sign-in redirects the browser with. */
export const AUTHORIZATION_CODE = 'AUTHORIZATIONCODEexample0123456789'

/**
 * A service that knows secrets when it sees them, in the header fields or the body of a request, and quotes them.
 *
 * @param secrets - those that it looks for
 */
export async function startQuotingService(secrets: readonly string[]): Promise<QuotingService> {
  let received = new Set<string>()
  let respond: Parameters<QuotingService['respond']>[0] = () => ({ code: '', message: '' })
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (data) => {
      body += data
    })
    request.on('end', () => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://service')
      const redirectUri = searchParams.get('redirect_uri')
      if (redirectUri !== null) {
        const location = `${redirectUri}?code=${AUTHORIZATION_CODE}&state=${searchParams.get('state')}`
        response.writeHead(302, { location }).end()
        return
      }
      const sent = secretsIn(secrets, request.headers, body)
      for (const secret of sent) received.add(secret)
      const action = new URLSearchParams(body).get('Action')
      const given = respond(sent, action ?? pathname)
      if ('body' in given) {
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(given.body))
        return
      }
      const { code, message, inHeader = false } = given
      response.writeHead(403, {
        'content-type': action === null ? 'application/json' : 'text/xml',
        ...(inHeader ? { 'x-amzn-errortype': code } : {}),
      })
      const xml = (value: string) => value.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
      response.end(
        action === null
          ? JSON.stringify({
              ...(inHeader ? {} : { __type: code, code, error: code }),
              message,
              Message: message,
              error_description: message,
            })
          : `<ErrorResponse><Error><Type>Sender</Type><Code>${xml(code)}</Code><Message>${xml(message)}</Message></Error></ErrorResponse>`,
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: () => received,
    respond: (next) => {
      respond = next
      received = new Set()
    },
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

function secretsIn(secrets: readonly string[], headers: IncomingHttpHeaders, body: string): string[] {
  const texts = [
    JSON.stringify(Object.values(headers)),
    body,
    [...new URLSearchParams(body).values()].join('\n'),
    Object.values(headers).join('\n'),
  ]
  return secrets.filter((secret) =>
    texts.some((text) => text.includes(secret) || text.includes(JSON.stringify(secret).slice(1, -1))),
  )
}

/** A secret with the characters that encodings differ in. */
export const specialSecret = (name: string): string => `${name}+EXAMPLE/with=special~characters'and"quotes`
