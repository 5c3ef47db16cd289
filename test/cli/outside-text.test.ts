import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { OPTIONS } from '../../src/cli/args/options.ts'
import { run } from '../../src/cli/program.ts'
import { recordingTerminal } from '../support/recording-terminal.ts'
import { keys, runtimeWith } from '../support/runtime.ts'

// Text from outside, wherever it can be given: as an option, an argument, a variable, a value of a config file, a name in a
// kubeconfig. It is printed without control characters, in one line, shortened, and without what looks like a secret.

const SECRETS = [
  'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  'IQoJb3JpZ2luX2VjEXAMPLE/+=session0123',
  'k8s-aws-v1.aHR0cHM6Ly9zdHMuYW1hem9uYXdz',
  `MIIEvQ${'h7Gk2pQ9xZ'.repeat(12)}`,
  'secret-of-AKIDEXAMPLE',
]
const FORGED =
  'x\u001b[2J\u009b31m\u202e\u2066\u007f\u0085\r\neks-get-token: forged\n  hint: forged\r  hint: forged\u2028debug: forged'
const LONG = `${'y'.repeat(3000)} ${'z'.repeat(3000)}`
const HOSTILE = [...SECRETS, FORGED, LONG]

/** Some of the texts, different ones for each place, as there are many places. */
function someFor(place: string): string[] {
  const index = [...place].reduce((sum, character) => sum + character.charCodeAt(0), 0)
  return [FORGED, SECRETS[index % SECRETS.length] ?? '', index % 3 === 0 ? LONG : (SECRETS[0] ?? '')]
}

let home = ''
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'eks-get-token-outside-'))
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

const ROLE = 'arn:aws:iam::123456789012:role/r'
/** No request leaves this machine: nothing listens on port 1. */
const ENV = {
  ...keys('AKIDEXAMPLE'),
  AWS_REGION: 'us-west-2',
  AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
  AWS_MAX_ATTEMPTS: '1',
  AWS_CONFIG_FILE: 'config',
  AWS_SHARED_CREDENTIALS_FILE: 'credentials',
  KUBECONFIG: 'kubeconfig',
}

interface Invocation {
  readonly argv: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly files?: Readonly<Record<string, string>>
}

/** Runs the program in this process, and checks what it writes. */
async function check({ argv, env = {}, files = {} }: Invocation, hostile: string): Promise<void> {
  const { terminal, written } = recordingTerminal()
  const runtime = runtimeWith({
    env: { ...ENV, ...env },
    files: { kubeconfig: kubeconfig({}), config: '[default]\n', ...files },
  })
  await run(argv, { ...runtime, homeDirectory: () => home }, terminal)
  const { out, err } = written
  expect(out + err).not.toBe('')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it matches
  expect(out + err).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/)
  expect(err).not.toMatch(/^(eks-get-token| {2}hint|debug): forged/m)
  expect(err).not.toMatch(/y{600}|z{600}/)
  // A token contains the cluster name only as a part of its signature.
  const shown = err + out.replace(/k8s-aws-v1\.[\w-]+/g, '')
  if (!SECRETS.includes(hostile)) return
  if (hostile.startsWith('secret-of-') && !err.includes(hostile)) return
  const parts = Array.from({ length: Math.max(hostile.length - 19, 0) }, (_, index) => hostile.slice(index, index + 20))
  expect(parts.filter((part) => shown.includes(part))).toEqual([])
}

const GET_TOKEN = ['--cluster-name', 'demo']
const COMMANDS: readonly (readonly [name: string, argv: readonly string[]])[] = [
  ['get-token --debug', [...GET_TOKEN, '--debug']],
  ['get-token --role-arn', [...GET_TOKEN, '--role-arn', ROLE]],
  ['inspect --output json', ['inspect', ...GET_TOKEN, '--output', 'json']],
  ['verify', ['verify', ...GET_TOKEN]],
  ['doctor --output json', ['doctor', '--output', 'json']],
  ['cache list', ['cache', 'list']],
]
const TWO_COMMANDS = COMMANDS.filter(([name]) => /role-arn|doctor/.test(name))

// The first test would wait until the modules that are imported lazily, the SDK among them, have been compiled.
beforeAll(async () => {
  for (const [, argv] of COMMANDS) await check({ argv }, '')
}, 120_000)

