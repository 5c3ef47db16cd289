import type { Reporter, TestCase, TestModule, TestSuite } from 'vitest/node'
import './skip.ts'

/**
 * A reporter that lists, at the end of a run and before vitest's own summary, which tests were skipped and why: a tier
 * that this machine cannot run must not look like one that has passed.
 */
export class SkipSummary implements Reporter {
  onTestRunEnd(testModules: readonly TestModule[]): void {
    const lines = summarizeSkipped(testModules.flatMap((module) => [...module.children.allTests('skipped')]))
    if (lines.length > 0) console.log(`\n Skipped\n${lines.map((line) => `   ${line}\n`).join('')}`)
  }
}

/** One line for each reason in each file. Tests that a filter of the command line left out are not meant. */
function summarizeSkipped(tests: readonly TestCase[]): string[] {
  const counts = new Map<string, number>()
  for (const test of tests) {
    if (test.options.mode !== 'skip') continue
    const { group, reason } = explainSkip(test)
    const line = `${test.module.relativeModuleId}${group === '' ? '' : ` > ${group}`}: ${reason}`
    counts.set(line, (counts.get(line) ?? 0) + 1)
  }
  return [...counts].map(([line, count]) => `${line} (${count} ${count === 1 ? 'test' : 'tests'})`)
}

/** The reason is given to the test itself or to a group around it. */
function explainSkip(test: TestCase): { group: string; reason: string } {
  for (let task: TestCase | TestSuite | TestModule = test; task.type !== 'module'; task = task.parent) {
    const reason = task.meta().skipReason
    if (reason !== undefined) {
      const group = task.type === 'suite' ? task : task.parent
      return { group: group.type === 'module' ? '' : group.fullName, reason }
    }
  }
  return { group: test.fullName, reason: 'no reason given' }
}
