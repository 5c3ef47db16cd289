import type { Settings } from '../../config/settings.ts'
import type { Runtime } from '../../runtime.ts'
import type { Plan } from '../sources/registry.ts'
import { partialCredentials } from './invalid.ts'

/** The sources that are tried after the profile, in order. */
export async function ambientPlan(settings: Settings, runtime: Runtime): Promise<Plan | undefined> {
  const { legacyFilesPlan } = await import('../sources/legacy-files.ts')
  return legacyFilesPlan(runtime) ?? containerPlan(runtime) ?? instanceMetadataPlan(settings)
}

/** Credentials in the environment. An access key id without a secret access key is an error; no other source is tried. */
export function environmentPlan({ env }: Runtime): Plan | undefined {
  if (!env.AWS_ACCESS_KEY_ID) return undefined
  if (!env.AWS_SECRET_ACCESS_KEY) {
    throw partialCredentials('env', 'AWS_SECRET_ACCESS_KEY', 'set AWS_SECRET_ACCESS_KEY, or unset AWS_ACCESS_KEY_ID')
  }
  return { kind: 'environment', why: 'AWS_ACCESS_KEY_ID is set' }
}

/** The endpoint of ECS, for a relative URI. https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html */
const CONTAINER_HOST = 'http://169.254.170.2'

/** A relative URI takes precedence, even an empty one. */
export function containerPlan({ env }: Runtime): Plan | undefined {
  const relative = env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI
  if (relative !== undefined) {
    const why = 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is set'
    return { kind: 'container', why, url: CONTAINER_HOST + relative }
  }
  const full = env.AWS_CONTAINER_CREDENTIALS_FULL_URI
  if (full === undefined) return undefined
  return { kind: 'container', why: 'AWS_CONTAINER_CREDENTIALS_FULL_URI is set', url: full }
}

/** The last source of the chain: only a request can tell whether it has credentials. */
export function instanceMetadataPlan(settings: Settings): Plan | undefined {
  const { disabled, endpoint } = settings.instanceMetadata
  return disabled ? undefined : { kind: 'instance-metadata', why: 'no other credential source is configured', endpoint }
}
