// Builds dist/release/: an archive per platform, SHA256SUMS, and what installs them (packaging/), all for one version.
//
//   node build/release.mjs --base-url URL [--executables FOLDER] [--fronts FOLDER] [--to FOLDER]
//
// URL is where the archives will be. The executables are those of `node build/standalone.mjs --all`, the fronts those of
// `node build/front.mjs --platform NAME` for linux-x64, linux-arm64, windows-x64, and perhaps those for darwin; each front has an archive of its own
// beside that of the executable.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

const ROOT = join(import.meta.dirname, '..')
const DIST = join(ROOT, 'dist')
/** Of files in archives: two builds of a commit are identical. */
const TIMESTAMP = '2026-01-01 00:00:00Z'

const { values } = parseArgs({
  options: {
    'base-url': { type: 'string' },
    executables: { type: 'string' },
    fronts: { type: 'string' },
    to: { type: 'string' },
  },
})
const baseUrl = values['base-url']?.replace(/\/+$/, '')
if (baseUrl === undefined) throw new Error('--base-url is required: where the archives will be')
const executables = resolve(values.executables ?? join(DIST, 'standalone'))
const fronts = resolve(values.fronts ?? join(DIST, 'front'))
const folder = resolve(values.to ?? join(DIST, 'release'))
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))

mkdirSync(folder, { recursive: true })
const work = mkdtempSync(join(tmpdir(), 'eks-get-token-release-'))
try {
  const shared = join(work, 'shared')
  writeSharedFiles(shared)
  const sums = new Map()
  for (const { platform, file, extension } of programs(executables)) {
    sums.set(platform, pack(platform, file, extension, shared))
  }
  if (sums.size === 0) throw new Error(`no executables in ${executables}; run 'node build/standalone.mjs --all' first`)
  const sharedByFronts = join(work, 'shared-by-fronts')
  cpSync(shared, sharedByFronts, { recursive: true })
  for (const { platform, file, extension } of existsSync(fronts) ? programs(fronts) : []) {
    cpSync(join(fronts, `THIRD-PARTY-LICENSES-${platform}.txt`), join(sharedByFronts, 'THIRD-PARTY-LICENSES.txt'))
    sums.set(`front-${platform}`, pack(`front-${platform}`, file, extension, sharedByFronts))
  }
  writeFileSync(join(folder, 'SHA256SUMS'), [...sums.values()].map(({ name, sum }) => `${sum}  ${name}\n`).join(''))
  for (const file of readdirSync(join(ROOT, 'packaging'))) {
    writeFileSync(join(folder, file), fillIn(readFileSync(join(ROOT, 'packaging', file), 'utf8'), sums))
  }
  chmodSync(join(folder, 'install.sh'), 0o755)
  cpSync(join(DIST, 'sbom.cdx.json'), join(folder, 'sbom.cdx.json'))
} finally {
  rmSync(work, { recursive: true, force: true })
}

/** The executables of a folder that are named after a platform. */
function programs(directory) {
  return readdirSync(directory)
    .sort()
    .flatMap((name) => {
      const [, platform, extension = ''] = /^eks-get-token-([a-z0-9-]+)(\.exe)?$/.exec(name) ?? []
      return platform === undefined ? [] : [{ platform, file: join(directory, name), extension }]
    })
}

/** What every archive contains beside the executable. */
function writeSharedFiles(shared) {
  const completions = join(shared, 'completions')
  mkdirSync(completions, { recursive: true })
  for (const file of ['LICENSE', 'NOTICE']) cpSync(join(ROOT, file), join(shared, file))
  cpSync(join(DIST, 'eks-get-token.1'), join(shared, 'eks-get-token.1'))
  cpSync(join(executables, 'THIRD-PARTY-LICENSES.txt'), join(shared, 'THIRD-PARTY-LICENSES.txt'))
  const names = {
    bash: 'eks-get-token.bash',
    zsh: '_eks-get-token',
    fish: 'eks-get-token.fish',
    powershell: 'eks-get-token.ps1',
  }
  for (const [shell, name] of Object.entries(names)) {
    const main = join(DIST, 'main.cjs')
    writeFileSync(join(completions, name), execFileSync(process.execPath, [main, 'completion', shell], { env: {} }))
  }
}

/** @returns the name of the archive, and its SHA-256 */
function pack(platform, executable, extension, shared) {
  const name = writeArchive(platform, executable, extension, shared)
  const contents = readFileSync(join(folder, name))
  return { name, sum: createHash('sha256').update(contents).digest('hex') }
}

function writeArchive(platform, executable, extension, shared) {
  const files = join(work, platform)
  cpSync(shared, files, { recursive: true })
  cpSync(executable, join(files, `eks-get-token${extension}`))
  chmodSync(join(files, `eks-get-token${extension}`), 0o755)
  execFileSync('find', [files, '-exec', 'touch', '-d', TIMESTAMP, '{}', '+'])
  const entries = readdirSync(files).sort()
  const name = `eks-get-token-${version}-${platform}`
  if (extension === '.exe') {
    rmSync(join(folder, `${name}.zip`), { force: true })
    execFileSync('zip', ['-q', '-X', '-r', join(folder, `${name}.zip`), ...entries], {
      cwd: files,
      env: { ...process.env, TZ: 'UTC' },
    })
    return `${name}.zip`
  }
  const owner = ['--owner=0', '--group=0', '--numeric-owner', '--sort=name', `--mtime=${TIMESTAMP}`]
  const tar = execFileSync('tar', [...owner, '-cf', '-', ...entries], { cwd: files, maxBuffer: 1 << 30 })
  writeFileSync(join(folder, `${name}.tar.gz`), execFileSync('gzip', ['-9n'], { input: tar, maxBuffer: 1 << 30 }))
  return `${name}.tar.gz`
}

/** @throws for a placeholder without a value: a platform that was not built */
function fillIn(text, sums) {
  // GitHub's own expressions have blanks inside the braces.
  return text.replace(/\{\{([a-zA-Z0-9:-]+)\}\}/g, (_, key) => {
    const value = { version, baseUrl }[key] ?? sums.get(key.replace(/^sha256:/, ''))?.sum
    if (value === undefined) throw new Error(`no value for {{${key}}}: was every platform built?`)
    return value
  })
}
