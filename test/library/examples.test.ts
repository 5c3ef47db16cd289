import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCommand } from '../support/command.ts'
import { awsUserBlock } from '../support/kubeconfig.ts'
import { type LocalAws, startLocalAws } from '../support/local-aws.ts'
import { type LocalCluster, startLocalCluster } from '../support/local-cluster.ts'
import { keys } from '../support/runtime.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const DOCUMENTS = ['README.md', ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith('.md'),
)
/** Every program in the documentation: a block of code that imports something. */
const EXAMPLES = DOCUMENTS.flatMap((document) => {
  const text = readFileSync(join(ROOT, document), 'utf8')
  return [...text.matchAll(/^```(?:js|ts)\n(import [\s\S]*?)^```$/gm)].map(({ 1: code = '', index }) => {
    const line = text.slice(0, index).split('\n').length
    return { name: `${document}:${line}`, file: `${document.replace(/\W/g, '-')}-${line}.mts`, code }
  })
})

let folder: string
let aws: LocalAws
let cluster: LocalCluster
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'eks-get-token-examples-'))
  mkdirSync(join(folder, 'node_modules'))
  for (const [name, target] of [
    ['eks-get-token', ROOT],
    ['@aws-sdk', join(ROOT, 'node_modules/@aws-sdk')],
    ['@kubernetes', join(ROOT, 'node_modules/@kubernetes')],
    ['@types', join(ROOT, 'node_modules/@types')],
  ] as const) {
    symlinkSync(target, join(folder, 'node_modules', name))
  }
  for (const { file, code } of EXAMPLES) writeFileSync(join(folder, file), code)
  aws = await startLocalAws()
  const user = awsUserBlock({ clusterName: 'demo', region: 'us-west-2' })
  const secretFor = (accessKeyId: string) => ({ secret: `secret-of-${accessKeyId}` })
  cluster = await startLocalCluster({ clusterName: 'demo', secretFor, user })
  writeFileSync(join(folder, 'ca.pem'), aws.authority.pem)
  writeFileSync(join(folder, 'web-identity'), 'eyJ.a.b')
  writeHome(cluster.home)
})
afterAll(async () => {
  await Promise.all([aws.close(), cluster.close()])
  rmSync(folder, { recursive: true, force: true })
})

/** The profiles that the examples name. */
function writeHome(home: string): void {
  mkdirSync(join(home, '.aws/sso/cache'), { recursive: true })
  writeFileSync(
    join(home, '.aws/config'),
    `[profile ci]
aws_access_key_id = AKIDCI
aws_secret_access_key = secret-of-AKIDCI
[profile sso]
sso_session = main
sso_account_id = 111122223333
sso_role_name = dev
[sso-session main]
sso_start_url = https://example.awsapps.com/start
sso_region = us-west-2
`,
  )
  // SHA-1 of the session's name.
  const token = { accessToken: 'a-token', expiresAt: new Date(Date.now() + 3_600_000).toISOString() }
  writeFileSync(
    join(home, '.aws/sso/cache/b28b7af69320201d1cf206ebf28373980add1451.json'),
    JSON.stringify({ ...token, startUrl: 'https://example.awsapps.com/start', region: 'us-west-2' }),
  )
}

/**
 * The AWS SDK reads no proxy variables, so it gets its endpoints, and it warns of Node versions; this package takes tokens for
 * real STS hosts only.
 */
function environment(code: string): Record<string, string> {
  const endpoint = `http://127.0.0.1:${aws.port}`
  const services = code.includes('@aws-sdk/')
    ? { AWS_ENDPOINT_URL_STS: endpoint, AWS_ENDPOINT_URL_SSO: endpoint, NODE_NO_WARNINGS: '1' }
    : { HTTPS_PROXY: endpoint, NO_PROXY: '127.0.0.1', AWS_CA_BUNDLE: join(folder, 'ca.pem') }
  const webIdentity = {
    AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/web',
    AWS_WEB_IDENTITY_TOKEN_FILE: join(folder, 'web-identity'),
  }
  // The chain of the SDK warns where both a profile and keys are there.
  const accessKeys = code.includes('fromNodeProviderChain') ? {} : keys('AKIDEXAMPLE')
  return { ...cluster.env, ...services, ...webIdentity, ...accessKeys, AWS_REGION: 'us-west-2' }
}

describe('the examples in the documentation', () => {
  test('are there, for every function', () => {
    const all = EXAMPLES.map(({ code }) => code).join('\n')
    for (const name of [
      'createToken',
      'toExecCredential',
      'decodeToken',
      'checkToken',
      'verifyToken',
      'resolveIdentity',
      'isEksTokenError',
      'processRuntime',
      'withEksTokens',
    ]) {
      expect(all).toContain(`${name}(`)
    }
    for (const name of ['fromTemporaryCredentials', 'fromTokenFile', 'fromNodeProviderChain', 'fromSSO']) {
      expect(all).toContain(`${name}(`)
    }
  })

  test('compile, strictly', { timeout: 300_000 }, () => {
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc')
    const options = ['--strict', '--noEmit', '--target', 'es2023', '--module', 'nodenext', '--types', 'node']
    const files = EXAMPLES.map(({ file }) => file)
    const words = [compiler, ...options, '--skipLibCheck', ...files]
    const { status, stdout } = spawnSync(process.execPath, words, { cwd: folder, encoding: 'utf8', env: {} })
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
  })

  test.each(EXAMPLES)('$name runs', async ({ file, code }) => {
    // Examples are also valid JavaScript.
    const script = join(folder, file.replace(/\.mts$/, '.mjs'))
    writeFileSync(script, code)
    const result = await runCommand([process.execPath, script], { env: environment(code), cwd: folder })
    expect(result).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/\S/) })
  })
})
