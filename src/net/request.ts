import { type ClientRequest, request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { timeoutMs } from '../python/int.ts'
import { httpProxyAgent } from './agents.ts'

export interface Answer {
  readonly status: number
  readonly body: string
}

/** Why there is no answer: nobody reached (`connect`), or nobody answered in time (`timeout`). */
export interface NoAnswer {
  readonly failed: 'connect' | 'timeout'
  readonly why: string
}

/** More than this is no answer of a metadata service. */
const MAX_BODY_BYTES = 1 << 20

/**
 * Asks a metadata service of this machine or container once. They are asked by plain requests, with limits far below
 * those of a service of AWS, so none of the SDK's clients fits.
 *
 * @param proxy - for `http:` only
 * @param timeoutSeconds - for the connection and for each silence; the whole takes three times that at most
 */
export function ask(
  url: string,
  options: {
    readonly method?: 'GET' | 'PUT'
    readonly headers?: Record<string, string>
    readonly timeoutSeconds: number
    readonly proxy?: string | undefined
  },
): Promise<Answer | NoAnswer> {
  const { method = 'GET', headers = {}, timeoutSeconds, proxy } = options
  const start = url.startsWith('https:') ? httpsRequest : httpRequest
  return new Promise((resolve) => {
    let request: ClientRequest
    const fail = (failed: NoAnswer['failed'], why: string): void => {
      clearTimeout(limit)
      request?.destroy()
      resolve({ failed, why })
    }
    const limit = setTimeout(() => fail('timeout', 'no whole answer'), timeoutMs(timeoutSeconds * 3))
    try {
      request = start(url, { method, headers, ...(proxy ? { agent: httpProxyAgent(proxy) } : {}) })
    } catch (error) {
      fail('connect', (error as Error).message)
      return
    }
    request.setTimeout(timeoutMs(timeoutSeconds), () => fail('timeout', `no answer in ${timeoutSeconds} s`))
    request.on('error', (error: NodeJS.ErrnoException) => fail('connect', error.code ?? error.message))
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      let size = 0
      response.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > MAX_BODY_BYTES) fail('connect', 'the answer is too long')
        else chunks.push(chunk)
      })
      response.on('error', (error) => fail('connect', error.message))
      response.on('end', () => {
        clearTimeout(limit)
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') })
      })
    })
    request.end()
  })
}
