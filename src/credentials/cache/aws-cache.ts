import { asRecord, tryParseJson } from '../../json.ts'
import { type Credentials, parseExpiration } from '../credentials.ts'
import type { Plan } from '../sources/registry.ts'
import { sha1Hex } from './hash.ts'
import { awsCacheDir } from './paths.ts'
import { readSharedFile, writeSharedFile } from './shared-file.ts'

/**
 * Cached credentials are reused if they are valid for at least this long, in seconds.
 * https://github.com/aws/aws-cli/blob/2.36.7/awscli/botocore/credentials.py (_DEFAULT_ADVISORY_REFRESH_TIMEOUT)
 */
const MIN_REUSE_SECONDS = 15 * 60

/** @param cacheKey - that of the credential source */
export function awsCacheFile(cacheKey: string, homeDirectory: string): string {
  return `${awsCacheDir(homeDirectory)}/${sha1Hex(cacheKey)}.json`
}

/** The reusable credentials of a file in the AWS CLI's cache. An invalid file is a miss, and is replaced after it. */
export function readCachedCredentials(file: string, now: Date, userId: number | undefined): Credentials | undefined {
  return reusableCredentials(readAwsCacheEntry(file, userId), now)
}

/** @returns undefined for a file that is not a valid entry, or that cannot be trusted */
export function readAwsCacheEntry(file: string, userId: number | undefined): ParsedCacheEntry | undefined {
  const content = readSharedFile(file, userId)
  return 'text' in content ? parseCacheEntry(content.text) : undefined
}

/** Writes credentials in the AWS CLI's format. If that fails, the next run fetches them again. */
export function writeCachedCredentials(
  file: string,
  credentials: Credentials,
  userId: number | undefined,
  plan?: Plan,
): void {
  const text = serializeCacheEntry(credentials, plan)
  if (text !== undefined) writeSharedFile(file, text, userId)
}

/** An entry of the AWS CLI's cache or the role cache. */
export interface ParsedCacheEntry {
  readonly credentials: Credentials & { readonly expiration: Date }
  /** ARN of the role; only in entries of the role cache. */
  readonly roleArn: string | undefined
  /** Of IAM Identity Center: its entries do not name the role. */
  readonly isSso: boolean
  readonly accountId: string | undefined
}

/** The credentials of an entry, if they are valid for long enough to be reused. */
export function reusableCredentials(entry: ParsedCacheEntry | undefined, now: Date): Credentials | undefined {
  if (!entry) return undefined
  const { credentials } = entry
  return credentials.expiration.getTime() - now.getTime() < MIN_REUSE_SECONDS * 1000 ? undefined : credentials
}

/** @returns undefined for anything but an entry with credentials and an expiration */
export function parseCacheEntry(text: string): ParsedCacheEntry | undefined {
  const content = asRecord(tryParseJson(text))
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration, AccountId } = asRecord(content.Credentials)
  const expiration = typeof Expiration === 'string' ? parseExpiration(Expiration) : undefined
  if (typeof AccessKeyId !== 'string' || typeof SecretAccessKey !== 'string' || !expiration) return undefined
  if (typeof SessionToken !== 'string' || !AccessKeyId.trim() || !SecretAccessKey.trim()) return undefined
  const { Arn, AssumedRoleId } = asRecord(content.AssumedRoleUser)
  return {
    credentials: {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
      expiration,
      session:
        typeof Arn === 'string' && typeof AssumedRoleId === 'string' ? { arn: Arn, id: AssumedRoleId } : undefined,
    },
    roleArn: typeof content.RoleArn === 'string' ? content.RoleArn : undefined,
    isSso: content.ProviderType === 'sso',
    accountId: typeof AccountId === 'string' && /^\d{12}$/.test(AccountId) ? AccountId : undefined,
  }
}

/** The JSON text of an entry, on one line as the AWS CLI writes it; undefined for credentials that do not expire. */
export function serializeCacheEntry(credentials: Credentials, plan?: Plan, roleArn?: string): string | undefined {
  const { accessKeyId, secretAccessKey, sessionToken, expiration, session } = credentials
  if (!expiration) return undefined
  const isSso = plan?.kind === 'sso'
  const seconds = expiration.toISOString().slice(0, 19)
  const accountId = isSso ? plan.accountId : session?.arn.split(':')[4]
  return JSON.stringify({
    ...(isSso ? { ProviderType: 'sso' } : {}),
    ...(roleArn === undefined ? {} : { RoleArn: roleArn }),
    Credentials: {
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      SessionToken: sessionToken,
      Expiration: isSso ? `${seconds}Z` : `${seconds}+00:00`,
      ...(accountId ? { AccountId: accountId } : {}),
    },
    ...(session ? { AssumedRoleUser: { AssumedRoleId: session.id, Arn: session.arn } } : {}),
  })
}
