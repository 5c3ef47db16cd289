import { parseEksHost } from '../../../aws/eks-host.ts'
import { asList, field, textField } from '../../../json.ts'
import { type ApiServerResponse, requestApiServer } from '../../../kubernetes/api-server.ts'
import { type ClusterAccess, parseClusterEntry } from '../../../kubernetes/context.ts'
import { isLoopback } from '../../../net/loopback.ts'
import { shellQuote } from '../../../python/shlex.ts'
import { redactUrl, sanitizeExternalText } from '../../../redact.ts'
import type { Principal } from '../../../token/verify/principal.ts'
import { tokenSecrets } from '../../../token/verify/verify-token.ts'
import { type CheckArtifacts, defineCheck, type Finding, fail, ok, SEE_FAILED_CHECKS, warn } from './context.ts'

/** The proxy settings are those of the shell, as for kubectl, not those of the exec block. */
export const apiServerCheck = defineCheck({
  id: 'api-server',
  waitsFor: 'the API server',
  needs: ['kubeContext'],
  remedy: 'check that the endpoint is reachable (VPN, proxy-url, public access), or regenerate the kubeconfig entry',
  run: async ({ kubeContext: { cluster } }, { runtime, options }) => {
    const problem = unsafeServer(cluster, options.sendToken)
    if (problem) return problem
    const { caData, caFile } = cluster
    const ca = caData ?? (caFile === undefined ? undefined : runtime.readText(caFile))
    if (caFile !== undefined && ca === undefined) return fail(`cannot read the certificate authority file ${caFile}`)
    const response = await requestApiServer(cluster, ca, runtime.env, { method: 'GET', path: '/version' })
    if ('failed' in response) return connectionFailure(cluster, response)
    const version = textField(response.body, 'gitVersion')
    const description =
      version === undefined ? `HTTP status ${response.status}` : `version ${sanitizeExternalText(version).slice(0, 60)}`
    return ok(`${redactUrl(cluster.server)}, ${description}`, { apiServer: { cluster, ca } })
  },
})

/**
 * A reason not to send a token to a server, whatever it responds. A kubeconfig names its own certificate authority, so a valid
 * certificate proves nothing about a server that is not reached by an EKS host name, or only through the kubeconfig's own proxy.
 */
function unsafeServer({ server, skipsVerification, proxyUrl }: ClusterAccess, sendToken: boolean): Finding | undefined {
  const shown = redactUrl(server)
  if (!URL.canParse(server)) return fail(`${shown} is not a valid URL`)
  const { hostname, protocol } = new URL(server)
  if (protocol !== 'https:') return fail(`${shown} is not an https: URL; no token is sent`)
  if (skipsVerification) {
    return warn(`${shown}: insecure-skip-tls-verify is set, so the server is not authenticated; no token is sent`, {
      remedy: 'remove it, and regenerate the kubeconfig entry to get the certificate authority of the cluster',
    })
  }
  if (sendToken) return undefined
  const remedy = 'if you trust this server, run doctor again with --send-token'
  if (!parseEksHost(hostname)) {
    const what = isLoopback(hostname) ? 'is an address of this machine, not' : 'is not'
    return warn(`${shown} ${what} an EKS endpoint: skipped, no token is sent`, { remedy })
  }
  if (proxyUrl === undefined) return undefined
  return warn(
    `${shown} is reached through ${redactUrl(proxyUrl)}, the proxy-url of the kubeconfig: skipped, no token is sent`,
    {
      remedy:
        'if you trust this proxy and the certificate authority of the kubeconfig, run doctor again with --send-token',
    },
  )
}

type ConnectionFailure = Extract<ApiServerResponse, { failed: string }>

const CONNECTION_FAILURES: Readonly<Record<ConnectionFailure['failed'], string>> = {
  certificate: "the server certificate cannot be verified with the kubeconfig's certificate authority",
  proxy: 'cannot connect through the proxy',
  connect: 'cannot connect',
  timeout: 'no response',
}

