import { spawnSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createToken } from '../../src/create-token.ts'
import { type ApiServer, type Reply, startApiServer } from '../support/api-server.ts'
import { type CertificateAuthority, createCertificateAuthority } from '../support/certificates.ts'
import { eksGetToken, runCommand } from '../support/command.ts'
import { IN, OUT, type Place, type Row, WRAPPERS } from '../support/doctor-rows.ts'
import { runInProcess } from '../support/in-process.ts'
import { kubeconfig } from '../support/kubeconfig.ts'
import { findPlainKubectl } from '../support/kubectl.ts'
import { status } from '../support/kubernetes-objects.ts'
import { temporaryCredentials } from '../support/local-aws/temporary-credentials.ts'
import { type LocalAws, startLocalAws } from '../support/local-aws.ts'
import { HOW_TO_RECORD, hashOf, IS_RECORDING, openRecording } from '../support/recording.ts'
import { keys, runtimeWith } from '../support/runtime.ts'
import { skipUnlessAvailable } from '../support/skip.ts'
import { type SocksServer, startSocksServer } from '../support/socks-server.ts'

// Each kubeconfig is given to kubectl and to doctor: doctor exits with 0 if and only if kubectl gets in.
//
// A row takes half a second of CPU time with kubectl, and a tenth of that without: what kubectl does is recorded. Where another
// command than the npm command is tested (.ci/tiers), kubectl starts it in every row.

const KUBECTL = findPlainKubectl(process.env.PATH ?? '')
const IS_EVERY_ROW_REAL = Boolean(process.env.EKS_GET_TOKEN_TEST_COMMAND)
const recording = openRecording<Answer>('kubectl', IS_EVERY_ROW_REAL)
const missing = KUBECTL === undefined ? 'no kubectl on PATH or in .tools; .ci/kubectl unpacks one' : undefined
const TIMEOUT_MS = 120_000
/** What Node runs, whatever program is tested. */
const NPM_SCRIPT = fileURLToPath(new URL('../../bin/eks-get-token.cjs', import.meta.url))

let other: CertificateAuthority
let aws: LocalAws
let server: ApiServer
let socks: SocksServer
let place: Place

const refused = (code: string) => ({ status: 403, code, message: 'x' })

beforeAll(async () => {
  other = await createCertificateAuthority()
  const refuse = { AKIDREFUSED: refused('AccessDenied'), AKIDUNKNOWN: refused('InvalidClientTokenId') }
  aws = await startLocalAws({ behavior: { refuse } })
  const { accessKeyId, secretAccessKey: secret, sessionToken } = temporaryCredentials('deployer')
  server = await startApiServer({
    tls: await aws.authority.issue('127.0.0.1', 'kubernetes'),
    clusterName: 'demo',
    secretFor: (id) =>
      id === accessKeyId ? { secret, sessionToken } : id === 'AKIDUNKNOWN' ? undefined : { secret: `secret-of-${id}` },
    isMapped: (id) => id !== 'AKIDUNMAPPED',
    respond,
  })
  socks = await startSocksServer()
  const client = await aws.authority.issue('client')
  const now = new Date().toISOString()
  const { token } = await createToken(
    { clusterName: 'demo', region: 'us-west-2' },
    runtimeWith({ env: keys('AKIDEXAMPLE'), now }),
  )
  place = {
    url: server.url,
    socksPort: socks.port,
    ca: aws.authority.pem,
    otherCa: other.pem,
    clientKey: client.key,
    clientCertificate: client.cert,
    token,
  }
})
afterAll(async () => {
  await Promise.all([aws, server, socks, other].map((open) => open?.close()))
  recording.save(() => {
    const { stdout } = spawnSync(KUBECTL ?? '', ['version', '--client', '--output=json'], { env: {}, encoding: 'utf8' })
    return JSON.parse(stdout).clientVersion.gitVersion
  }, TITLES)
})

/** Servers of other kinds, by a prefix of the path; and impersonation, which everybody but root can be the target of. */
function respond({ url = '', headers }: IncomingMessage): Reply | undefined {
  const forbidden = (user: string, what: string) =>
    [403, status(403, 'Forbidden', `${what} is forbidden: User "${user}" cannot do that`)] as Reply
  const review = (username: string): Reply => [
    201,
    {
      kind: 'SelfSubjectReview',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: {},
      status: { userInfo: { username } },
    },
  ]
  const namespaces: Reply = [200, { kind: 'NamespaceList', apiVersion: 'v1', metadata: {}, items: [] }]
  const isReview = url.endsWith('/selfsubjectreviews')
  const [, prefix] = /^\/(no-review|forbidden-review|anonymous|anonymous-forbidden|failing)\//.exec(url) ?? []
  if (headers['impersonate-user'] === 'root')
    return [
      403,
      status(403, 'Forbidden', 'users "root" is forbidden: User "demo-user" cannot impersonate resource "users"'),
    ]
  if (prefix === undefined) return undefined
  if (url.endsWith('/version')) return [200, { gitVersion: 'v1.34.1' }]
  if (prefix === 'failing') return [500, status(500, 'InternalError', 'x')]
  if (prefix === 'no-review') return isReview ? [404, status(404, 'NotFound', 'x')] : namespaces
  if (prefix === 'forbidden-review') return isReview ? forbidden('demo-user', 'selfsubjectreviews') : namespaces
  if (prefix === 'anonymous' && isReview) return review('system:anonymous')
  return forbidden('system:anonymous', 'x')
}

