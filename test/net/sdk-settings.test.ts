import { execFileSync } from 'node:child_process'
import { chmodSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { signerOf, useAwsHome } from '../support/aws-home.ts'
import { eksGetToken, runCommand } from '../support/command.ts'
import type { ReceivedRequest } from '../support/local-aws/exchange.ts'
import { findProgram } from '../support/programs.ts'
import { keys } from '../support/runtime.ts'
import { skipUnlessAvailable } from '../support/skip.ts'
import { SDK_SOURCES } from '../support/sources.ts'

// The clients of the SDK read the environment, the config files and the home directory by themselves, unless every setting
// is given to them. None of that may change a call.

const here = useAwsHome()
const ROOT = fileURLToPath(new URL('../..', import.meta.url))

const LICENSES = readFileSync(join(ROOT, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8')

/** The packages that are bundled, the SDK among them, and the one that the build keeps out of it. */
const PACKAGES = [
  ...[...LICENSES.matchAll(/^(\S+) \d+\.\d+\.\d+$/gm)].map(([, name = '']) => name),
  '@aws/lambda-invoke-store',
]

/** Every variable, and every key of a config file, that the sources of the SDK name. */
function settingsOfSdk(): { readonly variables: readonly string[]; readonly keys: readonly string[] } {
  const variables = new Set<string>()
  const fileKeys = new Set<string>()
  for (const name of PACKAGES) {
    const folder = join(ROOT, 'node_modules', name)
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
      (file) => /\.[cm]?js$/.test(file) && !/node_modules|dist-cjs|\.(browser|native)\.js$/.test(file),
    )
    for (const file of files) {
      const text = readFileSync(join(folder, file), 'utf8')
      const find = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, found = '']) => found)
      const found = [
        ...find(/["'`](_?AWS_[A-Z0-9_]+|_X_AMZN_[A-Z_]+)["'`]/g),
        ...find(/\benv\??\.([A-Z_][A-Z0-9_]+)/g),
        ...find(/const \w*ENV\w* = "([A-Z_][A-Z0-9_]+)"/g),
        ...find(/const \{(.*)\} = process\.env/g).flatMap((names) => names.match(/\b[A-Z_]{4,}\b/g) ?? []),
      ]
      for (const variable of found) variables.add(variable)
      const inFiles = [
        ...find(/const (?:CONFIG_\w+|\w+_CONFIG|\w*_INI_\w+|\w+_CONFIG_KEY|\w*PROFILE\w*KEY\w*) = "([a-z][\w-]+)"/g),
        ...find(/\bprofile\.([a-z_]\w+)/g),
        ...find(/\bprofile\["([\w-]+)"\]/g),
      ]
      for (const key of inFiles) fileKeys.add(key)
    }
  }
  return { variables: [...variables].sort(), keys: [...fileKeys].sort() }
}

const SDK = settingsOfSdk()

test('the packages and their settings were found', () => {
  expect(PACKAGES).toEqual(expect.arrayContaining(['@aws-sdk/client-sts', '@smithy/core', 'https-proxy-agent']))
  expect(SDK.variables.length).toBeGreaterThan(30)
  expect(SDK.keys.length).toBeGreaterThan(10)
})

/** Variables that this program reads, too: they keep a meaning, and have none for the SDK. undefined: not changed. */
const SHARED: Readonly<Record<string, string | undefined>> = {
  HOME: undefined,
  // Every name of the `debug` package.
  DEBUG: '*',
  AWS_ACCESS_KEY_ID: undefined,
  AWS_SECRET_ACCESS_KEY: undefined,
  AWS_SESSION_TOKEN: undefined,
  AWS_REGION: undefined,
  AWS_DEFAULT_REGION: 'xx-nonsense-1',
  AWS_PROFILE: 'nonsense',
  AWS_CONFIG_FILE: undefined,
  AWS_SHARED_CREDENTIALS_FILE: undefined,
  AWS_WEB_IDENTITY_TOKEN_FILE: undefined,
  AWS_ROLE_ARN: undefined,
  AWS_ENDPOINT_URL: undefined,
  AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: undefined,
  // With a configured endpoint they have no effect, and the SDK rejects the combination.
  AWS_USE_FIPS_ENDPOINT: 'true',
  AWS_USE_DUALSTACK_ENDPOINT: 'true',
  AWS_MAX_ATTEMPTS: '3',
  AWS_RETRY_MODE: 'standard',
  AWS_EC2_METADATA_DISABLED: undefined,
  AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:1',
  AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: 'ipv6',
  AWS_ACCOUNT_ID_ENDPOINT_MODE: 'required',
  AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:1',
  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/nonsense',
}

/** Keys of a profile that this program reads, too; those of another profile are not. */
const SHARED_KEYS = [
  'region',
  'endpoint_url',
  'services',
  'max_attempts',
  'retry_mode',
  'use_fips_endpoint',
  'use_dualstack_endpoint',
  'ignore_configured_endpoint_urls',
  'account_id_endpoint_mode',
]

const nonsenseVariables = () =>
  Object.fromEntries(
    SDK.variables.flatMap((name) => {
      const value = Object.hasOwn(SHARED, name) ? SHARED[name] : 'nonsense'
      return value === undefined ? [] : [[name, value]]
    }),
  )
/** The section of a profile that is not in use, the one that the SDK reads by itself. */
const NONSENSE_PROFILE = SDK.keys.map((key) => `${key} = nonsense\n`).join('')

/** A call, without what differs each time. */
function comparable({ method, url, headers, body }: ReceivedRequest) {
  const { authorization = '', dpop, ...rest } = headers
  for (const name of ['x-amz-date', 'x-amz-content-sha256', 'amz-sdk-invocation-id']) delete rest[name]
  return {
    method,
    url: url.href,
    body: body.replace(/botocore-session-\d+/, 'botocore-session-<epoch>'),
    headers: { ...rest, authorization: authorization.replace(/\/\d{8}\//, '/<date>/').replace(/Signature=.*/, '') },
    hasProof: dpop !== undefined,
  }
}

describe('the settings that the SDK can read', () => {
  test('are found in its sources', () => {
    expect(SDK.variables).toEqual(
      expect.arrayContaining([
        'AWS_AUTH_SCHEME_PREFERENCE',
        'AWS_CONFIG_FILE',
        'AWS_DEFAULTS_MODE',
        'AWS_DISABLE_CLOCK_SKEW_CORRECTION',
        'AWS_ENDPOINT_URL',
        'AWS_EXECUTION_ENV',
        'AWS_LAMBDA_FUNCTION_NAME',
        'AWS_MAX_ATTEMPTS',
        'AWS_PROFILE',
        'AWS_REGION',
        'AWS_RETRY_MODE',
        'AWS_SDK_UA_APP_ID',
        'AWS_SIGV4A_SIGNING_REGION_SET',
        'AWS_USE_DUALSTACK_ENDPOINT',
        'AWS_USE_FIPS_ENDPOINT',
        'DEBUG',
        'HOME',
        'USERPROFILE',
        '_X_AMZN_TRACE_ID',
      ]),
    )
    expect(SDK.keys).toEqual(
      expect.arrayContaining([
        ...SHARED_KEYS,
        'auth_scheme_preference',
        'defaults_mode',
        'disable_clock_skew_correction',
        'sdk_ua_app_id',
        'sigv4a_signing_region_set',
      ]),
    )
  })

  describe.each(SDK_SOURCES)('have no effect on a call: $name', (source) => {
    const callsWith = async (env: Record<string, string>, edit = (config: string) => config) => {
      here.aws.reset()
      const home = here.fresh()
      home.write('.aws/config', edit(home.files().get('.aws/config') ?? ''))
      source.prepare(home)
      const endpoint = { HTTPS_PROXY: '', AWS_ENDPOINT_URL: `http://127.0.0.1:${here.aws.port}` }
      const result = await home.runInProcess(source.args, { ...endpoint, ...env })
      expect([result.code, result.stderr]).toEqual([0, ''])
      expect(here.aws.calls.map(({ op }) => op)).toContain(source.operation)
      return here.aws.requests.map(comparable)
    }

    let plain: Awaited<ReturnType<typeof callsWith>>
    beforeAll(async () => {
      plain = await callsWith({})
    })

    test('all of them with invalid values, in the environment', async () => {
      expect(await callsWith(nonsenseVariables())).toEqual(plain)
    })
    test.each([{}, { AWS_PROFILE: 'nonsense' }])(
      'all of them nonsense, in the profiles that the SDK would read, with %o',
      async (env) => {
        const profiles = `[default]\n${NONSENSE_PROFILE}[profile nonsense]\n${NONSENSE_PROFILE}`
        expect(await callsWith(env, (config) => config + profiles)).toEqual(plain)
      },
    )
    test('all of them with invalid values, in the selected profile', async () => {
      const section = `[profile ${source.args[1]}]\n`
      const nonsense = SDK.keys.filter((key) => !SHARED_KEYS.includes(key)).map((key) => `${key} = nonsense\n`)
      const edit = (config: string) => config.replace(section, section + nonsense.join(''))
      expect(await callsWith({}, edit)).toEqual(plain)
    })
    test.each([
      ['sigv4a first', { AWS_AUTH_SCHEME_PREFERENCE: 'sigv4a,sigv4', AWS_SIGV4A_SIGNING_REGION_SET: '*' }],
      ['no authentication', { AWS_AUTH_SCHEME_PREFERENCE: 'noAuth' }],
      ['a bearer token', { AWS_AUTH_SCHEME_PREFERENCE: 'httpBearerAuth,sigv4', AWS_BEARER_TOKEN_BEDROCK: 'x' }],
    ])('the auth scheme: %s', async (_title, env) => {
      expect(await callsWith(env)).toEqual(plain)
    })
  })
})

describe('FIPS and dual-stack endpoints', () => {
  const inProfile = (profile: string | undefined, key: string) => (config: string) =>
    config.replace(`[profile ${profile}]\n`, (section) => `${section}${key} = true\n`)
  const CASES: [
    string,
    Record<string, string>,
    ((profile?: string) => (config: string) => string) | undefined,
    RegExp,
  ][] = [
    ['FIPS in the environment', { AWS_USE_FIPS_ENDPOINT: 'true' }, undefined, /fips/],
    ['dual-stack in the environment', { AWS_USE_DUALSTACK_ENDPOINT: 'true' }, undefined, /\.api\.aws$/],
    [
      'both in the environment',
      { AWS_USE_FIPS_ENDPOINT: 'true', AWS_USE_DUALSTACK_ENDPOINT: 'true' },
      undefined,
      /fips.*\.api\.aws$/,
    ],
    ['FIPS in the profile', {}, (profile) => inProfile(profile, 'use_fips_endpoint'), /fips/],
    ['dual-stack in the profile', {}, (profile) => inProfile(profile, 'use_dualstack_endpoint'), /\.api\.aws$/],
    [
      'FIPS in the default profile, which is not in use',
      {},
      () => (config) => `${config}[default]\nuse_fips_endpoint = true\n`,
      /^(?!.*fips)/,
    ],
    [
      'FIPS in the profile of AWS_PROFILE, which is not in use',
      { AWS_PROFILE: 'foreign' },
      () => (config) => `${config}[profile foreign]\nuse_fips_endpoint = true\n`,
      /^(?!.*fips)/,
    ],
  ]
  describe.each(SDK_SOURCES)('$name', (source) => {
    test.each(CASES)('%s', async (_title, env, edit, host) => {
      const config = here.home.files().get('.aws/config') ?? ''
      here.home.write('.aws/config', edit ? edit(source.args[1])(config) : config)
      source.prepare(here.home)
      const result = await here.home.runInProcess(source.args, env)
      expect(result).toMatchObject({ code: 0, stderr: '' })
      const call = here.aws.calls.find(({ op }) => op === source.operation)
      expect(call?.host).toMatch(host)
    })
    test('FIPS with a configured endpoint, which takes precedence', async () => {
      source.prepare(here.home)
      const env = { AWS_USE_FIPS_ENDPOINT: 'true', AWS_ENDPOINT_URL: `http://127.0.0.1:${here.aws.port}` }
      expect(await here.home.runInProcess(source.args, env)).toMatchObject({ code: 0, stderr: '' })
      expect(here.aws.calls.find(({ op }) => op === source.operation)?.host).toBe('{{MOCKHOST}}')
    })
  })
})

const strace = process.platform === 'linux' ? findProgram('strace') : undefined
const isNode = eksGetToken()[0] === process.execPath
const cannotTrace =
  strace === undefined ? 'strace is not on PATH' : isNode ? undefined : 'the executable has files of its own'

describe('the files that a run opens are the known ones', skipUnlessAvailable(cannotTrace), () => {
  /** Below these: the runtime, the system's own files, the program. */
  const SYSTEM = [
    '/proc',
    '/sys',
    '/dev',
    '/etc',
    '/usr',
    '/lib',
    '/lib64',
    '/bin',
    dirname(dirname(process.execPath)),
    ROOT,
  ]

  test.each(SDK_SOURCES)('$name', async (source) => {
    here.home.write('.aws/config', `${here.home.files().get('.aws/config')}[default]\n${NONSENSE_PROFILE}`)
    here.home.write('.aws/credentials', `[default]\n${NONSENSE_PROFILE}`)
    source.prepare(here.home)
    const trace = join(here.home.folder, 'trace')
    const calls =
      'trace=open,openat,openat2,stat,lstat,newfstatat,statx,access,faccessat,faccessat2,readlink,readlinkat'
    const [program, ...words] = eksGetToken()
    const command = [strace ?? '', '-f', '-qq', '-o', trace, '-e', calls, program, ...words] as const
    const { AWS_CA_BUNDLE = '', ...env } = here.home.env
    const result = await runCommand([...command, '--cluster-name', 'demo', ...source.args], {
      env: { ...env, AWS_CA_BUNDLE },
      cwd: '/',
      timeoutMs: 60_000,
    })
    expect(result).toMatchObject({ code: 0, stderr: '' })
    const lines = readFileSync(trace, 'utf8').split('\n')
    const paths = lines.flatMap((line) => /^\d+ +\w+\((?:AT_FDCWD, )?"([^"]*)"/.exec(line)?.[1] ?? [])
    expect(paths.length).toBeGreaterThan(10)
    // The path to the program is looked through for links.
    const isSystem = (path: string) =>
      ROOT.startsWith(join(path, '/')) || SYSTEM.some((folder) => join(path, '/').startsWith(join(folder, '/')))
    const foreign = paths.filter((path) => path !== '' && !isSystem(path) && path !== AWS_CA_BUNDLE)
    const inHome = new Set(foreign.map((path) => path.replace(here.home.folder, '~')))
    const own = [
      '~',
      '~/.aws',
      '~/.aws/config',
      '~/.aws/credentials',
      '~/.aws/cli',
      '~/.cache',
      '~/.aws/sso',
      '~/.aws/login',
      '/tmp',
    ]
    const prefixes = ['~/.aws/cli/cache', '~/.cache/eks-get-token', ...source.files.map((file) => `~/${file}`)]
    const unexpected = [...inHome].filter(
      (path) => !own.includes(path) && !prefixes.some((prefix) => path.startsWith(prefix)),
    )
    expect(unexpected).toEqual([])
    for (const file of ['config', 'credentials']) {
      const opened = lines.filter((line) => / open\w*\(/.test(line) && line.includes(`/.aws/${file}"`))
      expect(opened).toHaveLength(1)
    }
  })
})

const setpriv = process.platform === 'linux' && process.getuid?.() === 0 ? findProgram('setpriv') : undefined
const OTHER_USER = ['--reuid=64321', '--regid=64321', '--clear-groups']

function canRunAsOther(): boolean {
  if (!setpriv) return false
  try {
    const [program, ...words] = eksGetToken()
    execFileSync(setpriv, [...OTHER_USER, program, ...words, '--version'], { stdio: 'ignore', cwd: '/', env: {} })
    return true
  } catch {
    return false
  }
}

const cannotChangeUser = canRunAsOther()
  ? undefined
  : 'needs Linux, root, setpriv, and a program that every user can read'

describe(
  'a user id without a passwd entry, and no HOME, as in containers',
  skipUnlessAvailable(cannotChangeUser),
  () => {
    const run = (args: readonly string[], env: Record<string, string>) => {
      chmodSync(here.home.folder, 0o755)
      const { HOME: _home, ...base } = here.home.env
      const [program, ...words] = eksGetToken()
      const command = [setpriv ?? '', ...OTHER_USER, program, ...words] as const
      chmodSync(base.AWS_CA_BUNDLE ?? '', 0o644)
      chmodSync(dirname(base.AWS_CA_BUNDLE ?? ''), 0o755)
      return runCommand([...command, '--cluster-name', 'demo', ...args], { env: { ...base, ...env }, cwd: '/' })
    }
    const ROLE = 'arn:aws:iam::123456789012:role/role-a'
    test.each<[string, readonly string[], () => Record<string, string>]>([
      ['--role-arn', ['--role-arn', ROLE], () => keys('AKIDEXAMPLE')],
      [
        'a role of a profile',
        ['--profile', 'role'],
        () => ({ AWS_CONFIG_FILE: join(here.home.folder, '.aws/config') }),
      ],
      [
        'web identity of the environment, as in a pod',
        [],
        () => ({ AWS_ROLE_ARN: ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: join(here.home.folder, 'web-token') }),
      ],
    ])('%s', async (_title, args, env) => {
      const result = await run(args, env())
      expect(result).toMatchObject({ code: 0, stderr: '' })
      expect(signerOf(result)).toMatch(/^ASIA/)
    })
  },
)
