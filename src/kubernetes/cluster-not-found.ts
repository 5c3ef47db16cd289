import { closestMatch } from '../closest-match.ts'
import type { Settings } from '../config/settings.ts'
import { EksTokenError } from '../errors.ts'
import { redactValue } from '../redact.ts'
import type { EksContext } from './describe-cluster.ts'

/** Whether EKS responded that the cluster does not exist. */
export function isClusterNotFound(error: unknown): error is EksTokenError {
  const { code, message = '' } = error as { code?: string; message?: string }
  return code === 'ERR_SERVICE' && message.includes('(ResourceNotFoundException)')
}

/** The same error with a hint that names the region of the request, without another request. */
export function locateNotFound(error: EksTokenError, { region }: Settings): EksTokenError {
  const place = `${redactValue(region?.value ?? '')}${sourceOf(region)}`
  const remedy = `searched region ${place}: check the name and the account; ${OTHERS}`
  return new EksTokenError(error.code, error.message, { cause: error, remedy })
}

const OTHERS = 'for another region or account, use --region REGION or --profile PROFILE'

/**
 * The same error with a hint that names the region and the account of the request, and the clusters there, if they can be listed:
 * a cluster that is not found is usually in another region or account, or its name is mistyped.
 *
 * @param account - that the request was signed for; undefined: not known
 * @param lineFor - the command line with the name and the region of a cluster
 */
export async function explainNotFound(
  error: EksTokenError,
  name: string,
  account: string | undefined,
  lineFor: (name: string, region: string) => string,
  context: EksContext,
): Promise<EksTokenError> {
  // Its bundle contains the client of EKS, and is loaded already.
  const { listClusters } = await import('./describe-cluster.ts')
  const names = await listClusters(context).catch(() => undefined)
  const { region } = context.endpoint
  const place = `${redactValue(region)}${sourceOf(context.settings.region)}, account ${account ?? 'unknown'}`
  return new EksTokenError(error.code, error.message, {
    cause: error,
    remedy: `searched region ${place}: ${describe(name, names, (near) => lineFor(near, region))}; ${OTHERS}`,
  })
}

function sourceOf(region: Settings['region']): string {
  return region === undefined ? '' : ` (${region.source})`
}

/** More would hide the rest of the hint. */
const MAX_NAMES = 8

function describe(name: string, names: readonly string[] | undefined, lineFor: (name: string) => string): string {
  if (names === undefined)
    return 'check the name (the clusters there cannot be listed: eks:ListClusters is not allowed)'
  if (names.length === 0) return 'there are no clusters'
  const near = names.find((other) => other.toLowerCase() === name.trim().toLowerCase()) ?? closestMatch(name, names)
  if (near !== undefined) return `did you mean '${lineFor(near)}'?`
  const more = names.length > MAX_NAMES ? ', …' : ''
  return `the clusters there are ${names.slice(0, MAX_NAMES).map(redactValue).join(', ')}${more}`
}
