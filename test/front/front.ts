import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

/** Why the front cannot be built here. The engine's sources are fetched by `npm run build:front`, and not by a test. */
export function missingForFront(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'the test is for Linux on x64'
  const compilers = ['gcc', 'musl-gcc'].filter((name) => spawnSync(name, ['--version']).status !== 0)
  if (compilers.length > 0) return `no ${compilers.join(' and ')}; the Debian packages are gcc and musl-tools`
  const engine = join(ROOT, '.tools', 'qjs-src_0.17.0-1_all.deb')
  return existsSync(engine) ? undefined : 'no engine in .tools; npm run build:front fetches it'
}

/** Builds the front into a folder. @returns its path */
export function buildFront(folder: string, ...options: string[]): string {
  execFileSync(process.execPath, ['build/front.mjs', '--to', folder, ...options], { cwd: ROOT, stdio: 'pipe' })
  return join(folder, 'eks-get-token')
}
