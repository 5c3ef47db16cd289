import { expect, test } from 'vitest'
import { withExecCluster } from '../../src/kubernetes/exec-cluster.ts'
import { clusterInfoOf, withClusterInfo } from '../../src/kubernetes/kubeconfig/cluster-info.ts'

const EKS = 'https://013E20B58B218B0DA9D95FAB464889F6.gr7.eu-west-3.eks.amazonaws.com'
const ROLE = 'arn:aws:iam::123456789012:role/a'
/** What messages call the source of a value. */
const REGION = { regionSource: "region in the cluster's extension" }
const PROFILE = { profileSource: "profile in the cluster's extension" }
const HOST = { regionSource: "the host name of the cluster's server" }

test.each([
  ['nothing', {}, {}, {}],
  [
    'everything',
    {},
    { config: { clusterName: 'demo', region: 'us-west-2', roleArn: ROLE, profile: 'p' } },
    { clusterName: 'demo', ...REGION, region: 'us-west-2', roleArn: ROLE, ...PROFILE, profile: 'p' },
  ],
  ['the id of a local cluster', {}, { config: { clusterId: 'id' } }, { clusterId: 'id' }],
  ['unknown keys, which are ignored', {}, { config: { clusterName: 'demo', audience: 1 } }, { clusterName: 'demo' }],
  [
    'empty values and null, which count as missing',
    { region: 'x' },
    { config: { region: '', profile: null } },
    { region: 'x' },
  ],
  ['no config', {}, { config: null }, {}],
  ['the endpoint of an EKS cluster', {}, { server: EKS }, { ...HOST, region: 'eu-west-3' }],
  [
    'the endpoint, and a region',
    {},
    { server: EKS, config: { region: 'us-west-2' } },
    { ...REGION, region: 'us-west-2' },
  ],
  ['a private endpoint with a port', {}, { server: `${EKS}:443/` }, { ...HOST, region: 'eu-west-3' }],
  ['another host', {}, { server: 'https://127.0.0.1:6443' }, {}],
  ['a host that is like one of EKS', {}, { server: `${EKS}.example.com` }, {}],
  ['something that is not a URL', {}, { server: 'eks' }, {}],
  ['something that is not a cluster', {}, 'demo', {}],
])('%s', (_, args, cluster, expected) => {
  expect(withExecCluster(args, cluster)).toEqual(expected)
})

test('arguments take precedence', () => {
  const args = { clusterName: 'a', region: 'r', roleArn: 'x', profile: 'p', signRequest: false }
  const config = { clusterName: 'b', clusterId: 'id', region: 's', roleArn: 'y', profile: 'q' }
  expect(withExecCluster(args, { server: EKS, config })).toEqual(args)
  expect(withExecCluster({ clusterId: 'a' }, { config: { clusterName: 'b' } })).toEqual({ clusterId: 'a' })
})

test.each(['clusterName', 'clusterId', 'region', 'roleArn', 'profile'])(
  'a %s of another type is an error, even if an argument takes precedence',
  (key) => {
    for (const value of [1, true, ['a'], {}]) {
      expect(() => withExecCluster({ [key]: 'argument' }, { config: { [key]: value } })).toThrow(
        expect.objectContaining({ code: 'ERR_KUBECONFIG', message: expect.stringContaining(key) }),
      )
    }
  },
)
test.each([[['a']], ['a'], [1]])('an extension that is not a map is an error: %o', (config) => {
  expect(() => withExecCluster({}, { config })).toThrow(expect.objectContaining({ code: 'ERR_KUBECONFIG' }))
})

test('the extension is replaced; its other keys and other extensions stay', () => {
  const other = { name: 'other', extension: { a: 1 } }
  const cluster = withClusterInfo({ server: 'https://x', extensions: [other] }, { clusterName: 'a', roleArn: 'r' })
  expect(clusterInfoOf(cluster)).toEqual({ clusterName: 'a', roleArn: 'r' })
  const extensions = [
    other,
    { name: 'client.authentication.k8s.io/exec', extension: { clusterName: 'a', mine: 1, roleArn: 'r' } },
  ]
  expect(withClusterInfo({ extensions }, { clusterName: 'b', region: undefined })).toEqual({
    extensions: [other, { name: 'client.authentication.k8s.io/exec', extension: { clusterName: 'b', mine: 1 } }],
  })
})
