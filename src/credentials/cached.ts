import { awsCacheFile, readCachedCredentials, writeCachedCredentials } from './cache.ts'
import type { Credentials } from './credentials.ts'
import { sha256Hex } from './hash.ts'
import type { LoadContext } from './load.ts'
import { locksFolder, ourFolder } from './our-folder.ts'
import { isAtHand, ownCacheFile, writeOwnEntry } from './own-cache.ts'
import type { AssumeRolePlan, Plan } from './plan.ts'

/** Fetches what no cache has. */
export type Fetch = (askPerson: <A>(answer: Promise<A>) => Promise<A>) => Promise<Credentials>

/**
 * The credentials of a plan that the AWS CLI caches: from its cache, or fetched, by one process at a time, and kept
 * there. Each tool uses what the other has fetched.
 *
 * @param nested - they belong to the source of a role, of which the AWS CLI keeps roles only
 */
export async function cachedAsAws(
  plan: Plan,
  nested: boolean,
  fetch: Fetch,
  context: LoadContext,
): Promise<Credentials> {
  const { system } = context
  const file = nested && plan.kind !== 'assume-role' ? undefined : awsCacheFile(plan, system.homeDirectory())
  return cached(
    plan,
    file,
    (fetched, path) => writeCachedCredentials(path, fetched, system.userId, plan),
    fetch,
    context,
  )
}

/**
 * The credentials of the role of `--role-arn`: from our own cache, or fetched and kept there.
 *
 * @param loadSource - gets the credentials that assume the role
 */
export async function cachedAsOurs(
  plan: AssumeRolePlan,
  loadSource: () => Promise<Credentials>,
  assume: (source: Credentials, askPerson: Parameters<Fetch>[0]) => Promise<Credentials>,
  context: LoadContext,
): Promise<Credentials> {
  const { settings, system, machine, now } = context
  const folder = context.useCache ? ourFolder(system, machine) : undefined
  const base = isAtHand(plan.source) ? await loadSource() : undefined
  const file = folder === undefined ? undefined : ownCacheFile(folder, plan, base, settings, system, machine)
  const write = (fetched: Credentials, path: string) => writeOwnEntry(path, plan, fetched, now(), system.userId)
  return cached(plan, file, write, async (askPerson) => assume(base ?? (await loadSource()), askPerson), context)
}

async function cached(
  plan: Plan,
  file: string | undefined,
  write: (fetched: Credentials, file: string) => void,
  fetch: Fetch,
  context: LoadContext,
): Promise<Credentials> {
  const { system, machine, now, trace, useCache } = context
  if (file === undefined || !useCache) return fetch(context.waitForPerson)
  const recall = (): Credentials | undefined => {
    const found = readCachedCredentials(file, now(), system.userId)
    if (found) trace(`cache: ${found.accessKeyId} until ${found.expiration?.toISOString()}, from ${file}`)
    return found
  }
  const found = recall()
  if (found) return found
  const asksPerson = plan.kind === 'assume-role' && plan.mfaSerial !== undefined
  const { oneAtATime } = await import('./lock.ts')
  const turn = {
    what: `the credentials of ${'roleArn' in plan ? plan.roleArn : 'an SSO role'}`,
    recall,
    refresh: async (askPerson: Parameters<Fetch>[0]) => {
      const fetched = await fetch(askPerson)
      write(fetched, file)
      return fetched
    },
    strict: asksPerson,
  }
  return oneAtATime(lockFile(file, context), turn, { ...context, machine, userId: system.userId })
}

/** The lock for what is kept in a file; undefined where there is no place for locks. */
export function lockFile(
  file: string,
  { system, machine }: Pick<LoadContext, 'system' | 'machine'>,
): string | undefined {
  const folder = ourFolder(system, machine)
  return folder && `${locksFolder(folder)}/${sha256Hex(file)}.lock`
}
