import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { runInProcess } from '../support/in-process.ts'
import { awsUserBlock, ownUserBlock } from '../support/kubeconfig.ts'
import type { Behavior } from '../support/local-aws/exchange.ts'
import { temporaryCredentials } from '../support/local-aws/temporary-credentials.ts'
import { type LocalAws, startLocalAws } from '../support/local-aws.ts'
import { type LocalCluster, type LocalClusterOptions, startLocalCluster } from '../support/local-cluster.ts'
import { keys } from '../support/runtime.ts'

const HERE = { clusterName: 'demo', region: 'us-west-2' }
const ARN = 'arn:aws:eks:us-west-2:123456789012:cluster/demo'
const ROLE = 'arn:aws:iam::123456789012:role/teams/blue/deployer'
const KEYS = keys('AKIDEXAMPLE')

let aws: LocalAws
const open: { close: () => Promise<void> }[] = []
beforeAll(async () => {
  aws = await startLocalAws()
})
afterEach(async () => {
  await Promise.all(open.splice(0).map(({ close }) => close()))
})
afterAll(async () => {
  await aws.close()
})

/** Secrets of access keys, and of the role sessions that the local AWS creates. */
const secretFor = (accessKeyId: string) => {
  const role = ['deployer', 'shortlived']
    .map((name) => temporaryCredentials(name))
    .find((keys) => keys.accessKeyId === accessKeyId)
  if (role) return { secret: role.secretAccessKey, sessionToken: role.sessionToken }
  return { secret: `secret-of-${accessKeyId}` }
}

interface Scene extends Partial<LocalClusterOptions> {
  env?: Record<string, string>
  behavior?: Behavior
  args?: readonly string[]
  /** Default true: the local API server is not an EKS endpoint. */
  sendToken?: boolean
  /** Contents of ~/.aws/config. */
  config?: string
  /** Changes the kubeconfig or the home directory. */
  prepare?: (cluster: LocalCluster) => Promise<void>
}

async function doctor(
  { env = KEYS, behavior = {}, args = [], sendToken = true, config, prepare, ...options }: Scene,
  output = ['--output', 'json'],
) {
  aws.reset(behavior)
  const cluster = await startLocalCluster({
    clusterName: 'demo',
    secretFor,
    user: awsUserBlock(HERE),
    entry: ARN,
    // The API server verifies tokens with STS.
    now: () => new Date(Date.now() + (behavior.clockOffsetSeconds ?? 0) * 1000),
    isMapped: (accessKeyId) => !Object.hasOwn(behavior.refuse ?? {}, accessKeyId),
    ...options,
  })
  open.push(cluster)
  if (config !== undefined) {
    await mkdir(join(cluster.home, '.aws'))
    await writeFile(join(cluster.home, '.aws', 'config'), config)
  }
  await prepare?.(cluster)
  const result = await runInProcess(['doctor', ...output, ...(sendToken ? ['--send-token'] : []), ...args], {
    env: {
      ...cluster.env,
      LANG: 'C.UTF-8',
      HTTPS_PROXY: `http://127.0.0.1:${aws.port}`,
      AWS_CA_BUNDLE: aws.authority.file,
      ...env,
    },
    cwd: cluster.home,
  })
  const report = output.includes('json') && result.stdout !== '' ? JSON.parse(result.stdout) : undefined
  const first = report?.checks.find(({ status }: CheckJson) => status !== 'ok') as CheckJson | undefined
  return { ...result, report, first, cluster }
}

interface CheckJson {
  readonly id: string
  readonly status: string
  readonly finding: string
  readonly remedy: string
}

const rewrite = (from: string | RegExp, to: string) => async (cluster: LocalCluster) => {
  const text = await readFile(cluster.kubeconfigFile, 'utf8')
  expect(text).toMatch(from)
  await writeFile(cluster.kubeconfigFile, text.replace(from, to))
}
const BASE = '[profile base]\naws_access_key_id = AKIDBASE\naws_secret_access_key = secret-of-AKIDBASE\n'
const prod = (role = ROLE) => `[profile prod]\nrole_arn = ${role}\nsource_profile = base\n${BASE}`

