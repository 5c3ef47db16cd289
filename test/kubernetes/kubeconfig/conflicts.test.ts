import { describe, expect, test } from 'vitest'
import type { Values } from '../../../src/json.ts'
import { findConflicts } from '../../../src/kubernetes/kubeconfig/conflicts.ts'
import type { ClusterEntries } from '../../../src/kubernetes/kubeconfig/entries.ts'
import { NamedEntries } from '../../../src/kubernetes/kubeconfig/named-entries.ts'

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
  expect(findConflicts(new NamedEntries(existing), entries(role)).map(({ kind }) => kind)).toEqual(kinds)
})

describe('what a script may overwrite', () => {
  const eks = (name: string) => ({
    name,
    user: { exec: { command: 'aws', args: ['eks', 'get-token', '--cluster-name', name] } },
  })
  const context = (name: string, cluster: string, user: string) => ({ name, context: { cluster, user } })
  const certificate = { 'client-certificate-data': 'eA==', 'client-key-data': 'eA==' }
  const cluster = (name: string, server: string) => ({ name, cluster: { server } })
  const EKS_SERVER = 'https://272BF79C81C80CAE8FB77015396E3614.gr7.eu-west-1.eks.amazonaws.com'

  /** The kinds of entries that are rejected at a terminal, and elsewhere. */
  const rejected = (existing: Values, changes: Partial<ClusterEntries> = {}) => {
    const conflicts = findConflicts(new NamedEntries(existing), { ...entries(), ...changes })
    const kinds = (found: typeof conflicts) => found.map(({ kind }) => kind)
    return [kinds(conflicts), kinds(conflicts.filter(({ isRepeatable }) => !isRepeatable))]
  }

  test.each<[string, Values, Partial<ClusterEntries>, readonly string[], readonly string[]]>([
    ['a user of another EKS cluster', { users: [{ ...eks('c2'), name: 'me' }] }, {}, ['user'], []],
    [
      'a user with a certificate of another cluster',
      { users: [{ name: 'me', user: certificate }], contexts: [context('kind', 'kind', 'me')] },
      {},
      ['user'],
      ['user'],
    ],
    [
      'a user of another plugin for another cluster',
      {
        users: [{ name: 'me', user: { exec: { command: 'gke-gcloud-auth-plugin' } } }],
        contexts: [context('gke', 'gke', 'me')],
      },
      {},
      ['user'],
      ['user'],
    ],
    [
      'a user of a wrapper for another cluster',
      {
        users: [{ name: 'me', user: { exec: { command: 'aws-vault', args: ['exec', 'p', '--', 'aws'] } } }],
        contexts: [context('other', 'arn:aws:eks:eu-west-1:111122223333:cluster/c2', 'me')],
      },
      {},
      ['user'],
      ['user'],
    ],
    [
      'a user with a certificate of this cluster',
      { users: [{ name: 'me', user: certificate }], contexts: [context('c', 'arn:demo', 'me')] },
      {},
      [],
      [],
    ],
    [
      'a user without anything',
      { users: [{ name: 'me', user: null }], contexts: [context('k', 'k', 'me')] },
      {},
      [],
      [],
    ],
    [
      "a user with the name of a cluster's ARN",
      {
        users: [{ name: 'arn:aws:eks:eu-west-1:111122223333:cluster/demo', user: { token: 'x' } }],
        contexts: [context('k', 'k', 'arn:aws:eks:eu-west-1:111122223333:cluster/demo')],
      },
      { userName: 'arn:aws:eks:eu-west-1:111122223333:cluster/demo' },
      [],
      [],
    ],
    [
      'a context of another EKS cluster, by its user',
      { users: [eks('c2')], contexts: [context('prod', 'c2', 'c2')] },
      {},
      ['context'],
      [],
    ],
    [
      'a context of another EKS cluster, by its server',
      {
        clusters: [cluster('c2', EKS_SERVER)],
        users: [{ name: 'x', user: { token: 'x' } }],
        contexts: [context('prod', 'c2', 'x')],
      },
      {},
      ['context'],
      [],
    ],
    [
      'a context of a cluster and a user that do not exist',
      { contexts: [context('prod', 'gone', 'gone')] },
      {},
      ['context'],
      [],
    ],
    [
      'a context of a cluster that is not of EKS',
      {
        clusters: [cluster('kind', 'https://127.0.0.1:6443')],
        users: [{ name: 'kind', user: certificate }],
        contexts: [context('prod', 'kind', 'kind')],
      },
      {},
      ['context'],
      ['context'],
    ],
    [
      'the entry of a cluster that is not of EKS',
      { clusters: [cluster('kind', 'https://127.0.0.1:6443')], contexts: [context('kind', 'kind', 'kind')] },
      { clusterName: 'kind', contextName: 'new' },
      ['cluster'],
      ['cluster'],
    ],
    [
      'the entry of another EKS cluster',
      { clusters: [cluster('x', EKS_SERVER)], users: [eks('c2')], contexts: [context('c2', 'x', 'c2')] },
      { clusterName: 'x', contextName: 'new' },
      ['cluster'],
      [],
    ],
    [
      'the entry of this cluster behind a tunnel',
      {
        clusters: [cluster('x', 'https://127.0.0.1:6443')],
        users: [{ ...eks('demo'), name: 'other' }],
        contexts: [context('c', 'x', 'other')],
      },
      { clusterName: 'x', contextName: 'new' },
      [],
      [],
    ],
  ])('%s', (_, existing, changes, atTerminal, inScript) => {
    expect(rejected(existing, changes)).toEqual([atTerminal, inScript])
  })
})
