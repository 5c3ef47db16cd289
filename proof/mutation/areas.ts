/** What Stryker mutates, and the tests that have to fail. */
export interface Area {
  readonly sources: readonly string[]
  /** They run in the process of Stryker: those that start the built program do not see the mutated code. */
  readonly tests: readonly string[]
}

const cacheFiles = (...names: string[]): string[] => names.map((name) => `src/credentials/cache/${name}.ts`)
const cacheTests = (...names: string[]): string[] => names.map((name) => `test/credentials/cache/${name}.test.ts`)

const WITH_REQUESTS = ['call-sts', 'caller-identity', 'verify-token'].map((name) => `src/token/verify/${name}.ts`)

/** One after the other: the first ones take least. */
export const AREAS: Readonly<Record<string, Area>> = {
  token: { sources: ['src/token/*.ts'], tests: ['test/token/*.test.ts'] },
  plan: { sources: ['src/credentials/plan/*.ts'], tests: ['test/credentials/plan.test.ts'] },
  cache: {
    sources: cacheFiles(
      ...['aws-cache', 'directory', 'hash', 'list', 'paths', 'permissions', 'private-file', 'role-cache'],
    ),
    tests: cacheTests('aws-cache', 'entry', 'list', 'paths', 'permissions', 'private-file', 'role-cache'),
  },
  files: { sources: cacheFiles('atomic-write', 'shared-file'), tests: cacheTests('atomic-write', 'shared-file') },
  verify: {
    sources: ['src/token/verify/*.ts', ...WITH_REQUESTS.map((file) => `!${file}`)],
    tests: ['findings', 'principal', 'refusals', 'rules'].map((name) => `test/token/verify/${name}.test.ts`),
  },
  requests: { sources: WITH_REQUESTS, tests: ['test/token/verify/verify-token.test.ts'] },
  lock: { sources: cacheFiles('lock', 'lock-file', 'read-through'), tests: cacheTests('lock', 'read-through') },
}
