import { hasDirection, isRegionName, regionMeantBy } from '../aws/regions.ts'
import type { Token } from '../create-token.ts'
import type { ExecInfo } from '../kubernetes/exec-info.ts'
import { redactValue, sanitizeLine } from '../redact.ts'
import { MAX_TOKEN_BYTES } from '../token/token.ts'
import { parseClusterArn } from './cluster-arn.ts'
import type { Terminal } from './terminal.ts'

/** The AWS CLI's texts. https://github.com/aws/aws-cli/blob/2.36.7/awscli/customizations/eks/get_token.py */
const EXEC_INFO_WARNINGS = {
  malformed:
    'Error parsing KUBERNETES_EXEC_INFO, defaulting to client.authentication.k8s.io/v1beta1. This is likely a bug in your Kubernetes client. Please update your Kubernetes client.',
  deprecated:
    "Kubeconfig user entry is using deprecated API version client.authentication.k8s.io/v1alpha1. Run 'aws eks update-kubeconfig' to update.",
  unrecognized:
    'Unrecognized API version in KUBERNETES_EXEC_INFO, defaulting to client.authentication.k8s.io/v1beta1. This is likely due to an outdated AWS CLI. Please update your AWS CLI.',
} as const satisfies Record<NonNullable<ExecInfo['problem']>, string>

/** What is wrong with a token that was created nevertheless, as by the AWS CLI: lines for stderr. */
export function tokenWarnings(
  token: Token,
  clusterName: string | undefined,
  { problem, isSet }: ExecInfo,
  terminal: Pick<Terminal, 'stderr'>,
): string {
  const warnings = [
    ...(problem === undefined ? [] : [EXEC_INFO_WARNINGS[problem]]),
    ...sizeWarning(token),
    ...(isSet ? [] : nameWarnings(token, clusterName, terminal)),
  ]
  return warnings.map((line) => `${sanitizeLine(line)}\n`).join('')
}

function sizeWarning({ token, sessionTokenBytes }: Token): string[] {
  if (token.length <= MAX_TOKEN_BYTES) return []
  const size = `${token.length} bytes (maximum ${MAX_TOKEN_BYTES}), ${sessionTokenBytes} of them for the session token`
  return [`warning: the token is too large: ${size}; use fewer session tags or a shorter session policy`]
}

/** Names that no API server accepts in a token, for a user at a terminal. The region of a custom endpoint may have any name. */
function nameWarnings(
  { region, stsHost }: Token,
  clusterName: string | undefined,
  terminal: Pick<Terminal, 'stderr'>,
): string[] {
  if (!terminal.stderr().isTerminal) return []
  const warnings: string[] = []
  const name = region?.value.replace(/fips-|-fips/g, '') ?? ''
  if (region && stsHost.includes(`.${name}.`) && !(isRegionName(name) && hasDirection(name))) {
    const meant = regionMeantBy(name)
    warnings.push(
      `'${redactValue(region.value)}' (${region.source}) is not a region, and API servers reject a token for it; ` +
        (meant === undefined ? `correct ${region.source}` : `did you mean ${meant}?`),
    )
  }
  if (clusterName?.startsWith('arn:')) {
    const parts = parseClusterArn(clusterName)
    const fix = parts ? `use --cluster-name ${parts.name} --region ${parts.region}` : 'use the name of the cluster'
    warnings.push(`the cluster name is an ARN, and API servers reject a token for it; ${fix}`)
  }
  return warnings.map((warning) => `warning: ${warning}`)
}
