import { attempt } from '../../errors.ts'
import { redactKeyId, redactValue } from '../../redact.ts'
import { withNativeSeparators } from '../../shown-path.ts'
import type { LoadContext, WhilePrompting } from '../context.ts'
import type { Credentials } from '../credentials.ts'
import type { Plan } from '../sources/registry.ts'
import type { AssumeRolePlan } from '../sources/sts.ts'
import { awsCacheFile, readCachedCredentials, reusableCredentials, writeCachedCredentials } from './aws-cache.ts'
import { lockFile, rolesDir } from './paths.ts'
import { privateDirProblem } from './permissions.ts'
import { readRoleCacheEntry, roleCacheFile, writeRoleCacheEntry } from './role-cache.ts'

/** Fetches credentials from their source. */
type Fetch = (whilePrompting: WhilePrompting) => Promise<Credentials>

/**
 * Credentials from the AWS CLI's cache; on a miss they are fetched by one process at a time and written to it, so that the
 * AWS CLI uses them, and the other way round.
 *
 * @param cacheKey - of the credential source
 */
export function loadThroughAwsCache(
  plan: Plan,
  cacheKey: string,
  fetch: Fetch,
  context: LoadContext,
): Promise<Credentials> {
  const { homeDirectory, userId, now } = context.runtime
  const home = homeDirectory()
  if (home === undefined) return fetch(context.pauseWhile)
  const file = awsCacheFile(cacheKey, home)
  const read = () => readCachedCredentials(file, now(), userId)
  const write = (fetched: Credentials) => writeCachedCredentials(file, fetched, userId, plan)
  return readThrough(plan, { file, read, write }, fetch, context)
}

/**
 * Credentials of the role of `--role-arn` from the role cache; on a miss they are fetched by one process at a time and
 * written to it.
 *
 * @param base - the credentials that assume the role; they are part of the cache key
 */
export function loadThroughRoleCache(
  plan: AssumeRolePlan<Plan>,
  base: Credentials,
  fetch: Fetch,
  context: LoadContext,
): Promise<Credentials> {
  const { settings, runtime } = context
  const dir = rolesDir(runtime)
  if (dir === undefined) return fetch(context.pauseWhile)
  const file = `${dir}/${roleCacheFile(plan, base, settings)}`
  const { userId, now } = runtime
  const problem = attempt(() => privateDirProblem(dir, userId))
  if (problem) runtime.trace?.(`cache: not used: ${problem}`)
  const read = () => reusableCredentials(readRoleCacheEntry(file, userId), now())
  const write = (fetched: Credentials) => writeRoleCacheEntry(file, plan, fetched, now(), userId)
  return readThrough(plan, { file, read, write }, fetch, context)
}

/** How an entry of one of the caches is read and written. */
interface CacheFile {
  readonly file: string
  readonly read: () => Credentials | undefined
  readonly write: (fetched: Credentials) => void
}

async function readThrough(plan: Plan, cache: CacheFile, fetch: Fetch, context: LoadContext): Promise<Credentials> {
  const { runtime } = context
  const readCached = (): Credentials | undefined => {
    const cached = cache.read()
    if (cached) {
      runtime.trace?.(
        `cache: ${redactKeyId(cached.accessKeyId)}, valid until ${cached.expiration?.toISOString()}, from ${withNativeSeparators(cache.file)}`,
      )
    }
    return cached
  }
  const cached = readCached()
  if (cached) return cached
  const task = {
    description: `credentials of ${'roleArn' in plan ? redactValue(plan.roleArn) : 'an SSO role'}`,
    readCached,
    refresh: async (whilePrompting: WhilePrompting) => {
      const fetched = await fetch(whilePrompting)
      cache.write(fetched)
      return fetched
    },
    exclusive: plan.kind === 'assume-role' && plan.mfaSerial !== undefined,
  }
  const { withLock } = await import('./lock.ts')
  return withLock(lockFile(cache.file, runtime), task, context)
}
