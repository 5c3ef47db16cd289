import { expect, test } from 'vitest'
import { awsLogin, ROLE_A, ssoLogin, useAwsHome } from '../support/aws-home.ts'
import { runEksGetToken } from '../support/command.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

// Every credential source with --debug, successful and failing: secrets are in no output, and in no file but the user's
// own and the caches.

const context = useAwsHome()

/** Plain, percent-encoded and in Base64. */
const SECRETS = [
  'secret-of-',
  'SESSIONTOKEN',
  'SSOTOKEN/',
  'TOKEN/role',
  'LOGINTOKEN2',
  'BEARERTOKENEXAMPLE',
  'refreshed-access-token',
  'REFRESHTOKENEXAMPLE',
  'rotated',
  'CLIENTSECRETEXAMPLE',
  'WEBIDENTITYTOKENEXAMPLE',
  'MHcCAQEEIFDZ',
  'CONTAINERTOKENEXAMPLE',
  'hidden',
  '314159',
  'X-Amz-Signature',
].flatMap((secret) => [
  ...new Set([secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64').slice(0, 8)]),
])
const CACHES = /^\.aws\/(cli|sso|login)\/cache\/[0-9a-f]+\.json$|^\.cache\/eks-get-token\/roles\/[0-9a-f]+\.json$/

type Case = readonly [
  title: string,
  code: number,
  args: readonly string[],
  env?: Record<string, string>,
  prepare?: (() => void) | undefined,
  stdin?: string,
]
const ENV_KEYS = {
  AWS_ACCESS_KEY_ID: 'AKIDENV',
  AWS_SECRET_ACCESS_KEY: 'secret-of-AKIDENV',
  AWS_SESSION_TOKEN: 'SESSIONTOKEN/1+=',
}
const DENIED = ROLE_A.replace('role-a', 'denied')
const PROCESS_KEYS =
  '{"Version":1,"AccessKeyId":"AKIDP","SecretAccessKey":"secret-of-AKIDP","SessionToken":"SESSIONTOKEN","Expiration":"2100-01-01T00:00:00Z"}'
const runProcess =
  (text: string, exit = 0) =>
  () => {
    context.home.write(
      'process',
      `#!/bin/sh
echo "$HIDDEN" >&2
cat <<'END'
${text}
END
exit ${exit}
`,
    )
    const config = `${context.home.files().get('.aws/config')}`.replace(
      /credential_process = .*/,
      `credential_process = /bin/sh ${context.home.folder}/process --password hidden`,
    )
    context.home.write('.aws/config', config)
  }
const CONTAINER = (path: string) => ({
  AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${context.aws.port}/${path}`,
  AWS_CONTAINER_AUTHORIZATION_TOKEN: 'CONTAINERTOKENEXAMPLE',
})

const CASES: readonly Case[] = [
  ['the environment', 0, [], ENV_KEYS],
  [
    'expired credentials in the environment',
    255,
    [],
    { ...ENV_KEYS, AWS_CREDENTIAL_EXPIRATION: '2001-01-01T00:00:00Z' },
  ],
  [
    'credentials in the environment with an expiration',
    0,
    [],
    { ...ENV_KEYS, AWS_CREDENTIAL_EXPIRATION: '2100-01-01T00:00:00Z' },
  ],
  ['static credentials', 0, ['--profile', 'keys']],
  ['a role', 0, ['--profile', 'role']],
  ['a role chain', 0, ['--profile', 'chain']],
  ['--role-arn', 0, ['--profile', 'keys', '--role-arn', ROLE_A, '--external-id', 'ext']],
  ['--role-arn with temporary credentials', 0, ['--role-arn', ROLE_A], ENV_KEYS],
  ['--role-arn with access denied', 254, ['--role-arn', DENIED], ENV_KEYS],
  [
    'a role without a connection',
    255,
    ['--profile', 'role'],
    { AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1', AWS_MAX_ATTEMPTS: '1' },
  ],
  ['MFA', 0, ['--profile', 'mfa'], {}, undefined, '123456\n'],
  ['MFA with a wrong code', 254, ['--profile', 'mfa'], {}, undefined, '314159\n'],
  ['web identity', 0, ['--profile', 'web']],
  [
    'web identity with access denied',
    254,
    ['--profile', 'web'],
    {},
    () => context.home.write('.aws/config', `${context.home.files().get('.aws/config')}`.replace('role-w', 'denied-w')),
  ],
  ['SSO', 0, ['--profile', 'sso'], {}, () => context.home.write(...ssoLogin('corp', 7200))],
  ['SSO with a refresh', 0, ['--profile', 'sso'], {}, () => context.home.write(...ssoLogin('corp', -60))],
  [
    'SSO with a failing refresh',
    255,
    ['--profile', 'sso'],
    {},
    () => context.home.write(...ssoLogin('corp', -60, { refreshToken: 'bad hidden' })),
  ],
  [
    'SSO with a revoked token',
    255,
    ['--profile', 'sso'],
    {},
    () => context.home.write(...ssoLogin('corp', 7200, { accessToken: 'revoked hidden' })),
  ],
  [
    'SSO with a truncated file',
    255,
    ['--profile', 'sso'],
    {},
    () => context.home.write(ssoLogin('corp', 1)[0], '{"accessToken":"hidden"'),
  ],
  [
    'SSO with a password in the start URL',
    255,
    ['--profile', 'legacy'],
    {},
    () =>
      context.home.write(
        '.aws/config',
        `${context.home.files().get('.aws/config')}`.replaceAll('https://example', 'https://user:hidden@example'),
      ),
  ],
  ['aws login', 0, ['--profile', 'login'], {}, () => context.home.write(...awsLogin(3600))],
  ['aws login with a refresh', 0, ['--profile', 'login'], {}, () => context.home.write(...awsLogin(60))],
  [
    'aws login with a failing refresh',
    255,
    ['--profile', 'login'],
    {},
    () => context.home.write(...awsLogin(60, 'expired hidden')),
  ],
  [
    'aws login with an invalid private key',
    255,
    ['--profile', 'login'],
    {},
    () => {
      const [file, text] = awsLogin(60)
      context.home.write(file, text.replace('MHcCAQEEIFDZ', 'hidden'))
    },
  ],
  [
    'aws login with a truncated file',
    255,
    ['--profile', 'login'],
    {},
    () => context.home.write(awsLogin(1)[0], '{"refreshToken":"hidden"'),
  ],
  ['a credential_process', 0, ['--profile', 'process'], { HIDDEN: 'hidden' }, runProcess(PROCESS_KEYS)],
  ['a credential_process that prints something else', 255, ['--profile', 'process'], {}, runProcess('hidden')],
  [
    'a credential_process with incomplete output',
    255,
    ['--profile', 'process'],
    {},
    runProcess('{"Version":1,"SecretAccessKey":"hidden"}'),
  ],
  ['a credential_process that fails', 255, ['--profile', 'process'], {}, runProcess('hidden', 3)],
]

test.each(CASES.map((each) => [each[0], each[1], each] as const))('%s (exit %i)', async (_title, code, given) => {
  const [, , args, env = {}, prepare = () => {}, stdin = ''] = given
  prepare()
  const before = context.home.files()
  const result = await runEksGetToken(['--cluster-name', 'demo', '--debug', ...args], {
    env: { ...context.home.env, ...env },
    cwd: context.home.folder,
    stdin: { text: stdin },
    timeoutMs: 30_000,
  })
  expect(result.code, result.stderr).toBe(code)
  expect(result.stderr).toContain('debug: credentials: ')
  // The token contains the session token and a signature; it is removed before the check.
  expect(result.stdout === '').toBe(code !== 0)
  const output = `${result.stderr}${result.stdout.replace(/k8s-aws-v1\.[\w-]+/, '')}`
  const written = [...context.home.files()].filter(([file]) => !before.has(file) && !CACHES.test(file))
  for (const secret of SECRETS) {
    expect(output).not.toContain(secret)
    for (const [file, text] of written) expect(`${file}: ${text}`).not.toContain(secret)
  }
  // No file contains a token.
  for (const [file, text] of context.home.files()) expect(`${file}: ${text}`).not.toContain('k8s-aws-v1.')
})

const INSTANCE = () => ({
  AWS_EC2_METADATA_DISABLED: 'false',
  AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://127.0.0.1:${context.aws.port}/`,
})
const LEGACY_FILE = (name: string, text: string) => () => {
  context.home.write('old', text)
  return { [name]: `${context.home.folder}/old` }
}

test.each<[string, number, () => Record<string, string>]>([
  ['a container', 0, () => CONTAINER('ecs/creds')],
  ['a container endpoint with an error', 255, () => CONTAINER('ecs/fail500')],
  ['an instance', 0, INSTANCE],
  [
    'an instance that does not exist',
    253,
    () => ({ ...INSTANCE(), AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:1/' }),
  ],
  [
    'a boto file',
    0,
    LEGACY_FILE('BOTO_CONFIG', '[Credentials]\naws_access_key_id = AKIDO\naws_secret_access_key = secret-of-AKIDO\n'),
  ],
  ['an incomplete boto file', 255, LEGACY_FILE('BOTO_CONFIG', '[Credentials]\naws_access_key_id = AKIDO\nhidden\n')],
  [
    'an EC2 credential file',
    0,
    LEGACY_FILE('AWS_CREDENTIAL_FILE', 'AWSAccessKeyId=AKIDO\nAWSSecretKey=secret-of-AKIDO\n'),
  ],
])('%s (exit %i)', async (_title, code, env) => {
  const result = await context.home.run(['--debug'], env())
  expect(result.code, result.stderr).toBe(code)
  for (const secret of SECRETS) expect(result.stderr).not.toContain(secret)
})

const needsProc = skipUnlessAvailable(process.platform === 'linux' ? undefined : 'reads /proc of Linux')

test('a credential_process gets its arguments and the environment, and nothing more', needsProc, async () => {
  context.home.write(
    'process',
    `#!/bin/sh
tr '\\0' '\\n' </proc/$$/environ >${context.home.folder}/environment
tr '\\0' '\\n' </proc/$$/cmdline >${context.home.folder}/arguments
tr '\\0' '\\n' </proc/$PPID/cmdline >${context.home.folder}/parent
echo '${PROCESS_KEYS}'
`,
  )
  const config = `${context.home.files().get('.aws/config')}`
  context.home.write(
    '.aws/config',
    config.replace(/credential_process = (.*)/, 'credential_process = /bin/sh $1 --user me'),
  )
  const args = ['--profile', 'process', '--role-arn', ROLE_A, '--external-id', 'ext', '--debug']
  const result = await context.home.run(args, { AWS_SESSION_TOKEN: 'SESSIONTOKEN/1+=', ANOTHER: 'variable' })
  expect(result.code, result.stderr).toBe(0)
  const lines = (file: string) => (context.home.files().get(file) ?? '').trim().split('\n').sort()
  const given = { ...context.home.env, AWS_SESSION_TOKEN: 'SESSIONTOKEN/1+=', ANOTHER: 'variable' }
  expect(lines('environment')).toEqual(
    Object.entries(given)
      .map(([name, value]) => `${name}=${value}`)
      .sort(),
  )
  expect(context.home.files().get('arguments')).toBe(`/bin/sh\n${context.home.folder}/process\n--user\nme\n`)
  expect(context.home.files().get('parent')?.trim().split('\n').slice(-args.length)).toEqual(args)
  for (const secret of SECRETS) expect(result.stderr).not.toContain(secret)
})
