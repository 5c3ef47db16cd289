import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eksGetToken, runCommand } from '../support/command.ts'
import { NAMESPACE_PATH } from '../support/network-namespace.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

const BLACK_HOLE = fileURLToPath(new URL('../support/black-hole-dns.sh', import.meta.url))

/** A lookup of a host name runs in a thread that nothing can interrupt: Node waits for it when it exits. */
const missing = (() => {
  try {
    execFileSync(BLACK_HOLE, [process.execPath, 'true'], { env: { PATH: NAMESPACE_PATH }, stdio: 'ignore' })
    return undefined
  } catch {
    return 'a name server that never responds needs Linux, root, unshare and mount'
  }
})()

const START_URL = 'https://example.awsapps.com/start'
let home = ''
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'eks-get-token-'))
  await mkdir(join(home, '.aws'))
  const login = 'sso_region = eu-west-1\nsso_account_id = 123456789012\nsso_role_name = Dev\n'
  await writeFile(
    join(home, '.aws/config'),
    `[profile sso]\nsso_start_url = ${START_URL}\n${login}` +
      `[profile vanity]\nsso_start_url = https://sso.example.com/aws\n${login}`,
  )
  await writeFile(
    join(home, 'kubeconfig'),
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server: 'https://0123456789ABCDEF.gr7.us-west-2.eks.amazonaws.com' } }],
      users: [
        {
          name: 'u',
          user: {
            exec: {
              apiVersion: 'client.authentication.k8s.io/v1beta1',
              command: 'eks-get-token',
              args: ['eks', 'get-token', '--cluster-name', 'demo'],
            },
          },
        },
      ],
    }),
  )
})
afterAll(() => rm(home, { recursive: true, force: true }))

function run(args: readonly string[], before: readonly string[] = []) {
  const env = {
    PATH: NAMESPACE_PATH,
    HOME: home,
    AWS_REGION: 'us-west-2',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret-of-AKIDEXAMPLE',
  }
  return runCommand([BLACK_HOLE, process.execPath, ...before, ...eksGetToken(), ...args], { env, cwd: home })
}

const ROLE = ['--cluster-name', 'demo', '--role-arn', 'arn:aws:iam::123456789012:role/role-a']
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
/** Before `process.execve` (22.15, 23.11) Node can only be killed. */
const KILLED = major < 22 || (major === 22 && minor < 15) ? 137 : undefined

describe('with a name server that never responds', { timeout: 60_000, ...skipUnlessAvailable(missing) }, () => {
  test.each([
    ['a role', ROLE, 'STS'],
    ['verify', ['verify', '--cluster-name', 'demo'], 'STS'],
    ['inspect with a role', ['inspect', ...ROLE], 'STS'],
    ['update-kubeconfig', ['update-kubeconfig', '--name', 'demo'], 'DescribeCluster'],
    ['update-kubeconfig --all', ['update-kubeconfig', '--all'], 'all clusters'],
    ['login', ['login', '--profile', 'sso', '--no-browser'], 'IAM Identity Center'],
    ['login with a start URL that redirects', ['login', '--profile', 'vanity', '--no-browser'], 'the start URL'],
  ])('--timeout ends %s in time', async (_title, args, what) => {
    const { code, stdout, stderr, seconds } = await run([...args, '--timeout', '2'])
    expect([255, KILLED]).toContain(code)
    expect(stdout).toBe('')
    expect(stderr).toContain(`eks-get-token: timed out after 2 s waiting for ${what}`)
    expect(seconds).toBeLessThan(7)
  })
  test('--timeout ends logout in time, which has removed the login', async () => {
    const file = join(home, '.aws/sso/cache', `${createHash('sha1').update(START_URL).digest('hex')}.json`)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(
      file,
      JSON.stringify({ startUrl: START_URL, region: 'eu-west-1', accessToken: 'BEARERTOKENEXAMPLE' }),
    )
    const { code, stderr, seconds } = await run(['logout', '--profile', 'sso', '--timeout', '2'])
    expect([0, KILLED]).toContain(code)
    expect(stderr).not.toContain('ERR_')
    expect(existsSync(file)).toBe(false)
    expect(seconds).toBeLessThan(7)
  })
  test('--timeout ends doctor, which reports what it waited for', async () => {
    const { code, stdout, seconds } = await run(['doctor', '--kubeconfig', 'kubeconfig', '--timeout', '2'])
    expect([1, KILLED]).toContain(code)
    expect(stdout).toMatch(/FAIL +network +timed out after 2 s waiting for STS/)
    expect(seconds).toBeLessThan(5)
  })
  test.each([
    ['INT', 130],
    ['TERM', 143],
  ])('SIG%s ends it at once', async (signal, exitCode) => {
    const kill = `"$@" & pid=$!; sleep 1; kill -${signal} $pid; wait $pid`
    const shell = ['sh', '-c', signal === 'INT' ? `trap : INT; ${kill}` : kill, 'sh']
    const { code, stdout, seconds } = await run(ROLE, shell)
    // A shell without job control starts background processes with SIGINT ignored, which Node resets.
    expect([exitCode, KILLED]).toContain(code)
    expect(stdout).toBe('')
    expect(seconds).toBeLessThan(5)
  })
})
