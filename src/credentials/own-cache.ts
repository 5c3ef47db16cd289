import { readdirSync } from 'node:fs'
import type { FileSystem } from '../settings/profiles.ts'
import type { Settings } from '../settings/settings.ts'
import { cacheText, readCacheEntry } from './cache.ts'
import { removeQuietly, writeWholeFile } from './cache-file.ts'
import type { Credentials } from './credentials.ts'
import { sha256Hex } from './hash.ts'
import type { Machine } from './machine.ts'
import { rolesFolder } from './our-folder.ts'
import type { AssumeRolePlan, Plan } from './plan.ts'

/**
 * Our own cache: the role of `--role-arn`, for which the AWS CLI asks STS every time. Unlike the AWS CLI's its key has
 * every input, so that no entry can serve another identity.
 *
 * @param base - the credentials that assume the role, where they are at hand (see {@link isAtHand})
 */
export function ownCacheFile(
  folder: string,
  plan: AssumeRolePlan,
  base: Credentials | undefined,
  { sts }: Pick<Settings, 'sts'>,
  system: FileSystem,
  machine: Machine,
): string {
  const { roleArn, sessionName, externalId, durationSeconds, mfaSerial, source } = plan
  const inputs = {
    role: [roleArn, sessionName ?? null, externalId ?? null, durationSeconds ?? null, mfaSerial ?? null],
    sts: [sts.url, sts.signingRegion ?? null],
    base: base ? [base.accessKeyId, digestOf(base)] : descriptionOf(source, system, machine),
  }
  return `${rolesFolder(folder)}/${sha256Hex(JSON.stringify(inputs))}.json`
}

/**
 * True for credentials that cost no call each time: those are part of the key themselves. What a program, a container
 * or an instance hands out may be new each time, so for these it is the description of the source that counts.
 */
export function isAtHand({ kind }: Plan): boolean {
  return kind !== 'process' && kind !== 'container' && kind !== 'instance-metadata'
}

function digestOf({ secretAccessKey, sessionToken }: Credentials): string {
  return sha256Hex(JSON.stringify([secretAccessKey, sessionToken ?? '']))
}

/**
 * What decides which identity such a source hands out, as far as it can be known from here. The machine is part of
 * it: home folders are shared by instances that have roles of their own.
 */
function descriptionOf(source: Plan, { env, readText }: FileSystem, machine: Machine): readonly unknown[] {
  const { why: _, ...plan } = source
  const file = env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE
  const containerToken = source.kind === 'container' && [
    env.AWS_CONTAINER_AUTHORIZATION_TOKEN ?? null,
    (file && quietly(() => readText(file))) || null,
  ]
  const variables =
    source.kind === 'process' &&
    Object.entries(env)
      .filter(([name, value]) => name.startsWith('AWS_') && value !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
  return [plan, machine.name(), sha256Hex(JSON.stringify([containerToken, variables]))]
}

function quietly(read: () => string | undefined): string | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

/** Writes an entry, with the role's ARN beside it for people, and removes those that have expired. */
export function writeOwnEntry(
  file: string,
  plan: AssumeRolePlan,
  credentials: Credentials,
  now: Date,
  userId: number | undefined,
): void {
  const text = cacheText(credentials)
  if (text === undefined) return
  const entry = { RoleArn: plan.roleArn, ...(JSON.parse(text) as object) }
  if (!writeWholeFile(file, JSON.stringify(entry), userId, 0o700)) return
  const folder = file.slice(0, file.lastIndexOf('/'))
  for (const name of readdirSync(folder)) {
    const old = `${folder}/${name}`
    const expiration = name.endsWith('.json') ? readCacheEntry(old, userId)?.expiration : undefined
    if (expiration && expiration.getTime() <= now.getTime()) removeQuietly(old)
  }
}
