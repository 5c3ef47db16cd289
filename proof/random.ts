import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { loadNpmCommand, type NpmOutcome, type Outcome } from './npm-command.ts'
import { buildFront, fromRoot, type Limits, missingProgram, type Result, skipped } from './part.ts'
import { type CacheKind, cacheContent, randomSettings } from './random-settings.ts'

export interface RandomResult {
  /** The front printed the bytes of the npm command. */
  same: number
  /** The front alone ended with ERR_FULL_PROGRAM; by the reason. */
  handedOver: Map<string, number>
  /** Of these, what the npm command did without network, processes and files to write. */
  withoutNeed: Map<string, number>
  /** Of the same, those with a token. */
  tokens: number
  differences: Difference[]
}

export interface Difference {
  readonly index: number
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Content by path, relative to the home directory. */
  readonly files: Readonly<Record<string, string>>
  readonly front: Outcome
  readonly npm: Outcome & { readonly needs: string | undefined }
}

export interface RandomRun {
  /** The front, alone in its directory. */
  readonly front: string
  /** `dist/` with the bundles of the npm command. */
  readonly dist: string
  readonly seed: number
  readonly first: number
  readonly count: number
  /** It stops at this time of `performance.now()`. */
  readonly untilMs?: number
  /** Called after every 1,000. */
  readonly onProgress?: (result: RandomResult) => void
}

const CACHES: readonly (readonly [directory: string, kind: CacheKind])[] = [
  ['/.aws/cli/cache/', 'aws-cli'],
  ['/.aws/sso/cache/', 'sso'],
  ['/.aws/login/cache/', 'login'],
  ['/logins/', 'login'],
  ['/.cache/eks-get-token/roles/', 'role'],
]
/** A role, its base credentials and their login each have a file. */
const CACHE_ROUNDS = 3
const MAX_DIFFERENCES = 20

