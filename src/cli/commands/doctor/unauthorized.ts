import { clusterLocation, parseClusterEntry } from '../../../kubernetes/context.ts'
import { collapseWhitespace } from '../../../python/strip.ts'
import { redactValue } from '../../../redact.ts'
import type { Principal } from '../../../token/verify/principal.ts'
import { describeSkew } from '../../../token/verify/refusals.ts'
import { snippetsFor } from '../../../token/verify/snippets.ts'
import { identityLine, missingVariables } from '../../identity-line.ts'
import { type CheckArtifacts, type DoctorContext, type Finding, fail, SEE_FAILED_CHECKS } from './context.ts'

type Artifacts = Pick<CheckArtifacts, 'kubeContext'> & Partial<CheckArtifacts>

/** STS accepts the token and the API server does not: what remains are the mapping, the cluster name and the account. */
export function unauthorized(
  artifacts: Artifacts,
  { date }: { readonly date: Date | undefined },
  { runtime }: DoctorContext,
): Finding {
  const { staticCredentials, verdict, principal, kubeContext, tokenOptions, sts } = artifacts
  if (staticCredentials) {
    return fail(`401 Unauthorized: the API server rejects the ${staticCredentials.key} of the user in the kubeconfig`, {
      remedy: `remove ${staticCredentials.key} from the user, and use an exec block`,
    })
  }
  if (sts && !(verdict?.identity && principal)) {
    return fail('401 Unauthorized, caused by the failed checks above', { remedy: SEE_FAILED_CHECKS })
  }
  const id = collapseWhitespace(tokenOptions?.clusterName || tokenOptions?.clusterId || '')
  const named = parseClusterEntry(kubeContext.clusterEntry)
  const isOtherName = named !== undefined && named.name !== id
  const wrongName = `wrong cluster name: ${redactValue(id)} is not the name of this cluster in EKS`
  const skew = date && describeSkew(Math.round((runtime.now().getTime() - date.getTime()) / 1000))
  const causes = [
    ...(isOtherName ? [wrongName] : []),
    ...(skew === undefined ? [] : [skew.replace('STS', 'API server')]),
    ...(principal && named?.account && named.account !== principal.account
      ? [`different account: the identity is in ${principal.account}, the cluster in ${named.account}`]
      : []),
    ...(principal
      ? [missingMapping(principal)]
      : ['an access key or a session that STS does not accept (STS was not reached from here)']),
    ...(isOtherName ? [] : [wrongName]),
  ]
  const { region } = clusterLocation(kubeContext)
  const list = causes.map((cause) => `- ${cause}`).join('\n')
  const accepted = verdict?.identity ? `, although STS accepts the token of ${verdict.identity.arn}` : ''
  const clusterRegion = region ?? artifacts.settings?.region?.value
  const line = identityLine(
    'doctor',
    { clusterName: id, region: clusterRegion, profile: tokenOptions?.profile },
    runtime.processHost.platform,
    { variables: missingVariables(artifacts.pluginRuntime?.env ?? {}, runtime.env) },
  )
  const snippets = principal && snippetsFor(principal, id, clusterRegion, runtime.processHost.platform)
  const mapping = snippets?.accessEntry === undefined ? '' : 'a cluster admin can apply one of the mappings below; '
  return fail(`401 Unauthorized${accepted}. Possible causes:\n${list}`, {
    remedy: `${mapping}to see the name and the account of the cluster, run: ${line} (or: aws eks describe-cluster)`,
    artifacts: snippets ? { snippets } : {},
  })
}

function missingMapping({ kind, mappedArn, fullArn }: Principal): string {
  if (kind === 'role' && fullArn === undefined) {
    return `no access entry (with the path of the role, if it has one) and no aws-auth mapping for ${mappedArn}`
  }
  if (fullArn === undefined || fullArn === mappedArn) return `no access entry and no aws-auth mapping for ${mappedArn}`
  return `no access entry for ${fullArn} and no aws-auth mapping for ${mappedArn} (without the path)`
}
