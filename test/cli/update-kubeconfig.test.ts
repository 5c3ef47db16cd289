import { execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { eksGetToken, runCommand } from '../support/command.ts'
import { runInProcess } from '../support/in-process.ts'
import { type LocalAws, startLocalAws } from '../support/local-aws.ts'
import { whyNoMount } from '../support/mounts.ts'
import { findProgram } from '../support/programs.ts'
import { keys } from '../support/runtime.ts'
import { onTerminal, SCRIPT } from '../support/screens.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

let aws: LocalAws
let home: string
beforeAll(async () => {
  aws = await startLocalAws()
})
afterAll(async () => {
  await aws.close()
})
beforeEach(() => {
  aws.reset()
  home = mkdtempSync(join(tmpdir(), 'eks-get-token-update-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const environment = (env: Record<string, string> = {}) => ({
  PATH: '/usr/bin:/bin',
  HOME: home,
  LANG: 'C.UTF-8',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_REGION: 'eu-west-1',
  HTTPS_PROXY: `http://127.0.0.1:${aws.port}`,
  AWS_CA_BUNDLE: aws.authority.file,
  ...keys('AKIDEXAMPLE'),
  ...env,
})
const run = (argv: readonly string[], env?: Record<string, string>) =>
  runInProcess(argv, { env: environment(env), cwd: home })
const update = (...words: readonly string[]) => run(['eks', 'update-kubeconfig', '--name', 'demo', ...words])
const arnOf = (name: string) => `arn:aws:eks:eu-west-1:123456789012:cluster/${name}`
const file = () => join(home, '.kube', 'config')
const config = (path = file()) => parse(readFileSync(path, 'utf8'))
const write = (text: string, mode = 0o600) => {
  mkdirSync(join(home, '.kube'), { recursive: true })
  writeFileSync(file(), text, { mode })
}
const EXISTING = '# mine\nclusters: []\ncontexts: []\nusers: []\ncurrent-context: ""  # none\n'

const noScript = SCRIPT ? undefined : 'script (util-linux) is not on PATH'
describe('a cluster that does not exist', () => {
  const missing = (...words: string[]) => ['update-kubeconfig', '--name', 'nope', ...words]
  test('in a script costs the requests of the AWS CLI, and the hint says where it was looked for', async () => {
    const { code, stderr } = await run(missing())
    expect(code).toBe(254)
    expect(stderr).toContain('(ResourceNotFoundException)')
    expect(stderr).toContain(
      'hint: searched region eu-west-1 (AWS_REGION): check the name and the account; for another',
    )
    expect(aws.calls.map(({ op }) => op)).toEqual(['DescribeCluster'])
  })
  describe('at a terminal', skipUnlessAvailable(noScript), () => {
    const atTerminal = (...words: string[]) =>
      onTerminal([...eksGetToken(), ...words], { env: environment(), cwd: home })
    test('the hint names the account and the clusters that are there', async () => {
      const { code, screen } = await atTerminal(...missing())
      expect(code).toBe(254)
      expect(screen).toContain(
        'hint: searched region eu-west-1 (AWS_REGION), account 123456789012: the clusters there are demo, web, st-updating, creating-noendpoint; for another region or account, use --region REGION or --profile PROFILE\n',
      )
    })
    test('a similar name is a command that works', async () => {
      const { screen } = await atTerminal('update-kubeconfig', '--name', 'nope-st-updating')
      const [, command = ''] = /did you mean '(eks-get-token .*?)'\?/.exec(screen) ?? []
      expect(command).toBe('eks-get-token update-kubeconfig --name st-updating --region eu-west-1')
      expect((await run(command.split(' ').slice(1))).code).toBe(0)
    })
    test('it has all options of the line, as a shell reads them', async () => {
      const given = ['--exec-profile', '', '--alias', 'my demo', '--dry-run', '--namespace', 'a', '--timeout', '50']
      const { screen } = await atTerminal('update-kubeconfig', '--name', 'nope-st-updating', ...given, '--no-cache')
      expect(screen).toContain(
        "did you mean 'eks-get-token update-kubeconfig --name st-updating --dry-run --alias 'my demo' --namespace a " +
          "--exec-profile '' --region eu-west-1 --no-cache'?",
      )
    })
    test('the account is that of --assume-role-arn', async () => {
      const { screen } = await atTerminal(...missing('--assume-role-arn', 'arn:aws:iam::210987654321:role/viewer'))
      expect(screen).toContain('account 210987654321:')
    })
  })
})

describe('on a terminal, a wait of more than a second', skipUnlessAvailable(noScript), () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the line is erased
  const LINE = /\r\x1b\[Kwaiting for ([^\r]+)\r\x1b\[K/
  test.each([
    ['DescribeCluster', { eks: 2000 }, ['update-kubeconfig', '--name', 'demo']],
    [
      'STS to assume role arn:aws:iam::123456789012:role/a',
      { sts: 2000 },
      ['inspect', '--cluster-name', 'demo', '--role-arn', 'arn:aws:iam::123456789012:role/a'],
    ],
  ])('is shown as %s, and erased', async (what, delayMs, words) => {
    aws.reset({ delayMs })
    const { code, written } = await onTerminal([...eksGetToken(), ...words], { env: environment(), cwd: home })
    expect([code, LINE.exec(written)?.[1]]).toEqual([0, what])
  })
})

describe('a new kubeconfig', () => {
  test('runs this program, with the arguments of the AWS CLI', async () => {
    const result = await update('--role-arn', 'arn:aws:iam::123456789012:role/viewer')
    expect(result).toMatchObject({ code: 0, stderr: '', stdout: `Added new context ${arnOf('demo')} to ${file()}\n` })
    expect(config().users).toEqual([
      {
        name: arnOf('demo'),
        user: {
          exec: {
            apiVersion: 'client.authentication.k8s.io/v1',
            args: ['--region', 'eu-west-1', 'eks', 'get-token', '--cluster-name', 'demo', '--output', 'json'].concat([
              '--role',
              'arn:aws:iam::123456789012:role/viewer',
            ]),
            command: 'eks-get-token',
            installHint: expect.stringContaining('Install it'),
            interactiveMode: 'IfAvailable',
          },
        },
      },
    ])
    expect(statSync(file()).mode & 0o777).toBe(0o600)
    expect(readdirSync(join(home, '.kube'))).toEqual(['config'])
    expect(aws.calls.map(({ op }) => op)).toEqual(['DescribeCluster'])
  })

  const LINES: readonly (readonly string[])[] = [
    ['update-kubeconfig', '--name', 'demo'],
    ['--region', 'eu-west-1', 'update-kubeconfig', '--na', 'demo'],
    ['--region', 'eu-west-1', 'eks', '--no-cli-pager', 'update-kubeconfig', '--name=demo'],
  ]
  test.each(LINES.map((line) => [line.join(' '), line] as const))('%s', async (_, line) => {
    expect(await run(line)).toMatchObject({ code: 0, stderr: '' })
    expect(config()['current-context']).toBe(arnOf('demo'))
  })

  test('has what our options say', async () => {
    const options = [
      '--namespace',
      'team-a',
      '--cluster-alias',
      'c',
      '--alias',
      'no',
      '--user-alias',
      'u',
      '--exec-api-version',
      'v1beta1',
    ]
    expect(await update(...options, '--exec-profile', 'p', '--proxy-url', 'http://proxy:3128')).toMatchObject({
      code: 0,
    })
    expect(config()).toMatchObject({
      clusters: [{ name: 'c', cluster: { 'proxy-url': 'http://proxy:3128' } }],
      contexts: [{ name: 'no', context: { cluster: 'c', user: 'u', namespace: 'team-a' } }],
      users: [
        {
          name: 'u',
          user: {
            exec: { apiVersion: 'client.authentication.k8s.io/v1beta1', env: [{ name: 'AWS_PROFILE', value: 'p' }] },
          },
        },
      ],
    })
    expect(readFileSync(file(), 'utf8')).toContain('current-context: "no"\n')
  })

  test('--login is a variable, which stays when the entry is updated', async () => {
    await update('--login', 'auto')
    const variable = { name: 'EKS_GET_TOKEN_LOGIN', value: 'auto' }
    expect(config().users[0].user.exec.env).toContainEqual(variable)
    await update()
    expect(config().users[0].user.exec.env).toContainEqual(variable)
    await update('--login', 'never')
    expect(config().users[0].user.exec.env).toContainEqual({ ...variable, value: 'never' })
  })

  test('--absolute-path names a program that exists', async () => {
    await update('--absolute-path')
    expect(existsSync(config().users[0].user.exec.command)).toBe(true)
  })

  test('--help describes the command and its options', async () => {
    const result = await run(['eks', 'update-kubeconfig', '--help'])
    expect(result).toMatchObject({ code: 0, stderr: '' })
    expect(result.stdout).toContain('--assume-role-arn')
    expect(result.stdout).toContain('--keep-current-context')
  })
})

test('--debug names the EKS endpoint that is called', async () => {
  expect((await update('--debug')).stderr).toMatch(/ DescribeCluster: https:\/\/eks\.eu-west-1\.amazonaws\.com\/?\n/)
})

test('a cluster that is not usable is an error, and nothing is written', async () => {
  const result = await run(['update-kubeconfig', '--name', 'creating-noendpoint'])
  expect(result).toMatchObject({ code: 255, stdout: '', stderr: expect.stringContaining('(ERR_CLUSTER)') })
  expect(existsSync(file())).toBe(false)
})

describe('a description that would break the kubeconfig, or the terminal', () => {
  const certificate = (data: unknown) => ({ certificateAuthority: { data } })
  test.each<[string, object]>([
    ['an endpoint with a line break', { endpoint: 'https://demo.example\r\nhint: forged' }],
    ['an endpoint with an escape sequence', { endpoint: 'https://demo.example/\u001b[2J' }],
    ['an endpoint that is an object', { endpoint: { host: 'demo.example' } }],
    ['an endpoint with another scheme', { endpoint: 'file:///etc/passwd' }],
    ['an ARN with a line break', { arn: 'arn:aws:eks:eu-west-1:123456789012:cluster/x\nforged' }],
    ['an ARN whose region is an option', { arn: 'arn:aws:eks:--profile:123456789012:cluster/x' }],
    ['an ARN that is a number', { arn: 12 }],
    ['a certificate authority that is not Base64', certificate('-----BEGIN CERTIFICATE-----')],
    ['a certificate authority with control characters', certificate('Q0FE\u0000\u001b[2J')],
    ['a certificate authority that is a list', certificate(['Q0FEQVRB'])],
    ['a certificate authority with half of a character', certificate('\ud800')],
  ])('%s is an error, and nothing is written', async (_title, description) => {
    aws.reset({ description })
    const result = await run(['update-kubeconfig', '--name', 'demo'])
    expect(result).toMatchObject({ code: 255, stdout: '', stderr: expect.stringContaining('(ERR_CLUSTER)') })
    for (const text of ['forged', '\u001b']) expect(result.stderr).not.toContain(text)
    expect(existsSync(file())).toBe(false)
  })
  test('an ARN with a region in upper case is written as it is', async () => {
    aws.reset({ description: { arn: 'arn:aws:eks:EU-WEST-1:123456789012:cluster/demo' } })
    expect(await run(['update-kubeconfig', '--name', 'demo'])).toMatchObject({ code: 0, stderr: '' })
    expect(config().users[0].user.exec.args).toContain('EU-WEST-1')
  })
})

test('a role that is too short for STS is an error that names its option', async () => {
  const result = await run(['update-kubeconfig', '--name', 'demo', '--assume-role-arn', 'short'])
  expect(result).toMatchObject({ code: 252, stdout: '', stderr: expect.stringContaining('correct --assume-role-arn') })
  expect(existsSync(file())).toBe(false)
})

describe('--all', () => {
  test('writes every usable cluster, and current-context stays', async () => {
    write(EXISTING.replace('""', 'other'))
    const result = await run(['update-kubeconfig', '--all', '--alias-format', '{name}-{region}-{account}'])
    expect(result).toMatchObject({ code: 0, stderr: 'skipped creating-noendpoint: Cluster status is CREATING\n' })
    const names = ['demo', 'web', 'st-updating']
    expect(result.stdout.split('\n')).toHaveLength(names.length + 1)
    expect(config().contexts.map(({ name }: { name: string }) => name)).toEqual(
      names.map((name) => `${name}-eu-west-1-123456789012`),
    )
    expect(config()['current-context']).toBe('other')
  })
  test.each([
    ['{region}', /several clusters would have the context "eu-west-1" .*\n {2}hint: use \{name\} in --alias-format/],
    [
      '{name}-{zone}',
      /unknown placeholder in --alias-format: \{zone\} .*\n {2}hint: use \{name\}, \{region\} and \{account\}/,
    ],
    ['{nam}', /unknown placeholder in --alias-format: \{nam\} .*\n {2}hint: did you mean \{name\}\?/],
  ])('--alias-format %s is rejected, and nothing is written', async (template, message) => {
    const result = await run(['update-kubeconfig', '--all', '--alias-format', template])
    expect(result).toMatchObject({ code: 252, stdout: '', stderr: expect.stringMatching(message) })
    expect(existsSync(file())).toBe(false)
    expect(aws.calls.length > 0).toBe(template === '{region}')
  })
  test('and --name contradict each other', async () => {
    const { code, stderr } = await run(['update-kubeconfig', '--all', '--name', 'demo'])
    expect([code, stderr]).toEqual([252, expect.stringContaining('--all cannot be combined with --name')])
  })
})

test('an ARN in place of the name is sent as by the AWS CLI, and the hint has the name and the region', async () => {
  aws.reset({ eksErrors: { DescribeCluster: { code: 'InvalidParameterException', message: 'name' } } })
  const { code, stderr } = await run(['update-kubeconfig', '--name', arnOf('demo')])
  expect([code, aws.calls.map(({ op }) => op)]).toEqual([254, ['DescribeCluster']])
  expect(stderr).toContain('hint: --name is an ARN: use --name demo --region eu-west-1\n')
})

describe('a request that EKS rejects', () => {
  const DENIED = 'User: arn:aws:iam::123456789012:user/dev is not authorized to perform: eks:X on resource: *'
  test.each([
    [
      ['--name', 'demo'],
      'DescribeCluster',
      'AccessDeniedException',
      DENIED,
      'this identity needs eks:DescribeCluster: allow it in one of its policies, or use another identity with --profile',
    ],
    [
      ['--all'],
      'ListClusters',
      'AccessDeniedException',
      DENIED,
      'this identity needs eks:ListClusters and eks:DescribeCluster: allow it',
    ],
    [
      ['--all'],
      'DescribeCluster',
      'AccessDeniedException',
      `${DENIED} with an explicit deny in a service control policy`,
      'a policy explicitly denies eks:DescribeCluster to this identity',
    ],
    [
      ['--name', 'demo'],
      'DescribeCluster',
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
      'the access key or the session token is not valid in this partition',
    ],
    [
      ['--name', 'demo'],
      'DescribeCluster',
      'InvalidSignatureException',
      'The request signature we calculated does not match the signature you provided.',
      'check that the secret access key belongs to the access key id',
    ],
  ])('%j: %s with %s (%s)', async (words, operation, code, message, hint) => {
    aws.reset({ eksErrors: { [operation]: { code, message } } })
    const result = await run(['update-kubeconfig', ...words])
    expect(result).toMatchObject({ code: 254, stdout: '' })
    expect(result.stderr).toContain(`An error occurred (${code}) when calling the ${operation} operation`)
    expect(result.stderr).toContain(`  hint: ${hint}`)
    expect(existsSync(file())).toBe(false)
  })
})

test('config files that variables name are written', async () => {
  writeFileSync(join(home, 'aws-config'), '[default]\nregion = eu-west-1\n')
  await run(['update-kubeconfig', '--name', 'demo'], { AWS_CONFIG_FILE: 'aws-config' })
  expect(config().users[0].user.exec.env).toEqual([{ name: 'AWS_CONFIG_FILE', value: join(home, 'aws-config') }])
})

describe('an existing kubeconfig', () => {
  test('--dry-run prints it and writes nothing', async () => {
    write(EXISTING)
    const { stdout, code } = await update('--dry-run')
    expect(code).toBe(0)
    expect(stdout).toContain('# mine\nclusters:\n- ')
    expect(readFileSync(file(), 'utf8')).toBe(EXISTING)
  })
  test('--keep-current-context leaves it', async () => {
    write(EXISTING.replace('""', 'other'))
    await update('--keep-current-context')
    expect(readFileSync(file(), 'utf8')).toContain('current-context: other  # none\n')
  })
  test('a second run is an update', async () => {
    await update()
    const before = readFileSync(file(), 'utf8')
    expect((await update()).stdout).toBe(`Updated context ${arnOf('demo')} in ${file()}\n`)
    expect(readFileSync(file(), 'utf8')).toBe(before)
  })
  test.each([
    ['creating-noendpoint', 'Cluster status is CREATING'],
    ['nope', 'An error occurred (ResourceNotFoundException)'],
  ])('is not touched for the cluster %s', async (name, message) => {
    write(EXISTING)
    const { code, stderr, stdout } = await run(['eks', 'update-kubeconfig', '--name', name])
    expect([code === 254 || code === 255, stdout]).toEqual([true, ''])
    expect(stderr).toContain(message)
    expect(stderr).toContain('hint: ')
    expect(readFileSync(file(), 'utf8')).toBe(EXISTING)
  })
})

describe('links, modes and devices stay', () => {
  test('a link', async () => {
    mkdirSync(join(home, '.kube'))
    writeFileSync(join(home, 'real'), EXISTING, { mode: 0o640 })
    symlinkSync('../real', file())
    await update()
    expect(readFileSync(join(home, 'real'), 'utf8')).toContain(arnOf('demo'))
    expect(statSync(join(home, 'real')).mode & 0o777).toBe(0o640)
  })
  test('a hard link', async () => {
    write(EXISTING)
    linkSync(file(), join(home, 'other'))
    await update()
    expect(readFileSync(join(home, 'other'), 'utf8')).toContain(arnOf('demo'))
    expect(readdirSync(join(home, '.kube'))).toEqual(['config'])
  })
  test('/dev/null', async () => {
    expect(await run(['update-kubeconfig', '--name', 'demo'], { KUBECONFIG: '/dev/null' })).toMatchObject({
      code: 0,
      stderr: '',
    })
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true)
  })
  test(
    'a file in a directory that the user cannot write to',
    skipUnlessAvailable(process.getuid?.() === 0 ? undefined : 'another user needs root'),
    async () => {
      write(EXISTING)
      const user = 65534
      writeFileSync(join(home, 'ca.pem'), readFileSync(aws.authority.file))
      execFileSync('chown', ['-R', `${user}`, home])
      chmodSync(join(home, '.kube'), 0o555)
      const [program, ...words] = eksGetToken()
      const child = spawn(program, [...words, 'update-kubeconfig', '--name', 'demo'], {
        env: environment({ AWS_CA_BUNDLE: join(home, 'ca.pem') }),
        cwd: home,
        uid: user,
        gid: user,
      })
      let stderr = ''
      child.stderr.on('data', (data) => {
        stderr += data
      })
      const code = await new Promise((resolve) => child.on('close', resolve))
      expect([code, stderr]).toEqual([0, ''])
      expect(config().clusters).toHaveLength(1)
      expect(readdirSync(join(home, '.kube'))).toEqual(['config'])
      expect(readdirSync(join(home, '.cache', 'eks-get-token'), { recursive: true })).toEqual(['locks'])
    },
  )
})

describe('the lock', () => {
  test('of kubectl is waited for', async () => {
    write(EXISTING)
    writeFileSync(`${file()}.lock`, '', { mode: 0o000 })
    setTimeout(() => rmSync(`${file()}.lock`), 1500)
    expect(await update()).toMatchObject({ code: 0, stderr: '' })
  })
  test('that stays for 5 s is named in an error', async () => {
    write(EXISTING)
    writeFileSync(`${file()}.lock`, '', { mode: 0o000 })
    const { code, stderr } = await update()
    expect([code, readFileSync(file(), 'utf8')]).toEqual([255, EXISTING])
    expect(stderr).toContain(`${file()}.lock exists`)
    expect(stderr).toContain('hint: ')
  })
  test('of a process that was killed is taken over', async () => {
    write(EXISTING)
    writeFileSync(`${file()}.lock`, '4194305\n', { mode: 0o600 })
    expect(await update()).toMatchObject({ code: 0, stderr: '' })
    expect(readdirSync(join(home, '.kube'))).toEqual(['config'])
  })
})

test('in a script, a user of a cluster that is not of EKS is refused, --force overwrites it; one of EKS is overwritten', async () => {
  const kind = `clusters:
- {name: kind, cluster: {server: https://127.0.0.1:6443}}
contexts:
- {name: kind, context: {cluster: kind, user: admin}}
users:
- {name: admin, user: {client-key-data: c2VjcmV0}}
`
  write(kind)
  const refused = await update('--user-alias', 'admin')
  expect(refused).toMatchObject({ code: 255, stdout: '' })
  expect(refused.stderr).toMatch(
    /the user "admin" in .* would be overwritten: it belongs to the cluster kind .*\n {2}hint: use another name with --user-alias, or overwrite it with --force\n$/,
  )
  expect(await update('--alias', 'kind')).toMatchObject({
    code: 255,
    stderr: expect.stringContaining('hint: use another name with --alias, or'),
  })
  expect(readFileSync(file(), 'utf8')).toBe(kind)
  expect(await update('--user-alias', 'admin', '--force')).toMatchObject({ code: 0, stderr: '' })
  expect(await run(['update-kubeconfig', '--name', 'web', '--user-alias', 'admin'])).toMatchObject({
    code: 0,
    stderr: '',
  })
})

const kubectl = findProgram('kubectl')

test('8 at once: every cluster is there', async () => {
  const names = Array.from({ length: 8 }, (_, index) => `demo-${index}`)
  const results = await Promise.all(names.map((name) => run(['update-kubeconfig', '--name', name])))
  expect(results.map(({ code, stderr }) => [code, stderr])).toEqual(names.map(() => [0, '']))
  expect(
    config()
      .clusters.map(({ name }: { name: string }) => name)
      .sort(),
  ).toEqual(names.map(arnOf))
  expect(readdirSync(join(home, '.kube'))).toEqual(['config'])
}, 60_000)

test('killed at a random moment: the old file or the new one, and the next run succeeds', async () => {
  await update()
  for (let round = 0; round < 12; round++) {
    const [program, ...words] = eksGetToken()
    const child = spawn(program, [...words, 'update-kubeconfig', '--name', `demo-${round}`], {
      env: environment(),
      cwd: home,
      stdio: 'ignore',
    })
    const exited = new Promise((resolve) => child.on('close', resolve))
    setTimeout(() => child.kill('SIGKILL'), 100 + round * 60)
    await exited
    expect(config().clusters.length).toBeGreaterThanOrEqual(1)
  }
  expect(await update()).toMatchObject({ code: 0, stderr: '' })
}, 60_000)

test('kubectl reads the result', skipUnlessAvailable(kubectl ? undefined : 'kubectl'), async () => {
  write(EXISTING)
  await update('--alias', 'yes')
  const view = execFileSync(kubectl as string, ['config', 'view', '--raw', '-o', 'json', '--kubeconfig', file()], {
    encoding: 'utf8',
  })
  expect(JSON.parse(view)).toMatchObject({
    'current-context': 'yes',
    users: [{ user: { exec: { command: 'eks-get-token', interactiveMode: 'IfAvailable' } } }],
  })
})

describe('at a terminal', skipUnlessAvailable(SCRIPT ? undefined : 'no script, which provides a terminal'), () => {
  const onScreen = (argv: readonly string[], env?: Record<string, string>) =>
    onTerminal([...eksGetToken(), ...argv], { env: environment(env), cwd: home })
  const update = ['update-kubeconfig', '--name', 'demo']

  test('a file that other users can read is warned of, and in a script it is not', async () => {
    write(EXISTING, 0o644)
    const { code, screen } = await onScreen(update)
    expect([code, screen]).toEqual([0, expect.stringContaining(`warning: other users can read ${file()}\n`)])
    expect(screen).toContain(`  hint: chmod 600 ${file()}\n`)
    expect(await run(update)).toMatchObject({ code: 0, stderr: '' })
    expect(statSync(file()).mode & 0o777).toBe(0o644)
  })

  test('credentials in the environment are warned of when a profile is written', async () => {
    mkdirSync(join(home, '.aws'))
    writeFileSync(join(home, '.aws', 'config'), '[profile work]\nregion = eu-west-1\n')
    const env = { AWS_PROFILE: 'work' }
    const warning = 'warning: this command used the credentials in the environment'
    expect((await onScreen(update, env)).screen).toContain(warning)
    expect(config().users[0].user.exec.env).toEqual([{ name: 'AWS_PROFILE', value: 'work' }])
    // The second is what Windows proposes, where PowerShell drops an empty word.
    for (const none of [['--exec-profile', ''], ['--exec-profile=']]) {
      expect((await onScreen([...update, ...none], env)).screen).not.toContain(warning)
    }
    expect(config().users[0].user.exec.env).toBeUndefined()
    expect((await onScreen(update)).screen).not.toContain(warning)
  })

  test('a profile for tokens that does not exist is warned of, and in a script it is not', async () => {
    mkdirSync(join(home, '.aws'))
    writeFileSync(join(home, '.aws', 'config'), '[profile work]\nregion = eu-west-1\n')
    const line = [...update, '--exec-profile', 'wrk']
    const { code, screen } = await onScreen(line)
    expect([code, screen]).toEqual([
      0,
      expect.stringContaining('warning: profile wrk (--exec-profile) does not exist on this machine'),
    ])
    expect(screen).toContain('  hint: did you mean work?\n')
    expect(await run(line)).toMatchObject({ code: 0, stderr: '' })
    expect((await onScreen([...update, '--exec-profile', 'work'])).screen).not.toContain('does not exist')
  })

  test('a role that is not an ARN, users that are no longer used, and a shared login are warned of', async () => {
    await run(update)
    const { code, screen } = await onScreen([...update, '--shared-user', '--role-arn', 'admin'])
    expect([code, screen]).toEqual([0, expect.stringContaining('warning: admin (--role-arn) is not the ARN of a role')])
    expect(screen).toMatch(/hint: use --role-arn arn:aws:iam::\d{12}:role\/admin, if/)
    expect(screen).toMatch(/warning: no context uses the user arn:\S+ any longer\n.*kubectl config delete-user arn:/)
    const shared = await onScreen(['update-kubeconfig', '--name', 'web', '--shared-user', '--login', 'auto'])
    expect(shared.screen).toContain('warning: --login auto is now set for all clusters of the user eks-get-token\n')
    expect(await run([...update, '--role-arn', 'admin'])).toMatchObject({ code: 0, stderr: '' })
  })

  test('a current context of another file, which stays, is warned of', async () => {
    const other = join(home, 'other')
    writeFileSync(other, 'apiVersion: v1\nkind: Config\ncurrent-context: mine\n')
    await run(update)
    const { screen } = await onScreen(update, { KUBECONFIG: `${other}:${file()}` })
    expect(screen).toContain(
      `warning: the current context is still mine, set in ${other}, which is earlier in KUBECONFIG\n`,
    )
    expect(screen).toMatch(/hint: kubectl config use-context arn:\S+\n/)
  })

  test('a current context that is the written one in the first file is not warned of', async () => {
    const [first, second] = [join(home, 'first'), join(home, 'second')]
    await run(update)
    const name = parse(readFileSync(file(), 'utf8'))['current-context']
    writeFileSync(first, `apiVersion: v1\nkind: Config\ncurrent-context: ${name}\n`)
    writeFileSync(second, 'apiVersion: v1\nkind: Config\ncurrent-context: mine\n')
    const { screen } = await onScreen(update, { KUBECONFIG: `${first}:${second}:${file()}` })
    expect(screen).toContain('Updated context ')
    expect(screen).not.toContain('warning: the current context')
  })

  test('a user of another cluster or role is refused, and --force overwrites it', async () => {
    const role = ['--role-arn', 'arn:aws:iam::123456789012:role/admin']
    await run([...update, '--user-alias', 'shared'])
    const before = readFileSync(file(), 'utf8')
    for (const line of [
      ['update-kubeconfig', '--name', 'web', '--user-alias', 'shared', '--alias', 'web'],
      [...update, '--user-alias', 'shared', ...role],
    ]) {
      const { code, screen } = await onScreen(line)
      expect([code, screen]).toEqual([255, expect.stringContaining('the user "shared" in')])
      expect(screen).toContain('hint: use another name with --user-alias, or overwrite it with --force')
      expect(readFileSync(file(), 'utf8')).toBe(before)
    }
    expect((await onScreen([...update, '--user-alias', 'shared', ...role, '--force'])).code).toBe(0)
    expect(config().users).toMatchObject([{ user: { exec: { args: expect.arrayContaining(role.slice(1)) } } }])
  })

  test('with --shared-user, a second role of a cluster is refused', async () => {
    await run([...update, '--shared-user'])
    const { code, screen } = await onScreen([
      ...update,
      '--shared-user',
      '--role-arn',
      'arn:aws:iam::123456789012:role/a',
    ])
    expect([code, screen]).toEqual([255, expect.stringContaining('hint: use another name with --cluster-alias')])
  })

  test('--all shows how many clusters are done', async () => {
    const { code, screen } = await onScreen(['update-kubeconfig', '--all'])
    expect([code, screen]).toEqual([0, expect.stringContaining('4/4 clusters\n')])
  })
})

describe('a full disk', skipUnlessAvailable(whyNoMount()), () => {
  test.each([
    ['a file that would be replaced', false],
    ['a file with a hard link, which is overwritten', true],
  ])('leaves %s as it was, and no other file', async (_, isLinked) => {
    const kube = join(home, '.kube')
    mkdirSync(kube)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=32k,mode=700', 'tmpfs', kube])
    try {
      write(`${EXISTING}${'# comment\n'.repeat(400)}`)
      if (isLinked) linkSync(file(), join(kube, 'link'))
      const before = readFileSync(file(), 'utf8')
      try {
        for (let index = 0; index < 16; index++) writeFileSync(join(kube, `filler-${index}`), Buffer.alloc(4096))
      } catch {
        // The disk is full.
      }
      const files = readdirSync(kube)
      const { code, stderr } = await run(['update-kubeconfig', '--name', 'demo', '--alias', 'x'.repeat(5000)])
      expect([code, stderr]).toEqual([255, expect.stringContaining('No space left on device')])
      expect(readFileSync(file(), 'utf8')).toBe(before)
      expect(readdirSync(kube)).toEqual(files)
    } finally {
      execFileSync('umount', ['-l', kube])
    }
  })
})

describe(
  'a limit for the size of files (ulimit -f)',
  skipUnlessAvailable(process.platform === 'win32' ? 'no limits' : undefined),
  () => {
    const exec =
      'apiVersion: client.authentication.k8s.io/v1beta1, command: aws, args: [eks, get-token, --cluster-name, demo]'
    const large = `clusters: []\ncontexts: []\nusers:\n- {name: e, user: {exec: {${exec}}}}\n${'# comment\n'.repeat(2000)}`
    test.each<[string, string[], boolean]>([
      ['update-kubeconfig', ['update-kubeconfig', '--name', 'demo'], false],
      ['update-kubeconfig, with a hard link', ['update-kubeconfig', '--name', 'demo'], true],
      ['convert-kubeconfig', ['convert-kubeconfig'], false],
      ['convert-kubeconfig, with a hard link', ['convert-kubeconfig'], true],
    ])('%s leaves the file as it was, and no other', async (_title, argv, isLinked) => {
      write(large)
      if (isLinked) linkSync(file(), join(home, 'link'))
      for (const blocks of [0, 1, 8]) {
        const words = ['-c', `ulimit -f ${blocks}; exec "$@"`, 'sh', ...eksGetToken(), ...argv] as const
        const { code, stderr } = await runCommand(['/bin/sh', ...words], { env: environment(), cwd: home })
        expect([code, stderr]).toEqual([255, expect.stringMatching(/\(ERR_(KUBECONFIG|OUTPUT)\)/)])
        expect(readFileSync(file(), 'utf8')).toBe(large)
        expect(readdirSync(join(home, '.kube'))).toEqual(['config'])
      }
    })
  },
)
