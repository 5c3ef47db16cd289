import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { ownUserBlock } from '../support/kubeconfig.ts'
import { findKubectl } from '../support/kubectl.ts'
import { type LocalAws, startLocalAws } from '../support/local-aws.ts'
import { type LocalCluster, startLocalCluster } from '../support/local-cluster.ts'
import { findProgram } from '../support/programs.ts'
import { removeFolder } from '../support/remove-folder.ts'
import { skipUnlessAvailable } from '../support/skip.ts'
import { awsLogin, LOGIN_SESSION } from '../support/temporary-home.ts'

const KUBECTL = findKubectl(process.env.PATH ?? '')
const SCRIPT = findProgram('script')
const BROWSER = fileURLToPath(new URL('../support/browser.mjs', import.meta.url))
const missing = !KUBECTL
  ? 'no kubectl on PATH or in .tools; .ci/kubectl unpacks one'
  : !SCRIPT
    ? 'script (util-linux) is not on PATH'
    : undefined

let aws: LocalAws
let cluster: LocalCluster
let desk = ''
beforeAll(async () => {
  aws = await startLocalAws()
})
afterAll(async () => {
  await aws.close()
})
beforeEach(async () => {
  aws.reset()
  desk = mkdtempSync(join(tmpdir(), 'eks-get-token-desk-'))
  const user = ownUserBlock({ clusterName: 'demo', region: 'us-west-2', profile: 'login' })
  const withLogin = user.replace('args: [', 'args: [--login, auto, ')
  const secretFor = (id: string) => ({ secret: `secret-of-${id}`, sessionToken: 'LOGINTOKEN1' })
  cluster = await startLocalCluster({ clusterName: 'demo', secretFor, user: withLogin })
  await mkdir(join(cluster.home, '.aws/login/cache'), { recursive: true })
  await writeFile(join(cluster.home, '.aws/config'), `[profile login]\nlogin_session = ${LOGIN_SESSION}\n`)
  const [file, content] = awsLogin(-60, 'expired')
  await writeFile(join(cluster.home, file), content, { mode: 0o600 })
})
afterEach(async () => {
  await cluster.close()
  removeFolder(desk)
})

const tabs = () => (existsSync(join(desk, 'tabs')) ? readFileSync(join(desk, 'tabs'), 'utf8').trim().split('\n') : [])

/** kubectl in a terminal of its own. */
function kubectl(browser: string, redirect = '') {
  const started = performance.now()
  const child = spawn(SCRIPT as string, ['-qec', `exec '${KUBECTL}' get namespaces ${redirect}`, '/dev/null'], {
    env: {
      ...cluster.env,
      PATH: `${cluster.env.PATH}:/usr/bin:/bin`,
      SHELL: '/bin/sh',
      AWS_ENDPOINT_URL_SIGNIN: `http://127.0.0.1:${aws.port}`,
      BROWSER: `${process.execPath} ${BROWSER} ${desk}/tabs ${browser}`,
    },
    cwd: cluster.home,
  })
  let screen = ''
  child.stdout.on('data', (chunk) => {
    screen += chunk
  })
  const result = new Promise<{ code: number | null; screen: string; seconds: number }>((resolve) => {
    child.once('close', (code) => resolve({ code, screen, seconds: (performance.now() - started) / 1000 }))
  })
  return { child, result }
}

describe('kubectl with --login auto', { timeout: 120_000, ...skipUnlessAvailable(missing) }, () => {
  test('an expired login: the browser signs in, and kubectl goes on', async () => {
    const { code, screen } = await kubectl('approve').result
    expect([code, tabs().length]).toEqual([0, 1])
    expect(screen).toContain('Your session has expired.')
    expect(screen).toMatch(/kube-system\s+Active/)
    const again = await kubectl('approve').result
    expect([again.code, again.screen.includes('session'), tabs().length]).toEqual([0, false, 1])
  })
  test('of 20 at once one opens a tab, and all list', async () => {
    const started = Array.from({ length: 20 }, () => kubectl('ignore'))
    await eventually(() => tabs().length > 0)
    await new Promise((resolve) => setTimeout(resolve, 8000))
    expect(tabs()).toHaveLength(1)
    expect((await fetch(tabs()[0] ?? '')).status).toBe(200)
    const results = await Promise.all(started.map(({ result }) => result))
    expect(results.map(({ code, screen }) => [code, /kube-system\s+Active/.test(screen)])).toEqual(
      results.map(() => [0, true]),
    )
    expect(tabs()).toHaveLength(1)
    expect(aws.calls.filter(({ params }) => params?.grantType === 'authorization_code')).toHaveLength(1)
  })
  test('where kubectl is not interactive, an error at once', async () => {
    const { code, screen } = await kubectl('approve', '</dev/null').result
    expect([code === 0, tabs()]).toEqual([false, []])
    expect(screen).toContain('the client set interactive: false')
    expect(screen).toContain('hint: run: eks-get-token login --profile login')
  })
  test('Ctrl-C while the browser is open ends kubectl, and the next one opens no tab', async () => {
    const { child, result } = kubectl('ignore')
    await eventually(() => tabs().length === 1)
    child.stdin.write('\u0003')
    expect((await result).code).not.toBe(0)
    const next = await kubectl('approve').result
    expect([next.code === 0, tabs().length]).toEqual([false, 1])
    expect(next.screen).toMatch(/no login is started for another \d+ s/)
    expect(next.screen).toContain('hint: run: eks-get-token login --profile login')
  })
})
