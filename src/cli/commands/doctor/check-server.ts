import { parseEksHost } from '../../../aws/eks-host.ts'
import { asList, field, textField } from '../../../json.ts'
import { type ApiServerResponse, requestApiServer } from '../../../kubernetes/api-server.ts'
import type { ClusterAccess, UserAccess } from '../../../kubernetes/context.ts'
import { UPDATE_COMMAND } from '../../../kubernetes/kubeconfig/read.ts'
import { impersonationHeaders, type StaticCredentials } from '../../../kubernetes/user-credentials.ts'
import { isLoopback } from '../../../net/loopback.ts'
import { redactUrl, redactValue, sanitizeExternalText } from '../../../redact.ts'
import { tokenSecrets } from '../../../token/verify/verify-token.ts'
import { type DoctorContext, defineCheck, type Finding, fail, ok, warn } from './context.ts'
import type { Files } from './files.ts'
import { unauthorized } from './unauthorized.ts'

/** The proxy settings are those of the shell, as for kubectl, not those of the exec block. */
export const apiServerCheck = defineCheck({
  id: 'api-server',
  waitsFor: 'the API server',
  needs: ['kubeContext', 'isUsable'],
  remedy: ({ hasKubeconfig }) =>
    hasKubeconfig
      ? `check that the endpoint is reachable (VPN, proxy-url, public access), or regenerate the kubeconfig entry with ${UPDATE_COMMAND}`
      : 'check that the endpoint is reachable from here (VPN, public access to the endpoint, HTTPS_PROXY)',
  run: async ({ kubeContext: { cluster } }, context) => {
    const { runtime, options, files } = context
    const problem = unsafeServer(cluster, options.sendToken)
    if (problem) return problem
    const ca = certificateAuthority(cluster, files)
    const response = await requestApiServer(cluster, ca, runtime.env, { method: 'GET', path: '/version' })
    if ('failed' in response) return connectionFailure(cluster, response, context)
    const version = textField(response.body, 'gitVersion')
    const description =
      version === undefined ? `HTTP status ${response.status}` : `version ${sanitizeExternalText(version).slice(0, 60)}`
    return ok(`${redactUrl(cluster.server)}, ${description}`, { apiServer: { cluster, ca } })
  },
})

/** PEM text; undefined: the trust store of the runtime. */
export function certificateAuthority({ caData, caFile }: ClusterAccess, files: Files): string | undefined {
  return caData ?? (caFile === undefined ? undefined : (files.readText(caFile) ?? ''))
}

/**
 * A reason not to send a token to a server, whatever it responds. A kubeconfig names its own certificate authority, so a valid
 * certificate proves nothing about a server that is not reached by an EKS host name, or only through the kubeconfig's own proxy.
 */
export function unsafeServer(
  { server, skipsVerification, proxyUrl }: ClusterAccess,
  sendToken: boolean,
): Finding | undefined {
  const shown = redactUrl(server)
  if (!URL.canParse(server)) return fail(`${shown} is not a valid URL`)
  const { hostname, protocol } = new URL(server)
  if (protocol !== 'https:') {
    return fail(`${shown} is not an https URL; no token is sent`, { remedy: 'change server: to an https URL' })
  }
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
  certificate: 'the server certificate cannot be verified with the certificate authority',
  proxy: 'cannot connect through the proxy',
  connect: 'cannot connect',
  timeout: 'no response',
}

function connectionFailure(
  { server, proxyUrl }: ClusterAccess,
  { failed, why }: ConnectionFailure,
  { hasKubeconfig }: Pick<DoctorContext, 'hasKubeconfig'>,
): Finding {
  const finding = `${redactUrl(server)}: ${CONNECTION_FAILURES[failed]} (${why})`
  if (failed === 'proxy') {
    const { hostname } = new URL(server)
    return fail(finding, {
      remedy:
        proxyUrl === undefined
          ? `correct HTTPS_PROXY, allow ${hostname} in the proxy, or list it in NO_PROXY`
          : `correct proxy-url: in the kubeconfig, or allow ${hostname} in that proxy`,
    })
  }
  if (failed !== 'certificate') return fail(finding)
  const source = hasKubeconfig ? 'of the kubeconfig' : 'that EKS returns for the cluster'
  return fail(`${redactUrl(server)}: ${CONNECTION_FAILURES[failed]} ${source} (${why})`, {
    remedy: hasKubeconfig
      ? `regenerate the kubeconfig entry with ${UPDATE_COMMAND} if the cluster was recreated; check whether a proxy intercepts TLS`
      : 'check whether a proxy between this machine and the cluster intercepts TLS',
  })
}

