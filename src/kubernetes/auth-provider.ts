import { attempt } from '../errors.ts'
import { field } from '../json.ts'
import { isCertificate } from '../net/pem.ts'
import { redactValue } from '../redact.ts'
import type { ConfigProblem } from './config-problems.ts'
import type { AuthProvider } from './kubeconfig/config-types.ts'
import { goBase64 } from './kubeconfig/go-scalar.ts'

type ReadText = (path: string) => string | undefined

/**
 * Why kubectl cannot use an `auth-provider`. It sets it up also where the user has other credentials, which it then sends.
 * https://github.com/kubernetes/client-go/blob/v0.34.1/plugin/pkg/client/auth/oidc/oidc.go (newOIDCAuthProvider)
 * https://github.com/kubernetes/client-go/blob/v0.34.1/plugin/pkg/client/auth/plugins_stub.go
 */
export function authProviderProblem({ name, config }: AuthProvider, readText: ReadText): ConfigProblem | undefined {
  const remedy = 'remove auth-provider from the user'
  if (name === 'gcp' || name === 'azure') {
    return { message: `auth-provider ${name} was removed from kubectl`, remedy }
  }
  if (name !== 'oidc') return { message: `kubectl does not support auth-provider "${redactValue(name)}"`, remedy }
  for (const key of ['idp-issuer-url', 'client-id']) {
    if (!config[key]) return { message: `auth-provider oidc has no ${key}`, remedy: `add ${key}, or ${remedy}` }
  }
  const { 'idp-certificate-authority': file, 'idp-certificate-authority-data': data } = config
  const bytes = data ? goBase64(data) : undefined
  if (data && !bytes) {
    return {
      message: 'idp-certificate-authority-data of auth-provider is not valid base64',
      remedy: 'correct the value',
    }
  }
  const pem = bytes ? bytes.toString('utf8') : file ? readText(file) : undefined
  if (file && !bytes && pem === undefined) {
    return {
      message: `idp-certificate-authority of auth-provider, ${file}, cannot be read`,
      remedy: 'correct the path',
    }
  }
  if (pem === undefined || hasCertificate(pem)) return undefined
  const key = bytes ? 'idp-certificate-authority-data' : 'idp-certificate-authority'
  return { message: `${key} of auth-provider contains no certificate in PEM format`, remedy: `correct ${key}` }
}

function hasCertificate(pem: string): boolean {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []
  return blocks.some(isCertificate)
}

/** kubectl refreshes a token that expires sooner. */
const EXPIRY_DELTA_SECONDS = 10

export type IdToken =
  | { readonly token: string }
  /** kubectl requests a new one from the issuer. */
  | { readonly isRefreshed: true }
  /** Why kubectl fails. */
  | { readonly problem: string }

/**
 * The token that kubectl sends where the user has no other credentials.
 * https://github.com/kubernetes/client-go/blob/v0.34.1/plugin/pkg/client/auth/oidc/oidc.go (idToken)
 */
export function idToken({ config }: AuthProvider, now: Date): IdToken {
  const { 'id-token': token, 'refresh-token': refreshToken } = config
  if (token) {
    const expiresAt = expiryOf(token)
    if (expiresAt === undefined) return { problem: 'id-token of auth-provider is not a valid JWT' }
    if (now.getTime() / 1000 + EXPIRY_DELTA_SECONDS < expiresAt) return { token }
  }
  if (refreshToken) return { isRefreshed: true }
  const what = token ? 'id-token of auth-provider has expired' : 'auth-provider has no id-token'
  return { problem: `${what}, and there is no refresh-token` }
}

/** Seconds since 1970; undefined: not a JWT. */
function expiryOf(token: string): number | undefined {
  const parts = token.split('.')
  if (parts.length !== 3) return undefined
  const payload = Buffer.from(parts[1] ?? '', 'base64url').toString('utf8')
  const claims: unknown = attempt(() => JSON.parse(payload))
  if (typeof claims !== 'object' || claims === null) return undefined
  const expiry = field(claims, 'exp') ?? 0
  return typeof expiry === 'number' ? expiry : undefined
}
