import { idToken } from './auth-provider.ts'
import type { UserAccess } from './context.ts'

/** The credentials of a user that kubectl sends without running the exec block. */
export interface StaticCredentials {
  /** As in the kubeconfig: `token`, `tokenFile`, `username`, `client-certificate`, `auth-provider`. */
  readonly key: string
  /** Value of the Authorization header; undefined: none. */
  readonly authorization: string | undefined
  /** PEM texts. */
  readonly certificate: { readonly cert: string; readonly key: string } | undefined
}

/** What kubectl sends, or why that is unknown. */
export type UserCredentials =
  | StaticCredentials
  /** kubectl fails. */
  | { readonly problem: string; readonly key: string }
  /** kubectl requests a token from the issuer of `auth-provider`. */
  | { readonly isRefreshed: true }

/** The text of a file; undefined: it cannot be read. */
type ReadText = (path: string) => string | undefined

/**
 * The credentials that kubectl uses instead of the exec block: where a user has one of these, the block is not run.
 * https://github.com/kubernetes/client-go/blob/v0.34.1/plugin/pkg/client/auth/exec/exec.go (UpdateTransportConfig)
 *
 * @returns undefined: none
 */
export function staticCredentials(user: UserAccess, readText: ReadText, now: Date): UserCredentials | undefined {
  const bearer = (key: string, token: string, certificate?: StaticCredentials['certificate']) => {
    return { key, authorization: `Bearer ${token}`, certificate }
  }
  if (user.token !== '') return bearer('token', user.token)
  if (user.tokenFile !== '') {
    const token = readText(user.tokenFile)?.trim()
    if (token) return bearer('tokenFile', token)
    const why = token === undefined ? 'cannot be read' : 'is empty'
    return { problem: `tokenFile of the user ${why}: ${user.tokenFile}`, key: 'tokenFile' }
  }
  if (user.username !== '') {
    const basic = Buffer.from(`${user.username}:${user.password}`).toString('base64')
    return { key: 'username', authorization: `Basic ${basic}`, certificate: undefined }
  }
  const cert = user.clientCertificateData || (user.clientCertificate && readText(user.clientCertificate))
  const key = user.clientKeyData || (user.clientKey && readText(user.clientKey))
  const certificate = cert && key ? { cert, key } : undefined
  if (user.authProvider) {
    const found = idToken(user.authProvider, now)
    if ('problem' in found) return { ...found, key: 'auth-provider' }
    return 'token' in found ? bearer('auth-provider', found.token, certificate) : found
  }
  return certificate && { key: 'client-certificate', authorization: undefined, certificate }
}

/** The headers of `as`, `as-uid`, `as-groups` and `as-user-extra`. */
export function impersonationHeaders(user: UserAccess): Record<string, string | string[]> {
  if (user.impersonate === '') return {}
  const headers: Record<string, string | string[]> = { 'Impersonate-User': latin1(user.impersonate) }
  if (user.impersonateUid !== '') headers['Impersonate-Uid'] = latin1(user.impersonateUid)
  if (user.impersonateGroups.length > 0) headers['Impersonate-Group'] = user.impersonateGroups.map(latin1)
  for (const [name, values] of Object.entries(user.impersonateExtra)) {
    if (values.length > 0) headers[`Impersonate-Extra-${headerName(name)}`] = values.map(latin1)
  }
  return headers
}

/** Node writes headers in Latin-1; kubectl sends UTF-8. */
function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

/** https://github.com/kubernetes/client-go/blob/v0.34.1/transport/round_trippers.go (headerKeyEscape) */
function headerName(name: string): string {
  return [...Buffer.from(name, 'utf8')]
    .map((byte) => {
      const char = String.fromCharCode(byte)
      return /[!#$&'*+.^_`|~0-9A-Za-z-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')
}
