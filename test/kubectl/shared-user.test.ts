import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { parse } from 'yaml'
import { withEksTokens } from '../../src/library/kubernetes.ts'
import { processRuntime } from '../../src/runtime.ts'
import { type ApiServer, startApiServer } from '../support/api-server.ts'
import { eksGetToken, runCommand, runEksGetToken } from '../support/command.ts'
import { findKubectl } from '../support/kubectl.ts'
import { accessKeyIdFor, temporaryCredentials } from '../support/local-aws/temporary-credentials.ts'
import { type LocalAws, startLocalAws } from '../support/local-aws.ts'
import { keys } from '../support/runtime.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

/** Clusters of different regions, of which each admits one role only. */
const CLUSTERS = [
  { name: 'blue', region: 'eu-west-1', role: 'role-blue' },
  { name: 'green', region: 'us-west-2', role: 'role-green' },
  { name: 'red', region: 'ap-northeast-1', role: 'role-red' },
] as const

const KUBECTL = findKubectl(process.env.PATH ?? '')
const CLIENT_NODE = fileURLToPath(new URL('list-namespaces.mjs', import.meta.url))
const ROLES = 'arn:aws:iam::123456789012:role'

let aws: LocalAws
let servers: ApiServer[]
let home: string
beforeAll(async () => {
  aws = await startLocalAws()
  const tls = await aws.authority.issue('127.0.0.1')
  servers = await Promise.all(
    CLUSTERS.map(({ name, role }) => {
      const { accessKeyId, secretAccessKey: secret, sessionToken } = temporaryCredentials(role)
      return startApiServer({
        tls,
        clusterName: name,
        secretFor: (id) => (id === accessKeyId ? { secret, sessionToken } : undefined),
      })
    }),
  )
})
afterAll(async () => {
  await Promise.all([aws, ...servers].map(({ close }) => close()))
})
beforeEach(() => {
  const endpoints = CLUSTERS.map(({ name, region }, index) => {
    return [name, { region, endpoint: servers[index]?.url ?? '', certificate: aws.authority.pem }] as const
  })
  aws.reset({ clusters: Object.fromEntries(endpoints) })
  home = mkdtempSync(join(tmpdir(), 'eks-get-token-shared-'))
  mkdirSync(join(home, 'bin'))
  const words = eksGetToken().map((word) => `'${word}'`)
  writeFileSync(join(home, 'bin', 'eks-get-token'), `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`, { mode: 0o755 })
  return () => rmSync(home, { recursive: true, force: true })
})

const environment = () => ({
  HOME: home,
  PATH: join(home, 'bin'),
  AWS_EC2_METADATA_DISABLED: 'true',
  HTTPS_PROXY: `http://127.0.0.1:${aws.port}`,
  NO_PROXY: '127.0.0.1',
  AWS_CA_BUNDLE: aws.authority.file,
  ...keys('AKIDEXAMPLE'),
})
const run = (...argv: readonly string[]) => runEksGetToken(argv, { env: environment(), cwd: home })
const text = () => readFileSync(join(home, '.kube', 'config'), 'utf8')
const config = () => parse(text())
const contextOf = ({ name, region }: (typeof CLUSTERS)[number]) => `arn:aws:eks:${region}:123456789012:cluster/${name}`

async function writeSharedUser(): Promise<void> {
  for (const { name, region, role } of CLUSTERS) {
    const result = await run(
      ...['update-kubeconfig', '--name', name, '--region', region, '--role-arn', `${ROLES}/${role}`, '--shared-user'],
    )
    expect(result).toMatchObject({ code: 0, stderr: '' })
  }
}

/** The STS hosts that assumed the roles, and the access keys that each API server has admitted. */
function expectEachRole(): void {
  const assumed = aws.calls.filter(({ op }) => op === 'AssumeRole')
  expect(assumed.map(({ host, signedBy, params }) => [host, signedBy?.region, params?.RoleArn]).sort()).toEqual(
    CLUSTERS.map(({ region, role }) => [`sts.${region}.amazonaws.com`, region, `${ROLES}/${role}`]).sort(),
  )
  expect(
    servers.map(({ seen }) =>
      seen
        .splice(0)
        .map(({ verdict }) => verdict.ok && verdict.accessKeyId)
        .at(-1),
    ),
  ).toEqual(CLUSTERS.map(({ role }) => accessKeyIdFor(role)))
}

