import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type CertificateAuthority, createCertificateAuthority } from '../support/certificates.ts'
import { runEksGetToken } from '../support/command.ts'
import { awsUserBlock, ownUserBlock } from '../support/kubeconfig.ts'
import type { Behaviour } from '../support/local-aws/exchange.ts'
import { temporaryCredentials } from '../support/local-aws/temporary-credentials.ts'
import { type LocalAws, startLocalAws } from '../support/local-aws.ts'
import { type LocalCluster, type LocalClusterOptions, startLocalCluster } from '../support/local-cluster.ts'
import { keys } from '../support/runtime.ts'

const HERE = { clusterName: 'demo', region: 'us-west-2' }
const ARN = 'arn:aws:eks:us-west-2:123456789012:cluster/demo'
const ROLE = 'arn:aws:iam::123456789012:role/teams/blue/deployer'
const KEYS = keys('AKIDEXAMPLE')

let authority: CertificateAuthority
let aws: LocalAws
const open: { close: () => Promise<void> }[] = []
beforeAll(async () => {
  authority = await createCertificateAuthority()
  aws = await startLocalAws({ authority })
})
afterEach(async () => {
  await Promise.all(open.splice(0).map(({ close }) => close()))
})
afterAll(async () => {
  await aws.close()
  await authority.close()
})

/** Lasting keys, and the sessions of roles that the local AWS hands out. */
const secretFor = (accessKeyId: string) => {
  const role = ['deployer', 'shortlived']
    .map((name) => temporaryCredentials(name))
    .find((keys) => keys.accessKeyId === accessKeyId)
  if (role) return { secret: role.secretAccessKey, sessionToken: role.sessionToken }
  return { secret: `secret-of-${accessKeyId}` }
}

interface Scene extends Partial<LocalClusterOptions> {
  env?: Record<string, string>
  behaviour?: Behaviour
  args?: readonly string[]
  /** Of ~/.aws/config. */
  config?: string
  /** Changes the kubeconfig, or the home folder. */
  prepare?: (cluster: LocalCluster) => Promise<void>
}

async function doctor(
  { env = KEYS, behaviour = {}, args = [], config, prepare, ...options }: Scene,
  output = ['--output', 'json'],
) {
  aws.reset(behaviour)
  const cluster = await startLocalCluster({
    clusterName: 'demo',
    secretFor,
    user: awsUserBlock(HERE),
    entry: ARN,
    ...options,
  })
  open.push(cluster)
  if (config !== undefined) {
    await mkdir(join(cluster.home, '.aws'))
    await writeFile(join(cluster.home, '.aws', 'config'), config)
  }
  await prepare?.(cluster)
  const result = await runEksGetToken(['doctor', ...output, ...args], {
    env: {
      ...cluster.env,
      LANG: 'C.UTF-8',
      HTTPS_PROXY: `http://127.0.0.1:${aws.port}`,
      AWS_CA_BUNDLE: authority.file,
      ...env,
    },
    cwd: cluster.home,
  })
  const answer = output.includes('json') && result.stdout !== '' ? JSON.parse(result.stdout) : undefined
  const first = answer?.checks.find(({ status }: Line) => status !== 'ok') as Line | undefined
  return { ...result, answer, first, cluster }
}

