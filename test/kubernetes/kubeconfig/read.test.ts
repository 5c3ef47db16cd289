import { describe, expect, test } from 'vitest'
import { parseEksHost } from '../../../src/aws/eks-host.ts'
import { findContext, parseClusterEntry } from '../../../src/kubernetes/context.ts'
import { kubeconfigPaths, readKubeconfig } from '../../../src/kubernetes/kubeconfig/read.ts'
import { pluginPolicy } from '../../../src/kubernetes/plugin-policy.ts'
import { runtimeWith } from '../../support/runtime.ts'

const file = (name: string, more = '') => `
clusters: [{name: ${name}, cluster: {server: "https://${name}.example"}}]
users: [{name: ${name}, user: {exec: {command: ./bin/plugin, args: [a, '5'], env: [{name: A, value: b}]}}}]
contexts: [{name: ${name}, context: {cluster: ${name}, user: ${name}}}, {name: both, context: {cluster: ${name}, user: ${name}}}]
${more}`
const FILES: Record<string, string> = {
  '/one/config': file('one'),
  '/two/config': file('two', 'current-context: two'),
  '/bad': 'users: [{token: hidden\n',
}
const bytesOf = (text: string | undefined) => (text === undefined ? undefined : Buffer.from(text))
const read = (...paths: string[]) => readKubeconfig(paths, (path) => bytesOf(FILES[path]))

describe('several kubeconfig files', () => {
  test('are merged as kubectl does: the first definition wins, and relative paths start at its file', () => {
    const config = read('/nonexistent', '/one/config', '/two/config')
    expect(config.files).toEqual(['/one/config', '/two/config'])
    expect([...config.users.keys()]).toEqual(['one', 'two'])
    expect(config.currentContext).toBe('two')
    expect(findContext(config, 'both', 'linux').clusterEntry).toBe('one')
    expect(findContext(config, undefined, 'linux')).toMatchObject({
      name: 'two',
      cluster: { server: 'https://two.example', skipsVerification: false },
      exec: { command: '/two/bin/plugin', args: ['a', '5'], env: { A: 'b' } },
    })
  })
  test.each([
    [['/nonexistent'], /^the kubeconfig \/nonexistent does not exist$/],
    [['/none', '/nonexistent'], /^the kubeconfigs \/none, \/nonexistent do not exist$/],
    [[], /^KUBECONFIG contains no path$/],
    [['/bad'], /\/bad is not valid YAML: line 2/],
    [['/one/config', '/bad'], /\/bad is not valid YAML/],
  ])('%j are rejected, and the error quotes nothing from the files', (paths, message) => {
    const failing = () => read(...paths)
    expect(failing).toThrowError(
      expect.objectContaining({ code: 'ERR_KUBECONFIG', message: expect.stringMatching(message) }),
    )
    expect(failing).not.toThrowError(/hidden/)
  })
})

test.each<[string | undefined, Record<string, string>, string[]]>([
  ['/x', { KUBECONFIG: '/a' }, ['/x']],
  [undefined, { KUBECONFIG: '/a:/b' }, ['/a', '/b']],
  [undefined, { KUBECONFIG: ':/b::' }, ['/b']],
  [undefined, { KUBECONFIG: '' }, ['/home/u/.kube/config']],
  [undefined, {}, ['/home/u/.kube/config']],
])('--kubeconfig %s with %j reads %j', (option, env, paths) =>
  expect(kubeconfigPaths(option, runtimeWith({ env }))).toEqual(paths),
)

describe('on Windows', () => {
  test.each<[Record<string, string>, string[], string[]]>([
    [{ KUBECONFIG: 'C:\\a;D:/b;' }, [], ['C:\\a', 'D:/b']],
    [{ KUBECONFIG: 'C:/a' }, [], ['C:/a']],
    [{ HOME: 'C:\\h', USERPROFILE: 'C:\\u' }, ['C:\\u\\.kube\\config', 'C:\\h'], ['C:\\u\\.kube\\config']],
    [{ HOME: 'C:\\h', USERPROFILE: 'C:\\u' }, ['C:\\h\\.kube\\config'], ['C:\\h\\.kube\\config']],
    [
      { HOMEDRIVE: 'D:', HOMEPATH: '\\p', USERPROFILE: 'C:\\u' },
      ['D:\\p\\.kube\\config', 'C:\\u\\.kube\\config'],
      ['D:\\p\\.kube\\config'],
    ],
    [{ HOMEDRIVE: 'D:', HOMEPATH: '\\p', USERPROFILE: 'C:\\u' }, ['C:\\u', 'D:\\p'], ['C:\\u\\.kube\\config']],
    [{}, [], ['C:\\Users\\u\\.kube\\config']],
  ])('%j with the files %j: %j', (env, files, paths) => {
    const runtime = runtimeWith({ env, platform: 'win32' })
    expect(kubeconfigPaths(undefined, runtime, (path) => files.includes(path))).toEqual(paths)
  })
  test.each([
    ['C:\\bin\\plugin.exe', 'C:\\bin\\plugin.exe'],
    ['.\\plugin.exe', 'C:\\kube\\plugin.exe'],
    // For kubectl this is not a path of the kubeconfig.
    ['bin/plugin', 'bin/plugin'],
    ['plugin', 'plugin'],
  ])('the command %j is %j', (command, expected) => {
    const text = file('one', 'current-context: one').replace('./bin/plugin', command)
    const config = readKubeconfig(['C:\\kube\\config'], () => Buffer.from(text))
    expect(findContext(config, undefined, 'win32').exec?.command).toBe(expected)
  })
})

