import { expect, test } from 'vitest'
import { findConflicts } from '../../../src/kubernetes/kubeconfig/conflicts.ts'
import type { ClusterEntries } from '../../../src/kubernetes/kubeconfig/entries.ts'

const entries = (role: readonly string[] = []): ClusterEntries => ({
  clusterName: 'arn:demo',
  userName: 'me',
  contextName: 'prod',
  server: 'https://x',
  caData: '',
  proxyUrl: undefined,
  namespace: undefined,
  keepCurrentContext: false,
  clusterInfo: undefined,
  exec: {
    apiVersion: 'client.authentication.k8s.io/v1',
    args: ['eks', 'get-token', '--cluster-name', 'demo', ...role],
    command: 'eks-get-token',
    env: [],
    installHint: '',
    interactiveMode: 'IfAvailable',
  },
})
const config = (args: readonly string[], cluster = 'arn:demo') => ({
  contexts: [{ name: 'prod', context: { cluster, user: 'me' } }],
  users: [{ name: 'me', user: { exec: { command: 'aws', args } } }],
})
const OWN = ['eks', 'get-token', '--cluster-name', 'demo']

const CASES: readonly [string, ReturnType<typeof config> | null, readonly string[], readonly string[]][] = [
  ['an empty file', null, [], []],
  ['the same cluster', config(OWN), [], []],
  ['a user of another cluster', config(['eks', 'get-token', '--cluster-name', 'other']), [], ['user']],
  ['a user of the authenticator for the same cluster', config(['token', '-i', 'demo']), [], []],
  ['a user with another role', config([...OWN, '--role', 'arn:a']), ['--role', 'arn:b'], ['user']],
  ['a user with a role, and none now', config([...OWN, '--role', 'arn:a']), [], ['user']],
  ['a context of another cluster', config(OWN, 'arn:other'), [], ['context']],
]
test.each(CASES)('%s', (_, existing, role, kinds) => {
  expect(findConflicts(existing, entries(role)).map(({ kind }) => kind)).toEqual(kinds)
})