const indent = (text: string, by: number) => text.replace(/^(?=.)/gm, ' '.repeat(by))

/** What a row is for kubectl and doctor. `~` is the home directory in variables. */
interface Input {
  readonly files: Readonly<Record<string, string>>
  readonly config: string | Uint8Array
  readonly env: Readonly<Record<string, string>>
}

/** @param run - the words of the program in a shell script; `script`: what Node runs */
function inputOf(row: Row, place: Place, { run, script, proxy, caFile }: typeof PLACEHOLDERS): Input {
  const files: Record<string, string> = {
    'bin/eks-get-token': `#!/bin/sh\nexec ${run} "$@"\n`,
    // The AWS CLI prints in the format of environment and profile also for kubectl.
    'bin/aws': `#!/bin/sh\nunset KUBERNETES_EXEC_INFO\nexec ${run} "$@"\n`,
    'bin/aws-iam-authenticator': AUTHENTICATOR.replaceAll('RUN', run),
    'bin/wrapper': `#!/bin/sh\n${KEYS}exec ${run} --cluster-name demo --region us-west-2\n`,
    here: `#!/bin/sh\nexec ${run} "$@"\n`,
    'ca.pem': place.ca,
    token: place.token,
    'wrapper.js': `process.stdout.write(require('node:child_process').execFileSync(__dirname + '/bin/wrapper'))\n`,
    ...Object.fromEntries(['aws-vault', 'op', 'wsl'].map((name) => [`bin/${name}`, AFTER_DASHES])),
    'bin/granted': `#!/bin/sh\n${KEYS}exec sh -c "$3"\n`,
    ...row.files,
  }
  const exec = (row.exec ?? DEFAULT_EXEC).replace('PROGRAM', script)
  const user = row.user ?? `exec:\n${indent(exec, 2)}`
  const { path = '' } = row
  const text = kubeconfig({
    server: place.url + path,
    certificate: place.ca,
    user,
    cluster: row.cluster?.split('\n') ?? [],
  })
  const variables = {
    HOME: '~',
    PATH: '~/bin:/usr/bin:/bin',
    KUBECONFIG: row.kubeconfig ?? '~/config',
    AWS_EC2_METADATA_DISABLED: 'true',
    HTTPS_PROXY: proxy,
    AWS_CA_BUNDLE: caFile,
    ...keys('AKIDEXAMPLE'),
    ...row.env,
  }
  const env = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''))
  return { files, config: row.edit?.(text, place) ?? text, env }
}

const PLACEHOLDERS = { run: 'RUN', script: 'SCRIPT', proxy: 'PROXY', caFile: 'CA_FILE' }

/** The same in each run of the tests, as long as the row is the same. */
function hashOfRow(row: Row): string {
  const place: Place = {
    url: 'https://127.0.0.1:6443',
    socksPort: 1080,
    ...{ ca: 'ca', otherCa: 'other ca', clientKey: 'client key', clientCertificate: 'client certificate' },
    token: 'k8s-aws-v1.x',
  }
  const { config, ...input } = inputOf(row, place, PLACEHOLDERS)
  return hashOf({ ...input, config: Buffer.from(config).toString('base64'), path: row.path, args: row.args })
}

async function prepare(row: Row): Promise<{ home: string; env: Record<string, string> }> {
  const home = await mkdtemp(join(tmpdir(), 'eks-get-token-'))
  const run = eksGetToken()
    .map((word) => `'${word}'`)
    .join(' ')
  const proxy = `http://127.0.0.1:${aws.port}`
  const { files, config, env } = inputOf(row, place, { run, script: NPM_SCRIPT, proxy, caFile: aws.authority.file })
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(home, name)), { recursive: true })
    await writeFile(join(home, name), text)
    if (name.startsWith('bin/') || name === 'here') await chmod(join(home, name), 0o755)
  }
  await writeFile(join(home, 'config'), config)
  return {
    home,
    env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value.replaceAll('~', home)])),
  }
}

