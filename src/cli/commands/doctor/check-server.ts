import { isLoopback, parseEksHost } from '../../../aws/eks-host.ts'
import { type ApiServerResponse, requestApiServer } from '../../../kubernetes/api-server.ts'
import { parseClusterEntry } from '../../../kubernetes/context.ts'
import { asList, field, textField } from '../../../kubernetes/kubeconfig.ts'
import { redactUrl, sanitizeExternalText } from '../../../redact.ts'
import { secretsOf } from '../../../token/verify/verify-token.ts'
import { type Check, type DoctorContext, type Finding, fail, ok, requireArtifact, warn } from './context.ts'

export const SERVER_CHECKS: readonly Check[] = [
  {
    id: 'api-server',
    waitsFor: 'the API server',
    needs: ['kubeContext'],
    run: checkServer,
    remedy: 'see that the endpoint can be reached from here (VPN, proxy-url, public access), and write the entry anew',
  },
  {
    id: 'who-am-i',
    waitsFor: 'the API server',
    needs: ['serverIsReady', 'token'],
    run: checkWho,
    remedy: 'see the logs of the cluster: the authenticator says there why it refuses',
  },
]

/** As kubectl goes there: with the variables of the shell, not with those of the exec block. */
async function checkServer(context: DoctorContext): Promise<Finding> {
  const { cluster } = requireArtifact(context, 'kubeContext')
  if (!URL.canParse(cluster.server)) return fail(`${redactUrl(cluster.server)} is no URL`)
  const { hostname, protocol } = new URL(cluster.server)
  const shown = redactUrl(cluster.server)
  if (protocol !== 'https:') return fail(`${shown} is no https: URL: no token is sent there`)
  if (cluster.skipsVerification) {
    return warn(
      `${shown}: insecure-skip-tls-verify is set, so anybody could be there: no token is sent`,
      'take it out of the kubeconfig, and write the entry anew for its certificate authority',
    )
  }
  if (!parseEksHost(hostname) && !isLoopback(hostname) && !context.options.sendToken) {
    return warn(
      `${shown} is no host of EKS: it is left out, and no token is sent there`,
      'if it is yours, run it again with --send-token',
    )
  }
  const ca = cluster.caData ?? (cluster.caFile === undefined ? undefined : context.runtime.readText(cluster.caFile))
  if (cluster.caFile !== undefined && ca === undefined)
    return fail(`the certificate authority ${cluster.caFile} cannot be read`)
  const answer = await requestApiServer(cluster, ca, context.runtime.env, { method: 'GET', path: '/version' })
  if ('failed' in answer) return unreachable(shown, answer)
  const version = textField(answer.body, 'gitVersion')
  const told =
    version === undefined ? `status ${answer.status}` : `version ${sanitizeExternalText(version).slice(0, 60)}`
  return ok(`${shown}, ${told}`, { serverIsReady: true })
}

function unreachable(shown: string, answer: Extract<ApiServerResponse, { failed: string }>): Finding {
  const { failed, why } = answer
  if (failed === 'certificate') {
    return fail(
      `${shown}: its certificate is not of the kubeconfig's authority (${why})`,
      'the cluster may have been made anew, or a proxy opens the connection: write the entry anew, or go without the proxy',
    )
  }
  const words = {
    proxy: 'the proxy cannot be gone through',
    connect: 'it cannot be reached',
    timeout: 'it does not answer',
  }
  return fail(`${shown}: ${words[failed]} (${why})`)
}

const REVIEW = { kind: 'SelfSubjectReview', apiVersion: 'authentication.k8s.io/v1' }
const REVIEW_PATH = '/apis/authentication.k8s.io/v1/selfsubjectreviews'

async function checkWho(context: DoctorContext): Promise<Finding> {
  const { cluster } = requireArtifact(context, 'kubeContext')
  const { token } = requireArtifact(context, 'token')
  const ca = cluster.caData ?? (cluster.caFile === undefined ? undefined : context.runtime.readText(cluster.caFile))
  const request = { method: 'POST', path: REVIEW_PATH, token, body: REVIEW } as const
  const answer = await requestApiServer(cluster, ca, context.runtime.env, request)
  if ('failed' in answer) return unreachable(redactUrl(cluster.server), answer)
  const { status, body } = answer
  if (status === 401) return refused(context)
  if (status === 403) return ok('the server knows the identity, and does not let it ask who it is')
  if (status === 404) return ok('the server takes the token; it is too old to say for whom (before 1.28)')
  const user = field(field(body, 'status'), 'userInfo')
  const username = textField(user, 'username')
  if (status >= 300 || username === undefined) return warn(`an answer with status ${status} that says nothing`)
  const groups = asList(field(user, 'groups')).filter((group) => group !== 'system:authenticated')
  const safe = (text: unknown): string => sanitizeExternalText(String(text), secretsOf(token)).slice(0, 120)
  const inGroups =
    groups.length > 0 ? `, groups ${groups.slice(0, 8).map(safe).join(', ')}` : ', in no group of its own'
  return ok(`the server takes us for ${safe(username)}${inGroups}`)
}

/** STS says yes and the server no: what is left are the mapping, the name and the account. */
function refused(context: DoctorContext): Finding {
  const { verified, principal } = context.found
  if (!verified?.identity || !principal) {
    return fail('401 Unauthorized, as was to be expected of this token', 'see the lines above')
  }
  const { clusterName, clusterId } = requireArtifact(context, 'tokenOptions')
  const id = clusterName || clusterId
  const named = parseClusterEntry(requireArtifact(context, 'kubeContext').clusterEntry)
  const inList =
    principal.kind === 'role' ? `${principal.mappedArn}, without any path in aws-auth` : principal.mappedArn
  const isOther = named !== undefined && named.name !== id
  const name = `wrong cluster name: ${id} is not the name that the cluster has in EKS`
  const reasons = [
    ...(isOther ? [name] : []),
    ...(named?.account && named.account !== principal.account
      ? [`other account: the cluster is of ${named.account}, the identity of ${principal.account}`]
      : []),
    `no access entry or mapping for ${inList}${pathOf(context)}`,
    ...(isOther ? [] : [name]),
  ]
  return fail(
    `401 Unauthorized, although STS confirms ${verified.identity.arn}. One of these:\n${reasons.map((reason) => `- ${reason}`).join('\n')}`,
    `ask who administers the cluster for a mapping; 'eks-get-token verify --cluster-name ${id}' writes it; see 'aws eks describe-cluster --name ${id}' for name and account`,
  )
}

function pathOf(context: DoctorContext): string {
  const { principal } = context.found
  if (principal?.kind !== 'role') return ''
  if (principal.fullArn === undefined) return ' (an access entry wants the path, if the role has one)'
  return principal.fullArn === principal.mappedArn ? '' : ` (an access entry wants ${principal.fullArn})`
}
