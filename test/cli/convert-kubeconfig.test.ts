import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { runInProcess } from '../support/in-process.ts'
import { findProgram } from '../support/programs.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

interface Expected {
  readonly file: string
  readonly style: string
  /** Why the file is rejected; null: it is converted. */
  readonly refused: string | null
  /** Arguments after the conversion. */
  readonly convert: readonly { readonly user: string; readonly args: readonly string[] }[]
}

const CORPUS = new URL('../fixtures/kubeconfig/corpus/', import.meta.url)
const INDEX = (JSON.parse(readFileSync(new URL('index.json', CORPUS), 'utf8')) as Expected[]).filter(
  ({ file }) => !file.startsWith('34-'),
)
const kubectl = findProgram('kubectl')

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'eks-get-token-convert-'))
  mkdirSync(join(home, '.kube'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const file = () => join(home, '.kube', 'config')
const bytes = () => readFileSync(file())
const convert = (...words: readonly string[]) =>
  runInProcess(['convert-kubeconfig', ...words], { env: { PATH: '/usr/bin:/bin', HOME: home }, cwd: home })

interface User {
  readonly name?: string
  readonly user?: { readonly exec?: { readonly command: string; readonly args?: readonly string[] | null } } | null
}
const usersOf = (text: Uint8Array): readonly User[] =>
  parse(Buffer.from(text).toString().replace('\ufeff', ''), { merge: true, uniqueKeys: false }).users ?? []

describe('kubeconfigs of many tools', () => {
  test.each(INDEX.map((expected) => [`${expected.file}: ${expected.style}`, expected] as const))(
    '%s',
    async (_, { file: name, refused, convert: expected }) => {
      const before = readFileSync(new URL(name, CORPUS))
      writeFileSync(file(), before)
      const result = await convert()
      if (refused !== null) {
        expect([result.code, result.stdout, bytes().equals(before)]).toEqual([255, '', true])
        expect(result.stderr).toMatch(/line \d+|two users have the name/)
        return
      }
      expect(result).toMatchObject({ code: 0, stderr: '' })
      const converted = bytes()
      const after = usersOf(converted)
      expect(
        usersOf(before).map((user, index) => {
          const wanted = expected.find((item) => item.user === (user.name ?? ''))
          const exec = after[index]?.user?.exec
          return wanted ? [wanted.user, exec?.command, exec?.args] : after[index]
        }),
      ).toEqual(
        usersOf(before).map((user) => {
          const wanted = expected.find((item) => item.user === (user.name ?? ''))
          return wanted ? [wanted.user, 'eks-get-token', wanted.args] : user
        }),
      )
      // A second run finds nothing to do.
      await convert()
      expect(bytes().equals(converted)).toBe(true)
      expect(await convert('--restore')).toMatchObject({ code: 0, stderr: '' })
      expect(bytes().toString('latin1')).toBe(before.toString('latin1'))
    },
  )
})

const SAMPLE = readFileSync(new URL('02-awscli-three.yaml', CORPUS), 'utf8')

test(
  '--restore after kubectl rewrote the file gives back the commands',
  skipUnlessAvailable(kubectl ? undefined : 'kubectl'),
  async () => {
    writeFileSync(file(), SAMPLE)
    await convert()
    execFileSync(kubectl as string, ['config', 'set-context', 'new', '--namespace', 'x', '--kubeconfig', file()])
    expect(await convert('--restore')).toMatchObject({ code: 0, stderr: '' })
    const commands = (text: Uint8Array) =>
      usersOf(text).map(({ name, user }) => [name, user?.exec?.command, user?.exec?.args])
    expect(commands(bytes()).sort()).toEqual(commands(Buffer.from(SAMPLE)).sort())
  },
)

test.each([
  [
    {},
    /the kubeconfig \S+\/\.kube\/config does not exist .*\n {2}hint: create one with 'eks-get-token update-kubeconfig/,
  ],
  [{ KUBECONFIG: '/missing/a:/missing/b' }, /the kubeconfigs \/missing\/a, \/missing\/b do not exist/],
])('without a kubeconfig (%j) it says so', async (env, message) => {
  const options = { env: { PATH: '/usr/bin:/bin', HOME: home, ...env }, cwd: home }
  const { code, stdout, stderr } = await runInProcess(['convert-kubeconfig'], options)
  expect([code, stdout, stderr]).toEqual([255, '', expect.stringMatching(message)])
})

test('--context selects users', async () => {
  writeFileSync(file(), SAMPLE)
  const [first] = parse(SAMPLE).contexts
  await convert('--context', first.name)
  expect(usersOf(bytes()).filter(({ user }) => user?.exec?.command === 'eks-get-token')).toHaveLength(1)
})

test('--dry-run prints a diff, and writes nothing', async () => {
  writeFileSync(file(), SAMPLE)
  const { stdout, code } = await convert('--dry-run')
  expect([code, readFileSync(file(), 'utf8')]).toEqual([0, SAMPLE])
  expect(stdout.match(/^-.*command: aws$/gm)).toHaveLength(3)
  expect(stdout.match(/^\+.*command: eks-get-token$/gm)).toHaveLength(3)
})

test('--dry-run shows a line as unchanged beside which entries are inserted or removed', async () => {
  const exec = 'exec: {command: aws, args: [eks, get-token, --cluster-name, a, --region, eu-west-1]}'
  writeFileSync(
    file(),
    `clusters:\n- cluster:\n    server: https://a\n  name: a\ncontexts:\n- context: {cluster: a, user: a}\n  name: a\n` +
      `users:\n- name: a\n  user: {${exec}}\n- name: other\n  user: {}\n`,
  )
  const { stdout } = await convert('--shared-user', '--dry-run')
  expect(stdout).toMatch(/^ {3}name: a$/m)
  expect(stdout).toMatch(/^ - name: other$/m)
  expect(stdout).not.toMatch(/^[-+](- name: other| {2}name: a)$/m)
})

test.each([
  [
    'in block style',
    'token: "secret-1"\n    client-key-data: c2VjcmV0LTI=\n    password: |\n      secret-3\n      secret-4\n',
  ],
  ['in flow style', '{token: secret-1, client-key-data: c2VjcmV0LTI=, "password": "secret-3"}\n'],
])('--dry-run shows no secrets of neighboring lines, %s', async (_, user) => {
  const content = user.startsWith('{') ? ` ${user}` : `\n    ${user}`
  const exec = `exec: {command: aws, args: [eks, get-token, --cluster-name, a], apiVersion: client.authentication.k8s.io/v1beta1}`
  writeFileSync(
    file(),
    `users:\n- name: a\n  user:${content}- name: b\n  user: {${exec}}\n- name: c\n  user:${content}`,
  )
  const { stdout, code } = await convert('--dry-run')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^\+ {2}user: \{exec: \{command: "?eks-get-token/m)
  expect(stdout).toContain('token: …')
  expect(stdout).not.toMatch(/secret-|c2VjcmV0/)
})

test('--dry-run shows no secret of a comment, another document, or a URL', async () => {
  const jwt = `eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJpc3MiOiJrdWJlcm5ldGVzIn0.secret`
  const exec = (indent: string) =>
    `exec: # token: secret-1\n${indent}  args: [eks, get-token, --cluster-name, a] # ${jwt}\n${indent}  apiVersion: client.authentication.k8s.io/v1beta1\n${indent}  command: aws\n`
  writeFileSync(
    file(),
    `users:\n- name: a\n  user:\n    # password: 'secret-2'\n    ${exec('    ')}clusters:\n` +
      '- {name: a, cluster: {server: "https://me:secret-3@h/?q=secret-4#secret-5", proxy-url: "me:secret-6@h"}}\n' +
      '---\ntoken: secret-7\n# //secret-8@h\n',
  )
  const { stdout, code } = await convert('--dry-run')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^\+ +command: "?eks-get-token/m)
  expect(stdout).toMatch(/server: "https:\/\/…@h\/\?…/)
  expect(stdout).not.toMatch(/secret/)
})

test('--dry-run of a file on one line shows no secrets', async () => {
  const exec = { command: 'aws', args: ['eks', 'get-token', '--cluster-name', 'a'], env: null }
  const users = [
    { name: 'a', user: { exec } },
    { name: 'b', user: { token: 'secret-1', password: 'secret-2' } },
  ]
  writeFileSync(file(), JSON.stringify({ users }))
  const { stdout } = await convert('--dry-run', '--shared-user')
  expect(stdout).toContain('"command":"eks-get-token"')
  expect(stdout).not.toContain('secret-')
})

test('of several documents the first is converted, which is the one that kubectl reads', async () => {
  writeFileSync(file(), `${SAMPLE}---\nkind: Other\n`)
  const { code, stderr } = await convert()
  expect([code, stderr]).toEqual([0, `${file()}: only the first document is read, as by kubectl\n`])
  expect(readFileSync(file(), 'utf8')).toMatch(/command: eks-get-token[\s\S]*---\nkind: Other\n$/)
})

test('users that are left are listed with the reason', async () => {
  writeFileSync(file(), readFileSync(new URL('38-authenticators.yaml', CORPUS)))
  const { stdout } = await convert()
  expect(stdout).toContain('--external-id would change the identity')
  expect(stdout).toMatch(/converted +u1 +aws-iam-authenticator -> eks-get-token\n/)
})

test.each([
  ['-i=demo -r=arn:a', '', '--cluster-name demo --output json --role arn:a'],
  ['-idemo -rarn:a -sme', '', '--cluster-name demo --output json --role arn:a --role-session-name me'],
  ['', 'KUBERNETES_AWS_AUTHENTICATOR_CLUSTER_ID=demo', '--cluster-name demo --output json'],
  ['-i demo', 'DEFAULT_ROLE=arn:b', '--cluster-name demo --output json --role arn:b'],
  ['-i demo -r arn:a', 'DEFAULT_ROLE=arn:b', '--cluster-name demo --output json --role arn:a'],
  ['-i demo', 'DEFAULT_ROLE=', '--cluster-name demo --output json'],
])('aws-iam-authenticator token %s, with the variable %j', async (options, variable, expected) => {
  const [name, value] = variable.split('=')
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1beta1',
    command: 'aws-iam-authenticator',
    args: ['token', ...options.split(' ').filter(Boolean)],
    ...(variable ? { env: [{ name, value }] } : {}),
  }
  const before = JSON.stringify({ users: [{ name: 'a', user: { exec } }] })
  writeFileSync(file(), before)
  expect(await convert()).toMatchObject({ code: 0, stderr: '' })
  expect(usersOf(bytes())[0]?.user?.exec?.args).toEqual(['eks', 'get-token', ...expected.split(' ')])
  await convert('--restore')
  expect(bytes().toString()).toBe(before)
})

describe('a wrapper is left, with what it wraps', () => {
  const AWS = ['aws', 'eks', 'get-token', '--cluster-name', 'demo']
  test.each<[string, readonly string[], string]>([
    ['sh', ['-c', AWS.join(' ')], 'it runs aws through a wrapper: replace aws with eks-get-token'],
    ['sh', ['-c', `set -e; ${AWS.join(' ')} | cat`], 'it runs aws through a wrapper: replace aws with eks-get-token'],
    ['aws-vault', ['exec', 'dev', '--', ...AWS], 'it runs aws through a wrapper: replace aws with eks-get-token'],
    ['my-wrapper', ['--x', ...AWS], 'it runs aws through a wrapper: replace aws with eks-get-token'],
    [
      'env',
      ['A=b', 'aws-iam-authenticator', 'token', '-i', 'demo'],
      "replace aws-iam-authenticator with 'eks-get-token --cluster-name NAME'",
    ],
    ['sh', ['-c', 'aws s3 ls'], 'it runs another plugin'],
    ['gke-gcloud-auth-plugin', [], 'it runs another plugin'],
  ])('%s %j', async (command, args, reason) => {
    writeFileSync(file(), JSON.stringify({ users: [{ name: 'wrap', user: { exec: { command, args } } }] }))
    const before = bytes()
    for (const words of [[], ['--dry-run']]) {
      const { code, stdout } = await convert(...words)
      expect([code, stdout]).toEqual([0, expect.stringMatching(/^ {2}left {2}wrap {2}it /m)])
      expect(stdout).toContain(reason)
    }
    expect(bytes().equals(before)).toBe(true)
  })
  test('a wrapper of this program runs it already', async () => {
    const exec = { command: 'env', args: ['A=b', 'eks-get-token', '--cluster-name', 'demo'] }
    writeFileSync(file(), JSON.stringify({ users: [{ name: 'wrap', user: { exec } }] }))
    expect((await convert()).stdout).toBe(`${file()}: nothing to convert: 1 user already runs this program\n`)
  })
})

test('--dry-run also lists the users that are left', async () => {
  writeFileSync(file(), readFileSync(new URL('38-authenticators.yaml', CORPUS)))
  const { stdout } = await convert('--dry-run')
  expect(stdout).toMatch(/^\+.*eks-get-token/m)
  expect(stdout).toMatch(/^ {2}left +\S+ +--external-id would change the identity/m)
  expect(stdout).not.toMatch(/^ {2}converted/m)
})

test('a second run says that the users already run this program', async () => {
  writeFileSync(file(), SAMPLE)
  await convert()
  expect((await convert()).stdout).toBe(`${file()}: nothing to convert: 3 users already run this program\n`)
})

test('--print-kuberc prints an allowlist with the commands as they are written', async () => {
  const list = async (...words: readonly string[]) => {
    const { stdout } = await convert('--print-kuberc', ...words)
    return [stdout, parse(stdout).credentialPluginAllowlist.map(({ command }: { command: string }) => command)] as const
  }
  const [text, commands] = await list()
  expect(parse(text)).toMatchObject({ kind: 'Preference', credentialPluginPolicy: 'Allowlist' })
  expect(text).toContain('# in an exec block. A name without a path also allows another program with that name')
  expect(commands).toEqual(['eks-get-token'])
  const users = ['/opt/bin/eks-get-token', 'eks-get-token', 'gke-gcloud-auth-plugin\n'].map((command) => ({
    user: { exec: { command } },
  }))
  writeFileSync(file(), JSON.stringify({ users }))
  const [withOthers, own] = await list()
  expect(own).toEqual(['/opt/bin/eks-get-token', 'eks-get-token'])
  expect(withOthers).toContain('# - command: "gke-gcloud-auth-plugin\\n"\n')
})

test('of conversions at the same time one reports the change, and it can be restored', async () => {
  const before = readFileSync(new URL('01-awscli-one.yaml', CORPUS))
  writeFileSync(file(), before)
  const results = await Promise.all(Array.from({ length: 6 }, () => convert()))
  expect(results.map(({ code, stderr }) => [code, stderr])).toEqual(results.map(() => [0, '']))
  expect(results.filter(({ stdout }) => stdout.includes('converted  ')).length).toBe(1)
  expect(await convert('--restore')).toMatchObject({ code: 0, stdout: expect.stringContaining('(byte for byte)') })
  expect(bytes().equals(before)).toBe(true)
})

test.each([
  [
    'a file',
    ['--kubeconfig', 'missing.yaml'],
    /the kubeconfig .*missing\.yaml does not exist .*\n {2}hint: correct --kubeconfig/,
  ],
  ['a context', ['--context', 'missing'], /context "missing" does not exist in .*\n {2}hint: correct --context/],
])('%s that does not exist is an error', async (_, words, message) => {
  writeFileSync(file(), readFileSync(new URL('01-awscli-one.yaml', CORPUS)))
  expect(await convert(...words)).toMatchObject({ code: 255, stdout: '', stderr: expect.stringMatching(message) })
})

describe('a file that is not a kubeconfig is described without Python', () => {
  test.each([
    ['a list', '# x\n- a\n', 'FILE is not a kubeconfig: its top level (line 2) is a list, not a mapping'],
    ['a text', 'Unauthorized\n', 'FILE is not a kubeconfig: its top level (line 1) is a string, not a mapping'],
    [
      'a mapping in place of a list',
      'kind: Config\nusers:\n  a: {}\n',
      'FILE is not a kubeconfig: users (line 2) is a mapping, not a list',
    ],
    [
      'an entry that is a string',
      'clusters:\n- name: a\n- b\n',
      'FILE is not a kubeconfig: an entry of clusters (line 3) is a string, not a mapping',
    ],
    [
      'a key without a colon',
      'users:\n- name: a\n  user\n  x: 1\n',
      'FILE is not valid YAML: line 3, column 3 (a key that extends over several lines; a colon may be missing)',
    ],
    ['a tab', 'a:\n\tb: 1\n', 'FILE is not valid YAML: line 2, column 1 (a tab as indentation)'],
    ['bytes that are not UTF-8', Buffer.from('a: 1\nb: \xff\n', 'latin1'), 'FILE is not UTF-8 text (line 2)'],
  ])('%s', async (_, text, message) => {
    writeFileSync(file(), text)
    const { code, stdout, stderr } = await convert()
    expect([code, stdout]).toEqual([255, ''])
    expect(stderr.split(' (ERR_')[0]).toBe(`eks-get-token: ${message.replace('FILE', file())}`)
    expect(bytes().equals(Buffer.from(text))).toBe(true)
  })
  test('a directory', async () => {
    mkdirSync(file())
    expect(await convert()).toMatchObject({
      code: 255,
      stdout: '',
      stderr: expect.stringContaining(`eks-get-token: ${file()} cannot be read: it is a directory (ERR_KUBECONFIG)`),
    })
  })
})

test(
  'a state directory that cannot be created is an error, and the file is not changed',
  skipUnlessAvailable(process.platform === 'linux' ? undefined : 'is on Linux only'),
  async () => {
    const before = readFileSync(new URL('01-awscli-one.yaml', CORPUS))
    writeFileSync(file(), before)
    const result = await runInProcess(['convert-kubeconfig'], {
      env: { PATH: '/usr/bin:/bin', HOME: home, XDG_STATE_HOME: '/proc/none' },
      cwd: home,
    })
    expect(result).toMatchObject({ code: 255, stdout: '', stderr: expect.stringContaining('set XDG_STATE_HOME') })
    expect(bytes().equals(before)).toBe(true)
    expect(readdirSync(join(home, '.kube'))).toEqual(['config'])
  },
)

describe('--shared-user', () => {
  const CONTEXTS = [
    ['a', 'eu-west-1', 'arn:aws:iam::111122223333:role/a', 'work'],
    ['b', 'us-west-2', undefined, undefined],
  ] as const
  const arn = (name: string, region: string) => `arn:aws:eks:${region}:111122223333:cluster/${name}`
  const text = `# mine
apiVersion: v1
clusters:
${CONTEXTS.map(([name, region]) => `- cluster:\n    server: https://${name}\n  name: ${arn(name, region)} # ${name}\n`).join('')}- cluster: {server: https://c}
  name: other
contexts:
${CONTEXTS.map(([name, region]) => `- context:\n    cluster: ${arn(name, region)}\n    user: ${name}\n    namespace: n-${name}\n  name: ${name}\n`).join('')}- context: {cluster: other, user: c}
  name: c
current-context: a
kind: Config
users:
${CONTEXTS.map(
  ([name, region, role, profile]) =>
    `- name: ${name}\n  user:\n    exec:\n      apiVersion: client.authentication.k8s.io/v1beta1\n      args: [--region, ${region}, eks, get-token, --cluster-name, ${name}, --output, json${role ? `, --role, '${role}'` : ''}]\n      command: aws\n${profile ? `      env:\n      - name: AWS_PROFILE\n        value: ${profile}\n` : ''}`,
).join('')}- name: c
  user: {token: secret} # not ours
`
  const EXTENSION = 'client.authentication.k8s.io/exec'

  test('moves what depends on the cluster into its entry, and the users become one; --restore gives back the bytes', async () => {
    writeFileSync(file(), text)
    expect(await convert('--shared-user')).toMatchObject({ code: 0, stderr: '' })
    const config = parse(bytes().toString())
    expect(config.users).toEqual([
      { name: 'c', user: { token: 'secret' } },
      {
        name: 'eks-get-token',
        user: {
          exec: {
            apiVersion: 'client.authentication.k8s.io/v1beta1',
            args: ['eks', 'get-token', '--output', 'json'],
            command: 'eks-get-token',
            provideClusterInfo: true,
          },
        },
      },
    ])
    expect(config.contexts.map(({ context }: { context: { user: string } }) => context.user)).toEqual([
      'eks-get-token',
      'eks-get-token',
      'c',
    ])
    expect(config.clusters.map(({ cluster }: { cluster: { extensions?: unknown } }) => cluster.extensions)).toEqual([
      [
        {
          name: EXTENSION,
          extension: {
            clusterName: 'a',
            region: 'eu-west-1',
            roleArn: 'arn:aws:iam::111122223333:role/a',
            profile: 'work',
          },
        },
      ],
      [{ name: EXTENSION, extension: { clusterName: 'b', region: 'us-west-2' } }],
      undefined,
    ])
    expect(bytes().toString()).toMatch(/^# mine\n[\s\S]*# a\n[\s\S]*# b\n[\s\S]*# not ours\n/)
    const converted = bytes()
    await convert('--shared-user')
    expect(bytes().equals(converted)).toBe(true)
    expect(await convert('--restore')).toMatchObject({ code: 0, stdout: expect.stringContaining('(byte for byte)') })
    expect(bytes().toString()).toBe(text)
    // The extensions name the clusters, so a shared user that ran aws is converted without a warning.
    writeFileSync(file(), converted.toString().replace('command: eks-get-token', 'command: aws'))
    expect((await convert()).stdout).not.toContain('no cluster is specified')
    expect(bytes().equals(converted)).toBe(true)
  })

  test(
    'after kubectl rewrote the file, --restore gives back users and contexts',
    skipUnlessAvailable(kubectl ? undefined : 'kubectl'),
    async () => {
      writeFileSync(file(), text)
      await convert('--shared-user')
      execFileSync(kubectl as string, ['config', 'set-context', 'new', '--namespace', 'x', '--kubeconfig', file()])
      expect(await convert('--restore')).toMatchObject({ code: 0, stderr: '' })
      const sorted = (entries: readonly { name: string }[]) => [...entries].sort((a, b) => (a.name < b.name ? -1 : 1))
      const [config, before] = [parse(bytes().toString()), parse(text)]
      expect(sorted(config.clusters)).toEqual(sorted(before.clusters))
      expect(sorted(config.contexts.filter(({ name }: { name: string }) => name !== 'new'))).toEqual(
        sorted(before.contexts),
      )
      const commands = (users: readonly User[]) =>
        users.map(({ name, user }) => `${name}: ${user?.exec?.command} ${user?.exec?.args?.join(' ')}`).sort()
      expect(commands(config.users)).toEqual(commands(before.users))
    },
  )

  test('a user with other settings, or with another role for the same cluster, is left with the reason', async () => {
    const second = `- name: d\n  user:\n    exec:\n      apiVersion: client.authentication.k8s.io/v1beta1\n      args: [eks, get-token, --cluster-name, a]\n      command: aws\n- name: e\n  user:\n    exec:\n      apiVersion: client.authentication.k8s.io/v1beta1\n      args: [eks, get-token, --cluster-name, e, --no-sign-request]\n      command: aws\n`
    const contexts = `- {name: d, context: {cluster: '${arn('a', 'eu-west-1')}', user: d}}\n- {name: e, context: {cluster: other, user: e}}\n`
    writeFileSync(file(), `${text.replace('current-context', `${contexts}current-context`)}${second}`)
    const { stdout, code } = await convert('--shared-user')
    expect(code).toBe(0)
    expect(stdout).toMatch(/converted +a .*now uses the shared user eks-get-token/)
    expect(stdout).toMatch(/converted +d .*does not use the shared user: its cluster already has another role/)
    expect(stdout).toMatch(
      /converted +e .*does not use the shared user: --no-sign-request cannot be set in a cluster entry/,
    )
    const names = parse(bytes().toString()).users.map(({ name }: { name: string }) => name)
    expect(names).toEqual(['c', 'd', 'e', 'eks-get-token'])
  })
})
