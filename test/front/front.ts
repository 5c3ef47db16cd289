import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

/** The compilers of each front, and the Debian packages that have them. */
const COMPILERS = {
  'linux-x64': { names: ['gcc', 'musl-gcc'], packages: 'gcc and musl-tools' },
  'windows-x64': {
    names: ['gcc', 'x86_64-w64-mingw32-gcc-win32'],
    packages: 'gcc and gcc-mingw-w64-x86-64-win32',
  },
}

/** Why the front cannot be built here. The engine's sources are fetched by `npm run build:front`, and not by a test. */
export function missingForFront(platform: keyof typeof COMPILERS = 'linux-x64'): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'the test is for Linux on x64'
  const { names, packages } = COMPILERS[platform]
  const missing = names.filter((name) => spawnSync(name, ['--version']).status !== 0)
  if (missing.length > 0) return `no ${missing.join(' and ')}; the Debian packages are ${packages}`
  const engine = join(ROOT, '.tools', 'qjs-src_0.17.0-1_all.deb')
  return existsSync(engine) ? undefined : 'no engine in .tools; npm run build:front fetches it'
}

/** Builds the front into a folder. @returns its path */
export function buildFront(folder: string, ...options: string[]): string {
  execFileSync(process.execPath, ['build/front.mjs', '--to', folder, ...options], { cwd: ROOT, stdio: 'pipe' })
  return join(folder, 'eks-get-token')
}

/** Builds the front for Windows into a folder. @returns its path */
export function buildWindowsFront(folder: string, ...options: string[]): string {
  return `${buildFront(folder, '--platform', 'windows-x64', ...options)}-windows-x64.exe`
}
