import type { Settings } from '../../config/settings.ts'
import { collapseWhitespace } from '../../python/strip.ts'
import type { Runtime } from '../../runtime.ts'
import { callSts } from './call-sts.ts'
import { type Inspection, inspectToken } from './inspection.ts'
import { parameterOf } from './parameters.ts'
import { parseTokenUrl } from './token-url.ts'
import { clockSkew, parseVerification, type StsVerdict } from './verdict.ts'

/** What a server would learn about a token. */
export interface Verification {
  readonly inspection: Inspection
  /** undefined: STS was not asked, because a rule of the server does not hold. */
  readonly verdict: StsVerdict | undefined
  /** This clock minus that of STS, in seconds; undefined: not known. */
  readonly skewSeconds: number | undefined
}

export interface VerifyContext {
  readonly network: Settings['network']
  readonly runtime: Pick<Runtime, 'env' | 'homeDirectory' | 'now'>
}

/**
 * Verifies a token as the API server of a cluster does: its own rules first, then STS. STS is asked although the token
 * seems too old from here, because it may be this clock that is wrong; never though where another rule is broken, and
 * never under a name that is not one of STS.
 *
 * @throws EksTokenError `ERR_NETWORK` when STS does not answer
 */
export async function verifyToken(token: string, clusterId: string, context: VerifyContext): Promise<Verification> {
  const { network, runtime } = context
  const parts = parseTokenUrl(token)
  const inspection = inspectToken(token, runtime.now())
  const isBroken = inspection.rules.some(
    ({ enforcedBy, id, status }) => enforcedBy === 'server' && status !== 'pass' && id !== 'age',
  )
  if (isBroken || !inspection.sts || !parts.url) return { inspection, verdict: undefined, skewSeconds: undefined }
  const secrets = secretsOf(token)
  const target = `${parts.url.path}?${parts.url.query}`
  const answer = await callSts(inspection.sts, target, collapseWhitespace(clusterId), { network, runtime, secrets })
  const skewSeconds = clockSkew(answer, runtime.now())
  return { inspection, verdict: parseVerification(answer, skewSeconds, secrets), skewSeconds }
}

/** What nothing may show of a token. */
export function secretsOf(token: string): readonly (string | undefined)[] {
  const parts = parseTokenUrl(token)
  return [token, parameterOf(parts, 'x-amz-signature'), parameterOf(parts, 'x-amz-security-token')]
}
