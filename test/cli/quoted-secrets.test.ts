import { inspect } from 'node:util'
import { KubeConfig } from '@kubernetes/client-node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createToken, resolveIdentity } from '../../src/index.ts'
import { withEksTokens } from '../../src/library/kubernetes.ts'
import { type AwsHome, ROLE_A, ssoLogin, useAwsHome } from '../support/aws-home.ts'
import { ENCODINGS, leaksIn } from '../support/encodings.ts'
import { runInProcess } from '../support/in-process.ts'
import { kubeconfig, ownUserBlock } from '../support/kubeconfig.ts'
import {
  AUTHORIZATION_CODE,
  type QuotingResponse,
  type QuotingService,
  specialSecret,
  startQuotingService,
} from '../support/quoting-service.ts'
import { createTestBrowser } from '../support/sign-in.ts'

// The services of the commands other than get-token (test/credentials/quoted-secrets.test.ts) quote the secrets of a request,
// in errors and in what looks like a success. None of it reaches stdout, stderr with --debug, a file, or an error of the library.

const here = useAwsHome()

const SECRETS = {
  sessionToken: specialSecret('SESSIONTOKEN'),
  bearer: specialSecret('BEARERTOKEN'),
  clientSecret: specialSecret('CLIENTSECRET'),
  deviceCode: specialSecret('DEVICECODE'),
  authorizationCode: AUTHORIZATION_CODE,
  /** doctor rejects quotes in a variable. */
  withoutQuotes: 'SESSIONTOKENWITHOUTQUOTES+EXAMPLE/with=special~characters',
}
const { sessionToken, withoutQuotes, bearer, clientSecret, deviceCode, authorizationCode } = SECRETS

let service: QuotingService
beforeAll(async () => {
  service = await startQuotingService(Object.values(SECRETS))
})
afterAll(() => service.close())

const WEEK_SECONDS = 7 * 86_400
const REGISTRATION = {
  clientId: 'client',
  clientSecret,
  clientSecretExpiresAt: Math.floor(Date.now() / 1000) + WEEK_SECONDS,
}
const DEVICE = {
  deviceCode,
  userCode: 'ABCD-EFGH',
  verificationUri: 'https://device.example/',
  expiresIn: 600,
  interval: 1,
}
const CLUSTER = {
  name: 'demo',
  status: 'ACTIVE',
  arn: 'arn:aws:eks:us-west-2:123456789012:cluster/demo',
  endpoint: 'https://demo.gr7.us-west-2.eks.amazonaws.com',
  certificateAuthority: { data: 'Q0FEQVRB' },
}

/** @param quoted - the secrets of the request in several encodings */
type Respond = (quoted: string, operation: string) => QuotingResponse
const error: Respond = (quoted) => ({ code: 'AccessDenied', message: quoted })
const code: Respond = (quoted) => ({ code: quoted.replace(/\s/g, '_'), message: 'denied' })
const notFound: Respond = (quoted) => ({ code: 'ResourceNotFoundException', message: quoted })
/** EKS describes a cluster, in which one value quotes. */
const cluster =
  (change: (quoted: string) => object): Respond =>
  (quoted, operation) =>
    operation === '/clusters'
      ? { body: { clusters: ['demo'] } }
      : { body: { cluster: { ...CLUSTER, ...change(quoted) } } }
/** The sign-in with a device code succeeds up to the operation, whose response quotes. */
const deviceCodeUpTo =
  (last: string, respond: Respond): Respond =>
  (quoted, operation) => {
    if (operation === last) return respond(quoted, operation)
    return { body: operation === '/client/register' ? REGISTRATION : DEVICE }
  }
const deviceWith = (change: (quoted: string) => object): Respond =>
  deviceCodeUpTo('/device_authorization', (quoted) => ({ body: { ...DEVICE, ...change(quoted) } }))

const UPDATE = ['update-kubeconfig', '--name', 'demo']
const SSO_LOGIN = ['login', '--profile', 'sso', '--use-device-code', '--no-browser']
/** The browser is redirected at once. */
const CODE_LOGIN = ['login', '--profile', 'sso']
const CONSOLE_LOGIN = ['login', '--profile', 'console']

