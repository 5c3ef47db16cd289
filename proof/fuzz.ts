import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromRoot, type Limits } from './part.ts'
import { cacheContent, randomSettings } from './random-settings.ts'

const SEEDS = 500
/** A config file has to be larger than any buffer that a parser may have. */
const MAX_BYTES = 1 << 16
const SEPARATOR = Buffer.from([0xff])

/**
 * The front as a target of libFuzzer, with AddressSanitizer and UBSan (fuzz.c), from random settings on. What it finds stays in
 * `.tools/fuzz`.
 */
export async function fuzz({ seconds, count, seed, log }: Limits): Promise<string[]> {
  if (spawnSync('clang-14', ['--version']).status !== 0) {
    log('skipped: no clang-14 with libFuzzer; the Debian packages are clang-14 and libclang-rt-14-dev')
    return []
  }
  const directory = mkdtempSync(join(tmpdir(), 'eks-get-token-fuzz-'))
  const findings = fromRoot('.tools/fuzz')
  mkdirSync(findings, { recursive: true })
  const known = new Set(readdirSync(findings))
  try {
    execFileSync(process.execPath, [fromRoot('build/front.mjs'), '--to', directory, '--fuzz'], { stdio: 'pipe' })
    const corpus = join(directory, 'corpus')
    mkdirSync(corpus)
    for (let index = 0; index < SEEDS; index++) writeFileSync(join(corpus, String(index)), fuzzInput(seed, index))
    const output = await runFuzzer(join(directory, 'eks-get-token'), [
      corpus,
      `-max_total_time=${Math.ceil(seconds)}`,
      `-max_len=${MAX_BYTES}`,
      `-seed=${seed}`,
      ...(Number.isFinite(count) ? [`-runs=${count}`] : []),
      ...[
        '-timeout=60',
        '-rss_limit_mb=4096',
        '-detect_leaks=0',
        '-print_final_stats=1',
        `-artifact_prefix=${findings}/`,
      ],
    ])
    log(/stat::number_of_executed_units: *\d+/.exec(output.text)?.[0] ?? 'no statistics')
    const found = readdirSync(findings).filter((file) => !known.has(file))
    if (output.code === 0 && found.length === 0) return []
    return [`${found.join(', ') || 'no input'} in ${findings}: ${output.text.slice(-3000)}`]
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

function runFuzzer(program: string, args: readonly string[]): Promise<{ code: number | null; text: string }> {
  const child = spawn(program, args, { env: {}, stdio: ['ignore', 'ignore', 'pipe'] })
  let text = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-100_000)
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, text }))
  })
}