describe('all checks pass', () => {
  test.each<[string, Scene]>([
    ['with the exec block of aws eks update-kubeconfig', {}],
    ['with the short exec block', { user: ownUserBlock(HERE) }],
    ['with a role', { user: awsUserBlock({ ...HERE, roleArn: ROLE }) }],
    ['with a profile in the exec block', { user: awsUserBlock({ ...HERE, profile: 'prod' }), env: {}, config: prod() }],
    ['with a cluster entry that is not an ARN', { entry: 'local' }],
    [
      'with a user whose cluster, region and role are in the extension of the cluster',
      {
        user: `exec:\n  apiVersion: client.authentication.k8s.io/v1\n  command: eks-get-token\n  args: [eks, get-token]\n  interactiveMode: IfAvailable\n  provideClusterInfo: true\n`,
        cluster: [
          'extensions:',
          '- name: client.authentication.k8s.io/exec',
          `  extension: {clusterName: demo, region: us-west-2, roleArn: '${ROLE}'}`,
        ],
      },
    ],
    [
      'with several kubeconfig files',
      {
        prepare: async ({ env, home, kubeconfigFile }) =>
          void Object.assign(env, { KUBECONFIG: `${join(home, 'missing')}:${kubeconfigFile}` }),
      },
    ],
    [
      'with aws-iam-authenticator, which is not run',
      {
        user: 'exec:\n  apiVersion: client.authentication.k8s.io/v1beta1\n  command: aws-iam-authenticator\n  args: [token, -i, demo, --region, us-west-2]\n',
        prepare: async ({ home }) =>
          writeFile(join(home, 'bin', 'aws-iam-authenticator'), '#!/bin/sh\ntouch started\n', { mode: 0o755 }),
      },
    ],
  ])('%s', async (_title, scene) => {
    const { code, stderr, report, first, cluster } = await doctor(scene)
    expect(first).toBeUndefined()
    expect([code, stderr, report.status, report.notChecked]).toEqual([0, '', 'ok', []])
    expect(report.checks.map(({ id }: CheckJson) => id)).toEqual([
      'kubeconfig',
      'exec',
      'command',
      'kuberc',
      'arguments',
      'profile',
      'output',
      'source',
      'cache',
      'region',
      'endpoint',
      'network',
      'clock',
      'credentials',
      'token',
      'sts',
      'account',
      'api-server',
      'who-am-i',
    ])
    expect(report.checks.at(-1).finding).toBe('authenticated as demo-user, no additional groups')
    expect(cluster.seen.map(({ request }) => request)).toEqual([
      'GET /version',
      'POST /apis/authentication.k8s.io/v1/selfsubjectreviews',
    ])
    await expect(readFile(join(cluster.home, 'started'))).rejects.toThrow()
  })
})

