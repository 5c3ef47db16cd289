import { splitUrl } from '../../python/urls.ts'
import { PREFIX } from '../token.ts'

/** A token taken apart as far as it goes; what is undefined could not be read, and then nothing after it could. */
export interface TokenUrl {
  readonly token: string
  readonly bytes: number
  readonly hasPrefix: boolean
  /** The decoded text. Whoever made the token wrote it: it is not for showing as it is. */
  readonly text: string | undefined
  readonly url: SignedUrl | undefined
  /** Decoded, in their order. */
  readonly parameters: readonly (readonly [name: string, value: string])[] | undefined
}

export interface SignedUrl {
  readonly scheme: string
  /** User info, host and port, as written. */
  readonly authority: string
  readonly path: string
  readonly query: string
  readonly fragment: string
}

/** Never throws; reads no more of a token than the server's limit by far. */
export function parseTokenUrl(token: string): TokenUrl {
  const hasPrefix = token.startsWith(PREFIX)
  const text = hasPrefix ? decode(token.slice(PREFIX.length)) : undefined
  const url = text === undefined ? undefined : parse(text)
  return {
    token,
    bytes: Buffer.byteLength(token),
    hasPrefix,
    text,
    url,
    parameters: url && parseQuery(url.query),
  }
}

/** Raw base64url. A token of a megabyte is no token, and is not decoded to learn it. */
function decode(body: string): string | undefined {
  if (body.length > 1 << 20 || !/^[\w-]+$/.test(body) || body.length % 4 === 1) return undefined
  return Buffer.from(body, 'base64url').toString('utf8')
}

/** `URL` would lower-case the host and drop the port 443: both are to be seen. */
function parse(text: string): SignedUrl | undefined {
  if (!/^[\x21-\x7e]+$/.test(text) || !/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return undefined
  const { authority, path, query, fragment } = splitUrl(text)
  return { scheme: text.slice(0, text.indexOf(':')), authority, path, query, fragment }
}

/** As Go's url.ParseQuery; undefined for a semicolon and for an escape that is none. */
function parseQuery(query: string): [string, string][] | undefined {
  if (query.includes(';')) return undefined
  try {
    return query
      .split('&')
      .filter((pair) => pair !== '')
      .map((pair) => {
        const [name = '', ...value] = pair.replaceAll('+', ' ').split('=')
        return [decodeURIComponent(name), decodeURIComponent(value.join('='))]
      })
  } catch {
    return undefined
  }
}
