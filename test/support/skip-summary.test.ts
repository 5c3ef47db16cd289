import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { runCommand } from './command.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

const runFixture = async (...args: string[]) => {
  const config = ['--config', 'test/fixtures/skip-summary/vitest.config.ts']
  const command = [process.execPath, 'node_modules/vitest/vitest.mjs', 'run', ...config, ...args] as const
  const { code, stdout } = await runCommand(command, { env: { PATH: '/usr/bin:/bin', HOME: ROOT }, cwd: ROOT })
  return { code, output: stripVTControlCharacters(stdout) }
}

test('skipped tests are listed with their reasons, and the usual summary follows', async () => {
  const { code, output } = await runFixture()
  expect(code).toBe(0)
  const end = output.slice(output.indexOf(' Skipped')).replace(/\n+/g, '\n')
  expect(end).toContain(` Skipped
   some.fixture.ts: no tool on PATH (1 test)
   some.fixture.ts > a tier: needs root (3 tests)
   some.fixture.ts: no reason given (1 test)
 Test Files  1 passed (1)
      Tests  1 passed | 5 skipped (6)
   Start at `)
})

test('tests that the command line excludes are not listed', async () => {
  const { code, output } = await runFixture('-t', 'runs')
  expect([code, output.includes('no reason given')]).toEqual([0, false])
})
