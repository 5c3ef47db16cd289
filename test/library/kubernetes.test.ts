import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as clientNode from '@kubernetes/client-node'
import { afterEach, describe, expect, test } from 'vitest'
import { withEksTokens } from '../../src/library/kubernetes.ts'
import { processRuntime, type Runtime } from '../../src/runtime.ts'
import { eventually } from '../support/eventually.ts'
import { awsUserBlock } from '../support/kubeconfig.ts'
import { type LocalCluster, type LocalClusterOptions, startLocalCluster } from '../support/local-cluster.ts'
import { keys } from '../support/runtime.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

const secretFor = (accessKeyId: string) => ({ secret: `secret-of-${accessKeyId}` })
const START = Date.parse('2026-01-02T03:04:05Z')

/** The second release of the client needs a newer Node than this program does. */
const LOADS_2 = Number(process.versions.node.split('.')[0]) >= 22
const CLIENTS: [string, typeof clientNode | undefined][] = [
  ['1', clientNode],
  ['2', LOADS_2 ? ((await import('client-node-2')) as unknown as typeof clientNode) : undefined],
]

const open: { close: () => Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map(({ close }) => close()))
})

const verdicts = ({ seen }: LocalCluster) =>
  seen.map(({ verdict }) => (verdict.ok ? verdict.accessKeyId : verdict.reason))

/** A profile whose credential process adds a line to a file whenever it runs. */
async function countedProfile({ home }: LocalCluster): Promise<() => Promise<number>> {
  const program = join(home, 'credentials')
  const log = join(home, 'log')
  await writeFile(
    program,
    `#!/bin/sh\necho run >>'${log}'\necho '{"Version": 1, "AccessKeyId": "AKIDEXAMPLE", "SecretAccessKey": "secret-of-AKIDEXAMPLE"}'\n`,
  )
  await chmod(program, 0o755)
  await mkdir(join(home, '.aws'))
  await writeFile(join(home, '.aws', 'config'), `[default]\ncredential_process = '${program}'\n`)
  return async () => (await readFile(log, 'utf8')).split('\n').length - 1
}

