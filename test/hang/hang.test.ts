import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CommandOptions, eksGetToken, runCommand, runEksGetToken } from '../support/command.ts'
import { IN_NETWORK_NAMESPACE, missingNetworkNamespace, NAMESPACE_PATH } from '../support/network-namespace.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

// kubectl has no timeout: a plugin that waits for ever makes kubectl wait for ever. No child here has a terminal, and
// the stdin of each is a pipe that never closes, as @kubernetes/client-node leaves it.

const KEYS = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret-of-AKIDEXAMPLE' }
const GET_TOKEN = ['eks', 'get-token', '--cluster-name', 'demo', '--region', 'us-west-2']
const ROLE = [...GET_TOKEN, '--role-arn', 'arn:aws:iam::123456789012:role/any']
const A_FEW_SECONDS = 5

let home = ''
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'eks-get-token-'))
})
afterAll(() => rm(home, { recursive: true, force: true }))

function options(env: Record<string, string>): CommandOptions {
  return { env: { HOME: home, AWS_EC2_METADATA_DISABLED: 'true', ...env }, cwd: home, stdin: 'open' }
}

const execInfo = (spec: object) => ({
  KUBERNETES_EXEC_INFO: JSON.stringify({
    kind: 'ExecCredential',
    apiVersion: 'client.authentication.k8s.io/v1',
    spec,
  }),
})

const CALLERS = [
  ['by hand or by @kubernetes/client-node, without exec info', {}],
  ['by kubectl', execInfo({ interactive: false })],
  ['by kubectl that takes the pipe for interactive', execInfo({ interactive: true })],
  ['with exec info that is cut off', { KUBERNETES_EXEC_INFO: '{"kind":' }],
] as const

for (const [caller, info] of CALLERS) {
  describe(`started ${caller}`, () => {
    test('signs with credentials in the environment', async () => {
      const result = await runEksGetToken(GET_TOKEN, options({ ...KEYS, ...info }))
      expect(result).toMatchObject({ code: 0, timedOut: false })
      expect(JSON.parse(result.stdout)).toMatchObject({ kind: 'ExecCredential' })
      expect(result.seconds).toBeLessThan(A_FEW_SECONDS)
    })

    test('reports missing credentials at once', async () => {
      const result = await runEksGetToken(GET_TOKEN, options(info))
      expect(result).toMatchObject({ code: 253, stdout: '', timedOut: false })
      expect(result.seconds).toBeLessThan(A_FEW_SECONDS)
    })

    test('reports a usage error at once', async () => {
      const result = await runEksGetToken(['eks', 'get-token', '--nonsense'], options({ ...KEYS, ...info }))
      expect(result).toMatchObject({ code: 252, stdout: '', timedOut: false })
      expect(result.seconds).toBeLessThan(A_FEW_SECONDS)
    })
  })
}

const missingPipes = process.platform === 'win32' ? 'Windows has no named pipes in folders' : undefined
test(
  'ends at the deadline if the config file is a pipe without a writer',
  skipUnlessAvailable(missingPipes),
  async () => {
    const pipe = join(home, 'pipe')
    execFileSync('mkfifo', [pipe])
    const files = { AWS_CONFIG_FILE: pipe, AWS_SHARED_CREDENTIALS_FILE: pipe }
    const result = await runEksGetToken([...GET_TOKEN, '--timeout', '1'], options({ ...KEYS, ...files }))
    expect(result).toMatchObject({ code: 255, stdout: '', timedOut: false })
    expect(result.stderr).toContain('(ERR_TIMEOUT)')
    expect(result.seconds).toBeLessThan(A_FEW_SECONDS)
  },
)

