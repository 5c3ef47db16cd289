import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** The tests of an area that run in this process; those that start the built program do not see the mutated code. */
const TESTS: Readonly<Record<string, readonly string[]>> = {
  token: ['test/token/**/*.test.ts'],
  plan: ['test/credentials/plan.test.ts'],
  cache: ['aws-cache', 'entry', 'list', 'paths', 'permissions', 'private-file', 'role-cache'].map(
    (name) => `test/credentials/cache/${name}.test.ts`,
  ),
}

export default defineConfig({
  root: join(import.meta.dirname, '../..'),
  define: { EKS_GET_TOKEN_VERSION: JSON.stringify('0.0.0') },
  test: { include: [...(TESTS[process.env.EKS_GET_TOKEN_MUTATION_AREA ?? ''] ?? [])], testTimeout: 30_000 },
})
