import { splitUrl } from '../../python/urls.ts'
import { PREFIX } from '../token.ts'

/** The parts of a token. From the first part that cannot be parsed on, all are undefined. */
export interface TokenUrl {
  readonly token: string
  readonly bytes: number
  readonly hasPrefix: boolean
  /** The decoded text. It is untrusted, and must not be printed without sanitizing. */
  readonly text: string | undefined
  readonly url: SignedUrl | undefined
  /** Decoded, in order. */
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

/** Never throws. */
export function parseTokenUrl(token: string): TokenUrl {
  const hasPrefix = token.startsWith(PREFIX)
  const text = hasPrefix ? decode(token.slice(PREFIX.length)) : undefined
  const url = text === undefined ? undefined : parseSignedUrl(text)
  return {
    token,
    bytes: Buffer.byteLength(token),
    hasPrefix,
    text,
    url,
    parameters: url && parseQuery(url.query),
  }
}

/** Decodes unpadded base64url, up to 1 MiB. */
function decode(body: string): string | undefined {
  if (body.length > 1 << 20 || !/^[\w-]+$/.test(body) || body.length % 4 === 1) return undefined
  return Buffer.from(body, 'base64url').toString('utf8')
}

/** `URL` would lower-case the host and drop port 443, both of which the checks have to see. */
function parseSignedUrl(text: string): SignedUrl | undefined {
  if (!/^[\x21-\x7e]+$/.test(text) || !/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return undefined
  const { authority, path, query, fragment } = splitUrl(text)
  return { scheme: text.slice(0, text.indexOf(':')), authority, path, query, fragment }
}

/** As Go's url.ParseQuery; undefined for a semicolon or an invalid escape. */
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
