import { X509Certificate } from 'node:crypto'
import { attempt } from '../errors.ts'

/** The forms that OpenSSL accepts. https://docs.openssl.org/3.0/man3/PEM_read_bio_X509/#notes */
const CERTIFICATE = /-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----/
const BLOCK = /-----BEGIN CERTIFICATE-----[^-]*(-----END CERTIFICATE-----)?/g

/**
 * Why a text has no CA certificate that can be used, as the end of a sentence; undefined: it has one.
 *
 * @param text - decoded as UTF-8, whatever it is
 */
export function pemProblem(text: string): string | undefined {
  if (!CERTIFICATE.test(text)) return `it has no certificate in PEM format${contentOf(text)}`
  const blocks = [...text.matchAll(BLOCK)]
  // One of the rare forms is left to the connection.
  if (blocks.length === 0 || blocks.some(([block]) => isCertificate(block))) return undefined
  return blocks.length === 1 && blocks[0]?.[1] === undefined
    ? 'its certificate is cut off: -----END CERTIFICATE----- is missing'
    : `${blocks.length === 1 ? 'its certificate is' : 'its certificates are'} damaged`
}

/** What the text is instead. */
function contentOf(text: string): string {
  if (text.trim() === '') return ': it is empty'
  if (text.includes('-\0-')) return ': it is UTF-16 text'
  // A sequence of more than 127 bytes.
  if (/^0[\ufffd\x81-\x84]/.test(text)) return ': it is in DER format'
  const [, label] = /-----BEGIN ([A-Z0-9 ]{1,40})-----/.exec(text) ?? []
  if (label !== undefined) return `: it contains ${label}`
  return /^\s*MI[A-Za-z0-9+/=\s]+$/.test(text) ? ': the line -----BEGIN CERTIFICATE----- is missing' : ''
}

/**
 * Whether a PEM text is a certificate. Not by a secure context: BoringSSL, in the executable, would reject that of a CA as one of
 * a client.
 */
export function isCertificate(pem: string): boolean {
  return attempt(() => new X509Certificate(pem)) !== undefined
}
