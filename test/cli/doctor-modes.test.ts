import { access, appendFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { runInProcess } from '../support/in-process.ts'
import { awsUserBlock } from '../support/kubeconfig.ts'
import { type LocalAws, startLocalAws } from '../support/local-aws.ts'
import { type LocalCluster, type LocalClusterOptions, startLocalCluster } from '../support/local-cluster.ts'
import { keys } from '../support/runtime.ts'

const HERE = { clusterName: 'demo', region: 'us-west-2' }
const ARN = 'arn:aws:eks:us-west-2:123456789012:cluster/demo'
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

async function start(options: Partial<LocalClusterOptions> = {}): Promise<LocalCluster> {
  aws.reset()
  const cluster = await startLocalCluster({
    clusterName: 'demo',
    secretFor: (id) => ({ secret: `secret-of-${id}` }),
    user: awsUserBlock(HERE),
    entry: ARN,
    ...options,
  })
  open.push(cluster)
  return cluster
}

const network = () => ({ HTTPS_PROXY: `http://127.0.0.1:${aws.port}`, AWS_CA_BUNDLE: aws.authority.file })

async function doctor(
  cluster: LocalCluster,
  args: readonly string[],
  env: Record<string, string> = { ...KEYS, ...network() },
) {
  const { stdout, ...result } = await runInProcess(['doctor', '--output', 'json', ...args], {
    env: { ...cluster.env, ...env },
    cwd: cluster.home,
  })
  const report = stdout === '' ? undefined : JSON.parse(stdout)
  const check = (id: string): CheckJson | undefined => report?.checks.find((item: CheckJson) => item.id === id)
  return { ...result, report, check }
}

interface CheckJson {
  readonly id: string
  readonly status: string
  readonly finding: string
  readonly remedy: string
}

describe('--all', () => {
  test('without an EKS context it is an error, not a success', async () => {
    const cluster = await start({ user: 'token: abc', entry: 'local' })
    const { code, stdout, stderr } = await runInProcess(['doctor', '--all'], { env: cluster.env, cwd: cluster.home })
    expect({ code, stdout }).toEqual({ code: 255, stdout: '' })
    expect(stderr).toMatch(
      /^eks-get-token: no context in the kubeconfig uses an EKS plugin \(ERR_KUBECONFIG\)\n {2}hint: add/,
    )
  })

  const addContexts = async ({ kubeconfigFile }: LocalCluster) => {
    const text = await readFile(kubeconfigFile, 'utf8')
    const more = [
      'contexts:',
      '- name: wrong',
      `  context: {cluster: "${ARN}", user: wrong}`,
      '- name: other',
      '  context: {cluster: kind, user: kind}',
    ]
    const users = `- name: wrong\n  user: {exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: eks-get-token, args: [--cluster-name, prod]}}\n- name: kind\n  user: {token: x}\n`
    const kind = 'clusters:\n- name: kind\n  cluster: {server: "https://127.0.0.1:1"}'
    await writeFile(kubeconfigFile, text.replace('contexts:', more.join('\n')).replace('clusters:', kind) + users)
  }

  test('checks every EKS context, and no other', async () => {
    const cluster = await start()
    await addContexts(cluster)
    const { code, report, stderr } = await doctor(cluster, ['--all', '--send-token'])
    expect([code, stderr, report.status]).toEqual([1, '', 'fail'])
    const rows = report.contexts.map(({ context, status }: { context: string; status: string }) => [context, status])
    expect(rows).toEqual([
      ['wrong', 'fail'],
      [ARN, 'ok'],
    ])
  })
  test('prints one table', async () => {
    const cluster = await start()
    await addContexts(cluster)
    const env = { ...cluster.env, ...KEYS, ...network() }
    const { stdout } = await runInProcess(['doctor', '--all', '--send-token'], { env, cwd: cluster.home })
    expect(stdout).toMatch(/^EKS contexts in the kubeconfig\n\n {2}FAIL {2}wrong /)
    expect(stdout).toContain('arguments: wrong cluster name')
    expect(stdout).toMatch(/\n2 contexts: 1 ok, 0 with warnings, 1 failed\.\n$/)
  })
  test('ends within the time limit, whatever the number of contexts', async () => {
    const silent = createServer(() => {})
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const cluster = await start()
    const url = `https://127.0.0.1:${(silent.address() as AddressInfo).port}`
    const names = Array.from({ length: 12 }, (_, index) => `c${index}`)
    const contexts = names.map((name) => `- name: ${name}\n  context: {cluster: "${ARN}", user: "${ARN}"}\n`).join('')
    const text = (await readFile(cluster.kubeconfigFile, 'utf8')).replace(/server: .*/, `server: ${url}`)
    await writeFile(cluster.kubeconfigFile, text.replace('contexts:\n', `contexts:\n${contexts}`))
    const { code, report, seconds } = await doctor(cluster, ['--all', '--send-token', '--timeout', '2'])
    silent.close()
    expect([code, report.contexts.length]).toEqual([1, 13])
    expect(seconds).toBeLessThan(12)
  })
  test('of a kubeconfig that is invalid is an error', async () => {
    const cluster = await start()
    await writeFile(cluster.kubeconfigFile, 'users: {}\n')
    const { code, stderr, report } = await doctor(cluster, ['--all'])
    expect([code, report]).toEqual([255, undefined])
    expect(stderr).toMatch(/line 1: users is a map, but kubectl requires a list \(ERR_KUBECONFIG\)/)
  })
})

describe('--cluster-name', () => {
  test('checks a cluster without a kubeconfig', async () => {
    const cluster = await start()
    aws.reset({ clusters: { demo: { region: 'us-west-2', endpoint: cluster.url, certificate: cluster.certificate } } })
    await writeFile(cluster.kubeconfigFile, 'not: [a kubeconfig')
    const args = ['--cluster-name', 'demo', '--region', 'us-west-2']
    const { code, report, check, stderr } = await doctor(cluster, [...args, '--send-token'])
    expect([code, stderr, report.status, report.notChecked]).toEqual([0, '', 'ok', []])
    expect(check('arguments')?.finding).toBe('cluster demo')
    expect(check('cluster')?.finding).toBe(ARN)
    expect(check('who-am-i')?.finding).toMatch(/^authenticated as demo-user/)
    expect(check('kubeconfig')).toBeUndefined()
  })
  test.each([
    ['a missing profile', ['--profile', 'nope'], {}, 'profile'],
    ['no credentials', [], { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' }, 'source'],
    ['credentials that have expired', [], { AWS_CREDENTIAL_EXPIRATION: '2026-01-01T00:00:00Z' }, 'credentials'],
    ['credentials before a profile', [], { AWS_PROFILE: 'other' }, 'source'],
    ['a wrong secret access key', [], { AWS_SECRET_ACCESS_KEY: 'wrong' }, 'sts'],
    ['another certificate authority', [], { certificate: 'other' }, 'api-server'],
    ['a server that is out of reach', [], { endpoint: 'https://127.0.0.1:1' }, 'api-server'],
    ['an identity without a mapping', [], { AWS_ACCESS_KEY_ID: 'AKIDUNMAPPED' }, 'who-am-i'],
  ])(
    'no sentence speaks of a kubeconfig that is not there: %s',
    async (_title, args, { endpoint, certificate, ...env }: Record<string, string>, id) => {
      const cluster = await start({ isMapped: (key) => key !== 'AKIDUNMAPPED' })
      await mkdir(join(cluster.home, '.aws'), { recursive: true })
      await writeFile(join(cluster.home, '.aws', 'config'), '[profile other]\n')
      const described = { region: 'us-west-2', endpoint: endpoint ?? cluster.url, certificate: cluster.certificate }
      aws.reset({ clusters: { demo: { ...described, ...(certificate ? { certificate: aws.authority.pem } : {}) } } })
      const secret = env.AWS_ACCESS_KEY_ID ? { AWS_SECRET_ACCESS_KEY: `secret-of-${env.AWS_ACCESS_KEY_ID}` } : {}
      const { report, check } = await doctor(
        cluster,
        ['--cluster-name', 'demo', '--region', 'us-west-2', '--send-token', ...args],
        { ...KEYS, ...network(), ...secret, ...env },
      )
      const first = report.checks.find(({ status }: CheckJson) => status !== 'ok')
      expect(first?.id).toBe(id)
      expect(check(id)?.remedy).not.toBe('')
      expect(JSON.stringify(report)).not.toMatch(/kubeconfig|exec block|args:|env:/)
    },
  )
  test('an ARN as the name is taken apart', async () => {
    const { report, check, code } = await doctor(await start(), ['--cluster-name', ARN])
    expect([code, report.checks.length]).toEqual([1, 1])
    expect(check('arguments')).toMatchObject({
      status: 'fail',
      finding: '--cluster-name is an ARN, not the name of a cluster (ERR_USAGE)',
      remedy: 'use --cluster-name demo --region us-west-2',
    })
  })
  test('a cluster that does not exist: the hint says where it was looked for, and what is there', async () => {
    const { check, code } = await doctor(await start(), ['--cluster-name', 'nope', '--region', 'us-west-2'])
    expect(code).toBe(1)
    expect(check('cluster')).toMatchObject({ finding: expect.stringContaining('(ResourceNotFoundException)') })
    expect(check('cluster')?.remedy).toBe(
      'searched region us-west-2 (--region), account 123456789012: the clusters there are demo, web, st-updating, creating-noendpoint; for another region or account, use --region REGION or --profile PROFILE',
    )
  })
  test('a cluster name that is similar to another: the hint is the command line with that name', async () => {
    const role = 'arn:aws:iam::123456789012:role/viewer'
    const args = ['--cluster-name', 'nope-st-updating', '--region', 'us-west-2', '--role-arn', role, '--timeout', '50']
    const { check } = await doctor(await start(), args)
    expect(check('cluster')?.remedy).toContain(
      `did you mean 'eks-get-token doctor --cluster-name st-updating --region us-west-2 --role-arn ${role}'?`,
    )
  })
  test.each([
    [
      ['--cluster-name', 'demo', '--context', 'x'],
      /--cluster-name cannot be combined with --all, --context or --kubeconfig/,
    ],
    [['--all', '--context', 'x'], /--all cannot be combined with --context/],
    [['--role-arn', 'x'], /--role-arn requires --cluster-name/],
  ])('%j is a usage error', async (args, message) => {
    const { code, stderr } = await doctor(await start(), args)
    expect([code, stderr]).toEqual([252, expect.stringMatching(message)])
  })
})

describe('what only the kubeconfig names is not trusted with credentials', () => {
  const variables = (env: Record<string, string>) =>
    `${awsUserBlock(HERE)}  env:\n${Object.entries(env)
      .map(([name, value]) => `  - {name: ${name}, value: '${value}'}\n`)
      .join('')}`

  test('a proxy and a CA bundle get neither a token nor a role request', async () => {
    const cluster = await start()
    const user = variables({ ...network() })
    const other = await start({ user })
    await cluster.close()
    open.splice(0, 1)
    const { check, code } = await doctor(other, [], KEYS)
    expect(check('credentials')).toMatchObject({
      status: 'warn',
      finding: expect.stringMatching(
        /only the kubeconfig sets HTTPS_PROXY and AWS_CA_BUNDLE, which could send them to another server/,
      ),
      remedy: expect.stringContaining('--send-token'),
    })
    expect(code).toBe(0)
    const queries = aws.requests.filter(({ url }) => url.search !== '')
    expect(queries).toEqual([])
  })
  test('with --send-token they are used, as kubectl would', async () => {
    const other = await start({ user: variables(network()) })
    const { check, code } = await doctor(other, ['--send-token'], KEYS)
    expect([code, check('credentials')?.status, check('sts')?.status]).toEqual([0, 'ok', 'ok'])
  })
  test.each(['', '--send-token'])('a credential_process in its config file is never run (%s)', async (option) => {
    const cluster = await start({ user: variables({ AWS_CONFIG_FILE: 'other' }) })
    await writeFile(join(cluster.home, 'other'), '[default]\ncredential_process = sh -c "touch started"\n')
    const { check, stderr } = await doctor(cluster, option === '' ? [] : [option], network())
    expect(check('credentials')).toMatchObject({
      status: 'warn',
      finding: 'the credential_process is not run, because AWS_CONFIG_FILE in the kubeconfig could change what it runs',
      remedy: 'if you trust the kubeconfig, set AWS_CONFIG_FILE in the shell and run doctor again',
    })
    expect(stderr).toBe('')
    await expect(access(join(cluster.home, 'started'))).rejects.toThrow()
  })
  test('a config file with access keys only selects the identity', async () => {
    const cluster = await start({ user: variables({ AWS_CONFIG_FILE: 'other' }) })
    await writeFile(
      join(cluster.home, 'other'),
      '[default]\naws_access_key_id = AKIDOTHER\naws_secret_access_key = secret-of-AKIDOTHER\n',
    )
    const { check } = await doctor(cluster, [], network())
    expect(check('credentials')).toMatchObject({ status: 'ok', finding: 'AKIDOTHER, no expiration' })
    await appendFile(join(cluster.home, 'other'), 'aws_session_token = a-session\n')
    const session = await doctor(cluster, [], network())
    expect(session.check('credentials')?.finding).toBe('AKIDOTHER, expiration unknown')
  })
  test('a container endpoint gets no token', async () => {
    const cluster = await start({
      user: variables({
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${aws.port}/x`,
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: 'secret',
      }),
    })
    await writeFile(join(cluster.home, 'secret'), 'hidden')
    const { check } = await doctor(cluster, [], network())
    expect(check('credentials')).toMatchObject({
      status: 'warn',
      finding: expect.stringContaining('AWS_CONTAINER_CREDENTIALS_FULL_URI'),
    })
    expect(aws.requests.filter(({ headers }) => headers.authorization !== undefined)).toEqual([])
  })
  test('a static token is sent to no server that is not trusted', async () => {
    const cluster = await start({ user: `token: stale\n${awsUserBlock(HERE)}` })
    const { check } = await doctor(cluster, [])
    expect(check('exec')).toMatchObject({
      status: 'warn',
      finding: expect.stringContaining('kubectl uses token, and does not run the command'),
    })
    expect(cluster.seen).toEqual([])
  })
})

test('the region of instance metadata selects the endpoint that is examined', async () => {
  const cluster = await start({ user: awsUserBlock(HERE).replace('  - --region\n  - us-west-2\n', '') })
  const env = {
    ...KEYS,
    ...network(),
    AWS_EC2_METADATA_DISABLED: 'false',
    AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://127.0.0.1:${aws.port}`,
  }
  const { check } = await doctor(cluster, ['--send-token'], env)
  const region = /region (\S+) \(instance metadata\)/.exec(check('profile')?.finding ?? '')?.[1]
  expect(region).toMatch(/^[a-z]+-[a-z]+-\d$/)
  expect(check('endpoint')?.finding).toBe(`sts.${region}.amazonaws.com (regional)`)
})

describe('an identity without a mapping', () => {
  test('gets the lines that grant access, for its cluster and region', async () => {
    const cluster = await start({ isMapped: () => false })
    const { report, check } = await doctor(cluster, ['--send-token'])
    expect(check('who-am-i')?.status).toBe('fail')
    const principal = 'arn:aws:iam::123456789012:user/team/AKIDEXAMPLE'
    expect(report.snippets.accessEntry.split('\n')).toEqual([
      'aws eks create-access-entry --cluster-name demo --region us-west-2 \\',
      `  --principal-arn ${principal}`,
      'aws eks associate-access-policy --cluster-name demo --region us-west-2 \\',
      `  --principal-arn ${principal} \\`,
      '  --access-scope type=cluster --policy-arn arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy',
      '# or, for RBAC, add to create-access-entry: --kubernetes-groups GROUP',
    ])
    expect(report.snippets.awsAuth).toContain(`- userarn: ${principal}\n`)
  })
})

describe('a command that is not on PATH', () => {
  test.each([
    [
      'aws',
      '[eks, get-token, --cluster-name, demo]',
      /^run 'eks-get-token convert-kubeconfig' to use this program instead of aws, or/,
    ],
    ['aws-iam-authenticator', '[token, -i, demo]', /to use this program instead of aws-iam-authenticator, or install/],
    ['eks-get-tokn', '[--cluster-name, demo]', /^did you mean eks-get-token\? /],
    ['aws', '[sts, get-caller-identity]', /^install it, or set command:/],
  ])('%s %s', async (command, args, remedy) => {
    const user = `exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: ${command}, args: ${args}}`
    const cluster = await start({ user })
    const { check } = await doctor(cluster, [], { ...KEYS, ...network(), PATH: '/nonexistent' })
    expect(check('command')).toMatchObject({ status: 'fail', remedy: expect.stringMatching(remedy) })
  })
  test('the hint for aws is followed, and works', async () => {
    const cluster = await start({ user: awsUserBlock(HERE).replace('command: eks-get-token', 'command: aws') })
    expect((await doctor(cluster, ['--send-token'])).check('command')?.status).toBe('fail')
    const converted = await runInProcess(['convert-kubeconfig'], { env: cluster.env, cwd: cluster.home })
    expect([converted.code, converted.stderr]).toEqual([0, ''])
    expect((await doctor(cluster, ['--send-token'])).code).toBe(0)
  })
})

test('a shared user that runs aws, which does not read the extension: the hint is followed, and works', async () => {
  const exec = [
    'exec:',
    '  apiVersion: client.authentication.k8s.io/v1',
    '  command: aws',
    '  args: [eks, get-token, --output, json]',
    '  interactiveMode: IfAvailable',
    '  provideClusterInfo: true',
    '',
  ]
  const extension = '{clusterName: demo, region: us-west-2}'
  const cluster = await start({
    user: exec.join('\n'),
    cluster: [`extensions: [{name: client.authentication.k8s.io/exec, extension: ${extension}}]`],
  })
  await mkdir(join(cluster.home, 'bin'), { recursive: true })
  await writeFile(join(cluster.home, 'bin', 'aws'), '#!/bin/sh\n', { mode: 0o755 })
  const path = { PATH: `${join(cluster.home, 'bin')}:${cluster.env.PATH ?? ''}` }
  const { check, code } = await doctor(cluster, ['--send-token'], { ...KEYS, ...network(), ...path })
  expect([code, check('arguments')]).toEqual([
    1,
    expect.objectContaining({
      status: 'fail',
      finding: "no cluster name in the arguments: it is in the cluster's extension, which aws does not read",
      remedy: expect.stringContaining("run 'eks-get-token convert-kubeconfig'"),
    }),
  ])
  const converted = await runInProcess(['convert-kubeconfig'], { env: cluster.env, cwd: cluster.home })
  expect([converted.code, converted.stderr, converted.stdout.includes('warning')]).toEqual([0, '', false])
  expect((await doctor(cluster, ['--send-token'])).code).toBe(0)
})

test('the hint to inspect is a line that works', async () => {
  const cluster = await start({ user: awsUserBlock({ ...HERE, profile: 'two words' }) })
  await mkdir(join(cluster.home, '.aws'))
  await writeFile(
    join(cluster.home, '.aws', 'config'),
    '[profile "two words"]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret-of-AKIDEXAMPLE\n',
  )
  aws.reset({ refuse: { AKIDEXAMPLE: { status: 403, code: 'InvalidClientTokenId', message: 'x' } } })
  const { check } = await doctor(cluster, [], network())
  const line = /which access key signs, run: (.*)$/.exec(check('sts')?.remedy ?? '')?.[1] ?? ''
  expect(line).toBe("AWS_PROFILE='two words' eks-get-token inspect --cluster-name demo --region us-west-2")
  const result = await runInProcess(['inspect', '--region', 'us-west-2', '--cluster-name', 'demo'], {
    env: { ...cluster.env, AWS_PROFILE: 'two words' },
    cwd: cluster.home,
  })
  expect([result.code, result.stdout]).toEqual([0, expect.stringContaining('AKIDEXAMPLE')])
})
