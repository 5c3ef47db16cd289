import { chmodSync } from 'node:fs'
import { expect, test } from 'vitest'
import { awsLogin, ROLE_A, ssoLogin, useAwsHome } from './aws-home.ts'
import { type CommandOptions, runEksGetToken } from './command.ts'
import { runHere } from './in-process.ts'
import { skipUnlessAvailable } from './skip.ts'

const context = useAwsHome()
const isOtherBuild = process.env.EKS_GET_TOKEN_TEST_COMMAND ? 'the command that is tested is not in dist/' : undefined

type Row = readonly [args: string, more?: Partial<CommandOptions>, prepare?: () => void]
const ROWS: Readonly<Record<string, Row>> = {
  'access keys': ['--cluster-name demo --profile keys'],
  'an output format': ['--cluster-name demo --profile keys --output yaml'],
  'a query': ['--cluster-name demo --profile keys --query kind --output text'],
  'a usage error': ['--cluster-name'],
  'an unknown profile': ['--cluster-name demo --profile mfaa'],
  'a role': ['--cluster-name demo --profile role'],
  'a role chain': ['--cluster-name demo --profile chain'],
  'web identity': ['--cluster-name demo --profile web'],
  'SSO with a refresh': ['--cluster-name demo --profile sso', {}, () => context.home.write(...ssoLogin('corp', -60))],
  'aws login with a refresh': ['--cluster-name demo --profile login', {}, () => context.home.write(...awsLogin(60))],
  '--role-arn': [`--cluster-name demo --profile keys --role-arn ${ROLE_A}`],
  'access denied': ['--cluster-name demo --profile keys --role-arn arn:aws:iam::123456789012:role/denied'],
  'a credential_process': ['--cluster-name demo --profile process', {}, () => program('echo "$PWD $HOME" >&2; exit 3')],
  'a relative path': [
    '--cluster-name demo --profile x',
    { env: { AWS_CONFIG_FILE: 'other' } },
    () => context.home.write('other', '[profile x]\naws_access_key_id = A\naws_secret_access_key = secret-of-A\n'),
  ],
  'a home directory': ['--cluster-name demo --profile keys', { env: { AWS_CONFIG_FILE: '~/.aws/config' } }],
  help: ['--help'],
  'the help of a command': ['doctor --help'],
  version: ['--version'],
  inspect: ['inspect - --output json', { stdin: { text: 'k8s-aws-v1.aHR0cHM6Ly9zdHMuYW1hem9uYXdzLmNvbS8' } }],
  'verify, without a token': ['verify -', { stdin: { text: '' } }],
  'an MFA code, without a terminal': ['--cluster-name demo --profile mfa'],
  'an MFA code from stdin': ['--cluster-name demo --profile mfa', { stdin: { text: '123456\n' } }],
  'verify, with no end of the token': ['verify - --timeout 1', { stdin: 'open' }],
  'doctor, without a kubeconfig': ['doctor'],
  'update-kubeconfig': ['update-kubeconfig --name demo --profile keys --dry-run'],
  'cache list': ['cache list'],
  'a service that does not respond': [
    '--cluster-name demo --profile role --timeout 3',
    {},
    () => context.aws.reset({ delayMs: { sts: 20_000 } }),
  ],
}

function program(script: string): void {
  context.home.write('process', `#!/bin/sh\n${script}\n`)
  chmodSync(`${context.home.folder}/process`, 0o755)
}

test.each(Object.entries(ROWS))(
  'a run in this process has the result of a process: %s',
  skipUnlessAvailable(isOtherBuild),
  async (_title, [args, { env = {}, ...more } = {}, prepare]) => {
    const results = []
    for (const run of [runHere, runEksGetToken]) {
      context.aws.reset()
      const { folder, env: homeEnv } = context.fresh()
      prepare?.()
      const result = await run(args.split(' '), { env: { ...homeEnv, ...env }, cwd: folder, ...more })
      const calls = context.aws.calls.map(({ op, host, signedBy }) => ({ op, host, signedBy }))
      const files = [...context.home.files().keys()].sort()
      results.push({
        ...result,
        seconds: 0,
        ...normal(result, folder),
        calls,
        files: files.map((file) => file.replace(/[0-9a-f]{40,}/, '…')),
      })
    }
    expect(results[0]).toEqual(results[1])
  },
)

/** Without the directory, the time and what depends on it. */
function normal({ stdout, stderr }: { stdout: string; stderr: string }, folder: string) {
  const text = (output: string) =>
    output
      .replaceAll(folder, '~')
      .replace(/k8s-aws-v1\.[\w-]+/g, 'TOKEN')
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'TIME')
      .replace(/\b\d+ (seconds?|s|minutes?)\b( \d+ s)?/g, 'DURATION')
  return { stdout: text(stdout), stderr: text(stderr) }
}

test('what only a process has is refused', skipUnlessAvailable(isOtherBuild), async () => {
  const { env, folder } = context.home
  const run = (args: string, more: Record<string, string> = {}) =>
    runHere(args.split(' '), { env: { ...env, ...more }, cwd: folder })
  await expect(run('--cluster-name demo', { AWS_CONFIG_FILE: '/dev/stdin' })).rejects.toThrow('needs a process')
})
