import type { Environment, Settings } from '../../settings/settings.ts'
import { collapse } from '../../settings/white-space.ts'
import { askAsServer } from './ask-sts.ts'
import { clockSkew, readAnswer, type Verified } from './identity.ts'
import { type Inspection, inspectToken } from './inspection.ts'
import { parameterOf } from './parameters.ts'
import { readTokenUrl } from './token-url.ts'

/** What a server would learn about a token. */
export interface Verification {
  readonly inspection: Inspection
  /** undefined: STS was not asked, because a rule of the server does not hold. */
  readonly answer: Verified | undefined
  /** This clock minus that of STS, in seconds; undefined: not known. */
  readonly skewSeconds: number | undefined
}

export interface VerifyContext {
  readonly network: Settings['network']
  readonly env: Environment
  readonly now: () => Date
}

/**
 * Verifies a token as the API server of a cluster does: its own rules first, then STS. STS is asked although the token
 * seems too old from here, because it may be this clock that is wrong; never though where another rule is broken, and
 * never under a name that is not one of STS.
 *
 * @throws EksTokenError `ERR_NETWORK` when STS does not answer
 */
export async function verifyToken(token: string, clusterId: string, context: VerifyContext): Promise<Verification> {
  const parts = readTokenUrl(token)
  const inspection = inspectToken(token, context.now())
  const isBroken = inspection.rules.some(({ of, id, status }) => of === 'server' && status !== 'pass' && id !== 'age')
  if (isBroken || !inspection.sts || !parts.url) return { inspection, answer: undefined, skewSeconds: undefined }
  const secrets = secretsOf(token)
  const { network, env } = context
  const target = `${parts.url.path}?${parts.url.query}`
  const answer = await askAsServer(inspection.sts, target, collapse(clusterId), { network, env, secrets })
  const skewSeconds = clockSkew(answer, context.now())
  return { inspection, answer: readAnswer(answer, skewSeconds, secrets), skewSeconds }
}

/** What nothing may show of a token. */
export function secretsOf(token: string): readonly (string | undefined)[] {
  const parts = readTokenUrl(token)
  return [token, parameterOf(parts, 'x-amz-signature'), parameterOf(parts, 'x-amz-security-token')]
}
