// Builds dist/standalone/: the program in one file, with its own JavaScript runtime, for machines without Node.
//
//   node build/standalone.mjs              eks-get-token for this machine
//   node build/standalone.mjs --all        one for each platform, and SHA256SUMS
//   node build/standalone.mjs --to FOLDER  somewhere else
//
// It takes the bundles of dist/ (build.mjs) as they are. Bun's runtimes come as npm packages: not as a devDependency,
// since one machine builds for seven platforms and `npm ci` would fetch only its own, for every contributor.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { checkExecutable } from './executable.mjs'
import { signAdHoc, signatureProblem } from './mach-o.mjs'
import { leaveDeletedDirectory } from './working-directory.mjs'

const BUN_VERSION = '1.4.5'

/** The runtime of each platform: its package, and the SHA-256 of the binary in it. */
const RUNTIMES = {
  'linux-x64': ['linux-x64', 'f05d28a3862f4b84395c7fa32480b835dd47482e80b7e7a49a115227f0c06083'],
  'linux-x64-musl': ['linux-x64-musl', 'cf5d285ddbe256785a5121a3c113191a6b577504976374c7cfd5aedca609b720'],
  'linux-arm64': ['linux-aarch64', '04778f1f42399a69d086853e9c7af4acf574b2f21a43d0dc673853d8b84a2923'],
  'linux-arm64-musl': ['linux-aarch64-musl', '9c48986093073afec8b76a3e285303598dd2462f52748aecb65e4d94866e1ea3'],
  'darwin-x64': ['darwin-x64', '88f97645b270aef20f9f9442f1658461cab3e7128e658af4615144e3396f084a'],
  'darwin-arm64': ['darwin-aarch64', 'e2984124f1514e1e6bbda20adedbf07a02c443c6a5828853a15c7c7abf78e19f'],
  'windows-x64': ['windows-x64', 'e06ad0864463c68892ae71a2a64af7eae1585cac5dd9b80bc042f45605587cb1'],
}

const FLAGS = [
  '--compile',
  '--minify',
  // The functions are compiled when the program is built: at start they only have to be mapped.
  '--bytecode',
  // A matter of security: each of these files would be looked for in the current folder, and could name other keys, or
  // code to be run first. https://bun.com/docs/bundler/executables
  '--no-compile-autoload-dotenv',
  '--no-compile-autoload-bunfig',
  '--no-compile-autoload-tsconfig',
  '--no-compile-autoload-package-json',
  // A run is over before compiled code would have paid for its compilation: 15 % of a run with static keys.
  '--compile-jit-policy=100',
]

const ROOT = join(import.meta.dirname, '..')
const DIST = join(ROOT, 'dist')
/** The bundle that the executable starts with. */
const ENTRY = 'main.cjs'

const { values } = parseArgs({ options: { all: { type: 'boolean' }, to: { type: 'string' } } })
const folder = resolve(values.to ?? join(DIST, 'standalone'))
const host = hostPlatform()

if (!existsSync(join(DIST, ENTRY))) throw new Error("dist/ has no bundles; run 'npm run build' first")
mkdirSync(folder, { recursive: true })
if (values.all) {
  const built = Object.keys(RUNTIMES).map((platform) => compile(platform, `eks-get-token-${platform}`))
  const sums = built.map((file) => `${sha256(join(folder, file))}  ${file}\n`)
  writeFileSync(join(folder, 'SHA256SUMS'), sums.join(''))
} else {
  compile(host, 'eks-get-token')
}
writeFileSync(join(folder, 'THIRD-PARTY-LICENSES.txt'), notices())

/** @returns the file name of the executable */
function compile(platform, name) {
  const file = platform.startsWith('windows') ? `${name}.exe` : name
  // Moved to its place when it is complete: a kubeconfig may point there.
  const beside = mkdtempSync(join(folder, '.build-'))
  let found
  try {
    bundle(platform, join(beside, file))
    if (platform.startsWith('darwin')) sign(join(beside, file))
    if (platform.startsWith('linux')) startAnywhere(join(beside, file))
    found = checkExecutable(join(beside, file), platform)
    renameSync(join(beside, file), join(folder, file))
  } finally {
    rmSync(beside, { recursive: true, force: true })
  }
  console.log(`${join(folder, file)}: ${found}`)
  return file
}