/** The front, built without a full program beside it, against the npm command in dist/. */
export async function random(limits: Limits, ...buildOptions: readonly string[]): Promise<Result> {
  const missing = missingProgram('gcc', 'musl-gcc', 'dpkg-deb')
  if (missing !== undefined) return skipped(`no ${missing}; the Debian packages are gcc and musl-tools`)
  const directory = mkdtempSync(join(tmpdir(), 'eks-get-token-front-'))
  try {
    const front = buildFront(directory, limits, ...buildOptions)
    const { untilMs, count, first, seed, log } = limits
    const result = await compareAtRandom({
      ...{ front, dist: fromRoot('dist'), seed, first, count, untilMs },
      onProgress: (intermediate) => log(summary(intermediate)),
    })
    const problems = result.differences.map((difference) => JSON.stringify(difference))
    // Else it would compare nothing.
    if (result.same < sum(result.handedOver) || result.tokens === 0) problems.push('the front answers too little')
    return { summary: summary(result), problems }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function summary({ same, tokens, handedOver, withoutNeed, differences }: RandomResult): string {
  const left = [...handedOver].map(([reason, count]) => `${count} ${reason}`)
  const answered = [...withoutNeed].map(([reason, count]) => `${count} ${reason}`)
  return [
    `${same} the same, ${tokens} of them successful, ${differences.length} different; left to the full program: ${left.join(', ') || 'none'}`,
    ...(answered.length > 0 ? [`the npm command needs nothing else for: ${answered.join(', ')}`] : []),
  ].join('; ')
}

/**
 * Runs the front, alone and as a process, and the npm command with random settings, and compares stdout, stderr and exit code.
 * Either both are the same, or the front says that it needs the full program.
 */
async function compareAtRandom(run: RandomRun): Promise<RandomResult> {
  const result: RandomResult = { same: 0, handedOver: new Map(), withoutNeed: new Map(), tokens: 0, differences: [] }
  const npmCommand = loadNpmCommand(run.dist)
  const directory = mkdtempSync(join(tmpdir(), 'eks-get-token-random-'))
  const previous = process.cwd()
  try {
    for (let done = 0; done < run.count && result.differences.length < MAX_DIFFERENCES; done++) {
      if (run.untilMs !== undefined && performance.now() > run.untilMs) break
      await compareOne(run, run.first + done, directory, npmCommand, result)
      if ((done + 1) % 1000 === 0) run.onProgress?.(result)
    }
    return result
  } finally {
    process.chdir(previous)
    rmSync(directory, { recursive: true, force: true })
  }
}

async function compareOne(
  { front, seed }: RandomRun,
  index: number,
  directory: string,
  npmCommand: ReturnType<typeof loadNpmCommand>,
  result: RandomResult,
): Promise<void> {
  const { args, env: variables, files: generated } = randomSettings(seed, index)
  // The paths are in the output, and of the same length in each run.
  const home = join(directory, String(index))
  const files: Record<string, Uint8Array> = { ...generated }
  const write = (path: string, content: Uint8Array): void => {
    mkdirSync(dirname(join(home, path)), { recursive: true })
    writeFileSync(join(home, path), content)
  }
  mkdirSync(home)
  for (const [path, content] of Object.entries(files)) write(path, content)
  const env = { PATH: '/nonexistent', HOME: home, AWS_EC2_METADATA_DISABLED: 'true', ...variables }
  const runNpm = (nowMs: number): Promise<NpmOutcome> => npmCommand({ args, env, cwd: home, nowMs })

  const currentSecond = (): number => Math.floor(Date.now() / 1000)
  let second = currentSecond()
  let npm = await runNpm(second * 1000 + 500)
  for (let round = 0; round < CACHE_ROUNDS; round++) {
    const { missing } = npm
    const caches = [...missing].flatMap((path) => {
      const kind = CACHES.find(([folder]) => path.startsWith(home + folder))?.[1]
      const content = kind && cacheContent(seed, index, kind, round)
      return content ? [[path.slice(home.length + 1), content] as const] : []
    })
    for (const [path, content] of caches) {
      files[path] = content
      write(path, content)
    }
    if (caches.length === 0) break
    second = currentSecond()
    npm = await runNpm(second * 1000 + 500)
  }

  let start = currentSecond()
  let alone = await runFront(front, args, env, home)
  while (start !== currentSecond()) {
    start = currentSecond()
    alone = await runFront(front, args, env, home)
  }
  if (start !== second) npm = await runNpm(start * 1000 + 500)
  rmSync(home, { recursive: true, force: true })

  const reason = /^eks-get-token: the front needs the full program, because (.*) \(ERR_FULL_PROGRAM\)\n/m.exec(
    alone.stderr,
  )?.[1]
  if (reason !== undefined && alone.code === 255 && alone.stdout === '') {
    increment(result.handedOver, reason)
    if (npm.needs === undefined) increment(result.withoutNeed, reason)
    return
  }
  const isSame =
    npm.needs === undefined &&
    npm.code === alone.code &&
    comparable(npm.stdout) === comparable(alone.stdout) &&
    comparable(npm.stderr) === comparable(alone.stderr)
  if (isSame) {
    result.same++
    if (npm.code === 0) result.tokens++
    return
  }
  const { code, stdout, stderr } = alone
  const texts = Object.entries(files).map(([path, content]) => [path, Buffer.from(content).toString('latin1')] as const)
  result.differences.push({
    ...{ index, args, env: variables, files: Object.fromEntries(texts), front: { code, stdout, stderr } },
    npm: { code: npm.code, stdout: npm.stdout, stderr: npm.stderr, needs: npm.needs },
  })
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, count) => total + count, 0)
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

/**
 * Without what may differ: the name of the program in the version, the stack of an error, which the front has not, and how
 * many seconds are left, which depends on the milliseconds.
 */
function comparable(text: string): string {
  return text
    .replace(/^((?:debug: )?eks-get-token\/\S+).*$/m, '$1')
    .replace(/^debug: at .*\n/gm, '')
    .replace(/\b\d+ seconds?\b/g, 'SECONDS')
}

function runFront(
  front: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd: string,
): Promise<Outcome> {
  const child = spawn(front, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'], timeout: 20_000 })
  const texts = ['', '']
  for (const [at, stream] of [child.stdout, child.stderr].entries())
    stream.setEncoding('latin1').on('data', (text: string) => {
      texts[at] += text
    })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      resolve({ code, stdout: texts[0] ?? '', stderr: texts[1] ?? '' })
    })
  })
}
