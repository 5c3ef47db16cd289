import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCommand } from '../support/command.ts'
import { keys } from '../support/runtime.ts'

/** The package as its users get it: what `files` names, in an empty folder, without any dependency. */
const root = fileURLToPath(new URL('../../', import.meta.url))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  files: string[]
  bin: Record<string, string>
  dependencies?: unknown
  scripts: Record<string, string>
}
let folder: string
let installed: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'eks-get-token-install-'))
  installed = join(folder, 'node_modules', 'eks-get-token')
  mkdirSync(installed, { recursive: true })
  // What npm adds by itself: https://docs.npmjs.com/cli/v11/configuring-npm/package-json#files
  const left = manifest.files.filter((file) => file.startsWith('!')).map((file) => join(root, file.slice(1)))
  const files = manifest.files.filter((file) => !file.startsWith('!'))
  for (const file of [...files, 'package.json', 'README.md', 'LICENSE']) {
    cpSync(join(root, file), join(installed, file), { recursive: true, filter: (from) => !left.includes(from) })
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const ENV = { PATH: '/usr/bin:/bin', HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true', ...keys('AKIDEXAMPLE') }

test('the package has at most 2 MB', () => {
  const files = readdirSync(installed, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const bytes = files.map((entry) => statSync(join(entry.parentPath, entry.name)).size)
  expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(2_000_000)
})

test('the package has no dependencies', () => expect(manifest.dependencies).toBeUndefined())

test('the package has no install scripts', () => {
  // https://docs.npmjs.com/cli/v11/using-npm/scripts#life-cycle-scripts
  const scripts = ['preinstall', 'install', 'postinstall', 'preprepare', 'prepare', 'postprepare', 'dependencies']
  expect(Object.keys(manifest.scripts).filter((name) => scripts.includes(name))).toEqual([])
  // npm would compile it.
  expect(existsSync(join(installed, 'binding.gyp'))).toBe(false)
})

test.each([
  ['keys', ['--output', 'off'], 0],
  ['a table', ['--output', 'table', '--query', 'status'], 0],
  ['yaml', ['--output', 'yaml'], 0],
  ['a role, with an STS endpoint that cannot be reached', ['--role-arn', 'arn:aws:iam::123456789012:role/r'], 255],
])('the command works: %s', async (_title, options, code) => {
  const bin = join(installed, manifest.bin['eks-get-token'] ?? '')
  const env = { ...ENV, AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1', AWS_REGION: 'us-east-1', AWS_MAX_ATTEMPTS: '1' }
  const result = await runCommand([process.execPath, bin, '--cluster-name', 'demo', ...options], { env, cwd: folder })
  expect(result).toMatchObject({ code, ...(code === 0 ? { stderr: '' } : { stdout: '' }) })
})

test.each([
  ['inspect', ['--cluster-name', 'demo'], 0, 'All checks passed.'],
  ['verify', ['k8s-aws-v1.x', '--cluster-name', 'demo'], 1, 'STS was not called'],
  ['doctor', ['--kubeconfig', '/nonexistent'], 1, 'start with kubeconfig'],
])('the command works: %s', async (name, options, code, said) => {
  const bin = join(installed, manifest.bin['eks-get-token'] ?? '')
  const env = { ...ENV, AWS_REGION: 'us-east-1' }
  const result = await runCommand([process.execPath, bin, name, ...options], { env, cwd: folder })
  expect(result).toMatchObject({ code, stderr: '', stdout: expect.stringContaining(said) })
})

test.each([
  ['an ES module', ['--input-type=module'], "import { createToken } from 'eks-get-token'"],
  ['CommonJS', [], "const { createToken } = require('eks-get-token')"],
])('the library works in %s', async (_title, flags, load) => {
  const script = `${load}\ncreateToken({ clusterName: 'demo', region: 'us-west-2' }).then(({ token, expiresAt }) => console.log(token.slice(0, 11), expiresAt instanceof Date))`
  const result = await runCommand([process.execPath, ...flags, '-e', script], { env: ENV, cwd: folder })
  expect(result).toMatchObject({ code: 0, stdout: 'k8s-aws-v1. true\n', stderr: '' })
})

const ES_CONSUMER = `import { createToken, type Token } from 'eks-get-token'
const made: Promise<Token> = createToken({ clusterName: 'demo' })
// @ts-expect-error: there is no such option
createToken({ cluster: 'demo' })
export default made
`
const COMMON_CONSUMER = `import library = require('eks-get-token')
export const made = library.createToken({ clusterName: 'demo' })
`
/** The types of the client itself need those of Node. */
const KUBERNETES_CONSUMER = `import { KubeConfig } from '@kubernetes/client-node'
import { withEksTokens } from 'eks-get-token/kubernetes'
export const kubeConfig: KubeConfig = withEksTokens(new KubeConfig(), { environment: { AWS_PROFILE: 'dev' } })
// @ts-expect-error: there is no such option
withEksTokens(new KubeConfig(), { profile: 'dev' })
`
test.each([
  ['nodenext', 'nodenext'],
  ['esnext', 'bundler'],
])('the types of eks-get-token/kubernetes hold: %s', async (module, moduleResolution) => {
  const link = join(folder, 'node_modules', '@kubernetes')
  if (!existsSync(link)) symlinkSync(join(root, 'node_modules', '@kubernetes'), link, 'junction')
  writeFileSync(join(folder, 'kubernetes.mts'), KUBERNETES_CONSUMER)
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const settings = ['--module', module, '--moduleResolution', moduleResolution, '--types', '', '--lib', 'es2023']
  const words = [
    process.execPath,
    compiler,
    '--strict',
    '--noEmit',
    '--skipLibCheck',
    ...settings,
    'kubernetes.mts',
  ] as const
  expect(await runCommand(words, { env: ENV, cwd: folder, timeoutMs: 60_000 })).toMatchObject({ code: 0, stdout: '' })
})

test.each([
  ['consumer.mts', ES_CONSUMER, 'nodenext', 'nodenext'],
  ['consumer.mts', ES_CONSUMER, 'node16', 'node16'],
  ['consumer.mts', ES_CONSUMER, 'esnext', 'bundler'],
  ['consumer.cts', COMMON_CONSUMER, 'node16', 'node16'],
])('its types hold: %s', async (file, text, module, moduleResolution) => {
  writeFileSync(join(folder, file), text)
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const settings = { module, moduleResolution, types: '', lib: 'es2023' }
  const options = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
  const words = [process.execPath, compiler, '--strict', '--noEmit', ...options, file] as const
  const result = await runCommand(words, { env: ENV, cwd: folder })
  expect(result).toMatchObject({ code: 0, stdout: '' })
})

test('the package contains the licenses of its dependencies', () => {
  expect(readdirSync(installed)).toEqual(expect.arrayContaining(['LICENSE', 'NOTICE']))
  expect(readFileSync(join(installed, 'dist', 'THIRD-PARTY-LICENSES.txt'), 'utf8')).toContain('@smithy/signature-v4')
})
