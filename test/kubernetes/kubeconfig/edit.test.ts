import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { isEksTokenError } from '../../../src/errors.ts'
import { editSource } from '../../../src/kubernetes/kubeconfig/edit.ts'
import { type ClusterEntries, withEntries } from '../../../src/kubernetes/kubeconfig/entries.ts'
import { parseSource } from '../../../src/kubernetes/kubeconfig/parse.ts'
import { checkKubeconfig } from '../../../src/kubernetes/kubeconfig/validate.ts'

const ARN = 'arn:aws:eks:eu-west-1:111122223333:cluster/c1'

/** The cluster c1 of the recorded cases. */
function entriesOf(more: Partial<ClusterEntries> = {}): ClusterEntries {
  return {
    clusterName: ARN,
    userName: ARN,
    contextName: ARN,
    server: 'https://013E20B58B218B0DA9D95FAB464889F6.gr7.eu-west-1.eks.amazonaws.com',
    caData: 'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCkNBIG9mIGMxCi0tLS0tRU5EIENFUlRJRklDQVRFLS0tLS0K',
    proxyUrl: undefined,
    namespace: undefined,
    keepCurrentContext: false,
    clusterInfo: undefined,
    exec: {
      apiVersion: 'client.authentication.k8s.io/v1beta1',
      args: ['--region', 'eu-west-1', 'eks', 'get-token', '--cluster-name', 'c1', '--output', 'json'],
      command: 'aws',
      env: [],
      installHint: 'install it',
      interactiveMode: 'IfAvailable',
    },
    ...more,
  }
}

function edit(text: string, entries = entriesOf()): string {
  const source = parseSource(text, 'config')
  checkKubeconfig(source.value, 'config', 'aws-cli')
  return editSource(source, withEntries(source.value, [entries]))
}

interface MergeCase {
  readonly id: string
  readonly options: readonly string[]
  readonly before: string
  /** Any one of them: the YAML that the AWS CLI 2.36.7 wrote, or its message. */
  readonly after: readonly ({ readonly value: string } | { readonly error: string })[]
  /** Parts of the text that must be there verbatim. */
  readonly keeps?: readonly string[]
  /** Every other line of the text must be there, in order. */
  readonly keepsLines?: { readonly except?: readonly string[] }
  /** What the AWS CLI drops. */
  readonly mayKeep?: readonly string[]
}

const CASES: readonly MergeCase[] = JSON.parse(
  readFileSync(new URL('../../fixtures/kubeconfig/merge-cases.json', import.meta.url), 'utf8'),
)

/** The value without what the AWS CLI does not write, and without the order of keys. */
function comparable(text: string, mayKeep: readonly string[] = []): unknown {
  const value = parseSource(text, 'config').value as Record<string, unknown>
  for (const path of mayKeep) remove(value, path.split('/'))
  for (const key of ['installHint', 'interactiveMode']) remove(value, ['users', '*', 'user', 'exec', key])
  return value
}

function remove(value: unknown, [key = '', ...rest]: readonly string[]): void {
  if (typeof value !== 'object' || value === null) return
  const values = value as Record<string, unknown>
  if (rest.length === 0) delete values[key]
  else for (const name of key === '*' ? Object.keys(values) : [key]) remove(values[name], rest)
}

describe('recorded merges of the AWS CLI', () => {
  test.each(CASES.map((recorded) => [recorded.id, recorded] as const))('%s', (_, recorded) => {
    const { options, before, after, keeps = [], keepsLines, mayKeep } = recorded
    const [option = '', name = ''] = options
    const names = { contextName: name, ...(option === '--user-alias' ? { userName: name } : {}) }
    const entries = entriesOf(option === '' ? {} : names)
    const outcome = attemptEdit(before, entries)
    const isExpected = after.some((expected) => {
      if ('error' in expected || 'error' in outcome) return 'error' in expected && 'error' in outcome
      return sameJson(comparable(outcome.text, mayKeep), comparable(expected.value, mayKeep))
    })
    expect({ isExpected, outcome, after }).toMatchObject({ isExpected: true })
    if ('error' in outcome) {
      const messages = after.flatMap((expected) => ('error' in expected ? [expected.error] : []))
      if (!messages.includes('')) expect(messages.some((message) => outcome.error.includes(message))).toBe(true)
      return
    }
    for (const part of keeps) expect(outcome.text).toContain(part)
    if (keepsLines) expect(lostLines(before, outcome.text, keepsLines.except)).toEqual([])
  })
})

function attemptEdit(text: string, entries: ClusterEntries): { text: string } | { error: string } {
  try {
    return { text: edit(text, entries) }
  } catch (error) {
    if (isEksTokenError(error)) return { error: error.message }
    throw error
  }
}

function sameJson(a: unknown, b: unknown): boolean {
  try {
    expect(a).toEqual(b)
    return true
  } catch {
    return false
  }
}

function lostLines(before: string, after: string, except: readonly string[] = []): string[] {
  const patterns = except.map((pattern) => new RegExp(pattern))
  const lines = after.split(/\r?\n/)
  let position = 0
  return before.split(/\r?\n/).filter((line) => {
    if (line.trim() === '' || patterns.some((pattern) => pattern.test(line))) return false
    const index = lines.indexOf(line, position)
    if (index >= 0) position = index + 1
    return index < 0
  })
}