describe('the error at the deadline of the whole run names what it waited for', () => {
  const RUN: [string, string[], Record<string, string>][] = [
    ['an option', ['--timeout', '1'], {}],
    ['the environment', [], { EKS_GET_TOKEN_TIMEOUT: '1' }],
    ['an option, which takes precedence over the environment', ['--timeout', '1'], { EKS_GET_TOKEN_TIMEOUT: '60' }],
  ]
  test.each(RUN)('set by %s: a credential_process that never ends', async (_title, args, env) => {
    const config = join(home, 'config')
    await writeFile(config, '[profile slow]\ncredential_process = /bin/sleep 1000\n')
    const slow = { AWS_CONFIG_FILE: config, AWS_PROFILE: 'slow', ...env }
    const result = await runEksGetToken([...GET_TOKEN, ...args], options(slow))
    expect(result).toMatchObject({ code: 255, stdout: '', timedOut: false })
    expect(result.stderr).toContain(
      'timed out after 1 s waiting for the credential_process of profile slow (ERR_TIMEOUT)',
    )
    expect(result.seconds).toBeLessThan(A_FEW_SECONDS)
  })
  test('an STS endpoint that does not respond', async () => {
    const { port, close } = await listen()
    const silent = { ...KEYS, AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${port}` }
    const result = await runEksGetToken([...ROLE, '--timeout', '1'], options(silent))
    close()
    expect(result).toMatchObject({ code: 255, stdout: '', timedOut: false })
    expect(result.stderr).toContain('(ERR_TIMEOUT)')
  })
  test.each(['abc', '-1', '1.5'])('--timeout %s is an error', async (timeout) => {
    const result = await runEksGetToken([...GET_TOKEN, `--timeout=${timeout}`], options(KEYS))
    expect(result).toMatchObject({ code: 252, stdout: '' })
    expect(result.stderr).toContain('--timeout')
  })
})

describe('with a role', () => {
  test('stops waiting for an STS endpoint at the read timeout', async () => {
    const { port, close } = await listen()
    const silent = { ...KEYS, AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${port}`, AWS_MAX_ATTEMPTS: '1' }
    const result = await runEksGetToken([...ROLE, '--cli-read-timeout', '1'], options(silent))
    close()
    expect(result).toMatchObject({ code: 255, stdout: '', timedOut: false })
    expect(result.stderr).toContain('Read timeout')
    expect(result.seconds).toBeLessThan(A_FEW_SECONDS)
  })

  test('stops waiting for a proxy at the timeout', async () => {
    const { port, close } = await listen()
    const proxied = { ...KEYS, HTTPS_PROXY: `http://127.0.0.1:${port}`, AWS_MAX_ATTEMPTS: '1' }
    const limits = ['--cli-read-timeout', '1', '--cli-connect-timeout', '1']
    const result = await runEksGetToken([...ROLE, ...limits], options(proxied))
    close()
    expect(result).toMatchObject({ code: 255, stdout: '', timedOut: false })
    expect(result.seconds).toBeLessThan(A_FEW_SECONDS)
  })

  test('reports a refused connection at once', async () => {
    const { port, close } = await listen()
    close()
    const gone = { ...KEYS, AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${port}` }
    const result = await runEksGetToken(ROLE, options(gone))
    expect(result).toMatchObject({ code: 255, stdout: '', timedOut: false })
    expect(result.stderr).toContain('Could not connect')
    expect(result.seconds).toBeLessThan(A_FEW_SECONDS)
  })
})

/** A server that accepts connections and never responds. */
async function listen(): Promise<{ port: number; close: () => void }> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => sockets.add(socket.on('error', () => {})))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

describe('without a network', skipUnlessAvailable(missingNetworkNamespace()), () => {
  const run = (args: string[], env: Record<string, string>) =>
    runCommand([IN_NETWORK_NAMESPACE, ...eksGetToken(), ...args], options({ PATH: NAMESPACE_PATH, ...env }))

  test('signs with credentials in the environment', async () => {
    const result = await run(GET_TOKEN, KEYS)
    expect(result).toMatchObject({ code: 0, stderr: '', timedOut: false })
    expect(result.seconds).toBeLessThan(A_FEW_SECONDS)
  })

  test('reports at once that the role cannot be assumed', async () => {
    const result = await run(ROLE, KEYS)
    expect(result).toMatchObject({ code: 255, stdout: '', timedOut: false })
    expect(result.stderr).toContain('Could not connect to the endpoint URL')
    expect(result.seconds).toBeLessThan(A_FEW_SECONDS)
  })
})
