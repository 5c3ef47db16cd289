import { sha1 } from '@noble/hashes/legacy.js'
import { readPrivateFile, writeWholeFile } from './cache-file.ts'
import { type Credentials, parseExpiration } from './credentials.ts'
import type { Plan } from './plan.ts'

/**
 * Credentials of a cache are used while they last this long, in seconds: a shorter rest is fetched anew.
 * https://github.com/boto/botocore/blob/develop/botocore/credentials.py (_DEFAULT_ADVISORY_REFRESH_TIMEOUT)
 */
export const REUSE_SECONDS = 15 * 60

/**
 * The AWS CLI's cache file for a plan; undefined for a plan that it does not cache, and for a user without a home. Its name leaves out the source,
 * the region and the profile: two profiles with one role share a session, there and here.
 */
export function awsCacheFile(plan: Plan, homeDirectory: string | undefined): string | undefined {
  const key = homeDirectory === undefined ? undefined : awsCacheKey(plan)
  return key && `${homeDirectory}/.aws/cli/cache/${hex(sha1(new TextEncoder().encode(key)))}.json`
}

/** https://github.com/boto/botocore/blob/develop/botocore/credentials.py (_create_cache_key) */
export function awsCacheKey(plan: Plan): string | undefined {
  switch (plan.kind) {
    case 'assume-role':
      // The role of --role-arn is not cached by the AWS CLI.
      return plan.profile === undefined
        ? undefined
        : pythonJson({
            DurationSeconds: plan.durationSeconds,
            ExternalId: plan.externalId,
            RoleArn: plan.roleArn,
            RoleSessionName: plan.sessionName || undefined,
            SerialNumber: plan.mfaSerial,
          })
    case 'web-identity':
      return pythonJson({ RoleArn: plan.roleArn, RoleSessionName: plan.sessionName || undefined })
    default:
      return undefined
  }
}

/**
 * The credentials in a cache file that last long enough. Whatever is wrong with the file is a miss: it heals when it
 * is written again.
 */
export function readCachedCredentials(file: string, now: Date, userId: number | undefined): Credentials | undefined {
  try {
    const { Credentials: keys } = JSON.parse(readPrivateFile(file, userId) ?? '') as {
      Credentials: Record<string, unknown>
    }
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = keys
    const expiration = typeof Expiration === 'string' ? parseExpiration(Expiration) : undefined
    if (typeof AccessKeyId !== 'string' || typeof SecretAccessKey !== 'string' || !expiration) return undefined
    if (typeof SessionToken !== 'string' || !AccessKeyId || !SecretAccessKey) return undefined
    if (expiration.getTime() - now.getTime() < REUSE_SECONDS * 1000) return undefined
    return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken, expiration }
  } catch {
    return undefined
  }
}

/** Writes an answer in the AWS CLI's form. Nothing is lost when it cannot be written: the next run asks again. */
export function writeCachedCredentials(file: string, credentials: Credentials, userId: number | undefined): void {
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = credentials
  if (!expiration) return
  const Credentials = {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
    Expiration: `${expiration.toISOString().slice(0, 19)}+00:00`,
  }
  writeWholeFile(file, JSON.stringify({ Credentials }), userId)
}

/** Python's json.dumps with sorted keys: a blank after `:` and `,`, everything but printable ASCII escaped. */
function pythonJson(values: Readonly<Record<string, string | number | undefined>>): string {
  const members = Object.keys(values)
    .sort()
    .filter((key) => values[key] !== undefined)
    .map((key) => `"${key}": ${JSON.stringify(values[key])}`)
  return `{${members.join(', ').replace(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)}}`
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
