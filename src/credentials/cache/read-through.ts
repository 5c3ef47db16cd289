import type { LoadContext, WhilePrompting } from '../context.ts'
import type { Credentials } from '../credentials.ts'
import type { AssumeRolePlan, Plan } from '../plan/types.ts'
import { awsCacheFile, readCachedCredentials, writeCachedCredentials } from './aws-cache.ts'
import { lockFile, rolesDir } from './paths.ts'
import { roleCacheFile, writeRoleCacheEntry } from './role-cache.ts'

/** Fetches credentials that no cache has. */
type Fetch = (whilePrompting: WhilePrompting) => Promise<Credentials>

/**
 * Credentials from the AWS CLI's cache, or fetched by one process at a time and written there. Each tool uses what the
 * other has fetched.
 *
 * @param cacheKey - of the credential source
 */
export function loadThroughAwsCache(
  plan: Plan,
  cacheKey: string,
  fetch: Fetch,
  context: LoadContext,
): Promise<Credentials> {
  const { homeDirectory, userId } = context.runtime
  const home = homeDirectory()
  if (home === undefined) return fetch(context.pauseWhile)
  const file = awsCacheFile(cacheKey, home)
  return readThrough(plan, file, (fetched) => writeCachedCredentials(file, fetched, userId, plan), fetch, context)
}

/**
 * Credentials of the role of `--role-arn` from the role cache, or fetched by one process at a time and written there.
 *
 * @param base - the credentials that assume the role; they are part of the cache key
 */
export function loadThroughRoleCache(
  plan: AssumeRolePlan,
  base: Credentials,
  fetch: Fetch,
  context: LoadContext,
): Promise<Credentials> {
  const { settings, runtime } = context
  const dir = rolesDir(runtime)
  if (dir === undefined) return fetch(context.pauseWhile)
  const file = `${dir}/${roleCacheFile(plan, base, settings)}`
  const write = (fetched: Credentials) => writeRoleCacheEntry(file, plan, fetched, runtime.now(), runtime.userId)
  return readThrough(plan, file, write, fetch, context)
}

async function readThrough(
  plan: Plan,
  file: string,
  write: (fetched: Credentials) => void,
  fetch: Fetch,
  context: LoadContext,
): Promise<Credentials> {
  const { runtime } = context
  const readCached = (): Credentials | undefined => {
    const cached = readCachedCredentials(file, runtime.now(), runtime.userId)
    if (cached) {
      runtime.trace(`cache: ${cached.accessKeyId} until ${cached.expiration?.toISOString()}, from ${file}`)
    }
    return cached
  }
  const cached = readCached()
  if (cached) return cached
  const task = {
    description: `the credentials of ${'roleArn' in plan ? plan.roleArn : 'an SSO role'}`,
    readCached,
    refresh: async (whilePrompting: WhilePrompting) => {
      const fetched = await fetch(whilePrompting)
      write(fetched)
      return fetched
    },
    exclusive: plan.kind === 'assume-role' && plan.mfaSerial !== undefined,
  }
  const { withLock } = await import('./lock.ts')
  return withLock(lockFile(file, runtime), task, context)
}
