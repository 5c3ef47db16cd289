import { expect, test } from 'vitest'
import { awsLogin, ROLE_A, ssoLogin, useAwsHome } from '../support/aws-home.ts'
import { runEksGetToken } from '../support/command.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

// Every source with --debug, when it works and when it fails: what is secret stands in no output, and in no file but
// those that the user wrote and the caches.

const here = useAwsHome()

/** As they stand in files and variables, and as they go through URLs. */
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
    here.home.write(
      'process',
      `#!/bin/sh
echo "$HIDDEN" >&2
cat <<'END'
${text}
END
exit ${exit}
`,
    )
    const config = `${here.home.files().get('.aws/config')}`.replace(
      /credential_process = .*/,
      `credential_process = /bin/sh ${here.home.folder}/process --password hidden`,
    )
    here.home.write('.aws/config', config)
  }
const CONTAINER = (path: string) => ({
  AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${here.aws.port}/${path}`,
  AWS_CONTAINER_AUTHORIZATION_TOKEN: 'CONTAINERTOKENEXAMPLE',
})

const CASES: readonly Case[] = [
  ['the environment', 0, [], ENV_KEYS],
  ['the environment, ended', 255, [], { ...ENV_KEYS, AWS_CREDENTIAL_EXPIRATION: '2001-01-01T00:00:00Z' }],
  ['the environment, half of a character', 0, [], { ...ENV_KEYS, AWS_CREDENTIAL_EXPIRATION: '2100-01-01T00:00:00Z' }],
  ['keys', 0, ['--profile', 'keys']],
  ['a role', 0, ['--profile', 'role']],
  ['a chain', 0, ['--profile', 'chain']],
  ['--role-arn', 0, ['--profile', 'keys', '--role-arn', ROLE_A, '--external-id', 'ext']],
  ['--role-arn on a session', 0, ['--role-arn', ROLE_A], ENV_KEYS],
  ['--role-arn, denied', 254, ['--role-arn', DENIED], ENV_KEYS],
  [
    'a role, no connection',
    255,
    ['--profile', 'role'],
    { AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1', AWS_MAX_ATTEMPTS: '1' },
  ],
  ['MFA', 0, ['--profile', 'mfa'], {}, undefined, '123456\n'],
  ['MFA, a wrong code', 254, ['--profile', 'mfa'], {}, undefined, '314159\n'],
  ['web identity', 0, ['--profile', 'web']],
  [
    'web identity, denied',
    254,
    ['--profile', 'web'],
    {},
    () => here.home.write('.aws/config', `${here.home.files().get('.aws/config')}`.replace('role-w', 'denied-w')),
  ],
  ['SSO', 0, ['--profile', 'sso'], {}, () => here.home.write(...ssoLogin('corp', 7200))],
  ['SSO, renewed', 0, ['--profile', 'sso'], {}, () => here.home.write(...ssoLogin('corp', -60))],
  [
    'SSO, not renewed',
    255,
    ['--profile', 'sso'],
    {},
    () => here.home.write(...ssoLogin('corp', -60, { refreshToken: 'bad hidden' })),
  ],
  [
    'SSO, revoked',
    255,
    ['--profile', 'sso'],
    {},
    () => here.home.write(...ssoLogin('corp', 7200, { accessToken: 'revoked hidden' })),
  ],
  [
    'SSO, a broken file',
    255,
    ['--profile', 'sso'],
    {},
    () => here.home.write(ssoLogin('corp', 1)[0], '{"accessToken":"hidden"'),
  ],
  [
    'SSO, a start URL with a password',
    255,
    ['--profile', 'legacy'],
    {},
    () =>
      here.home.write(
        '.aws/config',
        `${here.home.files().get('.aws/config')}`.replaceAll('https://example', 'https://user:hidden@example'),
      ),
  ],
  ['aws login', 0, ['--profile', 'login'], {}, () => here.home.write(...awsLogin(3600))],
  ['aws login, renewed', 0, ['--profile', 'login'], {}, () => here.home.write(...awsLogin(60))],
  ['aws login, not renewed', 255, ['--profile', 'login'], {}, () => here.home.write(...awsLogin(60, 'expired hidden'))],
  [
    'aws login, a broken key',
    255,
    ['--profile', 'login'],
    {},
    () => {
      const [file, text] = awsLogin(60)
      here.home.write(file, text.replace('MHcCAQEEIFDZ', 'hidden'))
    },
  ],
  [
    'aws login, a broken file',
    255,
    ['--profile', 'login'],
    {},
    () => here.home.write(awsLogin(1)[0], '{"refreshToken":"hidden"'),
  ],
  ['a process', 0, ['--profile', 'process'], { HIDDEN: 'hidden' }, runProcess(PROCESS_KEYS)],
  ['a process that prints something else', 255, ['--profile', 'process'], {}, runProcess('hidden')],
  [
    'a process with half an answer',
    255,
    ['--profile', 'process'],
    {},
    runProcess('{"Version":1,"SecretAccessKey":"hidden"}'),
  ],
  ['a process that fails', 255, ['--profile', 'process'], {}, runProcess('hidden', 3)],
]

test.each(CASES.map((each) => [each[0], each[1], each] as const))('%s (exit %i)', async (_title, code, given) => {
  const [, , args, env = {}, prepare = () => {}, stdin = ''] = given
  prepare()
  const before = here.home.files()
  const result = await runEksGetToken(['--cluster-name', 'demo', '--debug', ...args], {
    env: { ...here.home.env, ...env },
    cwd: here.home.folder,
    stdin: { text: stdin },
    timeoutMs: 30_000,
  })
  expect(result.code, result.stderr).toBe(code)
  expect(result.stderr).toContain('debug: credentials: ')
  // The token holds the session token and a signature: it is the answer, and stands alone.
  expect(result.stdout === '').toBe(code !== 0)
  const shown = `${result.stderr}${result.stdout.replace(/k8s-aws-v1\.[\w-]+/, '')}`
  const written = [...here.home.files()].filter(([file]) => !before.has(file) && !CACHES.test(file))
  for (const secret of SECRETS) {
    expect(shown).not.toContain(secret)
    for (const [file, text] of written) expect(`${file}: ${text}`).not.toContain(secret)
  }
})

const INSTANCE = () => ({
  AWS_EC2_METADATA_DISABLED: 'false',
  AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://127.0.0.1:${here.aws.port}/`,
})
const OLD = (name: string, text: string) => () => {
  here.home.write('old', text)
  return { [name]: `${here.home.folder}/old` }
}