const KEYS = 'export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=secret-of-AKIDEXAMPLE\n'
const AFTER_DASHES = `#!/bin/sh\n${KEYS}while [ "$1" != -- ]; do shift; done\nshift\nexec "$@"\n`
const AUTHENTICATOR = `#!/bin/sh
case " $* " in
  *' token '*) ;;
  *) exit 0 ;;
esac
case " $* " in
  *demo*) ;;
  *) echo 'Error: cluster ID not specified' >&2; exit 1 ;;
esac
case " $* " in
  *' --token-only '*) exec RUN --cluster-name demo --region us-west-2 --query status.token --output text ;;
esac
exec RUN --cluster-name demo --region us-west-2
`
const DEFAULT_EXEC =
  'apiVersion: client.authentication.k8s.io/v1beta1\ncommand: eks-get-token\nargs: [--cluster-name, demo, --region, us-west-2]\n'

interface CheckJson {
  readonly id: string
  readonly status: string
  readonly finding: string
}

/** What kubectl did with a kubeconfig. */
interface Answer {
  /** It got the list of namespaces. */
  readonly gotIn: boolean
  /** The beginning of the last line of stderr, without ports and the home directory. */
  readonly message?: string
}
const MESSAGE_LENGTH = 160

async function askKubectl(row: Row, home: string, env: Record<string, string>): Promise<Answer> {
  const { args = [], path = '' } = row
  const words = ['get', '--raw', `${path}/api/v1/namespaces`, '--request-timeout=20s', ...args]
  const { code, stdout, stderr } = await runCommand([KUBECTL ?? '', ...words], { env, cwd: home, timeoutMs: 60_000 })
  if (code === 0 && stdout.includes('NamespaceList')) return { gotIn: true }
  const line = stderr.trimEnd().split('\n').at(-1) ?? ''
  const message = line.replaceAll(home, '~').replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
  // The time of a line of the log.
  return { gotIn: false, message: message.replace(/^[EWI]\d{4} [\d:.]+ +\d+ /, '').slice(0, MESSAGE_LENGTH) }
}

/** What kubectl does, and what doctor says. */
async function compare(title: string, row: Row) {
  const { home, env } = await prepare(row)
  try {
    const entry = { title, index: TITLES.indexOf(title), hash: hashOfRow(row) }
    const { args = [] } = row
    const [kubectl, doctor] = await Promise.all([
      recording.answerTo(entry) ?? askKubectl(row, home, env),
      runInProcess(['doctor', '--send-token', '--output', 'json', ...args], { env, cwd: home, timeoutMs: 60_000 }),
    ])
    recording.note(entry, kubectl)
    const report = JSON.parse(doctor.stdout) as { status: string; checks: CheckJson[] }
    const failed = report.checks.find(({ status }) => status === 'fail')
    return { kubectl, code: doctor.code, status: report.status, failed, stderr: doctor.stderr }
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

/** By title, in their order. */
const ROWS = {
  in: Object.entries(IN),
  out: Object.entries(OUT).flatMap(([id, group]) =>
    Object.entries(group).map(([title, row]) => [`${id}: ${title}`, row, id] as const),
  ),
  wrappers: Object.entries(WRAPPERS).map(([title, row]) => [`wrapper: ${title}`, row] as const),
}
const ALL_ROWS: readonly (readonly [title: string, row: Row, id?: string])[] = Object.values(ROWS).flat()
const TITLES = ALL_ROWS.map(([title]) => title)

test('there are more than 150 kubeconfigs, each with a title of its own', () => {
  expect(new Set(TITLES).size).toBeGreaterThan(150)
  expect(new Set(TITLES).size).toBe(TITLES.length)
})

test(
  'what kubectl does is recorded for each of these kubeconfigs, and for no other',
  skipUnlessAvailable(IS_RECORDING),
  () => {
    const hashes = Object.fromEntries(ALL_ROWS.map(([title, row]) => [title, hashOfRow(row)]))
    expect(recording.hashes, HOW_TO_RECORD).toEqual(hashes)
  },
)

describe('doctor agrees with kubectl', skipUnlessAvailable(missing), () => {
  describe.concurrent('kubectl gets in, and no check fails', () => {
    test.each(ROWS.in)('%s', { timeout: TIMEOUT_MS }, async (title, row) => {
      const result = await compare(title, row)
      expect(result).toMatchObject({ kubectl: { gotIn: true }, failed: undefined, code: 0, stderr: '' })
    })
  })

  describe.concurrent('kubectl does not get in, and the first check that fails is the cause', () => {
    test.each(ROWS.out)('%s', { timeout: TIMEOUT_MS }, async (title, row, id) => {
      const result = await compare(title, row)
      expect(result).toMatchObject({ kubectl: { gotIn: false }, failed: { id }, code: 1, stderr: '' })
    })
  })

  describe.concurrent('kubectl gets in through a wrapper, of which doctor warns', () => {
    test.each(ROWS.wrappers)('%s', { timeout: TIMEOUT_MS }, async (title, row) => {
      const result = await compare(title, row)
      const expected = { kubectl: { gotIn: true }, failed: undefined, code: 0, status: 'warn', stderr: '' }
      expect(result).toMatchObject(expected)
    })
  })
})
