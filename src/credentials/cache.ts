import { readPrivateFile, writeWholeFile } from './cache-file.ts'
import { type Credentials, parseExpiration } from './credentials.ts'
import { sha1Hex } from './hash.ts'
import type { Plan } from './plan.ts'

/**
 * Credentials of a cache are used while they last this long, in seconds: a shorter rest is fetched anew.
 * https://github.com/boto/botocore/blob/develop/botocore/credentials.py (_DEFAULT_ADVISORY_REFRESH_TIMEOUT)
 */
export const REUSE_SECONDS = 15 * 60

/** Where the AWS CLI keeps credentials of roles, below the home folder. */
export const AWS_CACHE_FOLDER = '.aws/cli/cache'

/**
 * The AWS CLI's cache file for a plan; undefined for a plan that it does not cache, and for a user without a home. Its
 * name leaves out the source, the region and the profile: two profiles with one role share a session, there and here.
 */
export function awsCacheFile(plan: Plan, homeDirectory: string | undefined): string | undefined {
  const key = homeDirectory === undefined ? undefined : awsCacheKey(plan)
  return key && `${homeDirectory}/${AWS_CACHE_FOLDER}/${sha1Hex(key)}.json`
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
    case 'sso': {
      const login = plan.session === undefined ? { startUrl: plan.startUrl } : { sessionName: plan.session }
      return pythonJson({ accountId: plan.accountId, roleName: plan.roleName, ...login }, ',', ':')
    }
    default:
      return undefined
  }
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
  if (text !== undefined) writeWholeFile(file, text, userId)
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

/** Python's json.dumps with sorted keys: everything but printable ASCII is escaped. */
function pythonJson(values: Readonly<Record<string, string | number | undefined>>, comma = ', ', colon = ': '): string {
  const members = Object.keys(values)
    .sort()
    .filter((key) => values[key] !== undefined)
    .map((key) => `"${key}"${colon}${JSON.stringify(values[key])}`)
  return `{${members.join(comma).replace(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)}}`
}
