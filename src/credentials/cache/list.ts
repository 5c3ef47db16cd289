import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { Runtime } from '../../runtime.ts'
import type { Credentials } from '../credentials.ts'
import { AWS_CACHE_DIR, readCacheEntry } from './aws-cache.ts'
import { rolesDir } from './paths.ts'
import { removeIfPresent } from './private-file.ts'

/** Credentials that are kept on disk. The keys in them are not for showing. */
export interface CacheEntry {
  readonly file: string
  readonly owner: 'aws' | 'eks-get-token'
  readonly credentials: Credentials
  /** ARN of the role or of its session, where the entry says it. */
  readonly role: string | undefined
}

/** All entries that can be read, ours first; files that are none, and those that are not ours, are left out. */
export function listCacheEntries(runtime: Runtime): readonly CacheEntry[] {
  const ours = rolesDir(runtime)
  const home = runtime.homeDirectory()
  return [
    ...(ours ? entriesIn(ours, 'eks-get-token', runtime) : []),
    ...(home ? entriesIn(`${home}/${AWS_CACHE_DIR}`, 'aws', runtime) : []),
  ]
}

function entriesIn(folder: string, owner: CacheEntry['owner'], { userId }: Runtime): CacheEntry[] {
  return namesIn(folder)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => {
      const file = `${folder}/${name}`
      const credentials = readCacheEntry(file, userId)
      return credentials ? [{ file, owner, credentials, role: roleOf(file) ?? credentials.session?.arn }] : []
    })
}

function roleOf(file: string): string | undefined {
  try {
    const { RoleArn } = JSON.parse(readFileSync(file, 'utf8')) as { RoleArn?: unknown }
    return typeof RoleArn === 'string' ? RoleArn : undefined
  } catch {
    return undefined
  }
}

/**
 * Removes all credentials that only this program keeps. Locks stay: a process may hold one.
 *
 * @returns how many were removed, and the files that could not be
 */
export function clearRoleCache(runtime: Runtime): { removed: number; left: readonly string[] } {
  const ours = rolesDir(runtime)
  const files = ours ? namesIn(ours).map((name) => `${ours}/${name}`) : []
  for (const file of files) removeIfPresent(file)
  const left = files.filter((file) => existsSync(file))
  return { removed: files.length - left.length, left }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}
