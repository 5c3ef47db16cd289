import type { Reporter, TestCase, TestModule, TestSuite, Vitest } from 'vitest/node'
import './skip.ts'

/**
 * A reporter that lists, at the end of a run and before vitest's own summary, which tests were skipped and why: a tier
 * that this machine cannot run must not look like one that has passed.
 */
export class SkipSummary implements Reporter {
  #vitest: Vitest | undefined

  onInit(vitest: Vitest): void {
    this.#vitest = vitest
  }

  onTestRunEnd(testModules: readonly TestModule[]): void {
    const tests = testModules.flatMap((module) => [...module.children.allTests('skipped')])
    // vitest also counts as skipped what does not match `-t`.
    const isFiltered = this.#vitest?.config.testNamePattern !== undefined
    const explained = tests.map(explainSkip).filter(({ reason }) => reason !== undefined || !isFiltered)
    const lines = explained.map(({ group, reason }) => `${group}: ${reason ?? 'no reason given'}`)
    if (lines.length > 0) this.#vitest?.logger.log(['\n Skipped', ...count(lines), ''].join('\n'))
  }
}

/** The reason was given to the test itself or to a group around it, whose groups and tests inherit it. */
function explainSkip(test: TestCase): { group: string; reason: string | undefined } {
  const file = test.module.relativeModuleId
  const reason = test.meta().skipReason
  let outermost: TestSuite | undefined
  for (let task = test.parent; task.type === 'suite'; task = task.parent) {
    if (reason !== undefined && task.meta().skipReason === reason) outermost = task
  }
  return { group: outermost === undefined ? file : `${file} > ${outermost.fullName}`, reason }
}

function count(lines: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1)
  return [...counts].map(([line, times]) => `   ${line} (${times} ${times === 1 ? 'test' : 'tests'})`)
}
