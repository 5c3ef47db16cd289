import { readdirSync } from 'node:fs'
import type { Settings } from '../../config/settings.ts'
import type { Credentials } from '../credentials.ts'
import type { AssumeRolePlan } from '../plan/types.ts'
import { cacheText, readCacheEntry } from './aws-cache.ts'
import { sha256Hex } from './hash.ts'
import { removeIfPresent, writeFileAtomic } from './private-file.ts'

/**
 * The name of a role's file in the role cache, for the role of `--role-arn`, which the AWS CLI assumes in every run. Unlike
 * the AWS CLI's key it contains every input, the base credentials included: an entry cannot serve another identity,
 * whatever a process, a container or an instance hands out now.
 */
export function roleCacheFile(plan: AssumeRolePlan, base: Credentials, { sts }: Pick<Settings, 'sts'>): string {
  const { roleArn, sessionName, externalId, durationSeconds, mfaSerial } = plan
  const inputs = {
    role: [roleArn, sessionName ?? null, externalId ?? null, durationSeconds ?? null, mfaSerial ?? null],
    sts: [sts.url, sts.signingRegion ?? null],
    base: [base.accessKeyId, sha256Hex(JSON.stringify([base.secretAccessKey, base.sessionToken ?? '']))],
  }
  return `${sha256Hex(JSON.stringify(inputs))}.json`
}

/** Writes an entry, with the role's ARN for `cache list`, and removes entries that have expired. */
export function writeRoleCacheEntry(
  file: string,
  plan: AssumeRolePlan,
  credentials: Credentials,
  now: Date,
  userId: number | undefined,
): void {
  const text = cacheText(credentials)
  if (text === undefined) return
  const entry = { RoleArn: plan.roleArn, ...(JSON.parse(text) as object) }
  if (!writeFileAtomic(file, JSON.stringify(entry), userId, 0o700)) return
  const dir = file.slice(0, file.lastIndexOf('/'))
  for (const name of readdirSync(dir)) {
    const old = `${dir}/${name}`
    const expiration = name.endsWith('.json') ? readCacheEntry(old, userId)?.expiration : undefined
    if (expiration && expiration.getTime() <= now.getTime()) removeIfPresent(old)
  }
}
