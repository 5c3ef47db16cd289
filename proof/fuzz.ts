import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildFront, fromRoot, type Limits, missingProgram, type Result, remainingMs, skipped } from './part.ts'
import { cacheContent, randomSettings } from './random-settings.ts'

const SEEDS = 500
/** A config file has to be larger than any buffer that a parser may have. */
const MAX_BYTES = 1 << 16
const SEPARATOR = Buffer.from([0xff])
/** The exit code of libFuzzer after a signal. */
const INTERRUPTED = 72

/**
 * The front as a target of libFuzzer, with AddressSanitizer and UBSan (fuzz.c), from random settings on. What it finds stays in
 * `.tools/fuzz`.
 */
export async function fuzz(limits: Limits): Promise<Result> {
  const { count, seed } = limits
  const missing = missingProgram('clang-14', 'gcc', 'dpkg-deb')
  if (missing !== undefined)
    return skipped(`no ${missing}; the Debian packages are clang-14, libclang-rt-14-dev and gcc`)
  const directory = mkdtempSync(join(tmpdir(), 'eks-get-token-fuzz-'))
  const findings = fromRoot('.tools/fuzz')
  mkdirSync(findings, { recursive: true })
  const known = new Set(readdirSync(findings))
  try {
    const target = buildFront(directory, limits, '--fuzz')
    const corpus = join(directory, 'corpus')
    mkdirSync(corpus)
    for (let index = 0; index < SEEDS; index++) writeFileSync(join(corpus, String(index)), fuzzInput(seed, index))
    const options = [
      corpus,
      `-max_total_time=${Math.ceil(remainingMs(limits) / 1000)}`,
      `-max_len=${MAX_BYTES}`,
      `-seed=${seed}`,
      ...(Number.isFinite(count) ? [`-runs=${count}`] : []),
      ...[
        // By default an input of 10 s is a finding, which a busy machine makes of any.
        '-timeout=60',
        '-report_slow_units=60',
        '-rss_limit_mb=4096',
        '-detect_leaks=0',
        '-print_final_stats=1',
        `-artifact_prefix=${findings}/`,
      ],
    ]
    const { code, text } = await runFuzzer(target, options, remainingMs(limits))
    const found = readdirSync(findings).filter((file) => !known.has(file))
    const inputs = /stat::number_of_executed_units: *(\d+)/.exec(text)?.[1]
    const problem = `${found.join(', ') || 'no input'} in ${findings}: ${text.slice(-3000)}`
    const isSuccess = (code === 0 || code === INTERRUPTED) && inputs !== undefined && found.length === 0
    return { summary: `${inputs ?? 'no'} inputs`, problems: isSuccess ? [] : [problem] }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** In the form of fuzz.c. */
function fuzzInput(seed: number, index: number): Buffer {
  const { args, env, files } = randomSettings(seed, index)
  const words = (texts: readonly string[]): Buffer => Buffer.from(texts.map((text) => `${text}\0`).join(''))
  const kind = (['aws-cli', 'sso', 'login', 'role'] as const)[index % 4] ?? 'role'
  const sections = [
    words(args),
    words(Object.entries(env).map(([name, value]) => `${name}=${value}`)),
    Buffer.from(files['.aws/config'] ?? []),
    Buffer.from(files['.aws/credentials'] ?? []),
    Buffer.from(cacheContent(seed, index, kind, 0) ?? []),
  ]
  return Buffer.concat(sections.flatMap((section, at) => (at === 0 ? [section] : [SEPARATOR, section])))
}

function runFuzzer(
  program: string,
  args: readonly string[],
  timeoutMs: number,
): Promise<{ code: number | null; text: string }> {
  const child = spawn(program, args, { env: {}, stdio: ['ignore', 'ignore', 'pipe'] })
  let text = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-100_000)
  })
  // Its own limit does not count while it reads the inputs that it begins with.
  const timer = setTimeout(() => child.kill(), timeoutMs + 5000)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ code, text })
    })
  })
}
