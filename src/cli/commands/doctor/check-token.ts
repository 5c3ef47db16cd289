import { parseEksHost } from '../../../aws/eks-host.ts'
import { parseStsHost } from '../../../aws/sts-host.ts'
import { createToken, type TokenOptions } from '../../../create-token.ts'
import { type Context, parseClusterEntry } from '../../../kubernetes/context.ts'
import { splitUrl } from '../../../python/urls.ts'
import { redactKeyId, redactUrl } from '../../../redact.ts'
import { formatDuration } from '../../../time-format.ts'
import { MAX_TOKEN_BYTES } from '../../../token/token.ts'
import { fetchServerTime } from '../../../token/verify/call-sts.ts'
import { inspectToken } from '../../../token/verify/inspection.ts'
import { parsePrincipal } from '../../../token/verify/principal.ts'
import { CLOCK_REMEDY, describeSkew, UNKNOWN_CODE_REMEDY } from '../../../token/verify/refusals.ts'
import { clockSkew } from '../../../token/verify/verdict.ts'
import { verifyToken } from '../../../token/verify/verify-token.ts'
import { type DoctorContext, defineCheck, fail, ok, SEE_FAILED_CHECKS, warn } from './context.ts'

/** STS rejects requests from a clock 5 minutes ahead; with one that is behind, tokens expire early. */
const MAX_SKEW_SECONDS = 240

export const clockCheck = defineCheck({
  id: 'clock',
  waitsFor: 'STS',
  needs: ['plan', 'settings', 'pluginRuntime'],
  remedy: CLOCK_REMEDY,
  run: async ({ settings: { sts, network }, pluginRuntime }) => {
    const endpoint = parseStsHost(splitUrl(sts.url).authority)
    if (!endpoint || !sts.url.startsWith('https:')) {
      return fail(`tokens are signed for ${redactUrl(sts.url)}, which API servers do not accept as an STS endpoint`, {
        remedy: 'check AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL, endpoint_url in the profile, and the region',
      })
    }
    const response = await fetchServerTime(endpoint, { network, runtime: pluginRuntime, secrets: [] })
    const skew = clockSkew(response, pluginRuntime.now())
    if (skew === undefined) {
      return warn(`the response from ${endpoint.host} has no Date header`, {
        remedy: 'check whether a proxy responds in place of STS',
      })
    }
    const problem = describeSkew(skew)
    if (problem === undefined) return ok(`in sync with ${endpoint.host} (${skew} s)`)
    return Math.abs(skew) > MAX_SKEW_SECONDS ? fail(problem) : warn(problem)
  },
})

/** Credentials that expire sooner than a token. */
const SHORT_LIFETIME_SECONDS = 14 * 60

export const credentialsCheck = defineCheck({
  id: 'credentials',
  waitsFor: 'credentials',
  needs: ['plan', 'tokenOptions', 'pluginRuntime'],
  remedy: "for details, run 'eks-get-token --debug' with the arguments of the exec block",
  run: async ({ tokenOptions, pluginRuntime }, context) => {
    const token = await createToken(withoutProgress(tokenOptions, context), pluginRuntime, context.deadline)
    const artifacts = { token }
    const { credentialsExpireAt } = token
    const accessKeyId = redactKeyId(token.accessKeyId ?? '')
    if (!credentialsExpireAt) return ok(`${accessKeyId}, no expiration`, artifacts)
    const seconds = (credentialsExpireAt.getTime() - pluginRuntime.now().getTime()) / 1000
    const message = `${accessKeyId}, expires in ${formatDuration(seconds)}`
    if (seconds >= SHORT_LIFETIME_SECONDS) return ok(message, artifacts)
    return warn(`${message}, which is less than the lifetime of a token (15 minutes)`, {
      remedy:
        'sign in again or increase the session duration of the role; otherwise clients must request tokens more often',
      artifacts,
    })
  },
})

/** Clears the progress line before a prompt for an MFA code, and before a credential_process is named. */
function withoutProgress(
  options: TokenOptions,
  { clearProgress, announceProcess: onProcessStart }: DoctorContext,
): TokenOptions {
  const { mfaCodeProvider } = options
  if (!mfaCodeProvider) return { ...options, onProcessStart }
  return {
    ...options,
    onProcessStart,
    mfaCodeProvider: (request) => {
      clearProgress()
      return mfaCodeProvider(request)
    },
  }
}

export const tokenCheck = defineCheck({
  id: 'token',
  needs: ['token', 'pluginRuntime'],
  remedy: "for all checks of the token, run 'eks-get-token inspect' with the same options",
  run: ({ token: { token, sessionTokenBytes }, pluginRuntime }) => {
    const bytes = Buffer.byteLength(token)
    if (bytes > MAX_TOKEN_BYTES) {
      return fail(
        `token too large: ${bytes} bytes (maximum ${MAX_TOKEN_BYTES}), ${sessionTokenBytes} of them for the session token`,
        { remedy: 'reduce the session tags or the session policy, or use another role' },
      )
    }
    const failed = inspectToken(token, pluginRuntime.now()).rules.find(({ status }) => status === 'fail')
    if (failed) return fail(`${failed.id}: ${failed.finding}`)
    return ok(`${bytes} bytes (maximum ${MAX_TOKEN_BYTES}), well-formed`)
  },
})

export const stsCheck = defineCheck({
  id: 'sts',
  waitsFor: 'STS',
  needs: ['token', 'settings', 'tokenOptions', 'pluginRuntime'],
  remedy: UNKNOWN_CODE_REMEDY,
  run: async ({ token: { token, plan }, settings: { network }, tokenOptions, pluginRuntime }) => {
    const clusterId = tokenOptions.clusterName || tokenOptions.clusterId || ''
    const { verdict } = await verifyToken(token, clusterId, { network, runtime: pluginRuntime })
    if (!verdict) {
      return fail('not called: API servers reject the token without calling STS', { remedy: SEE_FAILED_CHECKS })
    }
    if (verdict.refused) {
      const { code, meaning, remedy } = verdict.refused
      return fail(`${code}: ${meaning}`, { remedy, artifacts: { verdict } })
    }
    const principal = parsePrincipal(verdict.identity.arn, plan)
    return ok(`signed by ${verdict.identity.arn}`, { verdict, principal })
  },
})

export const accountCheck = defineCheck({
  id: 'account',
  needs: ['principal', 'kubeContext'],
  remedy: 'use a profile or role in the account of the cluster, unless the cluster grants access to other accounts',
  run: ({ principal, kubeContext }) => {
    const { account } = principal
    const cluster = clusterLocation(kubeContext)
    if (cluster.partition !== undefined && cluster.partition !== principal.partition) {
      return fail(
        `different partition: the identity is in ${principal.partition}, the cluster in ${cluster.partition}; API servers accept only tokens signed for STS in their own partition`,
        { remedy: `use a profile or role in partition ${cluster.partition}` },
      )
    }
    if (cluster.account === undefined) return ok(`${account} (the kubeconfig does not contain the cluster's account)`)
    if (cluster.account === account) return ok(`${account}, same as the cluster`)
    return warn(`different account: the identity is in ${account}, the cluster in ${cluster.account}`)
  },
})

/** What the kubeconfig says about where a cluster is. */
function clusterLocation({ clusterEntry, cluster: { server } }: Context) {
  const named = parseClusterEntry(clusterEntry)
  const endpoint = URL.canParse(server) ? parseEksHost(new URL(server).hostname) : undefined
  return { account: named?.account, partition: named?.partition ?? endpoint?.partition }
}