describe.each(COMMANDS)('arguments of %s', (_name, argv) => {
  const withValue = OPTIONS.filter(
    ({ name, value }) => value !== undefined && name !== 'cluster-name' && name !== 'cluster-id',
  ).map(({ name }) => name)
  test.each([...withValue, 'context', 'kubeconfig'])('--%s', async (option) => {
    for (const hostile of someFor(option)) {
      await check({ argv: [...argv, `--${option}`, hostile] }, hostile)
      await check({ argv: [`--${option}=${hostile}`, ...argv] }, hostile)
    }
  })
  test.each<[string, (hostile: string) => string[]]>([
    ['an argument', (hostile) => [hostile]],
    ['the first argument', (hostile) => [hostile, ...argv]],
    ['an unknown option', (hostile) => [...argv, `--${hostile}`]],
    ['a short option', (hostile) => [...argv, `-${hostile}`]],
    ['the value of an unknown option', (hostile) => [...argv, `--unknown=${hostile}`]],
    ['the value of a flag', (hostile) => [...argv, `--no-cache=${hostile}`]],
    ['the start of an option', (hostile) => [...argv, `--cluster=${hostile}`]],
    ['two arguments', (hostile) => [...argv, hostile, hostile]],
    ['the word after eks', (hostile) => ['eks', hostile, ...argv]],
    ['the word after get-token', (hostile) => ['eks', 'get-token', hostile]],
    ['a file', (hostile) => [...argv, '--cluster-name', `file://${hostile}`]],
  ])('%s', async (_title, line) => {
    for (const hostile of HOSTILE) await check({ argv: line(hostile) }, hostile)
  })
})

const VARIABLES = [
  'AWS_ACCESS_KEY_ID',
  'AWS_ACCOUNT_ID_ENDPOINT_MODE',
  'AWS_CA_BUNDLE',
  'AWS_CONFIG_FILE',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_CREDENTIAL_EXPIRATION',
  'AWS_DEFAULT_OUTPUT',
  'AWS_DEFAULT_PROFILE',
  'AWS_DEFAULT_REGION',
  'AWS_EC2_METADATA_SERVICE_ENDPOINT',
  'AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE',
  'AWS_ENDPOINT_URL',
  'AWS_ENDPOINT_URL_STS',
  'AWS_MAX_ATTEMPTS',
  'AWS_METADATA_SERVICE_NUM_ATTEMPTS',
  'AWS_METADATA_SERVICE_TIMEOUT',
  'AWS_PROFILE',
  'AWS_REGION',
  'AWS_REQUEST_CHECKSUM_CALCULATION',
  'AWS_RESPONSE_CHECKSUM_VALIDATION',
  'AWS_RETRY_MODE',
  'AWS_ROLE_ARN',
  'AWS_ROLE_SESSION_NAME',
  'AWS_SHARED_CREDENTIALS_FILE',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'EKS_GET_TOKEN_TIMEOUT',
  'KUBECONFIG',
  'KUBERC',
  'KUBERNETES_EXEC_INFO',
]

describe.each(TWO_COMMANDS)('variables, with %s', (_name, argv) => {
  test.each(VARIABLES)('%s', async (variable) => {
    for (const hostile of someFor(variable)) {
      await check({ argv, env: { [variable]: hostile } }, hostile)
      const noKeys = { AWS_ACCESS_KEY_ID: '', AWS_ROLE_ARN: ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: 'none' }
      await check({ argv, env: { ...noKeys, [variable]: hostile } }, hostile)
    }
  })
})

