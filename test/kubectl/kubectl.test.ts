import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { type CommandResult, runCommand } from '../support/command.ts'
import { awsUserBlock, ownUserBlock } from '../support/kubeconfig.ts'
import { findKubectl } from '../support/kubectl.ts'
import { temporaryCredentials } from '../support/local-aws/temporary-credentials.ts'
import { startLocalAws } from '../support/local-aws.ts'
import { type LocalCluster, type LocalClusterOptions, startLocalCluster } from '../support/local-cluster.ts'
import type { Secret } from '../support/signature-verifier.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

const KUBECTL = findKubectl(process.env.PATH ?? '')
const missing = KUBECTL === undefined ? 'no kubectl on PATH or in .tools; .ci/kubectl unpacks one' : undefined

/** The tests can also run with the real `aws`, which does not know our own arguments. */
const IS_AWS = /\/aws$/.test(process.env.EKS_GET_TOKEN_TEST_COMMAND ?? '')
const skipForAws = (own: boolean) => skipUnlessAvailable(own && IS_AWS ? 'aws has no such arguments' : undefined)

const HERE = { clusterName: 'demo', region: 'us-west-2' }
const ROLE = 'arn:aws:iam::123456789012:role/deployer'
const V1 = 'client.authentication.k8s.io/v1'
const V1BETA1 = 'client.authentication.k8s.io/v1beta1'

const SESSION_TOKEN = 'session/token+of==ASIAEXAMPLE'
const SECRETS: Record<string, Secret> = {
  AKIDEXAMPLE: { secret: 'secret-of-AKIDEXAMPLE' },
  AKIDPROFILE: { secret: 'secret-of-AKIDPROFILE' },
  ASIAEXAMPLE: { secret: 'secret-of-ASIAEXAMPLE', sessionToken: SESSION_TOKEN },
}
const secretFor = (accessKeyId: string) => SECRETS[accessKeyId]

const KEYS = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret-of-AKIDEXAMPLE' }
const SESSION_KEYS = {
  AWS_ACCESS_KEY_ID: 'ASIAEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'secret-of-ASIAEXAMPLE',
  AWS_SESSION_TOKEN: SESSION_TOKEN,
}

const NAMESPACES = `NAME          STATUS   AGE
default       Active   300d
kube-system   Active   300d
payments      Active   300d
`

const open: { close: () => Promise<void> }[] = []

async function startCluster(options: Partial<LocalClusterOptions> = {}): Promise<LocalCluster> {
  const cluster = await startLocalCluster({ clusterName: 'demo', secretFor, user: awsUserBlock(HERE), ...options })
  open.push(cluster)
  return cluster
}

afterEach(async () => {
  await Promise.all(open.splice(0).map(({ close }) => close()))
})

function kubectl(
  { home, env }: LocalCluster,
  args: string,
  keys: Record<string, string> = KEYS,
  stdin: 'ignore' | 'open' = 'ignore',
): Promise<CommandResult> {
  return runCommand([KUBECTL ?? '', ...args.split(' ')], { env: { ...env, ...keys }, cwd: home, stdin })
}

const verdictsOf = ({ seen }: LocalCluster) =>
  new Set(seen.map(({ verdict }) => (verdict.ok ? verdict.accessKeyId : verdict.reason)))

async function writeProfiles({ home }: LocalCluster): Promise<void> {
  await mkdir(join(home, '.aws'))
  const key = 'aws_access_key_id = AKIDPROFILE\naws_secret_access_key = secret-of-AKIDPROFILE'
  await writeFile(
    join(home, '.aws', 'credentials'),
    `[default]\naws_access_key_id = AKIDWRONG\naws_secret_access_key = x\n[work]\n${key}\n`,
  )
}

