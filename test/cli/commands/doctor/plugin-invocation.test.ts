import { expect, test } from 'vitest'
import { parsePluginInvocation } from '../../../../src/cli/commands/doctor/plugin-invocation.ts'

const parse = (line: string, platform = 'linux') => {
  const [command = '', ...args] = line.split(' ')
  const exec = { apiVersion: undefined, command, args, env: {}, interactiveMode: undefined, provideClusterInfo: false }
  const invocation = parsePluginInvocation(exec, platform)
  return invocation && [invocation.plugin, Object.fromEntries(invocation.values), invocation.ignored]
}

test.each<[string, string, Record<string, string | true>, string[]?]>([
  [
    'aws --region r eks get-token --cluster-name c --role x',
    'aws',
    { region: 'r', 'cluster-name': 'c', 'role-arn': 'x' },
  ],
  ['/usr/local/bin/aws eks get-token --cluster-name=c', 'aws', { 'cluster-name': 'c' }],
  ['C:\\Program\\aws.exe eks get-token --cluster-name c', 'aws', { 'cluster-name': 'c' }],
  ['eks-get-token --cluster-name c --debug', 'eks-get-token', { 'cluster-name': 'c', debug: true }],
  ['/opt/node /opt/eks-get-token.cjs --cluster-name c', 'eks-get-token', { 'cluster-name': 'c' }],
  [
    'aws-iam-authenticator token -i c -r x --region r',
    'aws-iam-authenticator',
    { 'cluster-name': 'c', 'role-arn': 'x', region: 'r' },
  ],
  ['aws-iam-authenticator token --cluster-id=c --cache', 'aws-iam-authenticator', { 'cluster-name': 'c' }, ['--cache']],
  ['heptio-authenticator-aws token -i c', 'aws-iam-authenticator', { 'cluster-name': 'c' }],
])('%s is parsed', (line, plugin, values, ignored = []) => expect(parse(line)).toEqual([plugin, values, ignored]))

test.each([
  'aws-vault exec prod -- aws eks get-token',
  'sh -c aws',
  'node script.js',
  'gke-gcloud-auth-plugin',
  '',
  'awsx',
  'npx eks-get-token',
])('%j is not a known plugin', (line) => expect(parse(line)).toBeUndefined())

test.each([
  'aws',
  'aws s3 ls',
  'aws --version',
  'aws eks get-token --nope',
  'aws-iam-authenticator',
  'eks-get-token help',
])('%s is a usage error', (line) =>
  expect(() => parse(line)).toThrowError(expect.objectContaining({ code: 'ERR_USAGE' })),
)

test.each([
  ['AWS.EXE eks get-token --cluster-name c', 'aws'],
  ['C:\\npm\\EKS-GET-TOKEN.cmd --cluster-name c', 'eks-get-token'],
  ['aws.bat eks get-token --cluster-name c', 'aws'],
])('on Windows, where names have no case, %j is %s', (line, plugin) => expect(parse(line, 'win32')?.[0]).toBe(plugin))
test('elsewhere AWS is another program', () => expect(parse('AWS eks get-token --cluster-name c')).toBeUndefined())
