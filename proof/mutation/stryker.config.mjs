export default {
  testRunner: 'vitest',
  vitest: { configFile: 'proof/mutation/vitest.config.ts', related: false },
  coverageAnalysis: 'perTest',
  concurrency: 1,
  // A busy machine is not an endless loop.
  timeoutMS: 20_000,
  timeoutFactor: 3,
  dryRunTimeoutMinutes: 15,
  // TypeScript 7 has no compiler API, and Stryker would rewrite tsconfig.json with it.
  tsconfigFile: 'none.json',
  disableTypeChecks: false,
  ignorePatterns: ['.tools', 'dist', 'demo', 'docs', 'bench'],
  tempDirName: '.tools/mutation/sandboxes',
  incremental: true,
  reporters: [],
}
