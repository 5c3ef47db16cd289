import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/support/longest-first.ts'
import { SkipSummary } from './test/support/skip-summary.ts'
import { sortTests } from './test/support/tiers.ts'

const root = import.meta.dirname
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
const { unit, program } = sortTests(join(root, 'test'))
/** Tests that start programs wait for them, for locks and for deadlines, half of the time: pure tests fill the pauses. */
const WORKERS = 2 * Math.max(availableParallelism(), 2) + 1
const fromRoot = (file: string) => file.slice(root.length + 1)

export default defineConfig({
  // As in the build (build/bundles.mjs).
  define: { EKS_GET_TOKEN_VERSION: JSON.stringify(version) },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: unit.map(fromRoot),
        },
      },
      {
        extends: true,
        test: {
          name: 'program',
          include: program.map(fromRoot),
          globalSetup: 'test/support/global-setup.ts',
        },
      },
    ],
    // What runs in the processes that tests start is not counted.
    coverage: { provider: 'v8', include: ['src/**'], reportsDirectory: '.tools/coverage', reporter: ['text', 'html'] },
    reporters: [new SkipSummary(), 'default'],
    sequence: { sequencer: LongestFirst },
    // The files that one worker runs share their modules: half of the time of pure tests would go into loading them.
    isolate: false,
    maxWorkers: WORKERS,
    setupFiles: 'test/support/same-environment.ts',
    // Runs in the process of a test have its time zone.
    env: { TZ: 'UTC' },
    // Whole processes are started; two cores take their time when everything runs at once.
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})
