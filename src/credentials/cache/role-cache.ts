import { readdirSync } from 'node:fs'
import type { Settings } from '../../config/settings.ts'
import { attempt } from '../../errors.ts'
import type { Credentials } from '../credentials.ts'
import type { AssumeRolePlan } from '../sources/sts.ts'
import { removeIfPresent } from './atomic-write.ts'
import { type ParsedCacheEntry, parseCacheEntry, serializeCacheEntry } from './aws-cache.ts'
import { sha256Hex } from './hash.ts'
import { readPrivateFile, writePrivateFile } from './private-file.ts'

/** The name of an entry, as {@link roleCacheFile} makes it. */
const ENTRY_NAME = /^[0-9a-f]{64}\.json$/

/**
 * The name of an entry of the role cache. Unlike the AWS CLI's cache key it is derived from every input, the base credentials
 * included: where a process, a container or an instance returns another identity than before, the entry does not apply.
 */
export function roleCacheFile(plan: AssumeRolePlan, base: Credentials, { sts }: Pick<Settings, 'sts'>): string {
  const { kind: _kind, why: _why, profile: _profile, source: _source, ...role } = plan
  const inputs = {
    role: Object.entries(role).sort(([a], [b]) => (a < b ? -1 : 1)),
    sts: [sts.url, sts.signingRegion ?? null],
    base: [base.accessKeyId, sha256Hex(JSON.stringify([base.secretAccessKey, base.sessionToken ?? '']))],
  }
  return `${sha256Hex(JSON.stringify(inputs))}.json`
}

/** @returns undefined for a file that is not a valid entry, or that other users can write */
export function readRoleCacheEntry(file: string, userId: number | undefined): ParsedCacheEntry | undefined {
  const text = readPrivateFile(file, userId)
  return text === undefined ? undefined : parseCacheEntry(text)
}

/** Writes an entry, with the role ARN for `cache list`, and removes expired entries. */
export function writeRoleCacheEntry(
  file: string,
  plan: AssumeRolePlan,
  credentials: Credentials,
  now: Date,
  userId: number | undefined,
): void {
  const text = serializeCacheEntry(credentials, undefined, plan.roleArn)
  if (text === undefined || !writePrivateFile(file, text, userId)) return
  const directory = file.slice(0, file.lastIndexOf('/'))
  const names = attempt(() => readdirSync(directory)) ?? []
  for (const name of names.filter((entry) => ENTRY_NAME.test(entry))) {
    const path = `${directory}/${name}`
    const entry = readRoleCacheEntry(path, userId)
    if (entry && entry.credentials.expiration.getTime() <= now.getTime()) removeIfPresent(path)
  }
}
