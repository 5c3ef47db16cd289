import { type CodeRequest, createToken } from '../../index.ts'
import { readClusterEntry } from '../../kubernetes/context.ts'
import { readEksHost } from '../../kubernetes/eks-host.ts'
import { splitUrl } from '../../settings/region.ts'
import { shownUrl } from '../../settings/shown-url.ts'
import { readStsHost } from '../../settings/sts-host.ts'
import { MAX_TOKEN_BYTES } from '../../token/token.ts'
import { askForTime } from '../../token/verify/ask-sts.ts'
import { clockSkew } from '../../token/verify/identity.ts'
import { inspectToken } from '../../token/verify/inspection.ts'
import { readPrincipal } from '../../token/verify/principal.ts'
import { skewInWords } from '../../token/verify/refusals.ts'
import { verifyToken } from '../../token/verify/verify-token.ts'
import { duration } from '../moments.ts'
import { type Chain, type Check, type Finding, fail, need, ok, warn } from './chain.ts'

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
async function checkClock(chain: Chain): Promise<Finding> {
  const { sts, network } = need(chain, 'settings')
  const host = readStsHost(splitUrl(sts.url).authority)
  if (!host || !sts.url.startsWith('https:')) {
    return fail(
      `tokens are signed for ${shownUrl(sts.url)}, which is no host of STS: every server refuses them`,
      'see AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL, endpoint_url and the region',
    )
  }
  const answer = await askForTime(host, { network, env: chain.host.env, secrets: [] })
  const skew = clockSkew(answer, chain.host.now())
  if (skew === undefined) return warn(`${host.host} does not tell the time`, 'see what answers in its place: a proxy?')
  const words = skewInWords(skew)
  // STS takes 15 minutes behind and 5 ahead; the tokens of a clock behind live shorter.
  if (words) return skew > 240 || skew < -240 ? fail(words) : warn(words)
  return ok(`agrees with ${host.host} (${skew} s)`)
}

async function checkCredentials(chain: Chain): Promise<Finding> {
  const options = need(chain, 'tokenOptions')
  const { askForCode: ask } = options
  const askForCode =
    ask &&
    ((request: CodeRequest) => {
      chain.clearTheLine()
      return ask(request)
    })
  const token = await createToken({ ...options, askForCode }, chain.host)
  chain.found.token = token
  const { accessKeyId, credentialsExpireAt } = token
  if (!credentialsExpireAt) return ok(`${accessKeyId}, which does not say when it ends`)
  const seconds = (credentialsExpireAt.getTime() - chain.host.now().getTime()) / 1000
  if (seconds < EARLY_SECONDS) {
    return warn(
      `${accessKeyId} ends in ${duration(seconds)}, and the token with it: a token lives 15 minutes`,
      'sign in again, or give the role a longer session; until then clients have to ask again and again',
    )
  }
  return ok(`${accessKeyId}, for ${duration(seconds)}`)
}

/** Credentials that end sooner than the tokens made of them. */
const EARLY_SECONDS = 14 * 60

function checkToken(chain: Chain): Finding {
  const { token, sessionTokenBytes } = need(chain, 'token')
  const bytes = Buffer.byteLength(token)
  if (bytes > MAX_TOKEN_BYTES) {
    return fail(
      `token too large: ${bytes} bytes, and servers read ${MAX_TOKEN_BYTES}; ${sessionTokenBytes} of them are the session token`,
      'fewer session tags, or a shorter session policy, make the session token smaller; or use another role',
    )
  }
  const broken = inspectToken(token, chain.host.now()).rules.find(({ status }) => status === 'fail')
  if (broken) return fail(`${broken.id}: ${broken.finding}`)
  return ok(`${bytes} of ${MAX_TOKEN_BYTES} bytes, and every rule of the server holds`)
}

async function checkSts(chain: Chain): Promise<Finding> {
  const { network } = need(chain, 'settings')
  const { clusterName, clusterId } = need(chain, 'tokenOptions')
  const { token, plan } = need(chain, 'token')
  const { env, now } = chain.host
  const { answer } = await verifyToken(token, clusterName || clusterId || '', { network, env, now })
  if (!answer) return fail('not asked, because the server refuses the token', 'see the lines above')
  chain.found.answer = answer
  if (answer.refused) {
    const { code, meaning, remedy } = answer.refused
    return fail(`${code}: ${meaning}`, remedy)
  }
  chain.found.principal = readPrincipal(answer.identity.arn, plan)
  return ok(`signed by ${answer.identity.arn}`)
}

function checkAccount(chain: Chain): Finding {
  const principal = need(chain, 'principal')
  const context = need(chain, 'context')
  const named = readClusterEntry(context.clusterEntry)
  const endpoint = URL.canParse(context.cluster.server)
    ? readEksHost(new URL(context.cluster.server).hostname)
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
