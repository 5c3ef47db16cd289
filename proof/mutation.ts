import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { fromRoot, type Limits } from './part.ts'

/**
 * What Stryker mutates, one area after the other, with the tests of `mutation/vitest.config.ts`. Its results stay in .tools, so
 * that only what has changed is tested again. Locks, atomic writes and shared files are tested by processes, which take too long.
 */
const AREAS: Readonly<Record<string, readonly string[]>> = {
  token: ['src/token/*.ts'],
  plan: ['src/credentials/plan/*.ts'],
  cache: ['aws-cache', 'directory', 'hash', 'list', 'paths', 'permissions', 'private-file', 'role-cache'].map(
    (name) => `src/credentials/cache/${name}.ts`,
  ),
}
const HOME = fromRoot('proof/mutation')
const STRYKER = `${HOME}/node_modules/@stryker-mutator/core/bin/stryker.js`
const REPORT = fromRoot('.tools/mutation/report.json')
const MIN_NODE = 22

interface Survivor {
  readonly file: string
  /** The line, with `⟦original → replacement⟧`. */
  readonly mutant: string
  readonly reason: string
}

/** As much of Stryker's report as is used. https://github.com/stryker-mutator/mutation-testing-elements */
interface Report {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly Mutant[] }>>
}

interface Mutant {
  readonly status: string
  readonly replacement: string
  readonly location: Readonly<Record<'start' | 'end', { readonly line: number; readonly column: number }>>
}

/**
 * Changes the code in small ways, and expects a test to fail for each. A change that no test notices is a problem, unless it is
 * in `mutation/survivors.json` with the reason.
 */
export async function mutation({ seconds, log }: Limits): Promise<string[]> {
  const node = findNode()
  if (node === undefined) {
    log(`skipped: Stryker needs Node ${MIN_NODE} or later, or .tools/node-${MIN_NODE}`)
    return []
  }
  if (!existsSync(STRYKER)) {
    log('installing Stryker')
    const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: HOME, stdio: 'ignore' })
    if (status !== 0) return ['Stryker could not be installed (npm ci in proof/mutation)']
  }
  const until = performance.now() + seconds * 1000
  const known: readonly Survivor[] = JSON.parse(readFileSync(`${HOME}/survivors.json`, 'utf8'))
  const problems: string[] = []
  for (const [area, patterns] of Object.entries(AREAS)) {
    rmSync(REPORT, { force: true })
    const left = until - performance.now()
    const text = left > 0 ? await runStryker(node, area, patterns, left) : undefined
    if (text === undefined) {
      log(`${area}: not reached`)
      continue
    }
    if (!existsSync(REPORT)) return [...problems, `Stryker failed: ${text.slice(-2000)}`]
    const { counts, survivors } = readReport(JSON.parse(readFileSync(REPORT, 'utf8')))
    const unknown = survivors.filter(
      ({ file, mutant }) => !known.some((other) => other.file === file && other.mutant === mutant),
    )
    log(
      `${area}: ${Object.entries(counts)
        .map(([status, count]) => `${count} ${status}`)
        .join(', ')}`,
    )
    problems.push(...unknown.map(({ file, mutant }) => `no test fails: ${file}: ${mutant}`))
  }
  return problems
}

function findNode(): string | undefined {
  if (Number(process.versions.node.split('.')[0]) >= MIN_NODE) return process.execPath
  const other = fromRoot(`.tools/node-${MIN_NODE}`)
  return existsSync(other) ? other : undefined
}

/** @returns its output; undefined if the time was over first */
function runStryker(
  node: string,
  area: string,
  patterns: readonly string[],
  milliseconds: number,
): Promise<string | undefined> {
  const files = ['--mutate', patterns.join(','), '--incrementalFile', `.tools/mutation/${area}.json`]
  const child = spawn(node, [STRYKER, 'run', `${HOME}/stryker.config.mjs`, ...files], {
    env: { ...process.env, EKS_GET_TOKEN_MUTATION_AREA: area },
    ...{ cwd: fromRoot(''), stdio: ['ignore', 'pipe', 'pipe'], detached: true },
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text = (text + chunk).slice(-10_000)
    })
  return new Promise((resolve, reject) => {
    let isOver = false
    const timer = setTimeout(() => {
      isOver = true
      // Its workers also.
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM')
    }, milliseconds)
    child.on('error', reject)
    child.on('close', () => {
      clearTimeout(timer)
      resolve(isOver ? undefined : text)
    })
  })
}

function readReport({ files }: Report) {
  const counts: Record<string, number> = {}
  const survivors: Pick<Survivor, 'file' | 'mutant'>[] = []
  for (const [file, { source, mutants }] of Object.entries(files)) {
    const lines = source.split('\n')
    for (const mutant of mutants) {
      counts[mutant.status] = (counts[mutant.status] ?? 0) + 1
      const isUnnoticed = mutant.status === 'Survived' || mutant.status === 'NoCoverage'
      if (isUnnoticed) survivors.push({ file, mutant: describe(mutant, lines) })
    }
  }
  return { counts, survivors }
}

function describe({ location: { start, end }, replacement }: Mutant, lines: readonly string[]): string {
  const line = lines[start.line - 1] ?? ''
  const isOneLine = start.line === end.line
  const original = isOneLine ? line.slice(start.column - 1, end.column - 1) : `${line.slice(start.column - 1)} …`
  const changed = `⟦${original} → ${replacement.replace(/\s+/g, ' ').slice(0, 80)}⟧`
  return `${line.slice(0, start.column - 1)}${changed}${isOneLine ? line.slice(end.column - 1) : ''}`.trim()
}
