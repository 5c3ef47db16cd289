import { checkServerIdentity, createSecureContext, type PeerCertificate, rootCertificates } from 'node:tls'
import { attempt } from '../errors.ts'

/** How the certificate of a server is verified. */
export interface Tls {
  /** PEM text that replaces the runtime's trust store; undefined: that store. */
  readonly ca?: string | undefined
  /** The name that the certificate must have; default: the host of the URL. */
  readonly servername?: string | undefined
  /** PEM texts of a client certificate. */
  readonly cert?: string
  readonly key?: string
}

/**
 * The options of every TLS connection. `rejectUnauthorized` is explicit, because NODE_TLS_REJECT_UNAUTHORIZED changes its
 * default. https://nodejs.org/api/cli.html#node_tls_reject_unauthorizedvalue
 */
export function tlsOptions({ ca, servername, cert, key }: Tls) {
  const client = cert === undefined ? {} : { cert, key }
  return { rejectUnauthorized: true, ca: ca ?? DEFAULT_CA, ...(servername ? { servername } : {}), ...client } as const
}

/**
 * The authorities that are trusted where no bundle is configured; undefined: those that Node trusts by default. In the
 * executable Bun would add those of SSL_CERT_FILE, which the AWS CLI does not read.
 * https://bun.com/docs/runtime/environment-variables
 */
const DEFAULT_CA = 'Bun' in globalThis ? [...rootCertificates] : undefined

/** A TLS option: the certificate must be one for this host name or IP address, whatever the other options are. */
export function requireIdentity(host: string) {
  return { checkServerIdentity: (_: string, certificate: PeerCertificate) => checkServerIdentity(host, certificate) }
}

/** Whether PEM texts are a client certificate and its key. */
export function isKeyPair(pair: { readonly cert: string; readonly key: string }): boolean {
  return attempt(() => createSecureContext(pair)) !== undefined
}