/** Each frequent cause of "Unauthorized" is reproduced, and named by the first check that is not ok. */
describe('the first check that is not ok names the cause', () => {
  const minutes = (count: number) => count * 60
  test.each<[string, Scene, string, string, RegExp]>([
    [
      'an AWS_PROFILE in the exec block that overrides the one in the shell',
      {
        user: awsUserBlock({ ...HERE, profile: 'prod' }),
        env: { AWS_PROFILE: 'base' },
        config: prod(),
      },
      'source',
      'warn',
      /overridden: AWS_PROFILE=base in the shell \(env: in the exec block sets it to prod\)/,
    ],
    [
      'a profile that does not exist',
      { env: { AWS_PROFILE: 'nope' }, config: prod() },
      'profile',
      'fail',
      /profile \(nope\) could not be found/,
    ],
    [
      'an AWS_PROFILE that credentials in the environment override',
      { env: { ...KEYS, AWS_PROFILE: 'prod' }, config: prod() },
      'source',
      'warn',
      /overridden: AWS_PROFILE=prod \(credentials in the environment take precedence\)/,
    ],
    [
      'a default profile that credentials in the environment override',
      { config: '[default]\naws_access_key_id = AKIDD\naws_secret_access_key = secret-of-AKIDD\n' },
      'source',
      'warn',
      /overridden: the credentials of profile default/,
    ],
    [
      'an AWS_PROFILE that --profile in the exec block overrides',
      {
        user: awsUserBlock(HERE).replace('--output', '--profile\n  - base\n  - --output'),
        env: { AWS_PROFILE: 'prod' },
        config: prod(),
      },
      'source',
      'warn',
      /overridden: AWS_PROFILE=prod \(--profile base takes precedence\)/,
    ],
    [
      'an identity without an access entry or mapping',
      { isMapped: () => false },
      'who-am-i',
      'fail',
      /401 Unauthorized, although STS accepts the token of arn:aws:iam::123456789012:user\/team\/AKIDEXAMPLE\..*no access entry and no aws-auth mapping for arn/s,
    ],
    [
      'a role with a path, without an access entry or mapping',
      { user: awsUserBlock({ ...HERE, roleArn: ROLE }), isMapped: () => false },
      'who-am-i',
      'fail',
      /no access entry for arn:aws:iam::123456789012:role\/teams\/blue\/deployer and no aws-auth mapping for arn:aws:iam::123456789012:role\/deployer \(without the path\)/,
    ],
    [
      'a clock that is behind',
      { behavior: { clockOffsetSeconds: minutes(20) } },
      'clock',
      'fail',
      /the local clock is (1199|1200|1201) s behind the STS clock/,
    ],
    [
      'a clock that is ahead',
      { behavior: { clockOffsetSeconds: -minutes(6) } },
      'clock',
      'fail',
      /the local clock is (359|360|361) s ahead of the STS clock/,
    ],
    [
      'a wrong clock, for which STS also rejects AssumeRole',
      { behavior: { clockOffsetSeconds: minutes(30) }, user: awsUserBlock({ ...HERE, roleArn: `${ROLE}-expired` }) },
      'clock',
      'fail',
      /behind the STS clock/,
    ],
    [
      'a wrong cluster name',
      { user: awsUserBlock({ ...HERE, clusterName: 'prod' }) },
      'arguments',
      'fail',
      /wrong cluster name: the token is for "prod", the kubeconfig entry for "demo"/,
    ],
    [
      'a wrong cluster name that the cluster entry does not reveal',
      { user: awsUserBlock({ ...HERE, clusterName: 'prod' }), entry: 'local' },
      'who-am-i',
      'fail',
      /wrong cluster name: prod is not the name of this cluster in EKS/,
    ],
    [
      'a token that is too large',
      { env: { ...KEYS, AWS_SESSION_TOKEN: 'x'.repeat(2700) } },
      'token',
      'fail',
      /token too large: \d+ bytes \(maximum 4096\), 2700 of them for the session token/,
    ],
    [
      'an identity in another account',
      { behavior: { arns: { AKIDEXAMPLE: 'arn:aws:iam::999988887777:user/me' } } },
      'account',
      'warn',
      /different account: the identity is in 999988887777, the cluster in 123456789012/,
    ],
    [
      'an identity in another partition',
      { behavior: { arns: { AKIDEXAMPLE: 'arn:aws-cn:iam::999988887777:user/me' } }, isMapped: () => false },
      'account',
      'fail',
      /different partition: the identity is in aws-cn, the cluster in aws;/,
    ],
    [
      'a session that expires before the token',
      { user: awsUserBlock({ ...HERE, roleArn: ROLE.replace('deployer', 'shortlived') }) },
      'credentials',
      'warn',
      /valid until \S+ \S+ \S+ \(in (4 minutes 5\d seconds|5 minutes)\), which is less than the lifetime of a token/,
    ],
    [
      'an expired session, according to STS',
      { behavior: { refuse: { AKIDEXAMPLE: { status: 403, code: 'ExpiredToken', message: 'expired' } } } },
      'sts',
      'fail',
      /ExpiredToken: the credentials in the environment have expired/,
    ],
    [
      'an expired session, according to the environment',
      { env: { ...KEYS, AWS_CREDENTIAL_EXPIRATION: '2026-01-01T00:00:00Z' } },
      'credentials',
      'fail',
      /expired at 2026-01-01/,
    ],
    [
      'an access key id in quotes, as docker keeps them',
      { env: { ...KEYS, AWS_ACCESS_KEY_ID: '"AKIDEXAMPLE"' } },
      'credentials',
      'fail',
      /^AWS_ACCESS_KEY_ID contains quotes$/,
    ],
    ['no credentials', { env: {} }, 'source', 'fail', /Unable to locate credentials/],
    [
      'a secret access key of another access key id',
      { env: { ...KEYS, AWS_SECRET_ACCESS_KEY: 'x' } },
      'sts',
      'fail',
      /SignatureDoesNotMatch/,
    ],
    [
      'a role that the identity is not allowed to assume',
      { user: awsUserBlock({ ...HERE, roleArn: `${ROLE}-denied` }) },
      'credentials',
      'fail',
      /AccessDenied.*is not authorized to perform: sts:AssumeRole/,
    ],
    [
      'an unknown access key',
      { behavior: { refuse: { AKIDEXAMPLE: { status: 403, code: 'InvalidClientTokenId', message: 'x' } } } },
      'sts',
      'fail',
      /InvalidClientTokenId/,
    ],
    [
      'a region in which STS is not activated',
      { behavior: { refuse: { AKIDEXAMPLE: { status: 403, code: 'RegionDisabledException', message: 'x' } } } },
      'sts',
      'fail',
      /STS is not activated in this region/,
    ],
    [
      'a custom STS endpoint',
      { env: { ...KEYS, AWS_ENDPOINT_URL_STS: 'https://sts.example.com' } },
      'endpoint',
      'fail',
      /https:\/\/sts\.example\.com, which API servers do not accept/,
    ],
    [
      'an unreachable proxy',
      { user: awsUserBlock({ ...HERE, roleArn: ROLE }), env: { ...KEYS, HTTPS_PROXY: 'http://127.0.0.1:1' } },
      'network',
      'fail',
      /Failed to connect to proxy URL/,
    ],
    [
      'an unreachable proxy, which access keys do not need',
      { env: { ...KEYS, HTTPS_PROXY: 'http://127.0.0.1:1' } },
      'network',
      'warn',
      /Failed to connect to proxy URL.*; the token is signed without it/,
    ],
    [
      'a CA bundle that does not exist, for a role',
      { user: awsUserBlock({ ...HERE, roleArn: ROLE }), env: { ...KEYS, AWS_CA_BUNDLE: '/missing/ca.pem' } },
      'network',
      'fail',
      /the CA bundle \/missing\/ca\.pem \(AWS_CA_BUNDLE\) does not exist/,
    ],
    [
      'an availability zone in place of a region',
      { user: awsUserBlock({ ...HERE, region: 'us-west-2a' }) },
      'region',
      'fail',
      /us-west-2a \(--region\) is an availability zone, not a region/,
    ],
    [
      'a region of another partition than that of the cluster',
      { user: awsUserBlock({ ...HERE, region: 'cn-north-1' }) },
      'endpoint',
      'fail',
      /tokens are signed for sts\.cn-north-1\.amazonaws\.com\.cn in aws-cn, and the cluster is in aws/,
    ],
    [
      'an access key id without a secret access key',
      { env: { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE' } },
      'source',
      'fail',
      /AWS_SECRET_ACCESS_KEY/,
    ],
  ])('%s', async (_title, scene, id, status, finding) => {
    const { code, stderr, first } = await doctor(scene)
    expect(first).toMatchObject({ id, status, finding: expect.stringMatching(finding) })
    expect(first?.remedy).toMatch(/\w{3}/)
    expect(stderr).toBe('')
    if (status === 'fail') expect(code).toBe(1)
  })
})

describe('a problem in the kubeconfig is reported', () => {
  const BLOCK = awsUserBlock(HERE)
  test.each<[string, Scene, string, string, RegExp]>([
    [
      'the file does not exist',
      { args: ['--kubeconfig', '/nonexistent/config'] },
      'kubeconfig',
      'fail',
      /the kubeconfig \/nonexistent\/config does not exist/,
    ],
    [
      'the file is not valid YAML',
      { prepare: async ({ kubeconfigFile }) => writeFile(kubeconfigFile, 'a: [secret-in-a-file\nb: "x') },
      'kubeconfig',
      'fail',
      /is not valid YAML: line \d/,
    ],
    [
      'the file is empty',
      { prepare: async ({ kubeconfigFile }) => writeFile(kubeconfigFile, '') },
      'kubeconfig',
      'fail',
      /current-context is not set/,
    ],
    [
      'the file contains a list',
      { prepare: async ({ kubeconfigFile }) => writeFile(kubeconfigFile, '- a\n- b\n') },
      'kubeconfig',
      'fail',
      /the content is a list, but kubectl requires a map/,
    ],
    [
      'the file contains excessive aliases',
      {
        prepare: async ({ kubeconfigFile }) =>
          writeFile(
            kubeconfigFile,
            `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
              .split('')
              .map((name, index) => `${name}: &${name} [${`*${'abcdefghi'[index]},`.repeat(9)}]`)
              .join('\n')}\n`,
          ),
      },
      'kubeconfig',
      'fail',
      /is not valid YAML: line \d \(excessive aliases\)/,
    ],
    [
      'the context does not exist',
      { args: ['--context', 'nope'] },
      'kubeconfig',
      'fail',
      /context "nope" does not exist/,
    ],
    [
      'the user does not exist',
      { prepare: rewrite(`user: ${ARN}`, 'user: other') },
      'kubeconfig',
      'fail',
      /user "other" does not exist/,
    ],
    [
      'the user has a token instead of an exec block',
      { user: 'token: secret-in-a-file\n' },
      'exec',
      'fail',
      /no exec block: it authenticates with token/,
    ],
    [
      'the apiVersion of the exec block is no longer supported',
      { user: BLOCK.replace('v1beta1', 'v1alpha1') },
      'exec',
      'fail',
      /kubectl does not support apiVersion client\.authentication\.k8s\.io\/v1alpha1/,
    ],
    [
      'interactiveMode is missing with apiVersion v1',
      { user: BLOCK.replace('v1beta1', 'v1') },
      'exec',
      'fail',
      /interactiveMode is missing; client\.authentication\.k8s\.io\/v1 requires it/,
    ],
    [
      'interactiveMode is invalid',
      { user: `${BLOCK}  interactiveMode: Sometimes\n` },
      'exec',
      'fail',
      /invalid interactiveMode: Sometimes/,
    ],
    [
      'the command is not on PATH',
      { user: BLOCK.replace('eks-get-token', 'aws') },
      'command',
      'fail',
      /aws was not found on PATH/,
    ],
    [
      'the path of the command does not exist',
      { user: BLOCK.replace('eks-get-token', './bin/aws') },
      'command',
      'fail',
      /bin\/aws is not an executable file/,
    ],
    [
      'the arguments contain no cluster name',
      { user: BLOCK.replace('  - --cluster-name\n  - demo\n', '') },
      'arguments',
      'fail',
      /no cluster name in the arguments/,
    ],
    [
      'the arguments contain an unknown option',
      { user: BLOCK.replace('--output', '--nope') },
      'arguments',
      'fail',
      /Unknown options: --nope/,
    ],
    [
      'the command is a wrapper',
      {
        user: BLOCK.replace('command: eks-get-token', 'command: ./bin/wrap'),
        prepare: async ({ home }) =>
          writeFile(join(home, 'bin', 'wrap'), '#!/bin/sh\ntouch started\n', { mode: 0o755 }),
      },
      'arguments',
      'warn',
      /unknown wrapper: wrap was not run/,
    ],
    [
      'the command is not in the allowlist of kuberc',
      {
        prepare: async ({ home }) => {
          await mkdir(join(home, '.kube'))
          await writeFile(
            join(home, '.kube', 'kuberc'),
            'apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\ncredentialPluginPolicy: Allowlist\ncredentialPluginAllowlist:\n- command: aws\n',
          )
        },
      },
      'kuberc',
      'fail',
      /eks-get-token is not in the credentialPluginAllowlist of /,
    ],
    [
      'kuberc forbids all plugins',
      {
        prepare: async ({ home }) => {
          await mkdir(join(home, '.kube'))
          await writeFile(join(home, '.kube', 'kuberc'), 'credentialPluginPolicy: DenyAll\n')
        },
      },
      'kuberc',
      'fail',
      /sets credentialPluginPolicy: DenyAll/,
    ],
    [
      'the certificate authority is a different one',
      {
        prepare: async (cluster) =>
          rewrite(
            /certificate-authority-data: .*/,
            `certificate-authority-data: ${Buffer.from(aws.authority.pem).toString('base64')}`,
          )(cluster),
      },
      'api-server',
      'fail',
      /certificate cannot be verified with the certificate authority of the kubeconfig/,
    ],
    [
      'the certificate authority data is invalid',
      { prepare: rewrite(/certificate-authority-data: .*/, 'certificate-authority-data: AAAA') },
      'kubeconfig',
      'fail',
      /certificate-authority-data of cluster ".+" is not a certificate in PEM format: kubectl fails with "unable to load/,
    ],
    [
      'the certificate authority file does not exist',
      { prepare: rewrite(/certificate-authority-data: .*/, 'certificate-authority: ca.pem') },
      'kubeconfig',
      'fail',
      /the certificate authority file of cluster ".+", .*ca\.pem, cannot be read/,
    ],
    [
      'the certificate authority file is not a certificate',
      { prepare: rewrite(/certificate-authority-data: .*/, 'certificate-authority: /etc/passwd') },
      'kubeconfig',
      'fail',
      /the certificate authority file of cluster ".+", \/etc\/passwd, is not usable: it has no certificate in PEM format; kubectl fails with/,
    ],
    [
      'insecure-skip-tls-verify is set beside a certificate authority',
      { cluster: ['insecure-skip-tls-verify: true'] },
      'kubeconfig',
      'fail',
      /both insecure-skip-tls-verify and a certificate authority, which kubectl rejects/,
    ],
    [
      'insecure-skip-tls-verify is set',
      { prepare: rewrite(/certificate-authority-data: .*/, 'insecure-skip-tls-verify: true') },
      'api-server',
      'warn',
      /insecure-skip-tls-verify is set.*no token is sent/,
    ],
    [
      'the server URL is http:',
      { prepare: rewrite('server: https', 'server: http') },
      'api-server',
      'fail',
      /is not an https URL; no token is sent/,
    ],
    [
      'proxy-url is unreachable',
      { cluster: ['proxy-url: http://127.0.0.1:1'] },
      'api-server',
      'fail',
      /cannot connect through the proxy/,
    ],
    [
      'the server refuses connections',
      { prepare: rewrite(/server: .*/, 'server: https://127.0.0.1:1') },
      'api-server',
      'fail',
      /cannot connect \(ECONNREFUSED\)/,
    ],
    [
      'tls-server-name is a different host',
      { cluster: ['tls-server-name: kubernetes'] },
      'api-server',
      'fail',
      /certificate cannot be verified/,
    ],
  ])('%s', async (_title, scene, id, status, finding) => {
    const { code, first, stderr, stdout, cluster } = await doctor(scene)
    expect(first).toMatchObject({ id, status, finding: expect.stringMatching(finding) })
    expect(stderr).toBe('')
    expect(code).toBe(status === 'fail' ? 1 : 0)
    expect(stdout).not.toContain('secret-in-a-file')
    // No token was sent to a server that is not verified.
    const sendsNoToken = status === 'fail' && ['kubeconfig', 'arguments', 'api-server'].includes(id)
    if (sendsNoToken)
      expect(cluster.seen.filter(({ verdict }) => verdict.ok || !/no bearer/.test(verdict.reason))).toEqual([])
    await expect(readFile(join(cluster.home, 'started'))).rejects.toThrow()
  })

  test('a kuberc that allows the command passes', async () => {
    for (const text of [
      'credentialPluginPolicy: AllowAll\n',
      'kind: Preference\n',
      'credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist:\n- name: eks-get-token\n',
    ]) {
      const { code } = await doctor({
        prepare: async ({ home }) => {
          await mkdir(join(home, '.kube'))
          await writeFile(join(home, '.kube', 'kuberc'), text)
        },
      })
      expect(code).toBe(0)
    }
  })
})

describe('a server that is not an EKS endpoint', () => {
  // The proxy maps the name to the server on this machine, as a private network would.
  const scene = (host: string): Scene => ({
    prepare: rewrite(/server: https:\/\/127\.0\.0\.1:\d+/, `server: https://${host}`),
    cluster: [`proxy-url: http://127.0.0.1:${aws.port}`],
    sendToken: false,
  })
  const withAuthority = (host: string): Scene => ({
    ...scene(host),
    prepare: async (cluster) => {
      await scene(host).prepare?.(cluster)
      await rewrite(
        /certificate-authority-data: .*/,
        `certificate-authority-data: ${Buffer.from(aws.authority.pem).toString('base64')}`,
      )(cluster)
    },
  })
  const tokensSent = () =>
    aws.requests.filter(({ headers }) => headers.authorization?.startsWith('Bearer')).map(({ headers }) => headers.host)

  test('is reported, and is sent no token', async () => {
    const { first, code } = await doctor(withAuthority('k8s.example.com'))
    expect(first).toMatchObject({
      id: 'api-server',
      status: 'warn',
      finding: expect.stringMatching(/k8s\.example\.com is not an EKS endpoint: skipped, no token is sent/),
    })
    expect([code, tokensSent()]).toEqual([0, []])
    expect(aws.calls.filter(({ host }) => host === 'k8s.example.com')).toEqual([])
  })
  test('is sent the token with --send-token', async () => {
    await doctor({ ...withAuthority('k8s.example.com'), args: ['--send-token'] })
    expect(tokensSent()).toEqual(['k8s.example.com'])
  })
  test('is sent no token with --send-token if its certificate cannot be verified', async () => {
    const { first } = await doctor({ ...scene('k8s.example.com'), args: ['--send-token'] })
    expect(first).toMatchObject({ id: 'api-server', finding: expect.stringContaining('certificate') })
    expect(tokensSent()).toEqual([])
  })
  const EKS_HOST = '0123456789ABCDEF0123456789ABCDEF.gr7.us-west-2.eks.amazonaws.com'
  test("an EKS endpoint is sent the token, with the certificate authority of the kubeconfig and the environment's proxy", async () => {
    const { report } = await doctor({ ...withAuthority(EKS_HOST), cluster: [] })
    expect(report.checks.find(({ id }: CheckJson) => id === 'api-server')).toMatchObject({ status: 'ok' })
    expect(tokensSent()).toEqual([EKS_HOST.toLowerCase()])
  })
  test.each<[string, Scene, string]>([
    [
      'proxy-url',
      { cluster: ['proxy-url: http://127.0.0.1:1'], sendToken: true },
      `correct proxy-url: in the kubeconfig, or allow ${EKS_HOST.toLowerCase()} in that proxy`,
    ],
    [
      'the environment',
      { cluster: [], env: { ...KEYS, HTTPS_PROXY: 'http://127.0.0.1:1' } },
      `correct HTTPS_PROXY, allow ${EKS_HOST.toLowerCase()} in the proxy, or list it in NO_PROXY`,
    ],
  ])('behind an unreachable proxy of %s: the hint is about the proxy', async (_title, changed, remedy) => {
    const { report } = await doctor({ ...scene(EKS_HOST), ...changed })
    expect(report.checks.find(({ id }: CheckJson) => id === 'api-server')).toMatchObject({ status: 'fail', remedy })
  })
  test("an EKS endpoint behind the kubeconfig's own proxy-url is sent no token", async () => {
    const { first } = await doctor(withAuthority(EKS_HOST))
    expect(first).toMatchObject({
      id: 'api-server',
      status: 'warn',
      finding: expect.stringMatching(/is reached through http:\/\/127\.0\.0\.1:\d+, the proxy-url of the kubeconfig/),
      remedy: expect.stringContaining('--send-token'),
    })
    expect(aws.calls.filter(({ host }) => host === EKS_HOST.toLowerCase())).toEqual([])
  })
  test("an EKS endpoint behind the kubeconfig's own proxy-url is sent the token with --send-token", async () => {
    await doctor({ ...withAuthority(EKS_HOST), args: ['--send-token'] })
    expect(tokensSent()).toEqual([EKS_HOST.toLowerCase()])
  })
  test.each([
    ['127.0.0.1', undefined],
    ['localhost', (port: string) => `server: https://localhost:${port}`],
    ['127.0.0.1 with the name of an EKS endpoint for TLS', undefined, `tls-server-name: ${EKS_HOST}`],
  ] as const)('%s is sent no token without --send-token', async (_title, server, line?: string) => {
    const { first, cluster, code } = await doctor({
      sendToken: false,
      cluster: line === undefined ? [] : [line],
      prepare: async (started) => {
        if (server) await rewrite(/server: .*/, server(new URL(started.url).port))(started)
      },
    })
    expect(first).toMatchObject({
      id: 'api-server',
      status: 'warn',
      finding: expect.stringMatching(/is an address of this machine, not an EKS endpoint: skipped, no token is sent$/),
    })
    expect([code, cluster.seen]).toEqual([0, []])
  })
  test.each([
    'eks.amazonaws.com.example.com',
    '0123.gr7.us-west-2.eks.amazonaws.com.example.com',
    'x-0123.gr7.us-west-2.eks-amazonaws.com',
  ])('%s is not an EKS endpoint', async (host) => {
    const { first } = await doctor(withAuthority(host))
    expect(first).toMatchObject({ id: 'api-server', status: 'warn' })
    expect(tokensSent()).toEqual([])
  })
})

test('--profile takes precedence over the kubeconfig', async () => {
  const { report } = await doctor({ args: ['--profile', 'prod'], config: prod() })
  const source = report.checks.find(({ id }: CheckJson) => id === 'source')
  expect(source.finding).toContain(ROLE)
})

describe('a credential_process is named before it runs', () => {
  const config = "[default]\ncredential_process = ./get-keys --password 'hidden words'\n"
  const prepare = ({ home }: LocalCluster) =>
    writeFile(
      join(home, 'get-keys'),
      '#!/bin/sh\n: >started\necho \'{"Version":1,"AccessKeyId":"AKIDP","SecretAccessKey":"secret-of-AKIDP"}\'\n',
      { mode: 0o755 },
    )
  test.each<[string, string[]]>([
    ['a report', []],
    ...['json', 'text', 'table', 'yaml'].map((format): [string, string[]] => [format, ['--output', format]]),
  ])('on stderr, with %s on stdout', async (_title, output) => {
    const { stderr, stdout, cluster } = await doctor({ env: {}, config, prepare }, output)
    expect(stderr).toBe('running get-keys, the credential_process of profile default\n')
    await expect(readFile(join(cluster.home, 'started'))).resolves.toBeDefined()
    expect(stdout + stderr).not.toContain('hidden')
  })
  test('a credential_process is named even if it cannot be started', async () => {
    const { report, stderr } = await doctor({ env: {}, config: config.replace('./', '/opt/') })
    const [source, credentials] = ['source', 'credentials'].map((id) =>
      report.checks.find((check: CheckJson) => check.id === id),
    )
    expect(source.finding).toMatch(/^credential_process 'get-keys' .*; doctor runs this command to get credentials$/)
    expect(credentials).toMatchObject({ status: 'fail', finding: expect.stringContaining('get-keys') })
    expect(stderr).toBe('running get-keys, the credential_process of profile default\n')
    expect(JSON.stringify(report)).not.toContain('hidden')
  })
  test('a credential_process is not named if credentials in the environment are used instead', async () => {
    const { stderr, cluster } = await doctor({ config, prepare })
    expect(stderr).toBe('')
    await expect(readFile(join(cluster.home, 'started'))).rejects.toThrow()
  })
  test('a credential_process is not named if an earlier check fails', async () => {
    const user = awsUserBlock({ ...HERE, profile: 'missing' })
    const { stderr } = await doctor({ env: {}, config, prepare, user })
    expect(stderr).toBe('')
  })
})

test('a cached role session is shown with its remaining lifetime', async () => {
  const user = awsUserBlock({ ...HERE, profile: 'prod' })
  const { cluster, report } = await doctor({ user, env: {}, config: prod() })
  const cacheOf = (checks: CheckJson[]) => checks.find(({ id }) => id === 'cache')?.finding
  expect(cacheOf(report.checks)).toMatch(/^no entry \(/)
  const again = await runInProcess(['doctor', '--output', 'json', '--send-token'], {
    env: { ...cluster.env, HTTPS_PROXY: `http://127.0.0.1:${aws.port}`, AWS_CA_BUNDLE: aws.authority.file },
    cwd: cluster.home,
  })
  expect(cacheOf(JSON.parse(again.stdout).checks)).toMatch(
    /^ASIADEPLOYER00000000, valid until \S+ \S+ \S+ \(in (1 hour|59 minutes \d+ seconds?)\), from \//,
  )
})

test('directories of the AWS CLI that other users can change are a warning', async () => {
  const user = awsUserBlock({ ...HERE, profile: 'prod' })
  const { cluster } = await doctor({ user, env: {}, config: prod() })
  await chmod(join(cluster.home, '.aws'), 0o775)
  const env = { ...cluster.env, HTTPS_PROXY: `http://127.0.0.1:${aws.port}`, AWS_CA_BUNDLE: aws.authority.file }
  const { stdout } = await runInProcess(['doctor', '--output', 'json'], { env, cwd: cluster.home })
  expect(JSON.parse(stdout).checks.find(({ id }: CheckJson) => id === 'cache')).toMatchObject({
    status: 'warn',
    finding: expect.stringMatching(/\.aws is group-writable \(mode 0775\)/),
    remedy: expect.stringMatching(/run: chmod g-w .*\.aws$/),
  })
})

test('the cache entries of --role-arn are counted', async () => {
  const { cluster, report } = await doctor({ user: awsUserBlock({ ...HERE, roleArn: ROLE }) })
  const cacheOf = (checks: CheckJson[]) => checks.find(({ id }) => id === 'cache')?.finding
  expect(cacheOf(report.checks)).toMatch(/^no entries for this role \(/)
  const proxy = { HTTPS_PROXY: `http://127.0.0.1:${aws.port}`, AWS_CA_BUNDLE: aws.authority.file }
  const env = { ...cluster.env, ...KEYS, ...proxy }
  const again = await runInProcess(['doctor', '--output', 'json'], { env, cwd: cluster.home })
  expect(cacheOf(JSON.parse(again.stdout).checks)).toMatch(/^1 entry for this role \(/)
  const without = await runInProcess(['doctor', '--output', 'json', '--no-cache'], { env, cwd: cluster.home })
  expect(cacheOf(JSON.parse(without.stdout).checks)).toBe('disabled (--no-cache)')
})

test('without PATH and kubeconfig, the kubeconfig check fails', async () => {
  const env = { PATH: '', HOME: '/nonexistent' }
  const { code, stdout } = await runInProcess(['doctor', '--output', 'json'], { env, cwd: '/' })
  expect([code, JSON.parse(stdout).checks[0].id]).toEqual([1, 'kubeconfig'])
})

test.each<[string, string, RegExp]>([
  ['chronic', '[aws, ', /: chronic eks-get-token doctor$/],
  ['op', '[run, --env-file=x, --, aws, ', /: op run --env-file=x -- eks-get-token doctor$/],
  [
    'aws-vault',
    '[exec, -d, 1h, "my profile", --, aws, ',
    /: aws-vault exec -d 1h 'my profile' -- eks-get-token doctor$/,
  ],
  // The plugin is a file for node, and the script is one argument.
  ['node', '[--no-warnings, /opt/eks-get-token.cjs, ', /^run doctor inside the wrapper$/],
])('the hint for the wrapper %s is its command line with doctor, where there is one', async (command, start, hint) => {
  const args = `${start}eks, get-token, --cluster-name, demo]`
  const user = `exec:\n  apiVersion: client.authentication.k8s.io/v1beta1\n  command: ${command}\n  args: ${args}\n`
  const { report } = await doctor({ user })
  const check = report.checks.find(({ id }: CheckJson) => id === 'arguments')
  expect(check).toMatchObject({ status: 'warn', remedy: expect.stringMatching(hint) })
})

test('the hint for an unknown region in a known form names a similar one', async () => {
  const { report } = await doctor({ user: awsUserBlock({ ...HERE, region: 'us-wset-2' }) })
  const check = report.checks.find(({ id }: CheckJson) => id === 'region')
  expect(check).toMatchObject({ status: 'warn', remedy: 'check --region: did you mean us-west-2?' })
})
