import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRandom } from '../chaos/random.ts'
import { compareLists } from '../test/support/argument-lists.ts'
import { AWS_PYTHON_MISSING, findAwsPython, readWithAws } from '../test/support/aws-arguments.ts'
import { type Limits, type Result, skipped } from './part.ts'

/** Lists for one process of Python. */
const BATCH = 2000
const DEFAULT_COUNT = 20_000

/** Random argument lists, read by this program and by the AWS CLI: the same command with the same values, or the same error. */
export async function argumentLists({ untilMs, count, seed }: Limits): Promise<Result> {
  const python = findAwsPython()
  if (python === undefined) return skipped(AWS_PYTHON_MISSING)
  const random = createRandom(seed)
  const totals = { lists: 0, accepted: 0, rejected: 0 }
  const explained: Record<string, number> = {}
  const problems: string[] = []
  const home = mkdtempSync(join(tmpdir(), 'eks-get-token-arguments-'))
  try {
    const wanted = Number.isFinite(count) ? count : DEFAULT_COUNT
    while (totals.lists < wanted && performance.now() < untilMs && problems.length < 20) {
      const size = Math.min(BATCH, wanted - totals.lists)
      const result = await compareLists(random, size, home, (lists) => readWithAws(python, home, lists))
      totals.lists += size
      totals.accepted += result.accepted
      totals.rejected += result.rejected
      for (const [reason, times] of Object.entries(result.explained))
        explained[reason] = (explained[reason] ?? 0) + times
      problems.push(...result.differences.map((difference) => JSON.stringify(difference)))
    }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
  const reasons = Object.entries(explained).map(([reason, times]) => `${times} because ${reason}`)
  const summary =
    `AWS CLI ${python.version}: ${totals.lists} argument lists, ${totals.accepted} accepted with the same values, ` +
    `${totals.rejected} rejected with the same error; different: ${reasons.join(', ') || 'none'}`
  return { summary, problems }
}
