import { afterAll, afterEach, beforeAll, beforeEach, test } from 'vitest'
import { type LocalAws, startLocalAws } from './local-aws.ts'
import { type AwsHome, createAwsHome } from './temporary-home.ts'

export * from './temporary-home.ts'

/** A local AWS for all tests of a file, and a new home directory for each of them. */
export function useAwsHome(): {
  readonly aws: LocalAws
  readonly home: AwsHome
  /** Replaces the home of the test by a new one. */
  readonly fresh: () => AwsHome
} {
  let aws: LocalAws
  let home: AwsHome
  beforeAll(async () => {
    aws = await startLocalAws()
  })
  afterAll(async () => {
    await aws.close()
  })
  beforeEach(() => {
    aws.reset()
    home = createAwsHome(aws)
  })
  afterEach(() => home.remove())
  return {
    get aws() {
      return aws
    },
    get home() {
      return home
    },
    fresh: () => {
      home?.remove()
      home = createAwsHome(aws)
      return home
    },
  }
}

/** A test with a local AWS and a home of its own, which can run beside others. */
export const testWithAwsHome = test.extend<{ aws: LocalAws; home: AwsHome }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of the fixtures from the pattern
  aws: async ({}, use) => {
    const aws = await startLocalAws()
    await use(aws)
    await aws.close()
  },
  home: async ({ aws }, use) => {
    const home = createAwsHome(aws)
    await use(home)
    home.remove()
  },
})