test('update-kubeconfig --shared-user writes one user, and an extension for each cluster', async () => {
  await writeSharedUser()
  const { users, clusters, contexts } = config()
  expect(users).toEqual([
    {
      name: 'eks-get-token',
      user: {
        exec: {
          apiVersion: 'client.authentication.k8s.io/v1',
          args: ['eks', 'get-token', '--output', 'json'],
          command: 'eks-get-token',
          installHint: 'eks-get-token is required to authenticate to this cluster. Install it.',
          interactiveMode: 'IfAvailable',
          provideClusterInfo: true,
        },
      },
    },
  ])
  expect(clusters.map(({ cluster }: { cluster: { extensions: unknown } }) => cluster.extensions)).toEqual(
    CLUSTERS.map(({ name, region, role }) => [
      {
        extension: { clusterName: name, region, roleArn: `${ROLES}/${role}` },
        name: 'client.authentication.k8s.io/exec',
      },
    ]),
  )
  expect(contexts.map(({ context }: { context: { user: string } }) => context.user)).toEqual(
    CLUSTERS.map(() => 'eks-get-token'),
  )
  const before = text()
  await writeSharedUser()
  expect(text()).toBe(before.replace(/^current-context: .*$/m, `current-context: ${contextOf(CLUSTERS[2])}`))
})

test(
  'one user serves three clusters through kubectl',
  skipUnlessAvailable(KUBECTL ? undefined : 'no kubectl on PATH or in .tools; .ci/kubectl unpacks one'),
  async () => {
    await writeSharedUser()
    for (const cluster of CLUSTERS) {
      const words = ['--context', contextOf(cluster), 'get', 'namespaces', '-o', 'name'] as const
      const result = await runCommand([KUBECTL ?? '', ...words], { env: environment(), cwd: home })
      expect(result).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('namespace/payments') })
    }
    expectEachRole()
  },
)

// Neither 1.4 nor 2.0 passes exec info: https://github.com/kubernetes-client/javascript/blob/1.4.0/src/exec_auth.ts
test('one user serves three clusters through @kubernetes/client-node, in a program that sets exec info', async () => {
  await writeSharedUser()
  const program = [process.execPath, CLIENT_NODE, ...CLUSTERS.map(contextOf)] as const
  const result = await runCommand(program, { env: environment(), cwd: home })
  expect(result).toMatchObject({ code: 0, stderr: '' })
  expect(JSON.parse(result.stdout)).toEqual(CLUSTERS.map(() => ['default', 'kube-system', 'payments']))
  expectEachRole()
})

test('one user serves three clusters through @kubernetes/client-node with withEksTokens, at the same time', async () => {
  await writeSharedUser()
  const runtime = { ...processRuntime(), homeDirectory: () => home }
  const lists = CLUSTERS.map(async (cluster) => {
    const kubeConfig = withEksTokens(new KubeConfig(), { environment: environment() }, runtime)
    kubeConfig.loadFromFile(join(home, '.kube', 'config'))
    kubeConfig.setCurrentContext(contextOf(cluster))
    const { items } = await kubeConfig.makeApiClient(CoreV1Api).listNamespace()
    return items.map(({ metadata }) => metadata?.name)
  })
  expect(await Promise.all(lists)).toEqual(CLUSTERS.map(() => ['default', 'kube-system', 'payments']))
  expectEachRole()
  const kubeConfig = withEksTokens(new KubeConfig(), { environment: environment() }, runtime)
  kubeConfig.loadFromFile(join(home, '.kube', 'config'))
  for (const cluster of CLUSTERS) {
    kubeConfig.setCurrentContext(contextOf(cluster))
    await kubeConfig.makeApiClient(CoreV1Api).listNamespace()
  }
  expect(servers.map(({ seen }) => seen.splice(0).every(({ verdict }) => verdict.ok))).toEqual([true, true, true])
})

test('without exec info the error says what is missing', async () => {
  await writeSharedUser()
  const program = [process.execPath, CLIENT_NODE, '--no-exec-info', contextOf(CLUSTERS[0])] as const
  const result = await runCommand(program, { env: environment(), cwd: home })
  expect(result.code).toBe(1)
  expect(result.stderr).toContain('Either parameter --cluster-name or --cluster-id must be specified')
})
