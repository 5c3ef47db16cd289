import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { argumentLists } from './arguments.ts'
import { fuzz } from './fuzz.ts'
import { identity } from './identity.ts'
import { load } from './load.ts'
import { mutation } from './mutation.ts'
import { MAX_TIMEOUT_MS, type Part, type Result } from './part.ts'
import { random } from './random.ts'
import { sanitizer } from './sanitizer.ts'
import { soak } from './soak.ts'

/** What takes too long for every change. All parts with their defaults take 24 minutes at most. */
const PARTS: Readonly<Record<string, { readonly run: Part; readonly seconds: number }>> = {
  random: { run: random, seconds: 180 },
  sanitizer: { run: sanitizer, seconds: 150 },
  fuzz: { run: fuzz, seconds: 270 },
  load: { run: load, seconds: 180 },
  soak: { run: soak, seconds: 120 },
  arguments: { run: argumentLists, seconds: 120 },
  identity: { run: identity, seconds: 90 },
  mutation: { run: mutation, seconds: 360 },
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string' },
    count: { type: 'string' },
    seed: { type: 'string' },
    first: { type: 'string' },
    command: { type: 'string' },
  },
})
/** What a part may take beyond its limit, to end what it has started. */
const GRACE_SECONDS = 60
const [count, first] = [values.count ?? Number.POSITIVE_INFINITY, values.first ?? 0].map(Number)
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
const unknown = positionals.filter((name) => !Object.hasOwn(PARTS, name))
if (unknown.length > 0 || [count, first, seed, Number(values.seconds ?? 0)].some(Number.isNaN)) {
  console.error(
    `usage: .ci/proof [--seconds PER_PART] [--count NUMBER] [--seed NUMBER] [--first NUMBER] [--command WORDS] [${Object.keys(PARTS).join('|')}]...`,
  )
  process.exit(2)
}

if (values.command !== undefined) process.env.EKS_GET_TOKEN_TEST_COMMAND = absoluteCommand(values.command)
console.log(`seed ${seed}, Node ${process.version}, ${process.platform}`)
const beginning = performance.now()
let failed = 0
for (const [name, { run, seconds: defaultSeconds }] of Object.entries(PARTS)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue
  const started = performance.now()
  // Who says how much is to be tried waits for it.
  const seconds = Number(values.seconds ?? (values.count === undefined ? defaultSeconds : Number.POSITIVE_INFINITY))
  const limits = {
    ...{ untilMs: started + seconds * 1000, count: count ?? 0, first: first ?? 0, seed },
    log: (line: string) => console.log(`  ${line}`),
  }
  const result = run(limits).catch((error: Error) => ({ summary: 'failed', problems: [String(error.stack)] }))
  const { summary, problems } = await Promise.race([result, overdue(seconds + GRACE_SECONDS)])
  console.log(
    `${name}: ${problems.length} problems; ${summary} (${secondsSince(started)} s${Number.isFinite(seconds) ? ` of ${seconds}` : ''})`,
  )
  for (const problem of problems) console.log(`  PROBLEM ${problem}`)
  failed += problems.length
}
console.log(`${failed} problems in ${secondsSince(beginning)} s`)
process.exit(failed === 0 ? 0 : 1)

/** The command runs in other directories. */
function absoluteCommand(words: string): string {
  return words
    .split(' ')
    .map((word) => (existsSync(word) ? resolve(word) : word))
    .join(' ')
}

function secondsSince(started: number): number {
  return Math.round((performance.now() - started) / 1000)
}

async function overdue(seconds: number): Promise<Result> {
  await setTimeout(Math.min(seconds * 1000, MAX_TIMEOUT_MS), undefined, { ref: false })
  return { summary: 'not ended', problems: [`it has not ended after ${seconds} s`] }
}
