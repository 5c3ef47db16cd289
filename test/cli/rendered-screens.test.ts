import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

test('docs/screens has the pictures of the recorded screens', () => {
  const cwd = fileURLToPath(new URL('../..', import.meta.url))
  const { status, stderr } = spawnSync(process.execPath, ['build/screens.mjs', '--check'], {
    cwd,
    encoding: 'utf8',
    env: {},
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})