interface Line {
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

describe('all is well', () => {
  test.each<[string, Scene]>([
    ['with the block of the AWS CLI', {}],
    ['with our own', { user: ownUserBlock(HERE) }],
    ['with a role', { user: awsUserBlock({ ...HERE, roleArn: ROLE }) }],
    ['with a profile of the exec block', { user: awsUserBlock({ ...HERE, profile: 'prod' }), env: {}, config: prod() }],
    ['with an entry whose name says nothing', { entry: 'local' }],
    [
      'with a list of kubeconfigs',
      {
        prepare: async ({ env, kubeconfigFile }) =>
          void Object.assign(env, { KUBECONFIG: `/nonexistent:${kubeconfigFile}` }),
      },
    ],
    [
      'with aws-iam-authenticator, which is not started',
      {
        user: 'exec:\n  apiVersion: client.authentication.k8s.io/v1beta1\n  command: aws-iam-authenticator\n  args: [token, -i, demo, --region, us-west-2]\n',
        prepare: async ({ home }) =>
          writeFile(join(home, 'bin', 'aws-iam-authenticator'), '#!/bin/sh\ntouch started\n', { mode: 0o755 }),
      },
    ],
  ])('%s', async (_title, scene) => {
    const { code, stderr, answer, first, cluster } = await doctor(scene)
    expect(first).toBeUndefined()
    expect([code, stderr, answer.status, answer.notChecked]).toEqual([0, '', 'ok', []])
    expect(answer.checks.map(({ id }: Line) => id)).toEqual([
      'kubeconfig',
      'exec',
      'command',
      'kuberc',
      'arguments',
      'profile',
      'source',
      'cache',
      'clock',
      'credentials',
      'token',
      'sts',
      'account',
      'api-server',
      'who-am-i',
    ])
    expect(answer.checks.at(-1).finding).toBe('the server takes us for demo-user, in no group of its own')
    expect(cluster.seen.map(({ request }) => request)).toEqual([
      'GET /version',
      'POST /apis/authentication.k8s.io/v1/selfsubjectreviews',
    ])
    await expect(readFile(join(cluster.home, 'started'))).rejects.toThrow()
  })
})

/** FIELD: what users complain about; each cause is produced, and named in the first line that is not ok. */
describe('the first line that is not ok names the cause', () => {
  const minutes = (count: number) => count * 60
  test.each<[string, Scene, string, string, RegExp]>([
    // "Unauthorized" without a reason
    [
      'another profile than thought: the exec block sets one',
      {
        user: awsUserBlock({ ...HERE, profile: 'prod' }),
        env: { AWS_PROFILE: 'base' },
        config: prod(),
      },
      'source',
      'warn',
      /overridden: AWS_PROFILE=base of the shell, because env: of the exec block sets prod/,
    ],
    [
      'a profile that is not there',
      { env: { AWS_PROFILE: 'nope' }, config: prod() },
      'profile',
      'fail',
      /profile \(nope\) could not be found; AWS_PROFILE names it/,
    ],
    [
      'keys in the environment against AWS_PROFILE',
      { env: { ...KEYS, AWS_PROFILE: 'prod' }, config: prod() },
      'source',
      'warn',
      /keys in the environment .*overridden: AWS_PROFILE=prod, because keys in the environment win/,
    ],
    [
      'keys in the environment against the default profile',
      { config: '[default]\naws_access_key_id = AKIDD\naws_secret_access_key = secret-of-AKIDD\n' },
      'source',
      'warn',
      /overridden: the credentials of profile default/,
    ],
    [
      'AWS_PROFILE against --profile of the exec block',
      {
        user: awsUserBlock(HERE).replace('--output', '--profile\n  - base\n  - --output'),
        env: { AWS_PROFILE: 'prod' },
        config: prod(),
      },
      'source',
      'warn',
      /AWS_PROFILE=prod, because args: of the exec block say --profile base/,
    ],
    [
      'an identity that is not mapped',
      { isMapped: () => false },
      'who-am-i',
      'fail',
      /401 Unauthorized, although STS confirms arn:aws:iam::123456789012:user\/team\/AKIDEXAMPLE\..*no access entry or mapping for arn/s,
    ],
    [
      'the path of a role',
      { user: awsUserBlock({ ...HERE, roleArn: ROLE }), isMapped: () => false },
      'who-am-i',
      'fail',
      /mapping for arn:aws:iam::123456789012:role\/deployer, without any path in aws-auth \(an access entry wants arn:aws:iam::123456789012:role\/teams\/blue\/deployer\)/,
    ],
    [
      'a clock that is behind',
      { behaviour: { clockOffsetSeconds: minutes(20) } },
      'clock',
      'fail',
      /this clock is (1199|1200|1201) s behind that of STS/,
    ],
    [
      'a clock that is ahead',
      { behaviour: { clockOffsetSeconds: -minutes(6) } },
      'clock',
      'fail',
      /this clock is (359|360|361) s ahead of that of STS/,
    ],
    [
      'a wrong clock, and a role that STS refuses for it',
      { behaviour: { clockOffsetSeconds: minutes(30) }, user: awsUserBlock({ ...HERE, roleArn: `${ROLE}-expired` }) },
      'clock',
      'fail',
      /behind that of STS/,
    ],
    [
      'the wrong name of the cluster',
      { user: awsUserBlock({ ...HERE, clusterName: 'prod' }) },
      'arguments',
      'fail',
      /wrong cluster name: the token is for "prod", and the entry is of cluster "demo"/,
    ],
    [
      'the wrong name of the cluster, where the entry does not tell the right one',
      { user: awsUserBlock({ ...HERE, clusterName: 'prod' }), entry: 'local' },
      'who-am-i',
      'fail',
      /wrong cluster name: prod is not the name that the cluster has in EKS/,
    ],
    [
      'a token that is too large',
      { env: { ...KEYS, AWS_SESSION_TOKEN: 'x'.repeat(2700) } },
      'token',
      'fail',
      /token too large: \d+ bytes, and servers read 4096; 2700 of them are the session token/,
    ],
    // Wrong identity
    [
      'an identity of another account',
      { behaviour: { arns: { AKIDEXAMPLE: 'arn:aws:iam::999988887777:user/me' } } },
      'account',
      'warn',
      /other account: the identity is of 999988887777, and the cluster of 123456789012/,
    ],
    [
      'an identity of another partition',
      { behaviour: { arns: { AKIDEXAMPLE: 'arn:aws-cn:iam::999988887777:user/me' } } },
      'account',
      'fail',
      /partition aws-cn, and the cluster of aws/,
    ],
    // Token dies early
    [
      'a session that ends before the token',
      { user: awsUserBlock({ ...HERE, roleArn: ROLE.replace('deployer', 'shortlived') }) },
      'credentials',
      'warn',
      /ends in (4 minutes 5\d seconds|5 minutes), and the token with it/,
    ],
    [
      'a session that has ended, which STS says',
      { behaviour: { refuse: { AKIDEXAMPLE: { status: 403, code: 'ExpiredToken', message: 'expired' } } } },
      'sts',
      'fail',
      /ExpiredToken: the session that signed has ended/,
    ],
    [
      'a session that has ended, which the environment says',
      { env: { ...KEYS, AWS_CREDENTIAL_EXPIRATION: '2026-01-01T00:00:00Z' } },
      'credentials',
      'fail',
      /expired at 2026-01-01/,
    ],
    // What else is said of credentials
    ['no credentials', { env: {} }, 'credentials', 'fail', /Unable to locate credentials/],
    [
      'a secret key of another access key',
      { env: { ...KEYS, AWS_SECRET_ACCESS_KEY: 'x' } },
      'sts',
      'fail',
      /SignatureDoesNotMatch/,
    ],
    [
      'a role that may not be assumed',
      { user: awsUserBlock({ ...HERE, roleArn: `${ROLE}-denied` }) },
      'credentials',
      'fail',
      /AccessDenied.*is not authorized to perform: sts:AssumeRole/,
    ],
    [
      'a key that AWS does not know',
      { behaviour: { refuse: { AKIDEXAMPLE: { status: 403, code: 'InvalidClientTokenId', message: 'x' } } } },
      'sts',
      'fail',
      /InvalidClientTokenId/,
    ],
    [
      'a region that is switched off',
      { behaviour: { refuse: { AKIDEXAMPLE: { status: 403, code: 'RegionDisabledException', message: 'x' } } } },
      'sts',
      'fail',
      /switched off in this region/,
    ],
    [
      'an STS of one’s own',
      { env: { ...KEYS, AWS_ENDPOINT_URL_STS: 'https://sts.example.com' } },
      'clock',
      'fail',
      /no host of STS: every server refuses them/,
    ],
    [
      'a proxy that is not there',
      { env: { ...KEYS, HTTPS_PROXY: 'http://127.0.0.1:1' } },
      'clock',
      'fail',
      /Failed to connect to proxy URL/,
    ],
    ['half a key', { env: { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE' } }, 'source', 'fail', /AWS_SECRET_ACCESS_KEY/],
  ])('%s', async (_title, scene, id, status, finding) => {
    const { code, stderr, first } = await doctor(scene)
    expect(first).toMatchObject({ id, status, finding: expect.stringMatching(finding) })
    expect(first?.remedy).toMatch(/\w{3}/)
    expect(stderr).toBe('')
    if (status === 'fail') expect(code).toBe(1)
  })
})

describe('the kubeconfig', () => {
  const BLOCK = awsUserBlock(HERE)
  test.each<[string, Scene, string, string, RegExp]>([
    [
      'is not there',
      { args: ['--kubeconfig', '/nonexistent/config'] },
      'kubeconfig',
      'fail',
      /no kubeconfig that can be read at \/nonexistent\/config/,
    ],
    [
      'is no YAML',
      { prepare: async ({ kubeconfigFile }) => writeFile(kubeconfigFile, 'a: [secret-in-a-file\nb: "x') },
      'kubeconfig',
      'fail',
      /is no YAML: line \d/,
    ],
    [
      'is empty',
      { prepare: async ({ kubeconfigFile }) => writeFile(kubeconfigFile, '') },
      'kubeconfig',
      'fail',
      /no context is current/,
    ],
    [
      'is a list',
      { prepare: async ({ kubeconfigFile }) => writeFile(kubeconfigFile, '- a\n- b\n') },
      'kubeconfig',
      'fail',
      /no context is current/,
    ],
    [
      'has aliases that explode',
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
      /aliases lead nowhere, or to too much/,
    ],
    ['has no such context', { args: ['--context', 'nope'] }, 'kubeconfig', 'fail', /no context "nope"/],
    ['has no such user', { prepare: rewrite(`user: ${ARN}`, 'user: other') }, 'kubeconfig', 'fail', /no user "other"/],
    [
      'has a user with a token',
      { user: 'token: secret-in-a-file\n' },
      'exec',
      'fail',
      /no exec block: it signs in with token/,
    ],
    [
      'has an old apiVersion',
      { user: BLOCK.replace('v1beta1', 'v1alpha1') },
      'exec',
      'fail',
      /v1alpha1, which clients no longer know/,
    ],
    [
      'has v1 without interactiveMode',
      { user: BLOCK.replace('v1beta1', 'v1') },
      'exec',
      'fail',
      /interactiveMode is missing, and v1 wants it/,
    ],
    [
      'has an interactiveMode of its own',
      { user: `${BLOCK}  interactiveMode: Sometimes\n` },
      'exec',
      'fail',
      /interactiveMode is Sometimes/,
    ],
    [
      'names a command that is not there',
      { user: BLOCK.replace('eks-get-token', 'aws') },
      'command',
      'fail',
      /aws is not on the PATH/,
    ],
    [
      'names a path that is not there',
      { user: BLOCK.replace('eks-get-token', './bin/aws') },
      'command',
      'fail',
      /bin\/aws is no program/,
    ],
    [
      'names no cluster',
      { user: BLOCK.replace('  - --cluster-name\n  - demo\n', '') },
      'arguments',
      'fail',
      /name no cluster/,
    ],
    [
      'has an argument too many',
      { user: BLOCK.replace('--output', '--nope') },
      'arguments',
      'fail',
      /Unknown options: --nope/,
    ],
    [
      'names a wrapper',
      {
        user: BLOCK.replace('command: eks-get-token', 'command: ./bin/wrap'),
        prepare: async ({ home }) =>
          writeFile(join(home, 'bin', 'wrap'), '#!/bin/sh\ntouch started\n', { mode: 0o755 }),
      },
      'arguments',
      'fail',
      /bin\/wrap is no plugin of EKS that is known here/,
    ],
    [
      'is under a policy',
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
      /has an allow list, and eks-get-token is not on it/,
    ],
    [
      'is under a policy that forbids all',
      {
        prepare: async ({ home }) => {
          await mkdir(join(home, '.kube'))
          await writeFile(join(home, '.kube', 'kuberc'), 'credentialPluginPolicy: DenyAll\n')
        },
      },
      'kuberc',
      'fail',
      /DenyAll/,
    ],
    [
      'names another certificate authority',
      {
        prepare: async (cluster) =>
          rewrite(
            /certificate-authority-data: .*/,
            `certificate-authority-data: ${Buffer.from(authority.pem).toString('base64')}`,
          )(cluster),
      },
      'api-server',
      'fail',
      /certificate is not of the kubeconfig's authority/,
    ],
    [
      'names a certificate authority that is none',
      { prepare: rewrite(/certificate-authority-data: .*/, 'certificate-authority-data: AAAA') },
      'api-server',
      'fail',
      /certificate is not of the kubeconfig's authority/,
    ],
    [
      'names a file of certificates that is not there',
      { prepare: rewrite(/certificate-authority-data: .*/, 'certificate-authority: ca.pem') },
      'api-server',
      'fail',
      /ca\.pem cannot be read/,
    ],
    [
      'switches verification off',
      { cluster: ['insecure-skip-tls-verify: true'] },
      'api-server',
      'warn',
      /insecure-skip-tls-verify is set.*no token is sent/,
    ],
    [
      'names a server of plain HTTP',
      { prepare: rewrite('server: https', 'server: http') },
      'api-server',
      'fail',
      /no https: URL/,
    ],
    [
      'names a proxy that is not there',
      { cluster: ['proxy-url: http://127.0.0.1:1'] },
      'api-server',
      'fail',
      /the proxy cannot be gone through/,
    ],
    [
      'names a port where nobody listens',
      { prepare: rewrite(/server: .*/, 'server: https://127.0.0.1:1') },
      'api-server',
      'fail',
      /cannot be reached \(ECONNREFUSED\)/,
    ],
    [
      'names another host for TLS',
      { cluster: ['tls-server-name: kubernetes'] },
      'api-server',
      'fail',
      /certificate is not/,
    ],
  ])('%s', async (_title, scene, id, status, finding) => {
    const { code, first, stderr, stdout, cluster } = await doctor(scene)
    expect(first).toMatchObject({ id, status, finding: expect.stringMatching(finding) })
    expect(stderr).toBe('')
    expect(code).toBe(status === 'fail' ? 1 : 0)
    expect(stdout).not.toContain('secret-in-a-file')
    // No token has gone to a server that is not what the kubeconfig promises.
    const shy = ['kubeconfig', 'arguments', 'api-server'].includes(id)
    if (shy) expect(cluster.seen.filter(({ verdict }) => verdict.ok || !/no bearer/.test(verdict.reason))).toEqual([])
    await expect(readFile(join(cluster.home, 'started'))).rejects.toThrow()
  })

  test('policies that allow it', async () => {
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

describe('a server that is not of EKS', () => {
  // Through its proxy the name leads to the server on this machine, as a name of a private network would.
  const scene = (host: string): Scene => ({
    prepare: rewrite(/server: https:\/\/127\.0\.0\.1:\d+/, `server: https://${host}`),
    cluster: [`proxy-url: http://127.0.0.1:${aws.port}`],
  })
  const withAuthority = (host: string): Scene => ({
    ...scene(host),
    prepare: async (cluster) => {
      await scene(host).prepare?.(cluster)
      await rewrite(
        /certificate-authority-data: .*/,
        `certificate-authority-data: ${Buffer.from(authority.pem).toString('base64')}`,
      )(cluster)
    },
  })
  const tokensSent = () =>
    aws.requests.filter(({ headers }) => headers.authorization?.startsWith('Bearer')).map(({ headers }) => headers.host)

  test('is named, and gets no token', async () => {
    const { first, code } = await doctor(withAuthority('k8s.example.com'))
    expect(first).toMatchObject({
      id: 'api-server',
      status: 'warn',
      finding: expect.stringMatching(/k8s\.example\.com.*no host of EKS: it is left out/),
    })
    expect([code, tokensSent()]).toEqual([0, []])
    expect(aws.calls.filter(({ host }) => host === 'k8s.example.com')).toEqual([])
  })
  test('gets it with --send-token', async () => {
    await doctor({ ...withAuthority('k8s.example.com'), args: ['--send-token'] })
    expect(tokensSent()).toEqual(['k8s.example.com'])
  })
  test('does not get it with --send-token and a certificate of another', async () => {
    const { first } = await doctor({ ...scene('k8s.example.com'), args: ['--send-token'] })
    expect(first).toMatchObject({ id: 'api-server', finding: expect.stringContaining('certificate') })
    expect(tokensSent()).toEqual([])
  })
  test('a host of EKS gets it', async () => {
    const host = '0123456789ABCDEF0123456789ABCDEF.gr7.us-west-2.eks.amazonaws.com'
    await doctor(withAuthority(host))
    expect(tokensSent()).toEqual([host.toLowerCase()])
  })
  test.each([
    'eks.amazonaws.com.example.com',
    '0123.gr7.us-west-2.eks.amazonaws.com.example.com',
    'x-0123.gr7.us-west-2.eks-amazonaws.com',
  ])('nor is %s', async (host) => {
    const { first } = await doctor(withAuthority(host))
    expect(first).toMatchObject({ id: 'api-server', status: 'warn' })
    expect(tokensSent()).toEqual([])
  })
})

test('--profile takes the place of what the kubeconfig says', async () => {
  const { answer } = await doctor({ args: ['--profile', 'prod'], config: prod() })
  const source = answer.checks.find(({ id }: Line) => id === 'source')
  expect(source.finding).toContain(ROLE)
})

test('a credential_process is named before it runs, by its name only', async () => {
  const { answer } = await doctor({
    env: {},
    config: "[default]\ncredential_process = /opt/get-keys --password 'hidden words'\n",
  })
  const [source, credentials] = ['source', 'credentials'].map((id) =>
    answer.checks.find((line: Line) => line.id === id),
  )
  expect(source.finding).toMatch(/credential_process 'get-keys', which is started now/)
  expect(credentials.finding).toMatch(/'get-keys' cannot be started/)
  expect(JSON.stringify(answer)).not.toContain('hidden')
})

test('a cached role is shown with what is left of it', async () => {
  const user = awsUserBlock({ ...HERE, profile: 'prod' })
  const { cluster, answer } = await doctor({ user, env: {}, config: prod() })
  const cacheOf = (checks: Line[]) => checks.find(({ id }) => id === 'cache')?.finding
  expect(cacheOf(answer.checks)).toMatch(/^empty so far/)
  const again = await runEksGetToken(['doctor', '--output', 'json'], {
    env: { ...cluster.env, HTTPS_PROXY: `http://127.0.0.1:${aws.port}`, AWS_CA_BUNDLE: authority.file },
    cwd: cluster.home,
  })
  expect(cacheOf(JSON.parse(again.stdout).checks)).toMatch(
    /^ASIADEPLOYER00000000, for (1 hour|59 minutes \d+ seconds?) \(/,
  )
})

test('sessions of --role-arn are counted', async () => {
  const { cluster, answer } = await doctor({ user: awsUserBlock({ ...HERE, roleArn: ROLE }) })
  const cacheOf = (checks: Line[]) => checks.find(({ id }) => id === 'cache')?.finding
  expect(cacheOf(answer.checks)).toMatch(/^our own: no session of this role yet/)
  const proxy = { HTTPS_PROXY: `http://127.0.0.1:${aws.port}`, AWS_CA_BUNDLE: authority.file }
  const env = { ...cluster.env, ...KEYS, ...proxy }
  const again = await runEksGetToken(['doctor', '--output', 'json'], { env, cwd: cluster.home })
  expect(cacheOf(JSON.parse(again.stdout).checks)).toMatch(/^our own: 1 of this role/)
  const without = await runEksGetToken(['doctor', '--output', 'json', '--no-cache'], { env, cwd: cluster.home })
  expect(cacheOf(JSON.parse(without.stdout).checks)).toBe('switched off (--no-cache)')
})

test('no PATH and no kubeconfig: still a line', async () => {
  const env = { PATH: '', HOME: '/nonexistent' }
  const { code, stdout } = await runEksGetToken(['doctor', '--output', 'json'], { env, cwd: '/' })
  expect([code, JSON.parse(stdout).checks[0].id]).toEqual([1, 'kubeconfig'])
})
