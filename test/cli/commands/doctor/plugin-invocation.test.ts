import { expect, test } from 'vitest'
import { parsePluginInvocation } from '../../../../src/cli/commands/doctor/plugin-invocation.ts'

const parse = (line: string, platform = 'linux') => {
  const [command = '', ...args] = line.split(' ')
  const { plugin, values, ignored } = parsePluginInvocation({ command, args }, platform, {})
  return plugin && [plugin, Object.fromEntries(values), ignored]
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
  ['aws-iam-authenticator token --cluster-id=c --cache', 'aws-iam-authenticator', { 'cluster-name': 'c' }],
  [
    'aws-iam-authenticator -ic token -rx -s y --external-id=z',
    'aws-iam-authenticator',
    { 'cluster-name': 'c', 'role-arn': 'x', 'role-session-name': 'y', 'external-id': 'z' },
  ],
  ['aws-iam-authenticator token -i=c --role= --session-name y', 'aws-iam-authenticator', { 'cluster-name': 'c' }],
  [
    'aws-iam-authenticator token -i c -r x --forward-session-name -c f',
    'aws-iam-authenticator',
    { 'cluster-name': 'c', 'role-arn': 'x' },
    ['--config', '--forward-session-name'],
  ],
  [
    'kubergrunt eks token --eks-cluster-arn arn:aws:eks:r-1:111122223333:cluster/c',
    'kubergrunt',
    { 'cluster-name': 'c', region: 'r-1' },
  ],
  ['env AWS_PROFILE=p aws eks get-token --cluster-name c', 'aws', { 'cluster-name': 'c' }],
  ['env -i -u A -- aws eks get-token --cluster-name c', 'aws', { 'cluster-name': 'c' }],
  ['node /opt/eks-get-token.cjs --cluster-name c', 'eks-get-token', { 'cluster-name': 'c' }],
  ['npx -y eks-get-token@1.2.3 --cluster-name c', 'eks-get-token', { 'cluster-name': 'c' }],
  ['aws-vault exec prod -- aws eks get-token --cluster-name c', 'aws', { 'cluster-name': 'c' }],
  ['aws-vault exec -d 1h prod aws eks get-token --cluster-name c', 'aws', { 'cluster-name': 'c' }],
  ['op plugin run -- aws eks get-token --cluster-name c', 'aws', { 'cluster-name': 'c' }],
  ['wsl -d Ubuntu aws eks get-token --cluster-name c', 'aws', { 'cluster-name': 'c' }],
  ['./my-wrapper --x aws eks get-token --cluster-name c', 'aws', { 'cluster-name': 'c' }],
  ['heptio-authenticator-aws token -i c', 'aws-iam-authenticator', { 'cluster-name': 'c' }],
])('%s is parsed', (line, plugin, values, ignored = []) => expect(parse(line)).toEqual([plugin, values, ignored]))

test.each(['sh -c exit', 'node script.js', 'gke-gcloud-auth-plugin', '', 'awsx'])('%j is not a known plugin', (line) =>
  expect(parse(line)).toBeUndefined(),
)

test.each([
  'aws',
  'aws s3 ls',
  'aws --version',
  'aws eks get-token --nope',
  'aws-iam-authenticator',
  'eks-get-token help',
  'aws eks get-token --cluster-name c --no-sign-request',
  'aws-iam-authenticator token -i c --token-only',
  'aws-iam-authenticator token -i c --nope',
  'aws-iam-authenticator token -i',
  'kubergrunt eks token --eks-cluster-arn c',
  'sh -c aws',
])('%s is a usage error', (line) =>
  expect(() => parse(line)).toThrowError(expect.objectContaining({ code: 'ERR_USAGE' })),
)

test.each([
  ['AWS.EXE eks get-token --cluster-name c', 'aws'],
  ['C:\\npm\\EKS-GET-TOKEN.cmd --cluster-name c', 'eks-get-token'],
  ['aws.bat eks get-token --cluster-name c', 'aws'],
])('on Windows, where names have no case, %j is %s', (line, plugin) => expect(parse(line, 'win32')?.[0]).toBe(plugin))
test('elsewhere AWS is another program', () => expect(parse('AWS eks get-token --cluster-name c')).toBeUndefined())

test.each<[string, string, Record<string, string | undefined> | undefined]>([
  ['aws eks get-token --cluster-name c', 'aws', {}],
  ['AWS_PROFILE=p exec aws eks get-token --cluster-name "c"', 'aws', { AWS_PROFILE: 'p' }],
  ["export A='b c'; export B=c && aws eks get-token --cluster-name c", 'aws', { A: 'b c', B: 'c' }],
  ['aws eks get-token --cluster-name $CLUSTER', 'sh', undefined],
  ['aws eks get-token --cluster-name c | tee x', 'sh', undefined],
  ['cd x; aws eks get-token --cluster-name c', 'sh', undefined],
])('sh -c %j runs %s with %j', (script, command, env) => {
  const { line } = parsePluginInvocation({ command: 'sh', args: ['-c', script] }, 'linux', {})
  expect([line.command, line.isUnknown ? undefined : line.env]).toEqual([command, env])
})

test('a wrapper that supplies credentials is told from one that does not', () => {
  const supplies = (command: string, ...args: string[]) =>
    parsePluginInvocation({ command, args }, 'linux', {}).line.suppliesCredentials
  expect(supplies('env', 'aws', 'eks', 'get-token')).toBe(false)
  expect(supplies('granted', 'prod', '--exec', 'aws eks get-token --cluster-name c')).toBe(true)
})

test.each(['-lc', '-ic', '--login -c', '-l -c'])('bash %s reads startup files: what it runs is unknown', (flags) => {
  const args = [...flags.split(' '), 'aws eks get-token --cluster-name c']
  expect(parsePluginInvocation({ command: 'bash', args }, 'linux', {}).line.isUnknown).toBe(true)
})