test.each([
  [
    'arn:aws:eks:eu-west-1:123456789012:cluster/demo',
    { name: 'demo', region: 'eu-west-1', account: '123456789012', partition: 'aws' },
  ],
  [
    'arn:aws-cn:eks:cn-north-1:123456789012:cluster/a-b',
    { name: 'a-b', region: 'cn-north-1', account: '123456789012', partition: 'aws-cn' },
  ],
  ['demo.eu-west-1.eksctl.io', { name: 'demo', region: 'eu-west-1', account: undefined, partition: undefined }],
  ['demo', undefined],
  ['arn:aws:eks:eu-west-1:123:cluster/demo', undefined],
  ['arn:aws:eks:eu-west-1:123456789012:cluster/', undefined],
])('the cluster entry %s is parsed', (entry, named) => expect(parseClusterEntry(entry)).toEqual(named))

describe('an EKS endpoint', () => {
  test.each([
    ['0123456789abcdef0123456789abcdef.gr7.us-west-2.eks.amazonaws.com', 'us-west-2', 'aws'],
    ['0123456789abcdef0123456789abcdef.yl4.cn-north-1.eks.amazonaws.com.cn', 'cn-north-1', 'aws-cn'],
    ['0123456789abcdef0123456789abcdef.sk1.us-gov-west-1.eks.amazonaws.com', 'us-gov-west-1', 'aws-us-gov'],
    ['0123456789abcdef0123456789abcdef.gr7.eks-cluster.us-west-2.api.aws', 'us-west-2', 'aws'],
  ])('is %s', (host, region, partition) => expect(parseEksHost(host)).toEqual({ region, partition }))
  test.each([
    'eks.amazonaws.com',
    'us-west-2.eks.amazonaws.com',
    'x.us-west-2.eks.amazonaws.com.example.com',
    'x.gr7.us-west-2.eks.amazonaws.co',
    'x.gr7.us-west-2.eks-amazonaws.com',
    'x.gr7.cn-north-1.eks.amazonaws.com',
    'x.gr7.narnia.eks.amazonaws.com',
    'eks.us-west-2.amazonaws.com',
    'x.elb.us-west-2.amazonaws.com',
    'x.execute-api.us-west-2.amazonaws.com',
    'x@y.gr7.us-west-2.eks.amazonaws.com',
    '',
  ])('is not %j', (host) => expect(parseEksHost(host)).toBeUndefined())
})

describe('the plugin policy of kuberc', () => {
  test('on Windows names the file with native separators', () => {
    const runtime = { ...runtimeWith({ platform: 'win32' }), readText: () => 'credentialPluginPolicy: DenyAll' }
    const { reason } = pluginPolicy('aws', undefined, runtime)
    expect(reason).toBe('C:\\Users\\u\\.kube\\kuberc sets credentialPluginPolicy: DenyAll')
  })
  const policy = (text: string | undefined, env: Record<string, string> = {}) =>
    pluginPolicy('aws', '/usr/bin/aws', {
      ...runtimeWith({ env }),
      readText: (path) => (path === (env.KUBERC ?? '/home/u/.kube/kuberc') ? text : undefined),
    })
  test.each<[string | undefined, boolean, Record<string, string>?]>([
    [undefined, true],
    ['', true],
    ['credentialPluginPolicy: ""', true],
    ['credentialPluginPolicy: AllowAll', true],
    ['credentialPluginPolicy: DenyAll', false],
    ['credentialPluginPolicy: DenyAll', true, { KUBERC: 'off' }],
    ['credentialPluginPolicy: DenyAll', false, { KUBERC: '/elsewhere' }],
    ['credentialPluginPolicy: Allowlist', false],
    ['credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{name: aws}]', true],
    ['credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{command: /usr/bin/aws}]', true],
    ['credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{name: /opt/aws}, 5, aws]', false],
    ['credentialPluginPolicy: Whatever', false],
  ])('%j allows the command: %s', (text, allowed, env) => expect(policy(text, env).allowed).toBe(allowed))
})
