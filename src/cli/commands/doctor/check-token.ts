import { parseEksHost } from '../../../aws/eks-host.ts'
import { parseStsHost } from '../../../aws/sts-host.ts'
import { createToken } from '../../../create-token.ts'
import type { MfaRequest } from '../../../credentials/mfa.ts'
import { parseClusterEntry } from '../../../kubernetes/context.ts'
import { splitUrl } from '../../../python/urls.ts'
import { redactUrl } from '../../../redact.ts'
import { MAX_TOKEN_BYTES } from '../../../token/token.ts'
import { fetchServerTime } from '../../../token/verify/call-sts.ts'
import { inspectToken } from '../../../token/verify/inspection.ts'
import { parsePrincipal } from '../../../token/verify/principal.ts'
import { describeSkew } from '../../../token/verify/refusals.ts'
import { clockSkew } from '../../../token/verify/verdict.ts'
import { verifyToken } from '../../../token/verify/verify-token.ts'
import { formatDuration } from '../../time-format.ts'
import { type Check, type DoctorContext, type Finding, fail, ok, requireArtifact, warn } from './context.ts'

export const TOKEN_CHECKS: readonly Check[] = [
  { id: 'clock', waitsFor: 'STS', needs: ['plan'], run: checkClock, remedy: 'set the clock of this machine (NTP)' },
  {
    id: 'credentials',
    waitsFor: 'credentials',
    needs: ['plan'],
    run: checkCredentials,
    remedy: "run 'eks-get-token --debug' with the arguments of the exec block to see each step",
  },
  { id: 'token', needs: ['token'], run: checkToken, remedy: 'see which rule it is: eks-get-token inspect' },
  { id: 'sts', waitsFor: 'STS', needs: ['token'], run: checkSts, remedy: 'see the code in the documentation of STS' },
  {
    id: 'account',
    needs: ['principal'],
    run: checkAccount,
    remedy: 'use a profile or role of the account of the cluster, unless it lets in identities of others',
  },
]

/** Before the credentials: a wrong clock makes every signed call fail, each with words of its own. */
async function checkClock(context: DoctorContext): Promise<Finding> {
  const { sts, network } = requireArtifact(context, 'settings')
  const host = parseStsHost(splitUrl(sts.url).authority)
  if (!host || !sts.url.startsWith('https:')) {
    return fail(
      `tokens are signed for ${redactUrl(sts.url)}, which is no host of STS: every server refuses them`,
      'see AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL, endpoint_url and the region',
    )
  }
  const answer = await fetchServerTime(host, {
    network,
    runtime: requireArtifact(context, 'pluginRuntime'),
    secrets: [],
  })
  const skew = clockSkew(answer, requireArtifact(context, 'pluginRuntime').now())
  if (skew === undefined) return warn(`${host.host} does not tell the time`, 'see what answers in its place: a proxy?')
  const words = describeSkew(skew)
  // STS takes 15 minutes behind and 5 ahead; the tokens of a clock behind live shorter.
  if (words) return skew > 240 || skew < -240 ? fail(words) : warn(words)
  return ok(`agrees with ${host.host} (${skew} s)`)
}

async function checkCredentials(context: DoctorContext): Promise<Finding> {
  const options = requireArtifact(context, 'tokenOptions')
  const { mfaCodeProvider: ask } = options
  const mfaCodeProvider =
    ask &&
    ((request: MfaRequest) => {
      context.clearProgress()
      return ask(request)
    })
  const runtime = requireArtifact(context, 'pluginRuntime')
  const token = await createToken({ ...options, mfaCodeProvider }, runtime)
  const found = { token }
  const { accessKeyId, credentialsExpireAt } = token
  if (!credentialsExpireAt) return ok(`${accessKeyId}, which does not say when it ends`, found)
  const seconds = (credentialsExpireAt.getTime() - runtime.now().getTime()) / 1000
  if (seconds < EARLY_SECONDS) {
    return warn(
      `${accessKeyId} ends in ${formatDuration(seconds)}, and the token with it: a token lives 15 minutes`,
      'sign in again, or give the role a longer session; until then clients have to ask again and again',
      found,
    )
  }
  return ok(`${accessKeyId}, for ${formatDuration(seconds)}`, found)
}

/** Credentials that end sooner than the tokens made of them. */
const EARLY_SECONDS = 14 * 60

function checkToken(context: DoctorContext): Finding {
  const { token, sessionTokenBytes } = requireArtifact(context, 'token')
  const bytes = Buffer.byteLength(token)
  if (bytes > MAX_TOKEN_BYTES) {
    return fail(
      `token too large: ${bytes} bytes, and servers read ${MAX_TOKEN_BYTES}; ${sessionTokenBytes} of them are the session token`,
      'fewer session tags, or a shorter session policy, make the session token smaller; or use another role',
    )
  }
  const broken = inspectToken(token, requireArtifact(context, 'pluginRuntime').now()).rules.find(
    ({ status }) => status === 'fail',
  )
  if (broken) return fail(`${broken.id}: ${broken.finding}`)
  return ok(`${bytes} of ${MAX_TOKEN_BYTES} bytes, and every rule of the server holds`)
}

async function checkSts(context: DoctorContext): Promise<Finding> {
  const { network } = requireArtifact(context, 'settings')
  const { clusterName, clusterId } = requireArtifact(context, 'tokenOptions')
  const { token, plan } = requireArtifact(context, 'token')
  const runtime = requireArtifact(context, 'pluginRuntime')
  const { verdict } = await verifyToken(token, clusterName || clusterId || '', { network, runtime })
  if (!verdict) return fail('not asked, because the server refuses the token', 'see the lines above')
  if (verdict.refused) {
    const { code, meaning, remedy } = verdict.refused
    return fail(`${code}: ${meaning}`, remedy, { verified: verdict })
  }
  const principal = parsePrincipal(verdict.identity.arn, plan)
  return ok(`signed by ${verdict.identity.arn}`, { verified: verdict, principal })
}

function checkAccount(context: DoctorContext): Finding {
  const principal = requireArtifact(context, 'principal')
  const kubeContext = requireArtifact(context, 'kubeContext')
  const named = parseClusterEntry(kubeContext.clusterEntry)
  const endpoint = URL.canParse(kubeContext.cluster.server)
    ? parseEksHost(new URL(kubeContext.cluster.server).hostname)
    : undefined
  const partition = named?.partition ?? endpoint?.partition
  if (partition !== undefined && partition !== principal.partition) {
    return fail(
      `the identity is of partition ${principal.partition}, and the cluster of ${partition}: no server asks the STS of another`,
      'use a profile or role of that partition',
    )
  }
  if (named?.account === undefined) return ok(`${principal.account}; the kubeconfig does not tell that of the cluster`)
  if (named.account === principal.account) return ok(`${principal.account}, as the cluster`)
  return warn(`other account: the identity is of ${principal.account}, and the cluster of ${named.account}`)
}
