import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { AREAS, type Area } from './mutation/areas.ts'
import { fromRoot, type Limits, type Result, remainingMs, skipped } from './part.ts'

const HOME = fromRoot('proof/mutation')
const STRYKER = `${HOME}/node_modules/@stryker-mutator/core/bin/stryker.js`
const MIN_NODE = 22
/** What Stryker needs to write its results and to end its workers. */
const SHUTDOWN_MS = 10_000

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
  readonly static?: boolean
  readonly replacement: string
  readonly location: Readonly<Record<'start' | 'end', { readonly line: number; readonly column: number }>>
}

/**
 * Changes the code in small ways, and expects a test to fail for each. A change that no test notices is a problem, unless it is
 * in `mutation/survivors.json` with the reason.
 */
export async function mutation(limits: Limits): Promise<Result> {
  const node = findNode()
  if (node === undefined) return skipped(`Stryker needs Node ${MIN_NODE} or later, or .tools/node-${MIN_NODE}`)
  if (!existsSync(STRYKER)) {
    limits.log('installing Stryker')
    const options = { cwd: HOME, stdio: 'ignore', timeout: remainingMs(limits) } as const
    const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], options)
    if (status !== 0) return { summary: 'no Stryker', problems: ['npm ci failed in proof/mutation'] }
  }
  const known: readonly Survivor[] = JSON.parse(readFileSync(`${HOME}/survivors.json`, 'utf8'))
  const summaries: string[] = []
  const problems: string[] = []
  const isKnown = ({ file, mutant }: Pick<Survivor, 'file' | 'mutant'>): boolean =>
    known.some((other) => other.file === file && other.mutant === mutant)
  for (const [name, area] of Object.entries(AREAS)) {
    forgetStaticSurvivors(name)
    const milliseconds = remainingMs(limits) - SHUTDOWN_MS
    const started = Date.now()
    const outcome = milliseconds > 0 ? await runStryker(node, name, area, milliseconds) : 'not reached'
    const report = outcome === 'not reached' ? undefined : readReport(name, started)
    if (outcome === 'failed' && report === undefined) problems.push(`Stryker failed for ${name}`)
    const counts = Object.entries(report?.counts ?? {}).map(([status, count]) => `${count} ${status}`)
    summaries.push(`${name}: ${[...(outcome === 'complete' ? [] : [outcome]), ...counts].join(', ')}`)
    limits.log(summaries.at(-1) ?? '')
    const survivors = report?.survivors.filter((survivor) => !isKnown(survivor)) ?? []
    problems.push(...survivors.map(({ file, mutant }) => `no test fails: ${file}: ${mutant}`))
  }
  return { summary: summaries.join('; '), problems }
}

function findNode(): string | undefined {
  if (Number(process.versions.node.split('.')[0]) >= MIN_NODE) return process.execPath
  const other = fromRoot(`.tools/node-${MIN_NODE}`)
  return existsSync(other) ? other : undefined
}

/** Stryker writes what it has found so far when it is interrupted, and goes on from there in the next run. */
async function runStryker(
  node: string,
  name: string,
  { sources }: Area,
  milliseconds: number,
): Promise<'complete' | 'interrupted' | 'failed'> {
  const files = ['--mutate', sources.join(','), '--incrementalFile', resultsOf(name)]
  const child = spawn(node, [STRYKER, 'run', `${HOME}/stryker.config.mjs`, ...files], {
    env: { ...process.env, EKS_GET_TOKEN_MUTATION_AREA: name },
    ...{ cwd: fromRoot(''), stdio: 'ignore', detached: true },
  })
  let isInterrupted = false
  const interrupt = setTimeout(() => {
    isInterrupted = true
    child.kill('SIGTERM')
  }, milliseconds)
  // Its workers also.
  const kill = setTimeout(() => process.kill(-(child.pid ?? 0), 'SIGKILL'), milliseconds + SHUTDOWN_MS)
  try {
    const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('exit', resolve))
    return isInterrupted ? 'interrupted' : code === 0 ? 'complete' : 'failed'
  } finally {
    clearTimeout(interrupt)
    clearTimeout(kill)
  }
}

function resultsOf(name: string): string {
  return `.tools/mutation/${name}.json`
}

/**
 * Stryker knows no test that covers a constant of a module, and would take over that no test has noticed its change, whatever
 * tests were added since.
 */
function forgetStaticSurvivors(name: string): void {
  const file = fromRoot(resultsOf(name))
  if (!existsSync(file)) return
  const report: Report = JSON.parse(readFileSync(file, 'utf8'))
  const files = Object.entries(report.files).map(([path, { mutants, ...rest }]) => {
    const others = mutants.filter(({ static: isStatic, status }) => !(isStatic && status === 'Survived'))
    return [path, { ...rest, mutants: others }]
  })
  writeFileSync(file, JSON.stringify({ ...report, files: Object.fromEntries(files) }))
}

/** @returns undefined if Stryker has written nothing since then */
function readReport(name: string, sinceMs: number) {
  const file = fromRoot(resultsOf(name))
  const stats = statSync(file, { throwIfNoEntry: false })
  if (stats === undefined || stats.mtimeMs < sinceMs) return undefined
  const { files }: Report = JSON.parse(readFileSync(file, 'utf8'))
  const counts: Record<string, number> = {}
  const survivors: Pick<Survivor, 'file' | 'mutant'>[] = []
  for (const [path, { source, mutants }] of Object.entries(files)) {
    const lines = source.split('\n')
    for (const mutant of mutants) {
      counts[mutant.status] = (counts[mutant.status] ?? 0) + 1
      const isUnnoticed = mutant.status === 'Survived' || mutant.status === 'NoCoverage'
      if (isUnnoticed) survivors.push({ file: path, mutant: describe(mutant, lines) })
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
