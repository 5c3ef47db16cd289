import { createRequire } from 'node:module'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { CoreV1Api, KubeConfig, makeInformer } from '@kubernetes/client-node'
import { sleep } from '../chaos/lab.ts'
import type * as Library from '../src/library/kubernetes.ts'
import { processRuntime, type Runtime } from '../src/runtime.ts'
import { awsUserBlock } from '../test/support/kubeconfig.ts'
import { secretFor } from '../test/support/local-aws/temporary-credentials.ts'
import { startLocalAws } from '../test/support/local-aws.ts'
import { startLocalCluster } from '../test/support/local-cluster.ts'
import { createAwsHome } from '../test/support/temporary-home.ts'
import { fromRoot, type Limits, type Result } from './part.ts'

const MINUTE_MS = 60_000
const REQUESTS_AT_ONCE = 3
/** A token of 14 minutes is renewed a minute before it expires. */
const MINUTES_BETWEEN_RENEWALS = 13
/** Credentials of an hour are used while they are valid for 15 more minutes: at the renewals after 0, 13, 26 and 39. */
const RENEWALS_PER_ROLE_CALL = 4
const SIGNER = 'ASIAROLEA00000000000'
const RENEWALS_PER_ROUND = 20
/** Before the first measurement: connections, compiled code. */
const WARM_UP_ROUNDS = 5
/** A closure that is kept for each request would take more. */
const MAX_GROWTH_BYTES = 1 << 20

/**
 * A program with the client of Kubernetes that runs for days, on a clock that moves only here: rounds of requests over one
 * expiration of the token after another, and of the role's credentials, and of an informer over an expiration. Every request is
 * authenticated, each expiration is one renewal, and the heap does not grow.
 */
export async function soak({ untilMs, count }: Limits): Promise<Result> {
  const world = await startWorld()
  const { clock, aws, cluster, client, tokens } = world
  const problems: string[] = []
  const samples: number[] = []
  let [minutes, requests, roleCalls, rounds] = [0, 0, 0, 0]
  const isOver = () => performance.now() > untilMs || tokens.count >= count || problems.length >= 20
  const move = async (by: number): Promise<void> => {
    minutes += by
    clock.now += by * MINUTE_MS
    aws.reset({ clockOffsetSeconds: (clock.now - Date.now()) / 1000 })
    const lists = await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, () => client.listNamespace()))
    if (lists.some(({ items }) => items.length !== 3)) problems.push('a list is not complete')
    for (const { verdict } of cluster.seen) {
      if (!verdict.ok) problems.push(`not authenticated: ${verdict.reason}`)
      else if (verdict.accessKeyId !== SIGNER) problems.push(`signed by ${verdict.accessKeyId}`)
    }
    requests += cluster.seen.length
    roleCalls += aws.calls.length
    const expected = Math.floor(minutes / MINUTES_BETWEEN_RENEWALS)
    if (tokens.count !== expected)
      problems.push(`${tokens.count} tokens after ${minutes} minutes, ${expected} expected`)
    // What this part keeps is not what is measured.
    cluster.seen.length = 0
  }
  try {
    while (!isOver()) {
      for (let renewal = 0; renewal < RENEWALS_PER_ROUND && !isOver(); renewal++) await move(MINUTES_BETWEEN_RENEWALS)
      // A minute at a time: a request that is on its way meanwhile has a token that the server still accepts.
      const stop = await world.startInformer((error) => problems.push(`informer: ${error}`))
      for (let minute = 0; minute < MINUTES_BETWEEN_RENEWALS; minute++) await move(1)
      await stop()
      if (++rounds >= WARM_UP_ROUNDS) samples.push(await usedHeap())
    }
  } finally {
    await world.close()
  }
  const roles = Math.ceil(tokens.count / RENEWALS_PER_ROLE_CALL)
  if (roleCalls !== roles) problems.push(`${roleCalls} calls to STS, ${roles} expected`)
  const [first = 0, last = 0] = [samples[0], samples.at(-1)]
  if (samples.length < 2) problems.push(`the heap was not measured twice in ${rounds} rounds`)
  if (last - first > MAX_GROWTH_BYTES) problems.push(`the heap grew: ${samples.map(kilobytes).join(', ')} KB`)
  const summary =
    `${Math.round(minutes / 60)} hours on the clock, ${requests} requests, ${tokens.count} tokens, ${roleCalls} calls to STS; ` +
    `heap ${kilobytes(first)} KB after ${WARM_UP_ROUNDS} rounds, ${kilobytes(last)} KB after ${rounds}, ${kilobytes(Math.max(...samples))} KB at most`
  return { summary, problems }
}

/** A cluster, an AWS and a client for them. */
async function startWorld() {
  const clock = { now: Date.now() }
  const now = () => new Date(clock.now)
  const aws = await startLocalAws()
  const home = createAwsHome(aws)
  const tokens = createTokenCounter()
  const cluster = await startLocalCluster({
    ...{ clusterName: 'demo', secretFor: (id: string) => ({ secret: secretFor(id), sessionToken: 'TOKEN/role-a+==' }) },
    user: awsUserBlock({ clusterName: 'demo', region: 'us-west-2', profile: 'role' }),
    now,
    respond: ({ headers }) => {
      tokens.add(headers.authorization)
      return undefined
    },
  })
  const runtime: Runtime = { ...processRuntime(), homeDirectory: () => home.folder, now }
  // The built library, as programs load it.
  const library: typeof Library = createRequire(import.meta.url)(fromRoot('dist/library-kubernetes.cjs'))
  const kubeConfig = library.withEksTokens(new KubeConfig(), { environment: home.env }, runtime)
  kubeConfig.loadFromFile(cluster.kubeconfigFile)
  const client = kubeConfig.makeApiClient(CoreV1Api)
  const startInformer = async (onError: (error: unknown) => void): Promise<() => Promise<void>> => {
    const informer = makeInformer(kubeConfig, '/api/v1/namespaces', () => client.listNamespace())
    informer.on('error', onError)
    await informer.start()
    return async () => {
      await informer.stop()
      // A request that it has sent arrives before the clock moves.
      await sleep(200)
    }
  }
  const close = async (): Promise<void> => {
    home.remove()
    await Promise.all([cluster.close(), aws.close()])
  }
  return { clock, aws, cluster, tokens, client, startInformer, close }
}

/** Counts different tokens, and keeps only the latest: those of days would look like a leak. */
function createTokenCounter() {
  const latest: (string | undefined)[] = []
  const counter = {
    count: 0,
    add: (token: string | undefined): void => {
      if (latest.includes(token)) return
      counter.count++
      latest.push(token)
      if (latest.length > 5) latest.shift()
    },
  }
  return counter
}

/** After a complete collection of garbage. */
async function usedHeap(): Promise<number> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  for (let round = 0; round < 3; round++) {
    collect()
    await sleep(10)
  }
  return process.memoryUsage().heapUsed
}

function kilobytes(bytes: number): number {
  return Math.round(bytes / 1024)
}