/** Bun signs for arm64 only. Whoever has a certificate of Apple signs the result once more. */
function sign(file) {
  const bytes = readFileSync(file)
  if (signatureProblem(bytes) !== undefined) writeFileSync(file, signAdHoc(bytes, 'eks-get-token'))
}

function startAnywhere(file) {
  writeFileSync(file, leaveDeletedDirectory(readFileSync(file)))
}

function bundle(platform, outfile) {
  const bundles = readdirSync(DIST).filter(
    (entry) => entry.endsWith('.cjs') && entry !== ENTRY && !/^(index|library-.*)\.cjs$/.test(entry),
  )
  execFileSync(
    runtime(host),
    [
      'build',
      ...FLAGS,
      // A lazy bundle stays a file of its own in the executable, and is read when it is loaded.
      ...bundles.map((bundle) => `--external=./${bundle}`),
      `--target=bun-${RUNTIMES[platform][0].replace('aarch64', 'arm64')}`,
      `--compile-executable-path=${runtime(platform)}`,
      '--root=.',
      `--outfile=${outfile}`,
      ENTRY,
      ...bundles,
    ],
    // Bun reads variables and files of its own: it gets none.
    { cwd: DIST, env: { PATH: process.env.PATH }, stdio: ['ignore', 'ignore', 'inherit'] },
  )
}

/** The path of a platform's runtime, fetched where it is not there yet and checked in any case. */
function runtime(platform) {
  const [name, expected] = RUNTIMES[platform]
  const target = join(ROOT, '.tools', `bun-${BUN_VERSION}`, name)
  if (!existsSync(target)) fetchRuntime(name, target)
  const found = sha256(target)
  if (found !== expected) throw new Error(`${target} has the SHA-256 ${found}, and must have ${expected}`)
  return target
}

function fetchRuntime(name, target) {
  mkdirSync(join(target, '..'), { recursive: true })
  const aside = mkdtempSync(`${target}-`)
  try {
    // npm is a script on Windows, which only a shell starts. No word of these comes from outside.
    execFileSync('npm', ['pack', '--silent', `@oven/bun-${name}@${BUN_VERSION}`], {
      cwd: aside,
      shell: process.platform === 'win32',
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    execFileSync('tar', ['-xzf', readdirSync(aside).find((file) => file.endsWith('.tgz'))], { cwd: aside })
    const [binary] = readdirSync(join(aside, 'package/bin'))
    chmodSync(join(aside, 'package/bin', binary), 0o755)
    renameSync(join(aside, 'package/bin', binary), target)
  } finally {
    rmSync(aside, { recursive: true, force: true })
  }
}

/** As RUNTIMES names it. */
function hostPlatform() {
  const isMusl = process.platform === 'linux' && !process.report.getReport().header.glibcVersionRuntime
  const platform = `${process.platform.replace('win32', 'windows')}-${process.arch}${isMusl ? '-musl' : ''}`
  if (RUNTIMES[platform]) return platform
  throw new Error(`there is no runtime for ${platform}; there are: ${Object.keys(RUNTIMES).join(', ')}`)
}

function sha256(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}

/** Bun's own terms come first: its package has no text of them, and says where they are. */
function notices() {
  const bun = `The executable contains Bun ${BUN_VERSION}, Copyright (c) Oven, under the MIT license, and what Bun links, among it
JavaScriptCore under the LGPL 2. The texts, and how to link another JavaScriptCore into it:
https://github.com/oven-sh/bun/blob/bun-v${BUN_VERSION}/LICENSE.md

`
  return bun + readFileSync(join(DIST, 'THIRD-PARTY-LICENSES.txt'), 'utf8')
}
