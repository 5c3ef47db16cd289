import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { AREAS } from './areas.ts'

export default defineConfig({
  root: join(import.meta.dirname, '../..'),
  define: { EKS_GET_TOKEN_VERSION: JSON.stringify('0.0.0') },
  test: {
    include: [...(AREAS[process.env.EKS_GET_TOKEN_MUTATION_AREA ?? '']?.tests ?? [])],
    ...{ testTimeout: 30_000, hookTimeout: 60_000 },
  },
})
