import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { attempt } from '../src/errors.ts'
import { AWS_PYTHON_MISSING, findAwsPython } from '../test/support/aws-arguments.ts'
import { runHere } from '../test/support/in-process.ts'
import { type LocalAws, startLocalAws } from '../test/support/local-aws.ts'
import { type InstalledAws, startInstalledAws } from './installed-aws.ts'
import type { Outcome } from './npm-command.ts'
import { type Limits, type Result, skipped } from './part.ts'
import { randomSettings } from './random-settings.ts'

/** A run, with all that shows which identity it has used. */
interface Observation extends Outcome {
  /** Without the signature and its date. */
  readonly url: string
  readonly calls: readonly string[]
  readonly caches: string
}

interface Settings {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly files: Readonly<Record<string, Uint8Array>>
}

const DEFAULT_COUNT = 400
const MAX_PROBLEMS = 20

/** What an AWS CLI of 2023 does not know, what leads away from the local AWS, and what would take retries and prompts. */
const LEFT_OUT_VARIABLES =
  /^(AWS_(ENDPOINT_URL|IGNORE_CONF|RE\w+_CHECKSUM|ACCOUNT_ID|SIGV4A|AUTH_SCHEME|CREDENTIAL_EXP|CONTAINER|EC2_META|CA_BUNDLE|LOGIN|USE_|MAX_|RETRY|DEFAULT_OUTPUT)|EKS_GET|KUBERNETES|XDG|LANG$|TZ$|\w+_proxy$)/i
const LEFT_OUT_LINES =
  /.*(endpoint_url|login_session|ignore_configured|services|_checksum_|account_id_endpoint|ca_bundle|output|dualstack|fips|max_attempts|mfa_serial|Ec2InstanceMetadata).*/gi
/** Partitions that are newer, and regions that are not of one. */
const NEWER_REGIONS = /\b(eusc-de-east-1|us-iso-east-1|mars-1|xx-yy-1)/g

/** In which the installed version differs from the reference (2.36.7), or this program on purpose (docs/differences.md). */
const EXPLAINED: readonly (readonly [reason: string, applies: (ours: Observation, theirs: Observation) => boolean])[] =
  [
    ['cli_timestamp_format is not read', (_ours, { stderr }) => stderr.includes('Unknown cli_timestamp_format')],
    ['the arguments are checked first', (ours) => ours.code === 252],
    ['older versions use an expired login', ({ stderr }) => /The SSO session associated .* expired/.test(stderr)],
    [
      'older versions cannot chain SSO sessions',
      (_ours, { stderr }) => stderr.includes("no attribute 'get_frozen_token'"),
    ],
    [
      'the credential_process is not queried while the role is cached',
      ({ code, calls }, theirs) =>
        code === 0 && calls.length === 0 && /custom-process|list index out/.test(theirs.stderr),
    ],
  ]

/**
 * Runs this program and an installed AWS CLI with random settings, each against the local AWS, and compares the exit code, the
 * URL in the token, the requests, and the cache files that are left.
 */
export async function identity({ untilMs, count, first, seed, log }: Limits): Promise<Result> {
  const python = findAwsPython()
  if (!python?.version.startsWith('2.')) return skipped(AWS_PYTHON_MISSING)
  const home = mkdtempSync(join(tmpdir(), 'eks-get-token-identity-'))
  const localAws = await startLocalAws()
  const aws = await startInstalledAws(python, home)
  const same: Record<string, number> = {}
  const explained: Record<string, number> = {}
  const problems: string[] = []
  try {
    const wanted = Number.isFinite(count) ? count : DEFAULT_COUNT
    for (let done = 0; done < wanted && problems.length < MAX_PROBLEMS && performance.now() < untilMs; done++) {
      const settings = settingsFor(seed, first + done)
      const theirs = await observe(settings, home, localAws, aws.run)
      const ours = await observe(settings, home, localAws, (args, env) => runHere(args, { env, cwd: home }))
      const reason = EXPLAINED.find(([, applies]) => applies(ours, theirs))?.[0]
      if (isSame(ours, theirs)) increment(same, `exit code ${ours.code} with ${ours.calls.length} requests`)
      else if (reason !== undefined) increment(explained, reason)
      else problems.push(JSON.stringify({ index: first + done, ...settings, files: textsOf(settings), ours, theirs }))
      if ((done + 1) % 200 === 0) log(`${done + 1} settings, ${problems.length} differences`)
    }
  } finally {
    aws.end()
    await localAws.close()
    rmSync(home, { recursive: true, force: true })
  }
  const list = (counts: Record<string, number>) =>
    Object.entries(counts)
      .map(([what, times]) => `${times} ${what}`)
      .join(', ') || 'none'
  return { summary: `AWS CLI ${python.version}: the same: ${list(same)}; explained: ${list(explained)}`, problems }
}

/** Of a `credential_process`. */
const PROCESS_OUTPUT = Buffer.from(
  '{"Version":1,"AccessKeyId":"ASIAPROCESS","SecretAccessKey":"secret-of-ASIAPROCESS","SessionToken":"t"}',
)