test.each<[string, number, () => Record<string, string>]>([
  ['a container', 0, () => CONTAINER('ecs/creds')],
  ['a container that refuses', 255, () => CONTAINER('ecs/fail500')],
  ['an instance', 0, INSTANCE],
  ['no instance', 253, () => ({ ...INSTANCE(), AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:1/' })],
  [
    'a boto file',
    0,
    OLD('BOTO_CONFIG', '[Credentials]\naws_access_key_id = AKIDO\naws_secret_access_key = secret-of-AKIDO\n'),
  ],
  ['half a boto file', 255, OLD('BOTO_CONFIG', '[Credentials]\naws_access_key_id = AKIDO\nhidden\n')],
  ['an EC2 credential file', 0, OLD('AWS_CREDENTIAL_FILE', 'AWSAccessKeyId=AKIDO\nAWSSecretKey=secret-of-AKIDO\n')],
])('%s (exit %i)', async (_title, code, env) => {
  const result = await here.home.run(['--debug'], env())
  expect(result.code, result.stderr).toBe(code)
  for (const secret of SECRETS) expect(result.stderr).not.toContain(secret)
})

const needsProc = skipUnlessAvailable(process.platform === 'linux' ? undefined : 'reads /proc of Linux')

test('a credential_process gets its arguments and the environment, and nothing more', needsProc, async () => {
  here.home.write(
    'process',
    `#!/bin/sh
tr '\\0' '\\n' </proc/$$/environ >${here.home.folder}/environment
tr '\\0' '\\n' </proc/$$/cmdline >${here.home.folder}/arguments
tr '\\0' '\\n' </proc/$PPID/cmdline >${here.home.folder}/parent
echo '${PROCESS_KEYS}'
`,
  )
  const config = `${here.home.files().get('.aws/config')}`
  here.home.write(
    '.aws/config',
    config.replace(/credential_process = (.*)/, 'credential_process = /bin/sh $1 --user me'))
  )
  const args = ['--profile', 'process', '--role-arn', ROLE_A, '--external-id', 'ext', '--debug']
  const result = await here.home.run(args, { AWS_SESSION_TOKEN: 'SESSIONTOKEN/1+=', ANOTHER: 'variable' })
  expect(result.code, result.stderr).toBe(0)
  const lines = (file: string) => (here.home.files().get(file) ?? '').trim().split('\n').sort()
  const given = { ...here.home.env, AWS_SESSION_TOKEN: 'SESSIONTOKEN/1+=', ANOTHER: 'variable' }
  expect(lines('environment')).toEqual(
    Object.entries(given)
      .map(([name, value]) => `${name}=${value}`)
      .sort(),
  )
  expect(here.home.files().get('arguments')).toBe(`/bin/sh\n${here.home.folder}/process\n--user\nme\n`)
  expect(here.home.files().get('parent')?.trim().split('\n').slice(-args.length)).toEqual(args)
  for (const secret of SECRETS) expect(result.stderr).not.toContain(secret)
})