type Row = readonly [
  title: string,
  args: readonly string[],
  sends: readonly string[],
  respond: Respond,
  options?: { readonly prepare?: (home: AwsHome) => void; readonly succeeds?: true },
]
const withLogin = { prepare: (home: AwsHome) => home.write(...ssoLogin('corp', 7200, { accessToken: bearer })) }
const ROWS: readonly Row[] = [
  ['update-kubeconfig, DescribeCluster, in the message', UPDATE, [sessionToken], error],
  ['update-kubeconfig, DescribeCluster, in the code', UPDATE, [sessionToken], code],
  ['update-kubeconfig, DescribeCluster, of no cluster', UPDATE, [sessionToken], notFound],
  ['update-kubeconfig, DescribeCluster, as the status', UPDATE, [sessionToken], cluster((status) => ({ status }))],
  ['update-kubeconfig, DescribeCluster, as an ARN that is none', UPDATE, [sessionToken], cluster((arn) => ({ arn }))],
  ['update-kubeconfig --all, ListClusters', ['update-kubeconfig', '--all'], [sessionToken], error],
  [
    'update-kubeconfig --all, the names of clusters',
    ['update-kubeconfig', '--all'],
    [sessionToken],
    (quoted, operation) =>
      operation === '/clusters' ? { body: { clusters: [quoted] } } : { body: { cluster: { status: 'FAILED' } } },
  ],
  [
    'update-kubeconfig --all, a status',
    ['update-kubeconfig', '--all'],
    [sessionToken],
    cluster((status) => ({ status })),
    { succeeds: true },
  ],
  ['update-kubeconfig --assume-role-arn', [...UPDATE, '--assume-role-arn', ROLE_A], [sessionToken], error],
  ['update-kubeconfig --assume-role-arn, in the code', [...UPDATE, '--assume-role-arn', ROLE_A], [sessionToken], code],
  ['inspect with a role', ['inspect', '--cluster-name', 'demo', '--role-arn', ROLE_A], [sessionToken], error],
  ['verify with a role', ['verify', '--cluster-name', 'demo', '--role-arn', ROLE_A], [sessionToken], error],
  ['doctor of a cluster', ['doctor', '--cluster-name', 'demo'], [withoutQuotes], error, { succeeds: true }],
  ['doctor of no cluster', ['doctor', '--cluster-name', 'demo'], [withoutQuotes], notFound],
  [
    'doctor, the status of a cluster',
    ['doctor', '--cluster-name', 'demo'],
    [withoutQuotes],
    cluster((status) => ({ status })),
  ],
  ['login, RegisterClient', SSO_LOGIN, [], deviceCodeUpTo('/client/register', error)],
  ['login, StartDeviceAuthorization', SSO_LOGIN, [clientSecret], deviceCodeUpTo('/device_authorization', error)],
  ['login, the user code', SSO_LOGIN, [clientSecret], deviceWith((userCode) => ({ userCode }))],
  [
    'login, the page',
    SSO_LOGIN,
    [clientSecret],
    deviceWith((quoted) => ({ verificationUri: `https://device.example/?${encodeURIComponent(quoted)}` })),
  ],
  [
    'login, the page with the code',
    SSO_LOGIN,
    [clientSecret],
    deviceWith((quoted) => ({ verificationUriComplete: `https://device.example/#${encodeURIComponent(quoted)}` })),
  ],
  ['login, CreateToken, in the message', SSO_LOGIN, [clientSecret, deviceCode], deviceCodeUpTo('/token', error)],
  ['login, CreateToken, in the code', SSO_LOGIN, [clientSecret, deviceCode], deviceCodeUpTo('/token', code)],
  [
    'login, CreateToken, of a user who refuses',
    SSO_LOGIN,
    [clientSecret, deviceCode],
    deviceCodeUpTo('/token', (message) => ({ code: 'AccessDeniedException', message })),
  ],
  ['login with a code', CODE_LOGIN, [clientSecret, authorizationCode], deviceCodeUpTo('/token', error)],
  ['login with a code, in the code', CODE_LOGIN, [clientSecret, authorizationCode], deviceCodeUpTo('/token', code)],
  ['login with the console', CONSOLE_LOGIN, [authorizationCode], error],
  ['login with the console, in the code', CONSOLE_LOGIN, [authorizationCode], code],
  ['logout', ['logout', '--profile', 'sso'], [bearer], error, { ...withLogin, succeeds: true }],
  ['logout --all', ['logout', '--all'], [bearer], code, { ...withLogin, succeeds: true }],
]

