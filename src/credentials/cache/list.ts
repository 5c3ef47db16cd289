import { readdirSync } from 'node:fs'
import { attempt, EksTokenError } from '../../errors.ts'
import type { Runtime } from '../../runtime.ts'
import { withNativeSeparators } from '../../shown-path.ts'
import type { Credentials } from '../credentials.ts'
import { removeIfPresent } from './atomic-write.ts'
import { type ParsedCacheEntry, readAwsCacheEntry } from './aws-cache.ts'
import { awsCacheDir, rolesDir } from './paths.ts'
import { privateDirProblem } from './permissions.ts'
import { readRoleCacheEntry } from './role-cache.ts'

/** Cached credentials; only the access key id, the expiration and the role may be shown. */
export interface CacheEntry {
  readonly file: string
  readonly owner: 'aws' | 'eks-get-token'
  readonly credentials: Credentials
  /** ARN of the role or of its session; undefined if the entry does not contain it. */
  readonly role: string | undefined
  readonly isSso: boolean
  readonly accountId: string | undefined
}

/** The valid entries of the role cache, then those of the AWS CLI's cache; other files are left out. */
export function listCacheEntries(runtime: Runtime): readonly CacheEntry[] {
  const { userId } = runtime
  const roles = rolesDir(runtime)
  const home = runtime.homeDirectory()
  return [
    ...(roles ? entriesIn(roles, 'eks-get-token', (file) => readRoleCacheEntry(file, userId)) : []),
    ...(home ? entriesIn(awsCacheDir(home), 'aws', (file) => readAwsCacheEntry(file, userId)) : []),
  ]
}

function entriesIn(
  directory: string,
  owner: CacheEntry['owner'],
  read: (file: string) => ParsedCacheEntry | undefined,
): CacheEntry[] {
  const names = attempt(() => readdirSync(directory)) ?? []
  return names
    .filter((name) => name.endsWith('.json'))
    .sort()
    .flatMap((name) => {
      const file = `${directory}/${name}`
      const entry = read(file)
      if (!entry) return []
      const { credentials, roleArn, isSso, accountId } = entry
      return [{ file, owner, credentials, role: roleArn ?? credentials.session?.arn, isSso, accountId }]
    })
}

/** The names of entries, and of the temporary files through which they are written. */
const ENTRY_OR_TEMPORARY_NAME = /^[0-9a-f]{64}\.json(\.[0-9a-z]+\.tmp)?$/

/**
 * Removes all entries of the role cache: regular files with a name of an entry, directly in the cache directory. Locks
 * stay, because a process may hold one.
 *
 * @returns the number of removed files, and the paths of those that could not be removed
 * @throws EksTokenError `ERR_OUTPUT` if the cache directory is a link, or if other users can write it
 */
export function clearRoleCache(runtime: Runtime): { readonly removed: number; readonly notRemoved: readonly string[] } {
  const directory = rolesDir(runtime)
  const names = directory === undefined ? [] : ownEntries(directory, runtime.userId)
  const files = names.map((name) => `${directory}/${name}`)
  const notRemoved = files.filter((file) => !removeIfPresent(file))
  return { removed: files.length - notRemoved.length, notRemoved }
}

function ownEntries(directory: string, userId: number | undefined): readonly string[] {
  let problem: string | undefined
  try {
    problem = privateDirProblem(directory, userId)
    if (problem === undefined) {
      const entries = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isFile())
      return entries.map(({ name }) => name).filter((name) => ENTRY_OR_TEMPORARY_NAME.test(name))
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return []
    throw new EksTokenError(
      'ERR_OUTPUT',
      `the cache directory ${withNativeSeparators(directory)} cannot be read (${code})`,
      {
        cause: error,
        remedy: 'check the owner and permissions of the directory',
      },
    )
  }
  throw new EksTokenError('ERR_OUTPUT', `nothing was removed: ${problem}`, {
    remedy: 'check the type, owner and permissions of the cache directory, and remove it manually',
  })
}
