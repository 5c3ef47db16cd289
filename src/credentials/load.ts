import { EksTokenError } from '../errors.ts'
import type { LoadContext, LoadStep, WhilePrompting } from './context.ts'
import type { Credentials } from './credentials.ts'
import { type Plan, sourceOf } from './sources/registry.ts'

/**
 * Loads the credentials of a plan from the environment or a file, from a cache, or from the source, whose code is loaded
 * only then.
 *
 * @param isSourceOfRole - the credentials assume a profile's role; of these the AWS CLI caches only roles on disk
 * @throws EksTokenError `ERR_NO_CREDENTIALS`, `ERR_CREDENTIALS`, `ERR_PARAMETER`, `ERR_SERVICE`, `ERR_NETWORK`,
 *   `ERR_TIMEOUT`
 */
export async function loadCredentials(plan: Plan, context: LoadContext, isSourceOfRole = false): Promise<Credentials> {
  const source = sourceOf(plan)
  // A prompt for the base credentials counts for every lock that is held meanwhile.
  const loadBase = (base: Plan, pauseWhile: WhilePrompting): Promise<Credentials> =>
    loadCredentials(base, { ...context, pauseWhile }, isProfileRole(plan))
  const fetch = async (whilePrompting: WhilePrompting, loaded?: Credentials): Promise<Credentials> => {
    const step: LoadStep<Plan> = { whilePrompting, loadBase: async (base) => loaded ?? loadBase(base, whilePrompting) }
    return assertUsable(await source.load(context, step), plan, source.isLocal, context.runtime.now())
  }

  if (!context.useCache || !context.signRequests) return fetch(context.pauseWhile)
  if (plan.kind === 'assume-role' && !isProfileRole(plan)) {
    const { loadThroughRoleCache } = await import('./cache/read-through.ts')
    const base = await loadBase(plan.source, context.pauseWhile)
    return loadThroughRoleCache(plan, base, (whilePrompting) => fetch(whilePrompting, base), context)
  }
  const cacheKey = isSourceOfRole && plan.kind !== 'assume-role' ? undefined : source.awsCacheKey
  if (cacheKey === undefined) return fetch(context.pauseWhile)
  const { loadThroughAwsCache } = await import('./cache/read-through.ts')
  return loadThroughAwsCache(plan, cacheKey, fetch, context)
}

/** False for the role of `--role-arn`, which the AWS CLI does not cache. */
function isProfileRole(plan: Plan): boolean {
  return plan.kind === 'assume-role' && plan.profile !== undefined
}

/**
 * Rejects credentials that no server accepts, before they are cached. Blank ones in the environment or in a file are used,
 * as by the AWS CLI.
 */
async function assertUsable(credentials: Credentials, plan: Plan, isLocal: boolean, now: Date): Promise<Credentials> {
  const { accessKeyId, secretAccessKey, sessionToken = '', expiration } = credentials
  // The SDK does not check the types in a response.
  if ([accessKeyId, secretAccessKey, sessionToken].some((value) => typeof value !== 'string')) {
    throw new EksTokenError('ERR_CREDENTIALS', `the credentials (${plan.kind}) contain a value that is not a string`, {
      remedy: `check what the credential source returns (${plan.why})`,
    })
  }
  if (!(accessKeyId + secretAccessKey + sessionToken).isWellFormed()) {
    throw new EksTokenError('ERR_CREDENTIALS', `the credentials (${plan.kind}) contain an unpaired surrogate`, {
      remedy: `replace the credentials (${plan.why})`,
    })
  }
  if (!isLocal && (accessKeyId.trim() === '' || secretAccessKey.trim() === '')) {
    const name = accessKeyId.trim() === '' ? 'access key id' : 'secret access key'
    throw new EksTokenError('ERR_CREDENTIALS', `the credentials (${plan.kind}) have a blank ${name}`, {
      remedy: `check what the credential source returns (${plan.why})`,
    })
  }
  if (expiration && !(expiration.getTime() >= 0 && expiration.getTime() < END_OF_YEAR_9999)) {
    throw new EksTokenError('ERR_CREDENTIALS', `the credentials (${plan.kind}) have an invalid expiration`, {
      remedy: `get new credentials (${plan.why})`,
    })
  }
  if (!expiration || expiration.getTime() > now.getTime()) return credentials
  throw (await import('./explain/expired.ts')).stillExpired(plan.kind, expiration, now)
}

/** Later times have no ISO 8601 form with four digits. */
const END_OF_YEAR_9999 = Date.UTC(10_000, 0, 1)