const NAMES = Object.keys(ENCODINGS)
/** Every encoding, in two responses, as long texts are shortened. */
const HALVES = [NAMES.slice(0, NAMES.length / 2), NAMES.slice(NAMES.length / 2)]
const quoteIn = (names: readonly string[]) => (secrets: readonly string[]) =>
  secrets.flatMap((secret) => names.map((name) => ENCODINGS[name]?.(secret) ?? '')).join(' ')

function environment(args: readonly string[]): Record<string, string> {
  // doctor sends the token to STS only.
  const onlyEks = args[0] === 'doctor'
  return {
    ...here.home.env,
    ...(onlyEks ? { AWS_ENDPOINT_URL_EKS: service.endpoint } : { AWS_ENDPOINT_URL: service.endpoint, HTTPS_PROXY: '' }),
    NO_PROXY: '127.0.0.1',
    ...createTestBrowser(here.home).env,
    AWS_MAX_ATTEMPTS: '1',
    AWS_ACCESS_KEY_ID: 'ASIAEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret-of-ASIAEXAMPLE',
    AWS_SESSION_TOKEN: onlyEks ? withoutQuotes : sessionToken,
  }
}

describe.each([0, 1])('what a service quotes is not printed (half %i of the encodings)', (half) => {
  test.each(ROWS.map((row) => [row[0], row] as const))('%s', async (_title, [, args, sends, respond, options]) => {
    const quote = quoteIn(HALVES[half] ?? [])
    service.respond((secrets, operation) => respond(quote(secrets), operation))
    here.home.write('.aws/config', `${here.home.files().get('.aws/config')}[profile console]\nregion = us-west-2\n`)
    options?.prepare?.(here.home)
    const env = environment(args)
    const before = here.home.files()
    const result = await runInProcess([...args, '--debug', '--timeout', '20'], {
      env,
      cwd: here.home.folder,
    })
    expect(service.received(), result.stderr + result.stdout).toEqual(new Set(sends))
    expect([result.timedOut, result.code === 0], result.stderr).toEqual([false, options?.succeeds === true])
    const output = result.stdout + result.stderr
    expect(output).not.toBe('')
    const secrets = [...Object.values(SECRETS), 'secret-of-ASIAEXAMPLE']
    expect(leaksIn(output, secrets)).toEqual([])
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it matches
    expect(output).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f\u202e]/)
    for (const [file, text] of here.home.files()) {
      // The registration of this client is a secret of its file.
      if (before.get(file) !== text && !text.includes('"clientId"'))
        expect([file, leaksIn(text, secrets)]).toEqual([file, []])
    }
  })
})

describe('an error of the library, with its causes as Node prints them', () => {
  const library: readonly (readonly [
    title: string,
    call: (environment: Record<string, string>) => Promise<unknown>,
  ])[] = [
    [
      'createToken',
      (environment) => createToken({ clusterName: 'demo', roleArn: ROLE_A, environment, useCache: false }),
    ],
    ['resolveIdentity', (environment) => resolveIdentity({ roleArn: ROLE_A, environment, useCache: false })],
    [
      'withEksTokens',
      async (environment) => {
        const kubeConfig = withEksTokens(new KubeConfig(), { environment })
        const user = ownUserBlock({ clusterName: 'demo', region: 'us-west-2', roleArn: ROLE_A })
        kubeConfig.loadFromString(kubeconfig({ server: 'https://127.0.0.1:1', certificate: 'x', user }))
        await kubeConfig.applyToHTTPSOptions({})
      },
    ],
  ]
  const responses: readonly (readonly [title: string, respond: Respond])[] = [
    ['message', error],
    ['code', code],
    ['body that is not an error', (quoted) => ({ body: { quoted } })],
  ]
  describe.each(library)('%s', (_title, call) => {
    test.each(responses)('contains no secret of the %s', async (_title, respond) => {
      service.respond((secrets, operation) => respond(quoteIn(NAMES)(secrets), operation))
      const failure = await call(environment([])).then(
        () => undefined,
        (reason: unknown) => reason,
      )
      expect(service.received()).toEqual(new Set([sessionToken]))
      const shown = inspect(failure, { depth: null, showHidden: true })
      expect(shown).toMatch(/^EksTokenError: /)
      expect(shown).toContain('[cause]')
      expect(leaksIn(`${shown}${JSON.stringify(failure)}`, [sessionToken, 'secret-of-ASIAEXAMPLE'])).toEqual([])
    })
  })
})
