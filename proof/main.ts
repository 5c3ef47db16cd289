import { parseArgs } from 'node:util'
import { fuzz } from './fuzz.ts'
import type { Part } from './part.ts'
import { random } from './random.ts'
import { sanitizer } from './sanitizer.ts'

/** What takes too long for every change: each part searches for as long as it may, and ends early at a count of its own. */
const PARTS: Readonly<Record<string, Part>> = { random, sanitizer, fuzz }
const DEFAULT_SECONDS = 3600

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string' },
    count: { type: 'string' },
    seed: { type: 'string' },
    first: { type: 'string' },
  },
})
const [seconds, count, first] = [
  values.seconds ?? DEFAULT_SECONDS,
  values.count ?? Number.POSITIVE_INFINITY,
  values.first ?? 0,
].map(Number)
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
const unknown = positionals.filter((name) => !Object.hasOwn(PARTS, name))
if (unknown.length > 0 || [seconds, count, first, seed].some(Number.isNaN)) {
  console.error(
    `usage: .ci/proof [--seconds PER_PART] [--count NUMBER] [--seed NUMBER] [--first NUMBER] [${Object.keys(PARTS).join('|')}]...`,
  )
  process.exit(2)
}

console.log(`seed ${seed}, Node ${process.version}, ${process.platform}`)
let failed = 0
for (const name of positionals.length > 0 ? positionals : Object.keys(PARTS)) {
  const started = performance.now()
  const limits = { seconds: seconds ?? 0, count: count ?? 0, first: first ?? 0, seed, log: console.log }
  const problems = (await PARTS[name]?.(limits).catch((error: Error) => [String(error.stack)])) ?? []
  console.log(`${name}: ${problems.length} problems (${Math.round((performance.now() - started) / 1000)} s)`)
  for (const problem of problems) console.log(`  PROBLEM ${problem}`)
  failed += problems.length
}
process.exit(failed === 0 ? 0 : 1)
