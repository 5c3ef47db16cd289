import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { runCommand } from '../support/command.ts'
import { keys } from '../support/runtime.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const SOURCES = ['bin', 'build', 'src', 'package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.types.json']

/** Runs without a pause would take as much CPU time as the builds. */
const BETWEEN_RUNS_MS = 100

// A build takes a minute where other tests keep the machine busy.
vi.setConfig({ testTimeout: 240_000 })

let folder: string
/** A copy of this project, with its dependencies. The tests below run on it in their order: a build takes seconds. */
let project: string
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'eks-get-token-build-')))
  project = join(folder, 'a folder with spaces')
  for (const source of SOURCES) cpSync(join(ROOT, source), join(project, source), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(project, 'node_modules'), 'junction')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const inDist = (name: string) => join(project, 'dist', name)
/** Runs the build from a working directory that has nothing to do with it. */
const build = (...args: string[]) =>
  runCommand([process.execPath, join(project, 'build', 'build.mjs'), ...args], {
    env: {},
    cwd: folder,
    timeoutMs: 120_000,
  })
const SUCCESS = { code: 0, stdout: '', stderr: '' }
const STALE = {
  code: 1,
  stdout: '',
  stderr: "build: dist/ is missing or was built from other sources; run 'npm run build'\n",
}

/** Every published file of dist, by its path. */
function filesOf(root: string): Record<string, string> {
  const dist = join(root, 'dist')
  const files = readdirSync(dist, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = files.map((entry) => join(entry.parentPath, entry.name).slice(dist.length + 1)).sort()
  const published = paths.filter((path) => !/^(build\.json$|(standalone|front|release)\b)/.test(path))
  return Object.fromEntries(published.map((path) => [path, readFileSync(join(dist, path), 'latin1')]))
}

/** Names only: a failure would print all the contents. */
function differentFiles(one: Record<string, string>, other: Record<string, string>): string[] {
  return Object.keys({ ...one, ...other }).filter((name) => one[name] !== other[name])
}

test('a first build, in a folder with spaces and from another working directory', async () => {
  expect(await build('--check')).toMatchObject(STALE)
  expect(await build('--types')).toMatchObject(SUCCESS)
  expect(await build('--check')).toMatchObject(SUCCESS)
  expect(readdirSync(project).sort()).toEqual([...SOURCES, 'dist', 'node_modules'].sort())

  const command = [process.execPath, join(project, 'bin', 'eks-get-token.cjs'), '--version'] as const
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }
  const result = await runCommand(command, { env: {}, cwd: folder })
  expect(result).toMatchObject({ ...SUCCESS, stdout: `eks-get-token/${version} node/${process.versions.node}\n` })
})

test('two builds in folders with different names are identical, byte for byte', () => {
  const files = filesOf(project)
  expect(Object.keys(files)).toEqual(
    expect.arrayContaining(['THIRD-PARTY-LICENSES.txt', 'index.cjs', 'main.cjs', 'package.json', 'types/index.d.ts']),
  )
  expect(differentFiles(files, filesOf(ROOT))).toEqual([])
})

test('the output of a build contains no path of the machine', () => {
  const folders = [ROOT.replace(/\/$/, ''), folder, tmpdir()]
  const named = [project, ROOT].flatMap((root) =>
    Object.entries(filesOf(root)).flatMap(([name, text]) =>
      folders.filter((path) => text.includes(path)).map((path) => `${name}: ${path}`),
    ),
  )
  expect(named).toEqual([])
})

describe('a build over an earlier build', () => {
  test('removes the bundles and types of sources that are gone, and nothing else', async () => {
    for (const name of ['standalone', 'types/gone']) mkdirSync(inDist(name))
    const others = ['standalone/eks-get-token', 'notes.txt', 'types/index.d.ts']
    const stale = ['gone.cjs', 'types/gone/gone.d.ts']
    for (const name of [...others, ...stale]) writeFileSync(inDist(name), 'x')
    expect(await build('--types')).toMatchObject(SUCCESS)
    expect([...others, ...stale].filter((name) => existsSync(inDist(name)))).toEqual(others)
  })

  test('does not break a run at the same time', async () => {
    const command = [process.execPath, join(project, 'bin', 'eks-get-token.cjs')] as const
    // YAML and --query are in bundles that are loaded late.
    const args = ['--cluster-name', 'demo', '--region', 'us-east-1', '--output', 'yaml', '--query', 'kind']
    const options = { env: { HOME: folder, AWS_EC2_METADATA_DISABLED: 'true', ...keys('AKIDEXAMPLE') }, cwd: folder }
    let isBuilding = true
    const runUntilBuilt = async () => {
      const results = []
      while (isBuilding) {
        results.push(await runCommand([...command, ...args], options))
        await new Promise((resolve) => setTimeout(resolve, BETWEEN_RUNS_MS))
      }
      return results
    }
    const running = runUntilBuilt()
    for (const version of ['1.0.0', '2.0.0']) {
      const manifest = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'))
      writeFileSync(join(project, 'package.json'), JSON.stringify({ ...manifest, version }))
      expect(await build()).toMatchObject(SUCCESS)
    }
    isBuilding = false
    const results = await running
    expect(results.length).toBeGreaterThan(5)
    expect(results.filter(({ code, stderr }) => code !== 0 || stderr !== '')).toEqual([])
    expect((await runCommand([...command, '--version'], options)).stdout).toMatch(/^eks-get-token\/2\.0\.0 /)
  })

  test('without types leaves them as they were, which counts as stale', async () => {
    expect(existsSync(inDist('types/index.d.ts'))).toBe(true)
    expect(await build('--check')).toMatchObject(STALE)
  })

  test('changes nothing when it fails', async () => {
    const before = filesOf(project)
    const main = join(project, 'src', 'main.ts')
    writeFileSync(main, `import './missing.ts'\n${readFileSync(main, 'utf8')}`)
    expect(await build()).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('missing.ts') })
    expect(differentFiles(before, filesOf(project))).toEqual([])
  })
})
