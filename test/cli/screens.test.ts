import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { textWidth } from '../../src/cli/text-width.ts'
import { eksGetToken } from '../support/command.ts'
import { GOOD_URL, tokenOf } from '../support/hostile-tokens.ts'
import { runInProcess } from '../support/in-process.ts'
import { awsUserBlock } from '../support/kubeconfig.ts'
import { temporaryCredentials } from '../support/local-aws/temporary-credentials.ts'
import { type LocalAws, startLocalAws } from '../support/local-aws.ts'
import { type LocalCluster, startLocalCluster } from '../support/local-cluster.ts'
import { keys } from '../support/runtime.ts'
import { onTerminal, SCRIPT, steady } from '../support/screens.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

/** Human-readable output at 80 columns, in files to look at: `cat test/cli/screens/*`. */
const ROLE = 'arn:aws:iam::123456789012:role/teams/blue/deployer'
const role = temporaryCredentials('deployer')
const secretFor = (id: string) =>
  id === role.accessKeyId
    ? { secret: role.secretAccessKey, sessionToken: role.sessionToken }
    : { secret: `secret-of-${id}` }

let aws: LocalAws
let cwd: string
const clusters: Record<string, LocalCluster> = {}
beforeAll(async () => {
  aws = await startLocalAws()
  cwd = await mkdtemp(join(tmpdir(), 'eks-get-token-screens-'))
  const entry = 'arn:aws:eks:us-west-2:123456789012:cluster/demo'
  const here = { clusterName: 'demo', region: 'us-west-2' }
  const server = { clusterName: 'demo', secretFor, entry }
  clusters.well = await startLocalCluster({ ...server, user: awsUserBlock(here) })
  clusters.unmapped = await startLocalCluster({
    ...server,
    user: awsUserBlock({ ...here, roleArn: ROLE }),
    isMapped: () => false,
  })
  await writeFile(
    join(clusters.well.home, 'aws-config'),
    `[profile prod]\nrole_arn = ${ROLE}\nsource_profile = base\n[profile base]\nregion = us-west-2\n`,
  )
  const text = await readFile(join(clusters.well.home, 'kubeconfig'), 'utf8')
  const contexts = SEVERAL.map((name) => `- {name: "${name}", context: {cluster: "${entry}", user: "${entry}"}}\n`)
  await writeFile(
    join(clusters.well.home, 'several'),
    text.replace('contexts:\n', (line) => `${line}${contexts.join('')}`),
  )
  clusters.wrong = await startLocalCluster({ ...server, user: awsUserBlock({ ...here, clusterName: 'prod' }) })
})
afterAll(async () => {
  await Promise.all([...Object.values(clusters), aws].map(({ close }) => close()))
  await rm(cwd, { recursive: true, force: true })
})

/** Names of contexts: short, of wide characters, wider than a column, and wider than a line. */
const SEVERAL = ['demo', '東京-本番', 'payments-production-us-west-2-blue', `team-${'payments-'.repeat(14)}production`]
const KEYS = keys('AKIDEXAMPLE')
const ONE_ROLE = ['--cluster-name', 'demo', '--role-arn', ROLE, '--no-cache']
/** Name of the file, arguments, environment, and cluster; paths are relative, so that lines always break in the same place. */
const SCREENS: [string, () => string[], Record<string, string>?, string?][] = [
  ['inspect', () => ['inspect', ...ONE_ROLE]],
  ['inspect-old', () => ['inspect', tokenOf(GOOD_URL)]],
  ['inspect-hostile', () => ['inspect', tokenOf(GOOD_URL.replace('sts.us-east-1.amazonaws.com', 'sts.evil.example'))]],
  ['inspect-none', () => ['inspect', 'hello']],
  ['verify', () => ['verify', ...ONE_ROLE]],
  ['verify-user', () => ['verify', '--cluster-name', 'demo']],
  ['verify-refused', () => ['verify', '--cluster-name', 'demo'], { AWS_SECRET_ACCESS_KEY: 'another' }],
  ['verify-broken', () => ['verify', 'k8s-aws-v1.aHR0c', '--cluster-name', 'demo']],
  ['doctor', () => ['doctor', '--send-token', '--kubeconfig', 'kubeconfig'], {}, 'well'],
  ['doctor-unmapped', () => ['doctor', '--send-token', '--kubeconfig', 'kubeconfig', '--no-cache'], {}, 'unmapped'],
  [
    'doctor-overridden',
    () => ['doctor', '--send-token', '--kubeconfig', 'kubeconfig'],
    { AWS_PROFILE: 'prod', AWS_CONFIG_FILE: 'aws-config' },
    'well',
  ],
  ['doctor-wrong-name', () => ['doctor', '--send-token', '--kubeconfig', 'kubeconfig'], {}, 'wrong'],
  ['doctor-no-kubeconfig', () => ['doctor', '--kubeconfig', 'config']],
]