/** https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/self-subject-review-v1/ */
const REVIEW = { kind: 'SelfSubjectReview', apiVersion: 'authentication.k8s.io/v1' }
const REVIEW_PATH = '/apis/authentication.k8s.io/v1/selfsubjectreviews'

/** Asks an API server who it takes the credentials for, as the user that the kubeconfig impersonates. */
export function authenticate(
  cluster: ClusterAccess,
  user: UserAccess,
  credentials: Pick<StaticCredentials, 'authorization' | 'certificate'>,
  { runtime, files }: Pick<DoctorContext, 'runtime' | 'files'>,
): Promise<ApiServerResponse> {
  return requestApiServer(cluster, certificateAuthority(cluster, files), runtime.env, {
    method: 'POST',
    path: REVIEW_PATH,
    credentials,
    headers: impersonationHeaders(user),
    body: REVIEW,
  })
}

export const identityCheck = defineCheck({
  id: 'who-am-i',
  waitsFor: 'the API server',
  needs: ['apiServer', 'kubeContext'],
  remedy: 'see the authenticator logs of the control plane for the reason',
  // Without credentials there is nothing to ask about.
  isNeeded: ({ token, staticCredentials }) => token !== undefined || staticCredentials !== undefined,
  run: async (artifacts, context) => {
    const { kubeContext, staticCredentials, token } = artifacts
    const { cluster, user } = kubeContext
    const bearer = { authorization: `Bearer ${token?.token}`, certificate: undefined }
    const response = await authenticate(cluster, user, staticCredentials ?? bearer, context)
    if ('failed' in response) return connectionFailure(cluster, response, context)
    const { status, body } = response
    if (status === 401) return unauthorized(artifacts, response, context)
    const secrets = token ? tokenSecrets(token.token) : [staticCredentials?.authorization]
    const safe = (text: unknown): string => sanitizeExternalText(String(text), secrets).slice(0, 120)
    const reason = safe(textField(body, 'message') ?? '')
    if (status === 403) return forbidden(user, reason)
    const isAuthenticated = { isAuthenticated: true } as const
    if (status === 404) return ok('authenticated; SelfSubjectReview requires Kubernetes 1.28 or later', isAuthenticated)
    const userInfo = field(field(body, 'status'), 'userInfo')
    const username = textField(userInfo, 'username')
    if (status >= 500)
      return fail(`the API server returned an error (HTTP status ${status})`, {
        remedy: 'try again later, and check the status of the cluster',
      })
    if (status >= 300 || username === undefined) return warn(`unexpected response (HTTP status ${status})`)
    if (username === ANONYMOUS) return fail(ANONYMOUS_MESSAGE, { remedy: ANONYMOUS_REMEDY })
    const groups = asList(field(userInfo, 'groups')).filter((group) => group !== 'system:authenticated')
    const groupText = groups.length > 0 ? `groups ${groups.slice(0, 8).map(safe).join(', ')}` : 'no additional groups'
    return ok(`authenticated as ${safe(username)}, ${groupText}`, isAuthenticated)
  },
})

const ANONYMOUS = 'system:anonymous'
const ANONYMOUS_MESSAGE = `the API server authenticates the request as ${ANONYMOUS}: the token did not reach it`
const ANONYMOUS_REMEDY =
  'check whether a proxy or a load balancer in front of the API server removes the Authorization header'

function forbidden(user: UserAccess, reason: string): Finding {
  if (reason.includes(ANONYMOUS)) return fail(ANONYMOUS_MESSAGE, { remedy: ANONYMOUS_REMEDY })
  if (user.impersonate !== '' && /impersonate/.test(reason)) {
    return fail(`the identity is not allowed to act as ${redactValue(user.impersonate)} (as: in the kubeconfig)`, {
      remedy: 'remove as: from the user in the kubeconfig, or allow the verb impersonate in the cluster',
      artifacts: {},
    })
  }
  return ok('authenticated; SelfSubjectReview is forbidden', { isAuthenticated: true })
}