describe.each(CLIENTS)('@kubernetes/client-node %s', (_version, client) => {
  if (!client) {
    test('needs Node 22', skipUnlessAvailable('@kubernetes/client-node 2 needs Node 22 or later'), () => {})
    return
  }
  const { CoreV1Api, KubeConfig, makeInformer } = client

  /** A cluster and a KubeConfig for it, with one clock that the test sets. */
  async function start(options: Partial<LocalClusterOptions> = {}, environment: Record<string, string> = {}) {
    const clock = { now: START }
    const now = () => new Date(clock.now)
    const user = awsUserBlock({ clusterName: 'demo', region: 'us-west-2' })
    const cluster = await startLocalCluster({ clusterName: 'demo', secretFor, user, now, ...options })
    open.push(cluster)
    const runtime: Runtime = { ...processRuntime(), homeDirectory: () => cluster.home, now }
    const kubeConfig = withEksTokens(
      new KubeConfig(),
      { environment: { HOME: cluster.home, AWS_EC2_METADATA_DISABLED: 'true', ...environment } },
      runtime,
    )
    kubeConfig.loadFromFile(cluster.kubeconfigFile)
    return { cluster, clock, kubeConfig, client: kubeConfig.makeApiClient(CoreV1Api) }
  }

  describe('requests of an API client', () => {
    test('are authenticated without a process: the command is not on PATH', async () => {
      const { cluster, client } = await start({}, keys('AKIDEXAMPLE'))
      const { items } = await client.listNamespace()
      expect(items.map(({ metadata }) => metadata?.name)).toEqual(['default', 'kube-system', 'payments'])
      expect(verdicts(cluster)).toEqual(['AKIDEXAMPLE'])
    })

    test('the environment of the exec block takes precedence', async () => {
      const user = awsUserBlock({ clusterName: 'demo', region: 'us-west-2', profile: 'missing' })
      const { client } = await start({ user }, keys('AKIDEXAMPLE'))
      await expect(client.listNamespace()).rejects.toMatchObject({ code: 'ERR_PROFILE' })
    })

    // The client gives up a connection after 10 s, which 200 handshakes may take where the machine is busy.
    test('200 at once wait for one token', { retry: 2, timeout: 90_000 }, async () => {
      const { cluster, client } = await start()
      const runs = await countedProfile(cluster)
      const lists = await Promise.all(Array.from({ length: 200 }, () => client.listNamespace()))
      expect(lists.map(({ items }) => items.length)).toEqual(Array(200).fill(3))
      expect(await runs()).toBe(1)
      expect(new Set(verdicts(cluster))).toEqual(new Set(['AKIDEXAMPLE']))
    })

    test.each([
      ['12 min 59 s later the token is used again', 12 * 60 + 59, 1],
      ['13 min 1 s later another one is created', 13 * 60 + 1, 2],
      ['an hour later another one is created', 3600, 2],
    ])('%s', async (_title, seconds, expected) => {
      const { cluster, client, clock } = await start()
      const runs = await countedProfile(cluster)
      await client.listNamespace()
      clock.now += seconds * 1000
      await client.listNamespace()
      expect(await runs()).toBe(expected)
      expect(verdicts(cluster)).toEqual(['AKIDEXAMPLE', 'AKIDEXAMPLE'])
    })

    test('a token that is still valid is used while no other can be created', async () => {
      const { cluster, client, clock } = await start()
      await countedProfile(cluster)
      await client.listNamespace()
      clock.now += (13 * 60 + 30) * 1000
      await writeFile(join(cluster.home, '.aws', 'config'), '')
      await client.listNamespace()
      clock.now += 60_000
      await expect(client.listNamespace()).rejects.toMatchObject({ code: 'ERR_NO_CREDENTIALS' })
    })

    test('401 is tried once more with a new token', async () => {
      let answers = 0
      const { cluster, client } = await start({ isMapped: () => ++answers !== 2 })
      const runs = await countedProfile(cluster)
      await client.listNamespace()
      await client.listNamespace()
      expect(await runs()).toBe(2)
      expect(cluster.seen.length).toBe(3)
    })

    test('401 a second time is the answer', async () => {
      const { cluster, client } = await start({ isMapped: () => false })
      const runs = await countedProfile(cluster)
      const error = await client.listNamespace().then(
        () => undefined,
        (cause: clientNode.ApiException<unknown>) => cause,
      )
      expect(error?.code).toBe(401)
      expect(await runs()).toBe(2)
      expect(cluster.seen.length).toBe(2)
    })

    test('an error of createToken is the error of the request', async () => {
      const { client } = await start()
      await expect(client.listNamespace()).rejects.toMatchObject({ code: 'ERR_NO_CREDENTIALS' })
    })
  })

  test('an informer goes on when the token has expired', async () => {
    const { cluster, client, clock, kubeConfig } = await start()
    const runs = await countedProfile(cluster)
    const informer = makeInformer(kubeConfig, '/api/v1/namespaces', () => client.listNamespace())
    const errors: unknown[] = []
    informer.on('error', (error) => errors.push(error))
    await informer.start()
    try {
      await eventually(() => cluster.seen.length > 1)
      clock.now += 20 * 60_000
      const before = cluster.seen.length
      await eventually(() => cluster.seen.length > before + 3)
    } finally {
      await informer.stop()
    }
    expect(errors).toEqual([])
    expect(new Set(verdicts(cluster))).toEqual(new Set(['AKIDEXAMPLE']))
    expect(await runs()).toBe(2)
  })

  describe('other users', () => {
    test.each([
      ['another plugin', 'exec:\n  apiVersion: client.authentication.k8s.io/v1\n  command: gke-gcloud-auth-plugin'],
      ['a token', 'token: abc'],
    ])('%s: stay as they are', async (_title, user) => {
      const { kubeConfig } = await start({ user })
      expect(kubeConfig.getCurrentUser()).toEqual(kubeConfig.users[0])
    })

    test('exportConfig still has the exec block', async () => {
      const { kubeConfig } = await start({}, keys('AKIDEXAMPLE'))
      expect(kubeConfig.exportConfig()).toContain('get-token')
      expect(kubeConfig.exportConfig()).not.toContain('k8s-aws-v1.')
    })
  })
})
