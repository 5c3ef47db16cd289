import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { runCommand } from '../support/command.ts'
import { startLocalAws } from '../support/local-aws.ts'
import { skipUnlessAvailable } from '../support/skip.ts'

// The executable (build/standalone.mjs). What else it must do, all other tests show: EKS_GET_TOKEN_TEST_COMMAND names it.

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const TOOLS = join(ROOT, '.tools')
// The runtime has 100 MB: it is fetched by `npm run build:standalone`, and not by a test.
const isFetched = existsSync(TOOLS) && readdirSync(TOOLS).some((name) => name.startsWith('bun-'))
const missing = isFetched ? undefined : 'no Bun in .tools; npm run build:standalone fetches it'

const KEYS = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret-of-AKIDEXAMPLE' }

describe('the executable', skipUnlessAvailable(missing), () => {
  let folder: string
  let cwd: string
  let executable: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'eks-get-token-standalone-'))
    execFileSync(process.execPath, ['build/standalone.mjs', '--to', folder], { cwd: ROOT, stdio: 'pipe' })
    executable = join(folder, process.platform === 'win32' ? 'eks-get-token.exe' : 'eks-get-token')
  }, 120_000)
  beforeEach(() => {
    cwd = mkdtempSync(join(folder, 'cwd-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const run = (env: Record<string, string>, args = ['--cluster-name', 'demo']) =>
    runCommand([executable, ...args], {
      cwd,
      env: { HOME: cwd, PATH: '', AWS_EC2_METADATA_DISABLED: 'true', AWS_REGION: 'us-west-2', ...env },
    })
  const signerOf = (stdout: string): string | null => {
    const { token } = (JSON.parse(stdout) as { status: { token: string } }).status
    const url = new URL(Buffer.from(token.replace('k8s-aws-v1.', ''), 'base64url').toString())
    return url.searchParams.get('X-Amz-Credential')?.split('/')[0] ?? null
  }
  /** Says so on stderr when it is run. */
  const plantCode = (): string => {
    writeFileSync(join(cwd, 'planted.cjs'), "require('node:fs').writeSync(2, 'planted code ran\\n')\n")
    return './planted.cjs'
  }

  test('runs with an empty PATH, where no Node can be found', async () => {
    const { code, stdout, stderr } = await run(KEYS)
    expect([code, stderr, signerOf(stdout)]).toEqual([0, '', 'AKIDEXAMPLE'])
  })

  test('contains no path of the machine that built it', () => {
    const contents = readFileSync(executable)
    const folders = [ROOT.replace(/\/$/, ''), folder]
    expect(folders.filter((path) => contents.includes(path) || contents.includes(path, 0, 'utf16le'))).toEqual([])
  })

  test('is self-contained', async () => {
    const yaml = await run(KEYS, ['--cluster-name', 'demo', '--output', 'yaml', '--query', '[kind]'])
    expect([yaml.code, yaml.stdout, yaml.stderr]).toEqual([0, '- ExecCredential\n\n', ''])
    expect((await run({}, ['--help'])).stdout).toContain('Usage: eks-get-token')
    expect((await run({}, ['doctor', '--help'])).stdout).toContain('Usage: eks-get-token doctor')
  })

  test('accepts the CA bundle that Node accepts, for a request and for the API server', async () => {
    const aws = await startLocalAws()
    try {
      const network = { ...KEYS, HTTPS_PROXY: `http://127.0.0.1:${aws.port}`, AWS_CA_BUNDLE: aws.authority.file }
      expect(await run(network, ['update-kubeconfig', '--name', 'demo'])).toMatchObject({ code: 0, stderr: '' })
      const kubeconfig = join(cwd, '.kube', 'config')
      const data = /(?<=certificate-authority-data: ).*/
      const text = readFileSync(kubeconfig, 'utf8')
      expect(text).toMatch(data)
      writeFileSync(kubeconfig, text.replace(data, readFileSync(aws.authority.file).toString('base64')))
      const { stdout } = await run(network, ['doctor', '--output', 'json'])
      const { checks } = JSON.parse(stdout) as { checks: { id: string; status: string }[] }
      expect(checks.find(({ id }) => id === 'kubeconfig')).toMatchObject({ status: 'ok' })
    } finally {
      await aws.close()
    }
  })

  describe('files in the current directory have no effect', () => {
    const plant = (): void => {
      const code = plantCode()
      for (const name of ['.env', '.env.local', '.env.production', '.env.development']) {
        writeFileSync(join(cwd, name), 'AWS_ACCESS_KEY_ID=AKIDPLANTED\nAWS_SECRET_ACCESS_KEY=x\nAWS_SESSION_TOKEN=x\n')
      }
      writeFileSync(join(cwd, 'bunfig.toml'), `preload = ["${code}"]\n[run]\npreload = ["${code}"]\n`)
      writeFileSync(
        join(cwd, 'package.json'),
        `{ "main": "${code}", "type": "module", "imports": { "#x": "${code}" } }`,
      )
      writeFileSync(join(cwd, 'tsconfig.json'), `{ "compilerOptions": { "paths": { "*": ["${code}"] } } }`)
      for (const name of ['kerberos', 'supports-color', 'commander']) {
        mkdirSync(join(cwd, 'node_modules', name), { recursive: true })
        writeFileSync(
          join(cwd, 'node_modules', name, 'index.js'),
          "require('node:fs').writeSync(2, 'planted code ran\\n')",
        )
      }
    }

    test('with credentials in the environment', async () => {
      plant()
      const { code, stdout, stderr } = await run(KEYS)
      expect([code, stderr, signerOf(stdout)]).toEqual([0, '', 'AKIDEXAMPLE'])
    })

    test('without credentials', async () => {
      plant()
      const { code, stdout, stderr } = await run({})
      expect([code, stdout]).toEqual([253, ''])
      expect(stderr).toContain('ERR_NO_CREDENTIALS')
      expect(stderr).not.toContain('planted')
    })
  })

  // What README and SECURITY.md say beside the download. Where a row changes with a new Bun, so must they.
  describe('the environment', () => {
    test.each([
      ['BUN_OPTIONS', (code: string) => `--preload ${code}`],
      ['BUN_BE_BUN', () => '1'],
    ])('%s runs code: Bun has no switch against it', async (name, value) => {
      const result = await run({ ...KEYS, [name]: value(plantCode()) }, ['./planted.cjs'])
      expect(result.stderr).toContain('planted code ran')
    })

    test.each([
      ['NODE_OPTIONS', (code: string) => `--require ${code}`],
      ['BUN_INSPECT_PRELOAD', (code: string) => code],
      ['BUN_CONFIG_PRELOAD', (code: string) => code],
      ['NODE_PATH', () => '.'],
    ])('%s does not', async (name, value) => {
      const { code, stdout, stderr } = await run({ ...KEYS, [name]: value(plantCode()) })
      expect([code, stderr, signerOf(stdout)]).toEqual([0, '', 'AKIDEXAMPLE'])
    })
  })
})