function settingsFor(seed: number, index: number): Settings {
  const random = randomSettings(seed, index)
  const region = optionIn(random.args, '--region')
  const args = [...region, ...optionIn(random.args, '--profile'), ...optionIn(random.args, '--role-arn')]
  const older = (text: string): string =>
    text
      .replace(LEFT_OUT_LINES, '')
      .replace(NEWER_REGIONS, 'eu-west-1')
      .replace('/bin/false', index % 2 === 0 ? '/bin/false' : '/bin/cat process.json')
  const files = Object.entries(random.files).map(
    ([path, content]) => [path, Buffer.from(older(Buffer.from(content).toString('latin1')), 'latin1')] as const,
  )
  const variables = Object.entries(random.env).filter(([name]) => !LEFT_OUT_VARIABLES.test(name))
  return {
    args: ['eks', 'get-token', '--cluster-name', 'demo', ...args.map((word) => older(word))],
    env: Object.fromEntries(variables.map(([name, value]) => [name, older(value)])),
    files: { ...Object.fromEntries(files), ...loginFiles(index), 'process.json': PROCESS_OUTPUT },
  }
}

function optionIn(args: readonly string[], option: string): readonly string[] {
  const at = args.findIndex((word) => word === option || word.startsWith(`${option}=`))
  return at < 0 ? [] : args.slice(at, at + (args[at] === option ? 2 : 1))
}

/** Logins of `aws sso login`, of most settings: some are expired, some cannot be refreshed. */
function loginFiles(index: number): Record<string, Uint8Array> {
  if (index % 3 === 1) return {}
  const seconds = index % 5 === 0 ? -60 : 7200
  const startUrl = 'https://example.awsapps.com/start'
  const login = {
    ...{ startUrl, region: 'us-east-1', accessToken: 'BEARERTOKENEXAMPLE' },
    expiresAt: new Date(Date.now() + seconds * 1000).toISOString().replace(/\.\d+/, ''),
  }
  const registration = { clientId: 'cid', clientSecret: 'cs', registrationExpiresAt: '2100-01-01T00:00:00Z' }
  const session = { ...login, ...registration, ...(index % 4 === 0 ? {} : { refreshToken: 'refresh' }) }
  const fileOf = (key: string) => `.aws/sso/cache/${createHash('sha1').update(key).digest('hex')}.json`
  return {
    [fileOf('corp')]: Buffer.from(JSON.stringify(session)),
    [fileOf(startUrl)]: Buffer.from(JSON.stringify(login)),
  }
}

async function observe(
  settings: Settings,
  home: string,
  localAws: LocalAws,
  run: InstalledAws['run'],
): Promise<Observation> {
  rmSync(home, { recursive: true, force: true })
  mkdirSync(home)
  for (const [path, content] of Object.entries(settings.files)) {
    mkdirSync(dirname(join(home, path)), { recursive: true })
    writeFileSync(join(home, path), content)
  }
  localAws.reset()
  const { code, stdout, stderr } = await run(settings.args, {
    ...{ PATH: '/usr/bin:/bin', HOME: home, AWS_EC2_METADATA_DISABLED: 'true', AWS_MAX_ATTEMPTS: '1' },
    ...settings.env,
    // Nothing leaves the machine.
    ...{ HTTPS_PROXY: `http://127.0.0.1:${localAws.port}`, HTTP_PROXY: 'http://127.0.0.1:9' },
    AWS_CA_BUNDLE: localAws.authority.file,
  })
  const calls = localAws.calls.map(canonical)
  return { code, stdout, stderr, url: urlIn(stdout), calls, caches: code === 0 ? cachesIn(home) : '' }
}

function urlIn(stdout: string): string {
  const token = attempt(() => JSON.parse(stdout).status.token as string)
  if (token === undefined) return stdout
  const url = Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString()
  return url.replace(/&X-Amz-(Date|Signature)=[^&]+/g, '').replace(/%2F\d{8}%2F/, '/')
}

/** What newer versions add, or remove. */
const NEWER_MEMBERS = new Set(['AccountId', 'ResponseMetadata'])

/** By file, with the members that every version writes; of times, which are of the run, the format. */
function cachesIn(home: string): string {
  const directories = ['.aws/cli/cache', '.aws/sso/cache']
  const files = directories.flatMap((directory) =>
    (attempt(() => readdirSync(join(home, directory))) ?? []).map((name) => join(directory, name)),
  )
  const texts = files.sort().map((file) => {
    const text = readFileSync(join(home, file), 'utf8')
    const sorted = attempt(() => canonical(JSON.parse(text)))
    return `${file}: ${sorted ?? text}`
  })
  const times = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d|(?<=botocore-session-)\d+/g
  return texts.join('\n').replace(times, 'TIME')
}

/** JSON with the members of each object in alphabetical order. */
function canonical(json: unknown): string {
  return JSON.stringify(json, (name, value) => {
    if (NEWER_MEMBERS.has(name)) return undefined
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? Object.fromEntries(Object.entries(value).sort()) : value
  })
}

function isSame(ours: Observation, theirs: Observation): boolean {
  return (
    (['code', 'url', 'caches'] as const).every((key) => ours[key] === theirs[key]) &&
    ours.calls.join('\n') === theirs.calls.join('\n')
  )
}

function textsOf({ files }: Settings): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).map(([path, content]) => [path, Buffer.from(content).toString('latin1')]),
  )
}

function increment(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1
}