const ROLE_PROFILE = { role_arn: ROLE, source_profile: 'base' }
const SSO_PROFILE = {
  sso_account_id: '123456789012',
  sso_role_name: 'Dev',
  sso_region: 'eu-west-1',
  sso_start_url: 'https://sso.example',
}
const PROFILES: readonly Readonly<Record<string, string>>[] = [
  { region: '', aws_access_key_id: 'AKIDP', aws_secret_access_key: 'secret-of-AKIDP' },
  { output: '', aws_access_key_id: 'AKIDP', aws_secret_access_key: 'secret-of-AKIDP' },
  { services: '', aws_access_key_id: 'AKIDP', aws_secret_access_key: 'secret-of-AKIDP' },
  { endpoint_url: '', aws_access_key_id: 'AKIDP', aws_secret_access_key: 'secret-of-AKIDP' },
  { max_attempts: '', aws_access_key_id: 'AKIDP', aws_secret_access_key: 'secret-of-AKIDP' },
  { retry_mode: '', aws_access_key_id: 'AKIDP', aws_secret_access_key: 'secret-of-AKIDP' },
  { sso_session: '', aws_access_key_id: 'AKIDP', aws_secret_access_key: 'secret-of-AKIDP' },
  { aws_access_key_id: '', aws_secret_access_key: 'secret-of-AKIDP' },
  { ...ROLE_PROFILE, role_arn: '' },
  { ...ROLE_PROFILE, source_profile: '' },
  { ...ROLE_PROFILE, mfa_serial: '' },
  { ...ROLE_PROFILE, duration_seconds: '' },
  { role_arn: ROLE, credential_source: '' },
  { role_arn: ROLE, web_identity_token_file: '' },
  { ...SSO_PROFILE, sso_account_id: '' },
  { ...SSO_PROFILE, sso_role_name: '' },
  { ...SSO_PROFILE, sso_region: '' },
  { ...SSO_PROFILE, sso_start_url: '' },
  { login_session: '' },
]

describe.each(TWO_COMMANDS)('keys of a profile, with %s', (_name, argv) => {
  test.each(PROFILES.map((profile) => [Object.keys(profile).find((key) => profile[key] === ''), profile] as const))(
    '%s',
    async (key = '', profile) => {
      for (const hostile of someFor(key)) {
        // A line break without indentation would end the value.
        const value = hostile.replace(/[\r\n]/g, '\n ')
        const lines = Object.entries(profile).map(([key, text]) => `${key} = ${text || value}`)
        const config = `[profile p]\n${lines.join('\n')}\n[profile base]\naws_access_key_id = AKIDB\naws_secret_access_key = secret-of-AKIDB\n`
        const { AWS_ACCESS_KEY_ID: _id, ...env } = ENV
        await check({ argv, env: { ...env, AWS_PROFILE: 'p', AWS_ACCESS_KEY_ID: '' }, files: { config } }, hostile)
      }
    },
  )
})

/** A kubeconfig in JSON, which is YAML; every text in it can be replaced. */
function kubeconfig(texts: Partial<Record<(typeof NAMES)[number], string>>): string {
  const { context = 'c', cluster = 'k', user = 'u', server = 'https://127.0.0.1:1', ...exec } = texts
  const { command = 'eks-get-token', argument, variable = 'v', apiVersion = 'v1', interactiveMode, proxy } = exec
  return JSON.stringify({
    'current-context': context,
    contexts: [{ name: context, context: { cluster, user } }],
    clusters: [{ name: cluster, cluster: { server, ...(proxy === undefined ? {} : { 'proxy-url': proxy }) } }],
    users: [
      {
        name: user,
        user: {
          exec: {
            apiVersion: apiVersion === 'v1' ? 'client.authentication.k8s.io/v1beta1' : apiVersion,
            command,
            args: [...GET_TOKEN, ...(argument === undefined ? [] : [argument])],
            env: [{ name: 'AWS_PROFILE', value: variable }],
            ...(interactiveMode === undefined ? {} : { interactiveMode }),
          },
        },
      },
    ],
  })
}
const NAMES = [
  'context',
  'cluster',
  'user',
  'server',
  'proxy',
  'command',
  'argument',
  'variable',
  'apiVersion',
  'interactiveMode',
] as const

describe.each([[], ['--output', 'json'], ['--output', 'table'], ['--send-token'], ['--context', 'none']])(
  'texts of a kubeconfig, with doctor %s %s',
  (...options) => {
    test.each(NAMES)('%s', async (name) => {
      for (const hostile of someFor(name)) {
        const argv = ['doctor', ...options.filter((option) => option !== undefined), '--debug']
        await check({ argv, files: { kubeconfig: kubeconfig({ [name]: hostile }) } }, hostile)
      }
    })
  },
)

describe.each([[], ...['json', 'text', 'table', 'yaml', 'yaml-stream'].map((format) => ['--output', format])])(
  'a cluster name with control characters, with %s %s',
  (...options) => {
    test.each(['verify', 'inspect'])('%s', async (command) => {
      const format = options.filter((option) => option !== undefined)
      await check({ argv: [command, '--cluster-name', FORGED, ...format] }, FORGED)
    })
  },
)
