import { signingTarget } from '../../aws/endpoints.ts'
import type { Settings } from '../../config/settings.ts'
import type { Credentials } from '../../credentials/credentials.ts'
import type { Plan } from '../../credentials/sources/registry.ts'
import type { Runtime } from '../../runtime.ts'
import { presignUrl } from '../sign.ts'
import { encodeToken } from '../token.ts'
import { type Verification, verifyToken } from './verify-token.ts'

/** What is signed in place of a cluster's name. */
const IDENTITY_REQUEST = 'identity'

/**
 * Asks STS whose credentials these are, with a request that no API server accepts as a token.
 *
 * @throws EksTokenError `ERR_NETWORK` when STS does not respond
 */
export async function callerIdentity(
  credentials: Credentials,
  plan: Plan,
  { settings, runtime }: { readonly settings: Settings; readonly runtime: Runtime },
): Promise<Verification> {
  const target = signingTarget(settings.sts)
  const url = presignUrl({ target, clusterId: IDENTITY_REQUEST, credentials, now: runtime.now() })
  return verifyToken(encodeToken(url), IDENTITY_REQUEST, { network: settings.network, runtime, plan })
}