describe('what users have added stays', () => {
  const existing = (more: { context?: string; cluster?: string; exec?: string }) => `apiVersion: v1
clusters:
- cluster:
    server: https://old  # a comment
${more.cluster ?? ''}  name: ${ARN}
contexts:
- context:
    cluster: ${ARN}
${more.context ?? ''}    user: ${ARN}
  name: ${ARN}
current-context: other
users:
- name: ${ARN}
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1beta1
      args: [--region, eu-west-1, eks, get-token, --cluster-name, c1]
      command: aws
${more.exec ?? ''}`
  const KEPT: readonly [string, { context?: string; cluster?: string; exec?: string }, string][] = [
    ['the namespace', { context: '    namespace: team-a\n' }, '    namespace: team-a\n'],
    [
      'extensions',
      { context: '    extensions: [{name: a, extension: {b: 1}}]\n' },
      '    extensions: [{name: a, extension: {b: 1}}]\n',
    ],
    ['the proxy', { cluster: '    proxy-url: http://proxy:3128\n' }, '    proxy-url: http://proxy:3128\n'],
    [
      'other variables',
      { exec: '      env:\n      - name: AWS_CA_BUNDLE  # ours\n        value: /ca.pem\n' },
      '      - name: AWS_CA_BUNDLE  # ours\n        value: /ca.pem\n',
    ],
  ]
  test.each(KEPT)('%s', (_, more, line) => expect(edit(existing(more))).toContain(line))

  const REMOVED = ['insecure-skip-tls-verify: true', 'certificate-authority: ca.pem', 'tls-server-name: x']
  test.each(REMOVED)('but not %s', (line) => {
    const text = edit(existing({ cluster: `    ${line}\n` }))
    expect(text).not.toContain(line)
    expect(text).toContain('# a comment')
  })
  test('but not the variable of another profile', () => {
    const env = '      env:\n      - name: AWS_PROFILE\n        value: old\n      - name: A\n        value: b\n'
    const [user] = (
      parseSource(edit(existing({ exec: env })), 'config').value as { users: { user: { exec: { env: unknown } } }[] }
    ).users
    expect(user?.user.exec.env).toEqual([{ name: 'A', value: 'b' }])
  })
})

test('no change, no byte changes', () => {
  const text = edit('# mine\n')
  expect(edit(text)).toBe(text)
})

describe('a list on several lines of a flow map keeps the indentation of its line', () => {
  const target = (value: { users: { user: { args: string[] } }[] }) => ({
    users: value.users.map((entry) => ({ ...entry, user: { ...entry.user, args: ['x', 'y'] } })),
  })
  test.each([
    [
      'below a key in block style',
      'users:\n- name: u\n  user: {\n    args: [ # c\n      "a",\n      "b",\n      "c"\n    ]\n  }\n# d\n',
      'users:\n- name: u\n  user: {\n    args: [\n      "x",\n      "y"\n    ]\n  }\n# d\n',
    ],
    [
      'after the dash of a list',
      'users:\n- {name: u, user: {args: [\n    "a",\n    "b",\n    "c"\n  ]}}\n',
      'users:\n- {name: u, user: {args: [\n    "x",\n    "y"\n  ]}}\n',
    ],
  ])('%s', (_, text, expected) => {
    const source = parseSource(text, 'config')
    expect(editSource(source, target(source.value as Parameters<typeof target>[0]))).toBe(expected)
  })
})

test('of two equal keys the last one is edited, which is the one that kubectl reads', () => {
  const text = edit(
    'clusters:\n- {name: a, cluster: {}}\nclusters:\n- {name: b, cluster: {}}\nusers: []\ncontexts: []\n',
  )
  expect(
    (parseSource(text, 'config').value as { clusters: { name: string }[] }).clusters.map(({ name }) => name),
  ).toEqual(['b', ARN])
  expect(text).toContain('- {name: a, cluster: {}}\n')
})

const BROKEN: readonly [string, string, string][] = [
  ['an unclosed quote', 'a: "b\n', 'line 2, column 1'],
  ['a tab', 'a:\n\tb: 1\n', 'line 2, column 1'],
  ['an undefined alias', 'a: *b\n', 'line 1, column 4 (an undefined alias)'],
  ['two documents', 'a: 1\n---\nb: 1\n', 'line 2, column 1 (more than one document)'],
  ['a control character', 'a: "\u0007"\n', 'line 1, column 5 (a control character)'],
]
test.each(BROKEN)('refuses %s, with its place and without its text', (_, text, place) => {
  expect(attemptEdit(text, entriesOf())).toMatchObject({
    error: expect.stringContaining(`YamlError while loading kubeconfig: ${place}`),
  })
})

test('a change of each of 4,000 users takes time in proportion to their number', () => {
  const names = Array.from({ length: 4000 }, (_, index) => `user-${index}`)
  const user = (name: string, command: string): string =>
    `- name: ${name}\n  user:\n    exec:\n      command: ${command}\n`
  const print = (command: string): string => `users:\n${names.map((name) => user(name, command)).join('')}`
  const started = process.cpuUsage()
  const target = { users: names.map((name) => ({ name, user: { exec: { command: 'eks-get-token' } } })) }
  expect(editSource(parseSource(print('aws'), 'config'), target)).toBe(print('eks-get-token'))
  // Less than a second; a search through all users for each would take minutes.
  expect(process.cpuUsage(started).user / 1e6).toBeLessThan(20)
})
