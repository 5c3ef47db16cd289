import { sha1Hex } from '../credentials/cache/hash.ts'
import { ssoCacheDir } from '../credentials/cache/paths.ts'
import { readSharedFile } from '../credentials/cache/shared-file.ts'
import { parseExpiration } from '../credentials/credentials.ts'
import { asList, field, textField, tryParseJson } from '../json.ts'
import { escapeNonAscii } from '../redact.ts'
import type { Runtime } from '../runtime.ts'
import type { SsoLogin } from './login.ts'
import { requireHome } from './login-store.ts'

/** The client that this machine is registered as, in the AWS CLI's cache. */
export interface ClientRegistration {
  readonly clientId: string
  readonly clientSecret: string
  /** ISO 8601 in seconds. */
  readonly expiresAt: string
  readonly scopes?: readonly string[] | undefined
  /** undefined: the device code grant. */
  readonly grantTypes?: readonly string[] | undefined
}

/** A registration is reused if it is valid for at least this long, in seconds. */
const MIN_REUSE_SECONDS = 15 * 60

/**
 * The file of a registration: named after everything that it is bound to.
 * https://github.com/aws/aws-cli/blob/2.36.7/awscli/botocore/utils.py (_registration_cache_key)
 */
export function registrationFile({ region, scopes, session, startUrl }: SsoLogin, runtime: Runtime): string {
  const text = (value: string | undefined): string => (value === undefined ? 'null' : JSON.stringify(value))
  const list = scopes.length === 0 ? 'null' : `[${scopes.map(text).join(', ')}]`
  const key =
    `{"region": ${text(region)}, "scopes": ${list}, "session_name": ${text(session)}, ` +
    `"startUrl": ${text(startUrl)}, "tool": "botocore"}`
  return `${ssoCacheDir(requireHome(runtime))}/${sha1Hex(escapeNonAscii(key))}.json`
}

/** @returns undefined if it is missing, about to expire, or for another grant */
export function readRegistration(
  file: string,
  grantType: 'authorization_code' | 'device_code',
  { userId, now }: Runtime,
): ClientRegistration | undefined {
  const shared = readSharedFile(file, userId)
  const content = 'text' in shared ? tryParseJson(shared.text) : undefined
  const [clientId, clientSecret, expiresAt] = ['clientId', 'clientSecret', 'expiresAt'].map((key) => {
    return textField(content, key)
  })
  const expiration = parseExpiration(expiresAt ?? '')
  if (!clientId || !clientSecret || !expiresAt || !expiration) return undefined
  if (expiration.getTime() - now().getTime() < MIN_REUSE_SECONDS * 1000) return undefined
  const isForCode = asList(field(content, 'grantTypes')).includes('authorization_code')
  if (isForCode !== (grantType === 'authorization_code')) return undefined
  return { clientId, clientSecret, expiresAt }
}