function connectionFailure({ server }: ClusterAccess, { failed, why }: ConnectionFailure): Finding {
  const message = `${redactUrl(server)}: ${CONNECTION_FAILURES[failed]} (${why})`
  if (failed !== 'certificate') return fail(message)
  return fail(message, {
    remedy: 'regenerate the kubeconfig entry if the cluster was recreated; check whether a proxy intercepts TLS',
  })
}

/** https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/self-subject-review-v1/ */
const REVIEW = { kind: 'SelfSubjectReview', apiVersion: 'authentication.k8s.io/v1' }
const REVIEW_PATH = '/apis/authentication.k8s.io/v1/selfsubjectreviews'

export const identityCheck = defineCheck({
  id: 'who-am-i',
  waitsFor: 'the API server',
  needs: ['apiServer', 'token', 'kubeContext', 'tokenOptions'],
  remedy: 'see the authenticator logs of the control plane for the reason',
  run: async (artifacts, { runtime }) => {
    const { cluster, ca } = artifacts.apiServer
    const { token } = artifacts.token
    const request = { method: 'POST', path: REVIEW_PATH, token, body: REVIEW } as const
    const response = await requestApiServer(cluster, ca, runtime.env, request)
    if ('failed' in response) return connectionFailure(cluster, response)
    const { status, body } = response
    if (status === 401) return unauthorized(artifacts)
    if (status === 403) return ok('authenticated; SelfSubjectReview is forbidden')
    if (status === 404) return ok('authenticated; SelfSubjectReview requires Kubernetes 1.28 or later')
    const user = field(field(body, 'status'), 'userInfo')
    const username = textField(user, 'username')
    if (status >= 300 || username === undefined) return warn(`unexpected response (HTTP status ${status})`)
    const safe = (text: unknown): string => sanitizeExternalText(String(text), tokenSecrets(token)).slice(0, 120)
    const groups = asList(field(user, 'groups')).filter((group) => group !== 'system:authenticated')
    const groupText = groups.length > 0 ? `groups ${groups.slice(0, 8).map(safe).join(', ')}` : 'no additional groups'
    return ok(`authenticated as ${safe(username)}, ${groupText}`)
  },
})

type IdentityArtifacts = Pick<CheckArtifacts, 'kubeContext' | 'tokenOptions'> & Partial<CheckArtifacts>

/** STS accepts the token and the API server does not: what remains are the mapping, the cluster name and the account. */
function unauthorized({ verdict, principal, kubeContext, tokenOptions }: IdentityArtifacts): Finding {
  if (!verdict?.identity || !principal) {
    return fail('401 Unauthorized, caused by the failed checks above', { remedy: SEE_FAILED_CHECKS })
  }
  const id = tokenOptions.clusterName || tokenOptions.clusterId || ''
  const named = parseClusterEntry(kubeContext.clusterEntry)
  const isOtherName = named !== undefined && named.name !== id
  const wrongName = `wrong cluster name: ${id} is not the name of this cluster in EKS`
  const causes = [
    ...(isOtherName ? [wrongName] : []),
    ...(named?.account && named.account !== principal.account
      ? [`different account: the identity is in ${principal.account}, the cluster in ${named.account}`]
      : []),
    missingMapping(principal),
    ...(isOtherName ? [] : [wrongName]),
  ]
  const list = causes.map((cause) => `- ${cause}`).join('\n')
  const name = shellQuote(id)
  return fail(
    `401 Unauthorized, although STS accepts the token of ${verdict.identity.arn}. Possible causes:\n${list}`,
    {
      remedy: `run 'eks-get-token verify --cluster-name ${name}' for a mapping that a cluster admin can apply, and 'aws eks describe-cluster --name ${name}' for the name and account of the cluster`,
    },
  )
}

function missingMapping({ kind, mappedArn, fullArn }: Principal): string {
  if (kind === 'role' && fullArn === undefined) {
    return `no access entry (with the path of the role, if it has one) and no aws-auth mapping for ${mappedArn}`
  }
  if (fullArn === undefined || fullArn === mappedArn) return `no access entry and no aws-auth mapping for ${mappedArn}`
  return `no access entry for ${fullArn} and no aws-auth mapping for ${mappedArn} (without the path)`
}
