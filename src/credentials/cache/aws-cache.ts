import { type Credentials, parseExpiration } from '../credentials.ts'
import type { Plan } from '../plan/types.ts'
import { sha1Hex } from './hash.ts'
import { readPrivateFile, writeFileAtomic } from './private-file.ts'

/**
 * Cached credentials are reused while they are valid for at least this long, in seconds.
 * https://github.com/aws/aws-cli/blob/2.36.7/awscli/botocore/credentials.py (_DEFAULT_ADVISORY_REFRESH_TIMEOUT)
 */
const REUSE_SECONDS = 15 * 60

/** The AWS CLI's cache of credentials, in the home directory. */
export const AWS_CACHE_DIR = '.aws/cli/cache'

/** @param cacheKey - of the credential source */
export function awsCacheFile(cacheKey: string, homeDirectory: string): string {
  return `${homeDirectory}/${AWS_CACHE_DIR}/${sha1Hex(cacheKey)}.json`
}

/**
 * The credentials in a cache file that last long enough. Whatever is wrong with the file is a miss: it heals when it
 * is written again.
 */
export function readCachedCredentials(file: string, now: Date, userId: number | undefined): Credentials | undefined {
  const credentials = readCacheEntry(file, userId)
  if (!credentials?.expiration) return undefined
  return credentials.expiration.getTime() - now.getTime() < REUSE_SECONDS * 1000 ? undefined : credentials
}

/** The credentials of a cache file, however long they last; undefined for a file that is none. */
export function readCacheEntry(file: string, userId: number | undefined): Credentials | undefined {
  try {
    const { Credentials: keys, AssumedRoleUser: user } = JSON.parse(readPrivateFile(file, userId) ?? '') as {
      Credentials: Record<string, unknown>
      AssumedRoleUser?: { AssumedRoleId?: unknown; Arn?: unknown }
    }
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = keys
    const expiration = typeof Expiration === 'string' ? parseExpiration(Expiration) : undefined
    if (typeof AccessKeyId !== 'string' || typeof SecretAccessKey !== 'string' || !expiration) return undefined
    if (typeof SessionToken !== 'string' || !AccessKeyId || !SecretAccessKey) return undefined
    const session =
      typeof user?.Arn === 'string' && typeof user.AssumedRoleId === 'string'
        ? { arn: user.Arn, id: user.AssumedRoleId }
        : undefined
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
      expiration,
      session,
    }
  } catch {
    return undefined
  }
}

/** Writes an answer in the AWS CLI's form. Nothing is lost when it cannot be written: the next run asks again. */
export function writeCachedCredentials(
  file: string,
  credentials: Credentials,
  userId: number | undefined,
  plan?: Plan,
): void {
  const text = cacheText(credentials, plan)
  if (text !== undefined) writeFileAtomic(file, text, userId)
}

/** One line, as the AWS CLI writes it. undefined: these credentials do not expire, and need no cache. */
export function cacheText(credentials: Credentials, plan?: Plan): string | undefined {
  const { accessKeyId, secretAccessKey, sessionToken, expiration, session } = credentials
  if (!expiration) return undefined
  const isSso = plan?.kind === 'sso'
  const seconds = expiration.toISOString().slice(0, 19)
  const accountId = isSso ? plan.accountId : session?.arn.split(':')[4]
  const Credentials = {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
    Expiration: isSso ? `${seconds}Z` : `${seconds}+00:00`,
    ...(accountId ? { AccountId: accountId } : {}),
  }
  const user = session ? { AssumedRoleUser: { AssumedRoleId: session.id, Arn: session.arn } } : {}
  return JSON.stringify(isSso ? { ProviderType: 'sso', Credentials } : { Credentials, ...user })
}
