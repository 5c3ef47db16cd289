import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { FileSystem } from '../settings/profiles.ts'
import { AWS_CACHE_FOLDER, readCacheEntry } from './cache.ts'
import { removeQuietly } from './cache-file.ts'
import type { Credentials } from './credentials.ts'
import type { Machine } from './machine.ts'
import { ourFolder, rolesFolder } from './our-folder.ts'

/** Credentials that are kept on disk. The keys in them are not for showing. */
export interface CacheEntry {
  readonly file: string
  readonly owner: 'aws' | 'eks-get-token'
  readonly credentials: Credentials
  /** ARN of the role or of its session, where the entry says it. */
  readonly role: string | undefined
}

/** All entries that can be read, ours first; files that are none, and those that are not ours, are left out. */
export function cacheEntries(system: FileSystem, machine: Machine): readonly CacheEntry[] {
  const ours = ourFolder(system, machine)
  const home = system.homeDirectory()
  return [
    ...(ours ? entriesIn(rolesFolder(ours), 'eks-get-token', system) : []),
    ...(home ? entriesIn(`${home}/${AWS_CACHE_FOLDER}`, 'aws', system) : []),
  ]
}

function entriesIn(folder: string, owner: CacheEntry['owner'], { userId }: FileSystem): CacheEntry[] {
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
export function clearOwnCache(system: FileSystem, machine: Machine): { removed: number; left: readonly string[] } {
  const ours = ourFolder(system, machine)
  const files = ours ? namesIn(rolesFolder(ours)).map((name) => `${rolesFolder(ours)}/${name}`) : []
  for (const file of files) removeQuietly(file)
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
