import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { CHECKS, CLUSTER_CHECKS } from '../../../../src/cli/commands/doctor/checks.ts'

const DIRECTORY = new URL('../../../../src/cli/commands/doctor/', import.meta.url)
const FILES = readdirSync(DIRECTORY).filter((file) => /^check-.*\.ts$/.test(file))

/** `run` and `id` make a check. */
const isCheck = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'run' in value && 'id' in value && 'needs' in value

test.each(FILES)('each check of %s has a place in the order', async (file) => {
  const exported = Object.entries((await import(new URL(file, DIRECTORY).href)) as Record<string, unknown>)
  const checks = exported.filter(([, value]) => isCheck(value))
  expect(checks.length).toBeGreaterThan(0)
  const ordered: readonly unknown[] = [...CHECKS, ...CLUSTER_CHECKS]
  expect(checks.filter(([, check]) => !ordered.includes(check)).map(([name]) => name)).toEqual([])
})

test.each([
  ['a kubeconfig', CHECKS],
  ['--cluster-name', CLUSTER_CHECKS],
])('the ids of the checks of %s are unique', (_title, checks) => {
  const ids = checks.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
})
