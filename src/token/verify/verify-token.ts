import type { Settings } from '../../config/settings.ts'
import { describePlan, type Plan } from '../../credentials/sources/registry.ts'
import { collapseWhitespace } from '../../python/strip.ts'
import type { Runtime } from '../../runtime.ts'
import { callSts } from './call-sts.ts'
import { type Inspection, inspectToken } from './inspection.ts'
import { parameterOf } from './parameters.ts'
import { parseTokenUrl } from './token-url.ts'
import { clockSkew, parseVerification, type StsVerdict } from './verdict.ts'

/** The result of verifying a token as an API server does. */
export interface Verification {
  /** The checks that need no network. */
  readonly inspection: Inspection
  /** undefined: STS was not called, because the token fails the API server's own checks. */
  readonly verdict: StsVerdict | undefined
  /** Local clock minus STS clock, in seconds; undefined when unknown. */
  readonly skewSeconds: number | undefined
}

export interface VerifyContext {
  readonly network: Settings['network']
  readonly runtime: Pick<Runtime, 'env' | 'homeDirectory' | 'now' | 'processHost'>
  /** Of a token that was generated just now, for the cluster name that STS is called with; undefined: another token. */
  readonly plan: Plan | undefined
}

/**
 * Verifies a token as the API server of a cluster does: its own checks first, then a request to STS. A token that appears
 * too old is sent nevertheless, because the local clock may be wrong. A token that fails any other check is not, and the
 * request goes to STS endpoints only.
 *
 * @throws EksTokenError `ERR_NETWORK` when STS does not respond
 */
export async function verifyToken(token: string, clusterId: string, context: VerifyContext): Promise<Verification> {
  const { network, runtime, plan } = context
  const parts = parseTokenUrl(token)
  const inspection = inspectToken(token, runtime.now())
  const isRejected = inspection.rules.some(
    ({ enforcedBy, id, status }) => enforcedBy === 'server' && status !== 'pass' && id !== 'age',
  )
  if (isRejected || !inspection.sts || !parts.url) return { inspection, verdict: undefined, skewSeconds: undefined }
  const secrets = tokenSecrets(token)
  const target = `${parts.url.path}?${parts.url.query}`
  const response = await callSts(inspection.sts, target, collapseWhitespace(clusterId), { network, runtime, secrets })
  const isFromEnvironment = plan?.kind === 'environment'
  const skewSeconds = clockSkew(response, runtime.now())
  return {
    inspection,
    verdict: parseVerification(response, {
      skewSeconds,
      secrets,
      signedBy: plan && describePlan(plan),
      isFromEnvironment,
    }),
    skewSeconds,
  }
}

/** The parts of a token that must not be printed. */
export function tokenSecrets(token: string): readonly (string | undefined)[] {
  const parts = parseTokenUrl(token)
  return [token, parameterOf(parts, 'x-amz-signature'), parameterOf(parts, 'x-amz-security-token')]
}