const environment = (more: Record<string, string> = {}, PATH = '/nonexistent') => ({
  PATH,
  HOME: '/nonexistent',
  LANG: 'C.UTF-8',
  TZ: 'UTC',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_DEFAULT_REGION: 'us-west-2',
  HTTPS_PROXY: `http://127.0.0.1:${aws.port}`,
  AWS_CA_BUNDLE: aws.authority.file,
  ...KEYS,
  ...more,
})
const folder = (name: string | undefined) => (name === undefined ? cwd : (clusters[name]?.home ?? ''))

describe('the screen is as recorded', () => {
  test.each(SCREENS)('%s', async (name, line, env = {}, where) => {
    const options = { env: environment(env, join(folder(where), 'bin')), cwd: folder(where) }
    // kubectl does not run a program that it finds in a relative entry of PATH, so one path is absolute.
    const run = async (...more: string[]) => {
      const result = await runInProcess([...line(), ...more], options)
      return { ...result, stdout: result.stdout.replaceAll(`${folder(where)}/`, '') }
    }
    const plain = await run()
    const inColor = await run('--color', 'on')
    expect(plain.stderr + inColor.stderr).toBe('')
    expect(plain.stdout).not.toContain('\x1b')
    expect(inColor.stdout).toContain('\x1b[')
    expect(steady(stripVTControlCharacters(inColor.stdout))).toBe(steady(plain.stdout))
    // An ARN is not broken, so that it can be copied.
    const tooLong = plain.stdout.split('\n').filter((text) => textWidth(text) > 80 && !text.includes('arn:aws:'))
    expect(tooLong).toEqual([])
    await expect(steady(plain.stdout)).toMatchFileSnapshot(`screens/${name}.txt`)
    await expect(steady(inColor.stdout)).toMatchFileSnapshot(`screens/${name}.ansi`)
  })
})

const missing = SCRIPT ? undefined : 'script (util-linux) is not on PATH'
describe('on a terminal', skipUnlessAvailable(missing), () => {
  const words = (...more: string[]) => [...eksGetToken(), 'verify', '--cluster-name', 'demo', ...more]
  const terminalEnvironment = (more?: Record<string, string>) => ({
    ...environment(more),
    PATH: '/usr/bin:/bin',
    SHELL: '/bin/sh',
  })
  test.each<[string, string[], Record<string, string>, boolean]>([
    ['color by default', [], {}, true],
    ['no color with NO_COLOR', [], { NO_COLOR: '1' }, false],
    ['color with an empty NO_COLOR', [], { NO_COLOR: '' }, true],
    ['no color with --color off', ['--color', 'off'], {}, false],
    ['color with --color on despite NO_COLOR', ['--color', 'on'], { NO_COLOR: '1' }, true],
    ['no color with TERM=dumb', [], { TERM: 'dumb' }, false],
  ])('%s', async (_title, more, env, isColored) => {
    const { code, screen } = await onTerminal(words(...more), { env: terminalEnvironment(env), cwd })
    expect([code, screen.includes('\x1b[32m')]).toEqual([0, isColored])
  })
  test('doctor shows a progress line, and clears it', async () => {
    const line = [...eksGetToken(), 'doctor', '--send-token', '--kubeconfig', 'kubeconfig', '--color', 'off']
    const { code, written } = await onTerminal(line, { env: terminalEnvironment(), cwd: folder('well') })
    expect([code, written.includes('waiting for STS\r\x1b[K  ok    network')]).toEqual([1, true])
  })
  const terminals: readonly [string, () => string[], string?, Record<string, string>?][] = [
    ['doctor', () => ['doctor', '--send-token', '--kubeconfig', 'kubeconfig', '--no-cache'], 'unmapped'],
    ['doctor-all', () => ['doctor', '--all', '--send-token', '--kubeconfig', 'several'], 'well'],
    ['verify', () => ['verify', ...ONE_ROLE]],
    ['verify-refused', () => ['verify', '--cluster-name', 'demo'], '', { AWS_SECRET_ACCESS_KEY: 'another' }],
    ['inspect', () => ['inspect', ...ONE_ROLE]],
    ['inspect-none', () => ['inspect', 'hello']],
  ]
  describe.each([80, 120])('at %i columns the screen is as recorded', (columns) => {
    test.each(terminals)('%s', async (name, line, cluster, more = {}) => {
      const where = folder(cluster || undefined)
      const run = async (env: Record<string, string>) => {
        const { screen } = await onTerminal([...eksGetToken(), ...line()], {
          env: { ...terminalEnvironment({ ...more, ...env }), PATH: `${join(where, 'bin')}:/usr/bin:/bin` },
          cwd: where,
          columns,
        })
        return steady(screen.replaceAll(`${where}/`, ''))
      }
      const inColor = await run({})
      const plain = await run({ NO_COLOR: '1' })
      expect(plain).not.toContain('\x1b')
      expect(stripVTControlCharacters(inColor)).toBe(plain)
      const breakable = plain.split('\n').filter((text) => !text.includes('arn:aws'))
      expect(Math.max(...breakable.map(textWidth))).toBeLessThanOrEqual(columns)
      await expect(inColor).toMatchFileSnapshot(`screens/${name}-terminal-${columns}.ansi`)
      await expect(plain).toMatchFileSnapshot(`screens/${name}-terminal-${columns}.txt`)
    })
  })
})
