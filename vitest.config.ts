import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Whole processes are started; two cores take their time when everything runs at once.
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})