describe('kubectl', skipUnlessAvailable(missing), () => {
  describe('get namespaces succeeds', () => {
    for (const [title, user, own] of [
      ['the exec block of aws eks update-kubeconfig', awsUserBlock(HERE), false],
      ['the exec block of aws eks update-kubeconfig, changed to v1', awsUserBlock({ ...HERE, apiVersion: V1 }), false],
      ['the short exec block', ownUserBlock(HERE), true],
      ['the short exec block with v1beta1', ownUserBlock({ ...HERE, apiVersion: V1BETA1 }), true],
    ] as const) {
      for (const [keys, environment] of [
        ['a long-term access key', KEYS],
        ['a session token', SESSION_KEYS],
      ] as const) {
        test(`with ${title} and ${keys}`, skipForAws(own), async () => {
          const cluster = await startCluster({ user })
          const result = await kubectl(cluster, 'get namespaces', environment)
          expect(result).toMatchObject({ stdout: NAMESPACES, stderr: '', code: 0 })
          expect(verdictsOf(cluster)).toEqual(new Set([environment.AWS_ACCESS_KEY_ID]))
        })
      }
    }

    for (const [title, user, own] of [
      ['the exec block of aws eks update-kubeconfig --profile', awsUserBlock({ ...HERE, profile: 'work' }), false],
      ['the short exec block with a profile', ownUserBlock({ ...HERE, profile: 'work' }), true],
    ] as const) {
      test(`with ${title}`, skipForAws(own), async () => {
        const cluster = await startCluster({ user })
        await writeProfiles(cluster)
        const result = await kubectl(cluster, 'get namespaces', {})
        expect(result).toMatchObject({ stdout: NAMESPACES, stderr: '', code: 0 })
        expect(verdictsOf(cluster)).toEqual(new Set(['AKIDPROFILE']))
      })
    }

    // The role's session has to sign. STS is behind a proxy, because a token contains the real host name.
    for (const [title, user, own] of [
      ['the exec block of aws eks update-kubeconfig --role-arn', awsUserBlock({ ...HERE, roleArn: ROLE }), false],
      ['the short exec block with a role', ownUserBlock({ ...HERE, roleArn: ROLE }), true],
    ] as const) {
      test(`with ${title}`, skipForAws(own), async () => {
        const localAws = await startLocalAws()
        open.push(localAws)
        const { accessKeyId, secretAccessKey, sessionToken } = temporaryCredentials('deployer')
        const roleSecret = (id: string) => (id === accessKeyId ? { secret: secretAccessKey, sessionToken } : undefined)

        const cluster = await startCluster({ user, secretFor: roleSecret })
        const proxy = { HTTPS_PROXY: `http://127.0.0.1:${localAws.port}`, AWS_CA_BUNDLE: localAws.authority.file }
        const result = await kubectl(cluster, 'get namespaces', { ...KEYS, ...proxy })
        expect(result).toMatchObject({ stdout: NAMESPACES, stderr: '', code: 0 })
        expect(verdictsOf(cluster)).toEqual(new Set([accessKeyId]))
      })
    }
  })

  test('kubectl auth whoami returns the access key id', async () => {
    const cluster = await startCluster()
    const result = await kubectl(cluster, 'auth whoami -o jsonpath={.status.userInfo.extra.accessKeyId}')
    expect(result).toMatchObject({ stdout: '["AKIDEXAMPLE"]', stderr: '', code: 0 })
  })

  test('kubectl version returns the server version', async () => {
    // stderr may contain a warning about the version skew.
    const result = await kubectl(await startCluster(), 'version')
    expect(result).toMatchObject({ stdout: expect.stringContaining('Server Version: v1.34.1'), code: 0 })
  })

  test('kubectl succeeds with a stdin that stays open', async () => {
    const result = await kubectl(await startCluster(), 'get namespaces', KEYS, 'open')
    expect(result).toMatchObject({ stdout: NAMESPACES, stderr: '', code: 0 })
  })

  test('several kubectl processes succeed at the same time', async () => {
    const cluster = await startCluster()
    const results = await Promise.all([1, 2, 3, 4].map(() => kubectl(cluster, 'get namespaces')))
    for (const result of results) expect(result).toMatchObject({ stdout: NAMESPACES, stderr: '', code: 0 })
    expect(verdictsOf(cluster)).toEqual(new Set(['AKIDEXAMPLE']))
  })

  describe('is unauthorized', () => {
    const minutesFromNow = (minutes: number) => () => new Date(Date.now() + minutes * 60_000)
    for (const [title, options, reason] of [
      [
        'with the name of another cluster',
        { user: awsUserBlock({ ...HERE, clusterName: 'prod' }) },
        'for cluster "demo"',
      ],
      ['with an expired token', { now: minutesFromNow(16) }, 'expired'],
      ['with a token dated in the future', { now: minutesFromNow(-6) }, 'not yet current'],
      ['with an unknown access key', { secretFor: () => undefined }, 'InvalidClientTokenId'],
      ['with a wrong secret access key', { secretFor: () => ({ secret: 'another' }) }, 'SignatureDoesNotMatch'],
      [
        'with a wrong session token',
        { secretFor: () => ({ secret: KEYS.AWS_SECRET_ACCESS_KEY, sessionToken: 'x' }) },
        'not the session token',
      ],
    ] as const) {
      test(title, async () => {
        const cluster = await startCluster(options)
        const result = await kubectl(cluster, 'get namespaces')
        expect(result).toMatchObject({
          stdout: '',
          stderr: expect.stringContaining('You must be logged in to the server'),
          code: 1,
        })
        expect([...verdictsOf(cluster)]).toEqual([expect.stringContaining(reason)])
      })
    }
  })

  test('kubectl prints the error of the command', async () => {
    const cluster = await startCluster()
    const result = await kubectl(cluster, 'get namespaces', {})
    expect(result).toMatchObject({ stdout: '', stderr: expect.stringMatching(/credentials/i), code: 1 })
    expect(result.stderr).toContain(`eks-get-token failed with exit code ${IS_AWS ? 255 : 253}`)
    expect(cluster.seen).toEqual([])
  })
})
