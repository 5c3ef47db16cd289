import { createHash, createHmac } from 'node:crypto'
import { secretFor } from '../support/local-aws/temporary-credentials.ts'

/** The parts of a token's URL, under the names that the cases use. */
export interface TokenUrl {
  scheme: string
  host: string
  path: string
  credentialRegion: string | null
  accessKeyId: string | null
  hasSecurityToken: boolean
  securityToken: string | null
  signedHeaders: string | null
  expires: number | null
  /** The one of the candidates that was signed; null: unsigned; false: none of them. */
  signedClusterId: string | null | false
  unsigned?: true
}

/** @throws {TypeError} where the token holds no URL */
export function rawUrlOf(token: string): string {
  const raw = Buffer.from(token.replace('k8s-aws-v1.', ''), 'base64url').toString('utf8')
  new URL(raw)
  return raw
}

export function readTokenUrl(raw: string, clusterIds: readonly string[]): TokenUrl {
  const url = new URL(raw)
  const parameter = (name: string) => url.searchParams.get(name)
  const [accessKeyId = '', , region = null] = parameter('X-Amz-Credential')?.split('/') ?? []
  const expires = parameter('X-Amz-Expires')
  return {
    scheme: url.protocol.slice(0, -1),
    host: url.host,
    path: url.pathname,
    credentialRegion: region,
    accessKeyId: accessKeyId || null,
    hasSecurityToken: url.searchParams.has('X-Amz-Security-Token'),
    securityToken: parameter('X-Amz-Security-Token'),
    signedHeaders: parameter('X-Amz-SignedHeaders'),
    expires: expires === null ? null : Number(expires),
    signedClusterId:
      parameter('X-Amz-Signature') === null ? null : (clusterIds.find((id) => isSignedFor(url, id)) ?? false),
    ...(parameter('X-Amz-Algorithm') === null ? { unsigned: true } : {}),
  }
}

/**
 * SigV4 for a presigned GET, once more and on its own feet: what it shares with the program under test would hide
 * that program's mistakes.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
function isSignedFor(url: URL, clusterId: string): boolean {
  const [accessKeyId = '', ...scope] = url.searchParams.get('X-Amz-Credential')?.split('/') ?? []
  const query = [...url.searchParams]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map((pair) => pair.map(percentEncode).join('='))
    // Parameter names are all ASCII, and none is the beginning of another one.
    .sort()
    .join('&')
  const headers = [`host:${url.host}`, `x-k8s-aws-id:${clusterId.trim().replace(/\s+/g, ' ')}`, '']
  const request = ['GET', url.pathname, query, ...headers, 'host;x-k8s-aws-id', sha256('')].join('\n')
  const date = url.searchParams.get('X-Amz-Date')
  const toSign = ['AWS4-HMAC-SHA256', date, scope.join('/'), sha256(request)].join('\n')
  const key = scope.reduce<string | Buffer>((parent, part) => hmac(parent, part), `AWS4${secretFor(accessKeyId)}`)
  return hmac(key, toSign).toString('hex') === url.searchParams.get('X-Amz-Signature')
}

const PARAMETERS = [
  'Action',
  'Version',
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Date',
  'X-Amz-Expires',
  'X-Amz-SignedHeaders',
  'X-Amz-Security-Token',
  'X-Amz-Signature',
]

/** The AWS CLI's order of parameters and its encoding, which make tokens equal byte for byte. */
export function isWrittenAsTheAwsCliDoes(raw: string): boolean {
  const { searchParams } = new URL(raw)
  const query = PARAMETERS.filter((name) => searchParams.has(name)).map(
    (name) => `${name}=${percentEncode(searchParams.get(name) ?? '')}`,
  )
  return raw.endsWith(query.length === 0 ? '/' : `?${query.join('&')}`)
}

function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
